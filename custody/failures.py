"""Failures that repeat: three at one position stop the dataset, visibly; the rest goes on."""

from dataclasses import dataclass
from pathlib import Path

from custody.child import read_json, write_atomically

TOO_OFTEN = 3


@dataclass(frozen=True, slots=True)
class Failures:
    """What failed where, kept beside the status files for as long as the pipeline runs."""

    path: Path

    @classmethod
    def of(cls, data: Path) -> "Failures":
        return cls(data / "status" / "failures.json")

    def note(self, dataset: str, place: str, kind: str, *, at_once: bool = False) -> None:
        """Take note of a failure at a position; `at_once` where a repetition can't help.

        Args:
            place: topic, partition and offset.
            kind: the kind of the error and where in the code, or a message that holds no value.
        """
        known = read_json(self.path)
        before = known.get(dataset)
        times = int(before["times"]) + 1 if isinstance(before, dict) and before["place"] == place else 1
        write_atomically(self.path, {**known, dataset: {"place": place, "kind": kind, "times": TOO_OFTEN if at_once else times}})

    def stopped(self) -> dict[str, str]:
        """Datasets that are stopped, and why."""
        return {
            name: f"{one['kind']} at {one['place']}"
            for name, one in read_json(self.path).items()
            if isinstance(one, dict) and one["times"] >= TOO_OFTEN
        }

    def forget(self) -> None:
        """Begin anew: a person has started the pipeline again."""
        self.path.unlink(missing_ok=True)
