"""Makes the lists of brands and firms that redaction knows; see `rules/redact/data/SOURCES.md`.

FOLDER is the repository osmlab/name-suggestion-index at c8b272ef. After the other lists: `python -m bench.redact_brands FOLDER`.
"""

import json
import re
import sys
from collections.abc import Iterator
from pathlib import Path

from bench.redact_gazetteers import Names, in_lines, is_common, levels, write
from bench.redact_lists import DATA
from rules.redact.fold import fold_word

HERE = {"gb", "uk", "001"}
"""Where a brand must be: in Britain, or all over the world."""
_SHORTEST, _KNOWN_SURNAME = 3, 2


def main() -> None:
    people, words, kinds = _people(), set(levels("words.txt")), set(_kinds())
    single: dict[str, set[str]] = {"never": set(), "place": set(), "town": set()}
    pairs = set[str]()
    for parts in _brands(Path(sys.argv[1])):
        forename, surname = people.get(parts[0], (0, 0))
        if len(parts) == 2:
            pairs |= set() if is_common(people, *parts) else {" ".join(parts)}
        elif len(parts[0]) >= _SHORTEST and parts[0] not in words | kinds and not forename and surname <= _KNOWN_SURNAME:
            single["town" if surname > 1 else "place" if surname else "never"].add(parts[0])
    write("brands.txt", "kind: words", [f"{kind}: {line}" for kind, of in single.items() for line in in_lines(sorted(of))])
    write("brand_pairs.txt", "two words that are a brand or a firm", sorted(pairs))


def _people() -> Names:
    """How common each name is as a forename and as a surname, by both lists."""
    found: Names = {}
    for name in ("names.txt", "born.txt"):
        for word, level in levels(name).items():
            forename, surname = found.get(word, (0, 0))
            found[word] = max(forename, int(level[0])), max(surname, int(level[1]))
    return found


def _kinds() -> Iterator[str]:
    for name in ("kinds.txt", "gazetteers.txt"):
        for line in (DATA / name).read_text(encoding="utf-8").splitlines():
            yield from line.split(" ")[1:] if not line.startswith("#") else ()


def _brands(folder: Path) -> Iterator[list[str]]:
    """The words of the name of each brand and operator that is known here."""
    for path in sorted((folder / "data").glob("[bo]*/**/*.json")):
        for one in json.loads(path.read_text(encoding="utf-8"))["items"]:
            where = one.get("locationSet", {})
            if HERE & {str(place)[:3].split("-")[0] for place in where.get("include", [])} and "gb" not in where.get(
                "exclude", []
            ):
                said = re.sub(r"\(.*?\)", "", one["displayName"]).replace("'s ", "s ")
                parts = [re.sub("[^a-z]", "", fold_word(part)) for part in re.split("[ &+/-]+", said.strip())]
                if len(parts) in (1, 2) and all(parts):
                    yield parts


if __name__ == "__main__":
    main()
