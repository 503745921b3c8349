"""Which person a cluster is: ids that last while clusters come and go. Pure; the log of all assignments is the whole state.

* An id stays with the part of its records that is most of them. A cluster that could keep several keeps the one that most
  of its records have, of two as many the older.
* In a split, a record that had come from an id that is nobody's now speaks for that one, not for the id it was merged into:
  so an unmerge gives either side its own again.
* A cluster left without an id gets back the free id that most of its records ever had, the older of two. An id goes to
  nobody but records that had it, and those in one cluster with them.
* What is left gets a new id, made of the key that founds it and a counter: the same log gives the same ids.
* A record whose key changed goes on under the new key: it takes its person and all its former ids with it, and leaves
  nothing to whoever has its old key next.
"""

import hashlib
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import chain, count

import polars as pl

from rules.match.ids import DIGITS
from rules.match.people import LOG, Past, People, intervals, people_at

__all__ = ["KINDS", "LOG", "Cluster", "Decision", "Event", "Past", "People", "assign", "intervals", "named", "people_at"]

Cluster = tuple[str, ...]
Ways = dict[tuple[str | None, str | None], list[str]]
"""Of whom (before, now) the records are that changed their person."""
KINDS = ("rekeyed", "created", "split", "unmerged", "returned", "joined", "merged", "moved", "left", "ended")


@dataclass(frozen=True, slots=True, order=True)
class Event:
    """What became of a person. All events of a decision together tell of each record that changes its person once.

    Of these kinds: `rekeyed` (a record goes on under another key); `created`; `split` (off `other`, under an id that is
    new); `unmerged` (from `other`, under the id from before); `returned` (its records had been gone); `joined` (records that
    were not there); `merged` (into `other`: the id is nobody's now); `moved` (some records, to `other`, beside any of these);
    `left` (some records are gone); `ended` (the last record is gone).
    """

    kind: str
    person: str
    other: str | None
    records: Cluster
    """The records it is about, sorted: those that came under `person`, or left it. Of `rekeyed` the former key and the new."""


@dataclass(frozen=True, slots=True)
class Decision:
    """What one decision assigns: rows for the log, and what they mean."""

    log: pl.DataFrame
    events: tuple[Event, ...]


@dataclass(frozen=True, slots=True)
class _Before:
    """What a decision starts from, each record under the key it has now."""

    past: Past
    person: Mapping[str, str]
    ever: Mapping[str, tuple[str, ...]]
    rekeyed: Mapping[str, str]
    """Those whose former key has a past."""
    ended: Mapping[str, str]
    """Records that are no longer there, by the key they had, with their person."""


def assign(
    people: People,
    clusters: Iterable[Sequence[str]],
    gone: Collection[str],
    at: datetime,
    secret: bytes = b"",
    rekeyed: Mapping[str, str] | None = None,
) -> Decision:
    """The ids of clusters that changed.

    Args:
        clusters: those that are new or have changed, whole, each record in one.
        gone: records that are no longer there.
        at: the decision's time, not before the last one's.
        secret: ids are hashed with it, so that nobody can tell a record's key from an id by trying keys.
        rekeyed: of records whose key changed the new key and the former, whose record is gone, or is another one by now. A
            former key that nothing is known of, and a new one in no cluster (an organisation's), are passed over.

    Raises:
        ValueError: If records of a person are neither in the clusters nor gone, a record comes twice, or time goes back.
    """
    rekeyed = {record: former for record, former in (rekeyed or {}).items() if record != former}
    given = sorted(tuple(sorted(one)) for one in clusters)
    past = people.past(chain(*given, gone, rekeyed, rekeyed.values()))
    new = _with_unchanged(past, given, gone, rekeyed)
    _checked(past, new, gone, rekeyed)
    if people.last is not None and at < people.last:
        raise ValueError("a decision is dated before the last one")
    before = _before(past, new, gone, rekeyed)
    chosen = _kept(before, new, _free(before, new))
    _regained(before, new, gone, chosen)
    _founded(people, new, chosen, secret)
    now = {record: chosen[place] for place, one in enumerate(new) for record in one}
    return Decision(_log(before, now, gone, at), _events(before, now))


