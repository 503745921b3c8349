"""Whether all that was committed has come to the end of every road: as the tables say it, beside what the processes tell."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from custody.redaction.stream import INCOMPLETE, with_texts
from schemas.dataset import Dataset
from schemas.identity import identities_of
from sink.lake import Lake
from sink.manifest import Cuts
from sink.snapshot import Watched


class Tables:
    """What is looked at of the tables, again and again, until a demonstration is drained."""

    def __init__(self, lake: Lake, identities: Lake, datasets: Mapping[str, Dataset], model: str) -> None:
        self._count, self._model = len(datasets), model
        self._cuts = [Cuts(lake, database) for database in {dataset.database for dataset in datasets.values()}]
        self._folded = {name: Watched(identities.current(one)) for name, one in identities_of(datasets).items()}
        self._relating = {name: Watched(lake.current(one)) for name, one in datasets.items() if one.relates}
        self._texts = {name: Watched(lake.history(one)) for name, one in with_texts(datasets).items()}
        self._links = Watched(lake.place("links", model))

    def are_complete(self, until: datetime) -> bool:
        """Whether the manifests say so of every dataset up to this source time."""
        cuts = [cuts.look() for cuts in self._cuts]
        return sum(len(cut) for cut in cuts) == self._count and all((cut["complete_until"] >= until).all() for cut in cuts)

    def are_linked(self, taken_in: Mapping[str, int]) -> bool:
        """Whether the linker has taken in the last fold of all identities.

        Args:
            taken_in: of each dataset's identities the version of history/ that it has.
        """
        return all(taken_in.get(name) == version for name, version in _folds(self._folded).items())

    def are_redacted(self, redactor: Mapping[str, Any]) -> bool:
        """Whether the redactor has seen all texts, and all that is known of anybody, and has nothing left to do."""
        if any(one["due"] or one["withheld"][INCOMPLETE] for one in redactor.get("datasets", {}).values()):
            return False
        seen = redactor.get("versions", {})
        watched = {**self._texts, f"links/{self._model}": self._links}
        there = {name: table.version for name, one in watched.items() if (table := one.look()) is not None}
        folds = {f"current/{name}": version for name, version in _folds({**self._folded, **self._relating}).items()}
        return all(seen.get(name) == version for name, version in {**there, **folds}.items())


def _folds(watched: Mapping[str, Watched]) -> dict[str, int]:
    """Of each dataset the version of history/ that was folded last; what was never folded has no rows."""
    tables = {name: one.look() for name, one in watched.items()}
    return {name: table.folded for name, table in tables.items() if table is not None and table.folded is not None}
