"""Who is whom, now and at any time: what the log of all assignments says. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise

import numpy as np
import polars as pl

from rules.match.growing import Column, Names, Rows, as_texts
from rules.match.ids import Ids
from rules.match.sets import distinct

LOG: Mapping[str, pl.DataType] = {
    "record": pl.String(), "person": pl.String(), "at": pl.Datetime("us", "UTC"), "former": pl.String(),
}  # fmt: skip
"""The log: from `at` (decision time) on a record is of `person`; null where it is no longer there. In the order decided.

`former` is the key that the record had until then, null where it had none; a log without this column is read as all null.
"""
PIECE = 100_000
"""Rows of the log numbered at once: what bounds the memory."""
ORDER_AT = 16
"""Who came to a person since all were put in order is kept aside, until they are one in so many."""
LEAST = 1_000
"""Fewer are always kept aside."""


@dataclass(frozen=True, slots=True)
class Past:
    """Who some records are and were, and all about the persons that they are."""

    person: Mapping[str, str]
    records: Mapping[str, tuple[str, ...]]
    """Of each person that one of them is now all its records, sorted."""
    ever: Mapping[str, tuple[str, ...]]
    """Of each record all ids that it ever had, each once, in the order of their first time."""
    age: Mapping[str, int]
    """Of each of these ids its rank among all: the lower the older."""
    living: frozenset[str]
    """Those of these ids that are somebody's now."""