def _checked(past: Past, clusters: list[Cluster], gone: Collection[str], rekeyed: Mapping[str, str]) -> None:
    given = Counter(record for one in clusters for record in one) + Counter(set(gone))
    if any(times > 1 for times in given.values()):
        raise ValueError("a record stands in two clusters, or in one though it is gone")
    for person in {past.person[record] for record in given if record in past.person}:
        if not all(record in given for record in past.records[person]):
            raise ValueError("some records of a person are missing from the clusters that changed")
    if len(set(rekeyed.values())) < len(rekeyed):
        raise ValueError("two records have one former key")


def _with_unchanged(past: Past, clusters: list[Cluster], gone: Collection[str], rekeyed: Mapping[str, str]) -> list[Cluster]:
    """With the clusters that hold the same keys as before, of which one is another record's now."""
    given = {record for one in [*clusters, gone] for record in one}
    keys = {*rekeyed, *rekeyed.values()} - given
    unchanged = {past.person[key] for key in keys if key in past.person}
    return sorted([*clusters, *(past.records[person] for person in unchanged)])


def _before(past: Past, clusters: list[Cluster], gone: Collection[str], rekeyed: Mapping[str, str]) -> _Before:
    there = {record for one in clusters for record in one}
    rekeyed = {record: former for record, former in rekeyed.items() if record in there and former in past.ever}
    carried = set(rekeyed.values())
    keys = {record: rekeyed.get(record, record) for record in there if record in rekeyed or record not in carried}
    person = {record: past.person[key] for record, key in keys.items() if key in past.person}
    ever = {record: past.ever[key] for record, key in keys.items() if key in past.ever}
    over = [record for record in {*gone, *rekeyed} - carried if record in past.person]
    return _Before(past, person, ever, rekeyed, {record: past.person[record] for record in over})


def _log(before: _Before, now: Mapping[str, str], gone: Collection[str], at: datetime) -> pl.DataFrame:
    """Those that lose their record or their key come first, then those under a new key, then the rest in the order of keys.

    So the rows of records under a new key never follow on those of another decision, if these have to be read first.
    """
    past, rekeyed = before.past, before.rekeyed
    lost = [record for record in {*gone, *rekeyed, *rekeyed.values()} if record in past.person]
    changed = [record for record, person in now.items() if record not in rekeyed and past.person.get(record) != person]
    changed += [record for record in rekeyed.values() if record in now and record not in rekeyed and record in past.person]
    rows: list[tuple[str, str | None, datetime, str | None]] = [(record, None, at, None) for record in sorted(lost)]
    rows += [(record, now[record], at, rekeyed[record]) for record in sorted(rekeyed)]
    rows += [(record, now[record], at, None) for record in sorted(set(changed))]
    return pl.DataFrame(rows, schema=LOG, orient="row")


def _free(before: _Before, clusters: list[Cluster]) -> set[str]:
    """The ids that records of the clusters ever had and nobody has."""
    return {
        person for one in clusters for record in one for person in before.ever.get(record, ()) if person not in before.past.living
    }


def _kept(before: _Before, clusters: list[Cluster], free: Collection[str]) -> dict[int, str]:
    """Of each cluster that keeps an id its place and the id."""
    parts: dict[str, dict[int, list[str]]] = {}
    for place, one in enumerate(clusters):
        for record in one:
            if record in before.person:
                parts.setdefault(before.person[record], {}).setdefault(place, []).append(record)
    chosen: dict[int, str] = {}
    size: dict[int, int] = {}
    for person in sorted(parts, key=before.past.age.__getitem__):
        heir = _heir(before, person, parts[person], free)
        if len(parts[person][heir]) > size.get(heir, 0):
            chosen[heir], size[heir] = person, len(parts[person][heir])
    return chosen


def _heir(before: _Before, person: str, parts: Mapping[int, list[str]], free: Collection[str]) -> int:
    """The part that is most of a person's records: those that had come from an id that is free now count only on a tie."""

    def own(place: int) -> tuple[int, int, int]:
        return sum(_speaks_for(before, record, person, free) for record in parts[place]), len(parts[place]), -place

    return max(parts, key=own)


