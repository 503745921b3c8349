"""Who is whom, now and at any time: what the log of all assignments says. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from itertools import groupby

import polars as pl

LOG: Mapping[str, pl.DataType] = {
    "record": pl.String(), "person": pl.String(), "at": pl.Datetime("us", "UTC"), "former": pl.String(),
}  # fmt: skip
"""The log: from `at` (decision time) on a record is of `person`; null where it is no longer there. In the order decided.

`former` is the key that the record had until then, null where it had none; a log without this column is read as all null.
"""


@dataclass
class People:
    """Who is whom now, and which ids each record ever had: a fold of the log."""

    person: dict[str, str] = field(default_factory=dict)
    records: dict[str, tuple[str, ...]] = field(default_factory=dict)
    """Of each person who is somebody now the records."""
    ever: dict[str, tuple[str, ...]] = field(default_factory=dict)
    """Of each record all ids that it ever had, each once, in the order of their first time."""
    age: dict[str, int] = field(default_factory=dict)
    """Of each id that was ever given its rank: the lower the older."""
    last: datetime | None = None

    @classmethod
    def of_log(cls, log: pl.DataFrame) -> "People":
        """All that the log says, from its beginning."""
        people = cls()
        people.take(log)
        return people

    def take(self, log: pl.DataFrame) -> None:
        """What a decision appended to the log."""
        former = log["former"].to_list() if "former" in log.columns else [None] * len(log)
        rows = zip(log["record"].to_list(), log["person"].to_list(), log["at"].to_list(), former, strict=True)
        for (at, is_rekeyed), together in groupby(rows, key=lambda row: (row[2], row[3] is not None)):
            steps = list(together)
            if is_rekeyed:
                self._rekey({record: former for record, _, _, former in steps})
            for record, person, *_ in steps:
                self._give(record, person)
            self.last = at

    def _rekey(self, rekeyed: Mapping[str, str]) -> None:
        """All at once, since keys may be swapped."""
        inherited = {record: self.ever.pop(former) for record, former in rekeyed.items()}
        self.ever.update(inherited)

    def _give(self, record: str, person: str | None) -> None:
        former = self.person.pop(record, None)
        if former is not None:
            self.records[former] = tuple(other for other in self.records[former] if other != record)
            if not self.records[former]:
                del self.records[former]
        if person is None:
            return
        others = self.records.get(person, ())
        # Each text is held once, however many records have it.
        person = self.person[others[0]] if others else person
        self.person[record], self.records[person] = person, (*others, record)
        self.age.setdefault(person, len(self.age))
        ever = self.ever.get(record, ())
        if person not in ever:
            alike = self.ever[others[0]] if others else ()
            self.ever[record] = alike if not ever and alike == (person,) else (*ever, person)


def intervals(log: pl.DataFrame) -> pl.DataFrame:
    """`people`: rows `record, person, from, to` in decision time, sorted; `to` is null where it is so today.

    What was decided anew at the very same time was never so, and what a record had already makes no new row.
    """
    row = pl.struct("record", "person")
    steps = (
        log.select("record", "person", "at")
        .with_row_index("place")
        .unique(["record", "at"], keep="last")
        .sort("record", "at", "place")
    )
    steps = steps.filter(row.ne_missing(row.shift()).fill_null(value=True))
    until = pl.when(pl.col("record") == pl.col("record").shift(-1)).then(pl.col("at").shift(-1))
    return steps.select("record", "person", pl.col("at").alias("from"), until.alias("to")).filter(pl.col("person").is_not_null())


def people_at(log: pl.DataFrame, when: datetime) -> pl.DataFrame:
    """Which person each record was at that time, as then decided: `record, person`, sorted."""
    is_then = (pl.col("from") <= when) & (pl.col("to").is_null() | (pl.col("to") > when))
    return intervals(log).filter(is_then).select("record", "person")