class People:
    """Who is whom now, and which ids each record ever had: a fold of the log. Not safe for threads.

    Records and persons are numbered, and nearly all records have had one id or none: about 55 bytes a record, its key's too.
    """

    def __init__(self, names: Names | None = None) -> None:
        """Args:
        names: the records' keys and numbers, where somebody else numbers the same records.
        """
        self._names = Names() if names is None else names
        self._persons = Names(Ids())  # the number of an id is its age
        self._now, self._first = Column(np.int32), Column(np.int32)  # -1 is nobody
        self._several: dict[int, tuple[int, ...]] = {}
        self._sizes = Column(np.int32)
        self._order, self._starts = np.zeros(0, np.int32), np.zeros(1, np.int32)
        self._came: dict[int, list[int]] = {}
        self._aside = 0
        self.last: datetime | None = None

    @classmethod
    def of_log(cls, log: pl.DataFrame) -> "People":
        """All that the log says, from its beginning."""
        people = cls()
        people.take(log)
        return people

    @property
    def records(self) -> int:
        """How many records are somebody's now."""
        return int(np.count_nonzero(self._now.values >= 0))

    @property
    def persons(self) -> int:
        """How many persons there are now."""
        return int(np.count_nonzero(self._sizes.values))

    def now(self, numbers: Rows) -> Rows:
        """Of records the number of the person that each is, -1 where it is nobody's."""
        self._make_room()
        return np.asarray(self._now.values[numbers].astype(np.int64))

    def had(self, numbers: Rows) -> np.ndarray:
        """Whether records ever were somebody's."""
        self._make_room()
        return np.asarray(self._first.values[numbers] >= 0)

    def sizes(self, persons: Rows) -> Rows:
        """How many records persons have."""
        return np.asarray(self._sizes.values[persons].astype(np.int64))

    def living(self) -> Rows:
        """The numbers of all records that are somebody's now."""
        return np.flatnonzero(self._now.values >= 0)

    def were_given(self, ids: Sequence[str]) -> list[bool]:
        """Whether ids were ever anybody's."""
        return list((self._persons.find(as_texts(ids)) >= 0).tolist())

    def past(self, keys: Iterable[str]) -> Past:
        """What is known of records and of those that are one with them; of a key that nothing is known of, nothing."""
        self._make_room()
        numbers = distinct(self._names.find(as_texts(sorted(set(keys)))))
        numbers = numbers[np.searchsorted(numbers, 0) :]
        now = self._now.values[numbers]
        owners, members = self._members(distinct(now[now >= 0].astype(np.int64)))
        numbers = distinct(np.concatenate([numbers, members]))
        numbers = numbers[self._first.values[numbers] >= 0]
        now, first = self._now.values[numbers], self._first.values[numbers]
        ever = {number: self._several[number] for number in numbers.tolist() if number in self._several}
        more = np.array([one for several in ever.values() for one in several], np.int64)
        told = distinct(np.concatenate([now[now >= 0], first, more]).astype(np.int64))
        ids = dict(zip(told.tolist(), self._persons.of(told).to_list(), strict=True))
        keyed = dict(zip(numbers.tolist(), self._names.of(numbers).to_list(), strict=True))
        records: dict[str, list[str]] = {}
        for owner, member in zip(owners.tolist(), members.tolist(), strict=True):
            records.setdefault(ids[owner], []).append(keyed[member])
        pairs = zip(numbers.tolist(), now.tolist(), first.tolist(), strict=True)
        both = [(number, keyed[number], person, one) for number, person, one in pairs]
        return Past(
            {key: ids[person] for _, key, person, _ in both if person >= 0},
            {person: tuple(sorted(own)) for person, own in records.items()},
            {key: tuple(ids[id_] for id_ in ever.get(number, (one,))) for number, key, _, one in both},
            {text: number for number, text in ids.items()},
            frozenset(text for number, text in ids.items() if self._sizes.values[number]),
        )

    def take(self, log: pl.DataFrame) -> None:
        """What a decision appended to the log.

        Raises:
            ValueError: If a record goes on from a key that never was.
        """
        if not len(log):
            return
        formers = log["former"] if "former" in log.columns else pl.Series([None], dtype=pl.String).new_from_index(0, len(log))
        records, persons = _numbered(self._names, log["record"]), _numbered(self._persons, log["person"])
        former, at = _numbered(self._names, formers), log["at"].to_physical().to_numpy()
        self._make_room()
        is_rekeyed = former >= 0
        starts = 1 + np.flatnonzero((is_rekeyed[1:] != is_rekeyed[:-1]) | (is_rekeyed[1:] & (at[1:] != at[:-1])))
        for low, high in pairwise([0, *starts.tolist(), len(log)]):
            if is_rekeyed[low]:
                self._rekey(records[low:high], former[low:high])
            self._give(records[low:high], persons[low:high])
        self.last = log["at"][-1]

    def rest(self) -> bool:
        """While nobody waits, put in order what is kept aside, where it is much; whether it was."""
        is_much = self._aside > LEAST
        if is_much:
            self._put_in_order()
        return is_much

    def _make_room(self) -> None:
        for column, names in ((self._now, self._names), (self._first, self._names), (self._sizes, self._persons)):
            if len(column) < len(names):
                nothing = 0 if column is self._sizes else -1
                column.extend(np.full(len(names) - len(column), nothing, np.int32))

    def _rekey(self, records: Rows, formers: Rows) -> None:
        """All at once, since keys may be swapped."""
        first = self._first.values[formers]
        if (first < 0).any():
            raise ValueError("a record of the log goes on from a key that never was")
        several = [self._several.pop(former, None) for former in formers.tolist()]
        self._first.values[formers] = -1
        self._first.values[records] = first
        for record, had in zip(records.tolist(), several, strict=True):
            self._several.pop(record, None)
            if had is not None:
                self._several[record] = had

    def _give(self, records: Rows, persons: Rows) -> None:
        """One after the other, of which the last counts. A person of -1 is nobody."""
        given = np.flatnonzero(persons >= 0)
        fresh = given[self._first.values[records[given]] < 0][::-1]
        self._first.values[records[fresh]] = persons[fresh]  # of a record that comes again the last one written counts
        other = given[self._first.values[records[given]] != persons[given]]
        for record, person in zip(records[other].tolist(), persons[other].tolist(), strict=True):
            had = self._several.get(record) or (int(self._first.values[record]),)
            if person not in had:
                self._several[record] = (*had, person)
        own = distinct(records)
        before = self._now.values[own]
        self._now.values[records] = persons
        after = self._now.values[own]
        changed = before != after
        left, came = before[changed & (before >= 0)], np.flatnonzero(changed & (after >= 0))
        np.subtract.at(self._sizes.values, left, 1)
        np.add.at(self._sizes.values, after[came], 1)
        self._note(own[came], after[came])

    def _note(self, records: Rows, persons: Rows) -> None:
        self._aside += len(records)
        if self._aside > LEAST + len(self._now) // ORDER_AT:
            self._put_in_order()
            return
        for record, person in zip(records.tolist(), persons.tolist(), strict=True):
            self._came.setdefault(person, []).append(record)

    def _put_in_order(self) -> None:
        living = np.flatnonzero(self._now.values >= 0)
        self._order = living[np.argsort(self._now.values[living], kind="stable")].astype(np.int32)
        self._starts = np.concatenate([[0], np.cumsum(self._sizes.values)]).astype(np.int32)
        self._came, self._aside = {}, 0

    def _members(self, persons: Rows) -> tuple[Rows, Rows]:
        """The records of distinct persons, each with its person: by person, then by number."""
        ordered = persons[persons < len(self._starts) - 1]
        low = self._starts[ordered]
        counts = self._starts[ordered + 1] - low
        places = np.repeat(low - np.cumsum(counts) + counts, counts) + np.arange(int(counts.sum()))
        came = [(person, record) for person in persons.tolist() for record in self._came.get(person, ())]
        more = np.array(came, np.int64).reshape(-1, 2)
        owners = np.concatenate([np.repeat(ordered, counts), more[:, 0]])
        records = np.concatenate([self._order[places].astype(np.int64), more[:, 1]])
        stay = self._now.values[records] == owners
        both = distinct(owners[stay] << 32 | records[stay])
        return both >> 32, both & 0xFFFFFFFF


def _numbered(names: Names, texts: pl.Series) -> Rows:
    """The numbers of texts, -1 of null."""
    found = np.full(len(texts), -1, np.int64)
    for at in range(0, len(texts), PIECE):
        piece = texts[at : at + PIECE]
        there = piece.is_not_null().to_numpy()
        if there.any():
            found[at : at + PIECE][there] = names.numbers(piece.drop_nulls())
    return found


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
