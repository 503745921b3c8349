"""Which person a cluster is: ids that last while clusters come and go. Pure; the log of all assignments is the whole state.

* An id stays with the part of its records that is most of them. A cluster that could keep several keeps the one that most
  of its records have, of two as many the older.
* In a split, a record that had come from an id that is nobody's now speaks for that one, not for the id it was merged into:
  so an unmerge gives either side its own again.
* A cluster left without an id gets back the free id that most of its records ever had, the older of two. An id goes to
  nobody but records that had it, and those in one cluster with them.
* What is left gets a new id, made of the key that founds it and a counter: the same log gives the same ids.
"""

import hashlib
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import count

import polars as pl

LOG: Mapping[str, pl.DataType] = {"record": pl.String(), "person": pl.String(), "at": pl.Datetime("us", "UTC")}
"""The log: from `at` (decision time) on a record is of `person`; null where it is no longer there. In the order decided."""

Cluster = tuple[str, ...]
KINDS = ("created", "split", "unmerged", "returned", "merged", "moved", "ended")


@dataclass(frozen=True, slots=True, order=True)
class Event:
    """What became of a person.

    Of these kinds: `created`; `split` (off `other`, under an id that is new); `unmerged` (from `other`, under the id from
    before); `returned` (its records had been gone); `merged` (into `other`: the id is nobody's now); `moved` (some records,
    to `other`, beside any of these); `ended` (the last record is gone).
    """

    kind: str
    person: str
    other: str | None
    records: Cluster
    """The records it is about, sorted: those that came under `person`, or left it."""


@dataclass(frozen=True, slots=True)
class Decision:
    """What one decision assigns: rows for the log, and what they mean."""

    log: pl.DataFrame
    events: tuple[Event, ...]


@dataclass
class People:
    """Who is whom now, and which ids each record ever had: a fold of the log."""

    person: dict[str, str] = field(default_factory=dict)
    records: dict[str, set[str]] = field(default_factory=dict)
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
        for record, person, at in log.select(*LOG).iter_rows():
            former = self.person.pop(record, None)
            if former is not None:
                self.records[former].discard(record)
                if not self.records[former]:
                    del self.records[former]
            if person is not None:
                self.person[record] = person
                self.records.setdefault(person, set()).add(record)
                self.age.setdefault(person, len(self.age))
                if person not in self.ever.get(record, ()):
                    self.ever[record] = (*self.ever.get(record, ()), person)
            self.last = at


def assign(
    people: People, clusters: Iterable[Sequence[str]], gone: Collection[str], at: datetime, secret: bytes = b""
) -> Decision:
    """The ids of clusters that changed.

    Args:
        clusters: those that are new or have changed, whole, each record in one.
        gone: records that are no longer there.
        at: the decision's time, not before the last one's.
        secret: ids are hashed with it, so that nobody can tell a record's key from an id by trying keys.

    Raises:
        ValueError: If records of a person are neither in the clusters nor gone, a record comes twice, or time goes back.
    """
    new = sorted(tuple(sorted(one)) for one in clusters)
    _checked(people, new, gone, at)
    chosen = _kept(people, new, _free(people, new))
    _regained(people, new, gone, chosen)
    _founded(people, new, chosen, secret)
    now = {record: chosen[place] for place, one in enumerate(new) for record in one}
    changed = {record: now.get(record) for record in [*now, *gone] if people.person.get(record) != now.get(record)}
    # Those that lose their record come first, then the ids in the order of the keys that found them.
    rows = [(record, person, at) for record, person in sorted(changed.items(), key=lambda row: (row[1] is not None, row[0]))]
    return Decision(pl.DataFrame(rows, schema=LOG, orient="row"), _events(people, changed, now))


def _checked(people: People, clusters: list[Cluster], gone: Collection[str], at: datetime) -> None:
    given = Counter(record for one in clusters for record in one) + Counter(set(gone))
    if any(times > 1 for times in given.values()):
        raise ValueError("a record stands in two clusters, or in one though it is gone")
    for person in {people.person[record] for record in given if record in people.person}:
        if not all(record in given for record in people.records[person]):
            raise ValueError("some records of a person are missing from the clusters that changed")
    if people.last is not None and at < people.last:
        raise ValueError("a decision is dated before the last one")


def _free(people: People, clusters: list[Cluster]) -> set[str]:
    """The ids that records of the clusters ever had and nobody has."""
    return {
        person for one in clusters for record in one for person in people.ever.get(record, ()) if person not in people.records
    }


