"""Makes the list of forenames given to children in Britain; see `rules/redact/data/SOURCES.md`.

`pip install pyreadr==0.5.8 pandas==3.1.1`; in FOLDER, `ukbabynames.rda` of the repository
mine-cetinkaya-rundel/ukbabynames at 199970dc. After `bench.redact_lists` and
`bench.redact_gazetteers`: `python -m bench.redact_born FOLDER`.
"""

import sys
from collections import defaultdict
from pathlib import Path

from bench.redact_gazetteers import in_lines, levels, write
from bench.redact_lists import DATA
from rules.redact.fold import fold_word

COMMON, COMMON_WORD, KNOWN, RARE_WORD, WORD = 400, 3_000, 50, 1_000, 3_000
"""Children called so from which a name is common, or common although it is a word; known, and known although it is a word that is
rare, or one that is not."""
_KNOWN_LEVEL, _EVERYDAY = 2, 4
_ALSO_A_NAME = {"town", "surname"}


def main() -> None:
    names, words = levels("names.txt"), levels("words.txt")
    kinds: dict[str, set[str]] = {}
    for kind, several in (line.split(": ", 1) for name in ("kinds.txt", "gazetteers.txt") for line in _lines(name)):
        for word in several.split():
            kinds.setdefault(word, set()).add(kind)
    found: dict[int, list[str]] = {3: [], 2: []}
    for name, count in _born(Path(sys.argv[1])).items():
        before, height = int(names.get(name, "00")[0]), int(words.get(name, "0"))
        level = _level(count, height) if kinds.get(name, set()) <= _ALSO_A_NAME else 0
        if level > before and (level > _KNOWN_LEVEL or not before):
            found[level].append(name)
    lines = [f"{level}0 {line}" for level, of in found.items() for line in in_lines(of)]
    write("born.txt", "forename level and surname level, forenames", lines)


def _level(count: float, word: int) -> int:
    if word == _EVERYDAY or count < (KNOWN, KNOWN, RARE_WORD, WORD)[word]:
        return 0
    return 3 if count >= (COMMON, COMMON_WORD, COMMON_WORD, float("inf"))[word] else 2


def _lines(name: str) -> list[str]:
    return [line for line in (DATA / name).read_text(encoding="utf-8").splitlines() if line and not line.startswith("#")]


def _born(folder: Path) -> dict[str, float]:
    """How many were called so, by the parts of their names."""
    import pyreadr  # noqa: PLC0415 - not a dependency

    given = pyreadr.read_r(str(folder / "ukbabynames.rda"))["ukbabynames"]
    found: dict[str, float] = defaultdict(float)
    for name, count in given.groupby("name")["n"].sum().items():
        for part in fold_word(str(name)).replace("-", " ").replace("'", " ").split():
            if len(part) > 2 and part.isascii() and part.isalpha():
                found[part] += float(count)
    return dict(sorted(found.items()))


if __name__ == "__main__":
    main()