def _speaks_for(before: _Before, record: str, person: str, free: Collection[str]) -> bool:
    ever = before.ever[record]
    return not any(former in free for former in ever[: ever.index(person)])


def _regained(before: _Before, clusters: list[Cluster], gone: Collection[str], chosen: dict[int, str]) -> None:
    """Give clusters without an id one that their records had, as long as nobody has it."""
    taken = set(chosen.values())
    had_by = before.past.person
    touched = {had_by[record] for one in [*clusters, gone] for record in one if record in had_by}
    claims = []
    for place, one in enumerate(clusters):
        if place not in chosen:
            had = Counter(person for record in one for person in before.ever.get(record, ()))
            claims += [(-times, before.past.age[person], place, person) for person, times in had.items()]
    for _, _, place, person in sorted(claims):
        is_free = person not in before.past.living or person in touched
        if place not in chosen and person not in taken and is_free:
            chosen[place] = person
            taken.add(person)


def _founded(people: People, clusters: list[Cluster], chosen: dict[int, str], secret: bytes) -> None:
    """Give the rest ids that never were."""
    taken = {*chosen.values()}
    places = [place for place in range(len(clusters)) if place not in chosen]
    for number in count():
        names = [named(clusters[place][0], number, secret) for place in places]
        rest = []
        for place, name, was_given in zip(places, names, people.were_given(names), strict=True):
            if was_given or name in taken:
                rest.append(place)
            else:
                chosen[place] = name
                taken.add(name)
        if not rest:
            return
        places = rest


def named(founder: str, number: int, secret: bytes = b"") -> str:
    """The id that a record's key founds for the `number`-th time: `P` and 20 hex digits."""
    return "P" + hashlib.blake2b(f"{number}/{founder}".encode(), digest_size=DIGITS // 2, key=secret).hexdigest()


def _events(before: _Before, now: Mapping[str, str]) -> tuple[Event, ...]:
    """What a change of assignments means, sorted by kind and id."""
    past = before.past
    ways: Ways = {}
    for record, person in sorted(now.items()):
        if before.person.get(record) != person:
            ways.setdefault((before.person.get(record), person), []).append(record)
    for record, person in sorted(before.ended.items()):
        ways.setdefault((person, None), []).append(record)
    living = set(now.values())
    lost = sorted({one for one, _ in ways if one is not None and one not in living})
    come = sorted({two for _, two in ways if two is not None and two not in past.living})
    sources, targets = _most(ways, 0), _most(ways, 1)
    events = [Event("rekeyed", now[record], None, (former, record)) for record, former in before.rekeyed.items()]
    told: set[tuple[str | None, str | None]] = set()
    for person in lost:
        other = sources.get(person)
        events.append(Event("merged" if other else "ended", person, other, tuple(ways[person, other])))
        told.add((person, other))
    for person in come:
        other = targets.get(person)
        kind = ("unmerged" if other else "returned") if person in past.age else ("split" if other else "created")
        if (other, person) not in told:
            events.append(Event(kind, person, other, tuple(ways[other, person])))
            told.add((other, person))
    for (one, two), records in ways.items():
        if (one, two) not in told:
            events.append(_further(one, two, tuple(records)))
    return tuple(sorted(events, key=lambda event: (KINDS.index(event.kind), event.person, event.other or "", event.records)))


def _further(one: str | None, two: str | None, records: Cluster) -> Event:
    """What no other event tells: records that come to a person, leave it, or go over to another."""
    if one is None:
        assert two is not None
        return Event("joined", two, None, records)
    return Event("left", one, None, records) if two is None else Event("moved", one, two, records)


def _most(ways: Ways, side: int) -> dict[str, str]:
    """Of each person on one side of the ways the one on the other with most records, of two as many the lower."""
    best: dict[str, tuple[int, str]] = {}
    for way, records in ways.items():
        person, other = way[side], way[1 - side]
        if person is not None and other is not None:
            best[person] = min(best.get(person, (0, other)), (-len(records), other))
    return {person: other for person, (_, other) in best.items()}