def _kept(people: People, clusters: list[Cluster], free: Collection[str]) -> dict[int, str]:
    """Of each cluster that keeps an id its place and the id."""
    parts: dict[str, dict[int, list[str]]] = {}
    for place, one in enumerate(clusters):
        for record in one:
            if record in people.person:
                parts.setdefault(people.person[record], {}).setdefault(place, []).append(record)
    chosen: dict[int, str] = {}
    size: dict[int, int] = {}
    for person in sorted(parts, key=people.age.__getitem__):
        heir = _heir(people, person, parts[person], free)
        if len(parts[person][heir]) > size.get(heir, 0):
            chosen[heir], size[heir] = person, len(parts[person][heir])
    return chosen


def _heir(people: People, person: str, parts: Mapping[int, list[str]], free: Collection[str]) -> int:
    """The part that is most of a person's records: those that had come from an id that is free now count only on a tie."""

    def own(place: int) -> tuple[int, int, int]:
        return sum(_speaks_for(people, record, person, free) for record in parts[place]), len(parts[place]), -place

    return max(parts, key=own)


def _speaks_for(people: People, record: str, person: str, free: Collection[str]) -> bool:
    ever = people.ever[record]
    return not any(former in free for former in ever[: ever.index(person)])


def _regained(people: People, clusters: list[Cluster], gone: Collection[str], chosen: dict[int, str]) -> None:
    """Give clusters without an id one that their records had, as long as nobody has it."""
    taken = set(chosen.values())
    touched = {people.person[record] for one in [*clusters, gone] for record in one if record in people.person}
    claims = []
    for place, one in enumerate(clusters):
        if place not in chosen:
            had = Counter(person for record in one for person in people.ever.get(record, ()))
            claims += [(-times, people.age[person], place, person) for person, times in had.items()]
    for _, _, place, person in sorted(claims):
        is_free = person not in people.records or person in touched
        if place not in chosen and person not in taken and is_free:
            chosen[place] = person
            taken.add(person)


def _founded(people: People, clusters: list[Cluster], chosen: dict[int, str], secret: bytes) -> None:
    """Give the rest ids that never were."""
    for place, one in enumerate(clusters):
        if place not in chosen:
            taken = {*chosen.values()}
            names = (named(one[0], number, secret) for number in count())
            chosen[place] = next(name for name in names if name not in people.age and name not in taken)


def named(founder: str, number: int, secret: bytes = b"") -> str:
    """The id that a record's key founds for the `number`-th time: `P` and 20 hex digits."""
    return "P" + hashlib.blake2b(f"{number}/{founder}".encode(), digest_size=10, key=secret).hexdigest()


def _events(people: People, changed: Mapping[str, str | None], now: Mapping[str, str]) -> tuple[Event, ...]:
    """What a change of assignments means, sorted by kind and id."""
    ways: dict[tuple[str | None, str | None], list[str]] = {}
    for record in sorted(changed):
        ways.setdefault((people.person.get(record), changed[record]), []).append(record)
    living = set(now.values())
    lost = sorted({one for one, _ in ways if one is not None and one not in living})
    come = sorted({two for _, two in ways if two is not None and two not in people.records})
    events = []
    for person in lost:
        other = _most({two: records for (one, two), records in ways.items() if one == person and two is not None})
        events.append(Event("merged" if other else "ended", person, other, tuple(ways[person, other])))
    for person in come:
        other = _most({one: records for (one, two), records in ways.items() if two == person and one is not None})
        kind = ("unmerged" if other else "returned") if person in people.age else ("split" if other else "created")
        events.append(Event(kind, person, other, tuple(ways[other, person])))
    told = {(event.person, event.other) for event in events} | {(event.other, event.person) for event in events}
    for (one, two), records in ways.items():
        if one is not None and two is not None and (one, two) not in told:
            events.append(Event("moved", one, two, tuple(records)))
    return tuple(sorted(events, key=lambda event: (KINDS.index(event.kind), event.person, event.other or "")))


def _most(ways: Mapping[str, Sequence[str]]) -> str | None:
    return max(sorted(ways), key=lambda person: len(ways[person]), default=None)


def intervals(log: pl.DataFrame) -> pl.DataFrame:
    """`people`: rows `record, person, from, to` in decision time, sorted; `to` is null where it is so today.

    What was decided anew at the very same time was never so, and what a record had already makes no new row.
    """
    row = pl.struct("record", "person")
    steps = log.select(*LOG).with_row_index("place").unique(["record", "at"], keep="last").sort("record", "at", "place")
    steps = steps.filter(row.ne_missing(row.shift()).fill_null(value=True))
    until = pl.when(pl.col("record") == pl.col("record").shift(-1)).then(pl.col("at").shift(-1))
    return steps.select("record", "person", pl.col("at").alias("from"), until.alias("to")).filter(pl.col("person").is_not_null())


def people_at(log: pl.DataFrame, when: datetime) -> pl.DataFrame:
    """Which person each record was at that time, as then decided: `record, person`, sorted."""
    is_then = (pl.col("from") <= when) & (pl.col("to").is_null() | (pl.col("to") > when))
    return intervals(log).filter(is_then).select("record", "person")
