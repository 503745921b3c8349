"""Identities: what a linked dataset tells of who people are, cleaned and in clear, as a dataset of its own.

It goes the same road as the rest, on a restricted topic and into tables of a lake of its own: only what links people, and
what redacts their names from free text, reads it. Its keys and subjects are those that the protected rows bear.
"""

from collections.abc import Mapping
from dataclasses import replace

from rules import protect
from rules.check import Noted, null_with_note
from schemas.dataset import Column, Dataset
from schemas.errors import Refused

PREFIX = "identities_"


def identities_of(datasets: Mapping[str, Dataset]) -> dict[str, Dataset]:
    """The identities of each dataset that is linked, by their own name; those that are there already are among them.

    Raises:
        Refused: a dataset is called as the identities of another one.
    """
    found = [one if one.restricted else identity_of(one) for one in datasets.values() if one.link is not None]
    for one in found:
        if one.name in datasets and not datasets[one.name].restricted:
            raise Refused(f"a dataset can't be called {one.name!r}: that is where identities are", remedy="rename it")
    return {one.name: one for one in found}


def with_identities(datasets: Mapping[str, Dataset]) -> dict[str, Dataset]:
    """The datasets, and the identities of those that are linked."""
    return {**datasets, **identities_of(datasets)}


def identity_of(dataset: Dataset) -> Dataset:
    """The identities of a linked dataset: key and subject as published, what the link reads in clear.

    A value that breaks a check is taken out, and the row is not held back by it.
    """
    assert dataset.link is not None, "only of linked datasets"
    assert dataset.subject is not None, "a linked dataset has a subject"
    published = {*dataset.key, dataset.subject}
    clear = {name for name in (*dataset.link.reads, dataset.link.further, dataset.link.gone) if name} - published
    columns = [c if c.name in published else _in_clear(c) for c in dataset.columns if c.name in published | clear]
    purpose = f"Identities of {dataset.name}, in clear: restricted."
    return replace(dataset, name=f"{PREFIX}{dataset.name}", columns=tuple(columns), purpose=purpose, restricted=True)


def _in_clear(column: Column) -> Column:
    checks = tuple(rule if isinstance(rule, Noted) else null_with_note(rule) for rule in column.check)
    return replace(column, protect=protect.keep, check=checks)


def models_of(datasets: Mapping[str, Dataset]) -> dict[str, dict[str, Dataset]]:
    """By linkage model the identities that it links."""
    found: dict[str, dict[str, Dataset]] = {}
    for name, one in identities_of(datasets).items():
        assert one.link is not None, "identities are of linked datasets"
        found.setdefault(one.link.model, {})[name] = one
    return found
