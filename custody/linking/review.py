"""What people look at and decide: doubtful pairs, contradictions, large clusters; why somebody is one person. No clear value."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import polars as pl

from schemas.errors import Refused
from schemas.links import APART, EDGE, TOGETHER
from sink.lake import Lake
from sink.links import Log, people_of, read_log, read_overrides, standing

HIDDEN = "\u2022"
_DATES = {"birth_date", "date"}
_NAMES = {"forename", "surname", "middle_name", "previous_surname", "alias"}
Pair = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Review:
    """What is doubtful now."""

    pairs: list[dict[str, object]]
    """Pairs in the band below the threshold, of different persons, that nobody has decided on; the likeliest first."""
    conflicts: list[dict[str, object]]
    """Pairs decided to be apart that stand together all the same: others hold them together."""
    large: list[dict[str, object]]
    """Persons of more records than usual, the largest first."""
    records: set[str]
    """The records that these name."""


def review(lake: Lake, model: str, *, most: int, large: int) -> Review:
    """What there is to be looked at, at most so many of each kind.

    Args:
        large: a person of more records than this is shown.

    Raises:
        Refused: nothing was linked yet.
    """
    log, stands = _log(lake, model), standing(read_overrides(lake, model))
    person = _now(log)
    decided = set(stands.select("one", "two").iter_rows())
    apart = stands.filter(pl.col("decision") == APART).select("one", "two").rows()
    edges = log.edges.sort("weight", descending=True).select("one", "two", "weight", "reasons")
    doubtful: list[dict[str, object]] = [
        {"one": one, "two": two, "weight": round(weight, 2), "reasons": reasons}
        for one, two, weight, reasons in edges.iter_rows()
        if person.get(one) != person.get(two) and (one, two) not in decided
    ]
    conflicts = [{"one": a, "two": b, "person": person[a]} for a, b in apart if a in person and person[a] == person.get(b)]
    sizes: dict[str, list[str]] = {}
    for record, one in person.items():
        sizes.setdefault(one, []).append(record)
    many = sorted((-len(records), one) for one, records in sizes.items() if len(records) > large)
    groups = [{"person": one, "size": -size, "records": sorted(sizes[one])} for size, one in many[:most]]
    shown: set[str] = {str(pair[side]) for pair in [*doubtful[:most], *conflicts[:most]] for side in ("one", "two")}
    return Review(doubtful[:most], conflicts[:most], groups, shown)


def _log(lake: Lake, model: str) -> Log:
    log = read_log(lake, model)
    if not len(log.rows):
        raise Refused("nothing was linked yet", model=model, lake=lake.address, remedy="custody run, with a model in its folder")
    return log


def _now(log: Log) -> dict[str, str]:
    living = people_of(log.assigned).filter(pl.col("to").is_null())
    return dict(living.select("record", "person").iter_rows())


def masked(records: pl.DataFrame, kinds: Iterable[str]) -> dict[str, str]:
    """Of each record what tells people apart, as far as it may be shown: initials, year of birth, outcode, last letters."""
    shown = [kind for kind in kinds if kind in records.columns]
    return {
        row["id"]: ", ".join(f"{kind} {mask(kind, str(row[kind]))}" for kind in shown if row[kind] is not None)
        for row in records.iter_rows(named=True)
    }


def mask(kind: str, value: str) -> str:
    """A value of a kind, as far as it may be shown."""
    if kind == "sex":
        return value
    if kind in _DATES:
        return value[:4]
    if kind == "postcode":
        return value[:-3].strip() if len(value) > 4 else HIDDEN  # noqa: PLR2004 - the inward code is three
    if kind in _NAMES:
        return " ".join(word[0] + HIDDEN * (len(word) - 1) for word in value.replace("|", " ").split())
    return HIDDEN * max(0, len(value) - 2) + value[-2:] if len(value) > 4 else HIDDEN  # noqa: PLR2004 - a short one tells itself


def contradiction(lake: Lake, model: str, one: str, two: str, decision: str) -> list[str]:
    """The records by which what people decided already says the contrary, from the one to the other; empty where nothing does.

    Raises:
        Refused: a record was never linked.
    """
    known = set(_log(lake, model).assigned["record"])
    for record in (one, two):
        if record not in known:
            raise Refused("no such record", record=record, remedy="a record is register/subject, as custody link review shows it")
    stands = standing(read_overrides(lake, model)).select("one", "two", "decision").rows()
    together = [(a, b) for a, b, what in stands if what == TOGETHER and {a, b} != {one, two}]
    if decision == APART:
        return _path(together, one, two)
    for a, b, what in stands:
        if what == APART and {a, b} != {one, two} and (path := _path([*together, (one, two)], a, b)):
            return path
    return []


def _path(pairs: Sequence[Pair], start: str, end: str) -> list[str]:
    """A way from one record to another over pairs."""
    near: dict[str, list[str]] = {}
    for a, b in pairs:
        near.setdefault(a, []).append(b)
        near.setdefault(b, []).append(a)
    ways = [[start]]
    seen = {start}
    for way in ways:
        if way[-1] == end:
            return way
        for following in near.get(way[-1], []):
            if following not in seen:
                seen.add(following)
                ways.append([*way, following])
    return []


def why(lake: Lake, model: str, person: str, at: datetime | None) -> dict[str, Any]:
    """Which records were a person, what held them together, what people decided on them, and what became of it until then.

    Raises:
        Refused: there was no such person.
    """
    log = _log(lake, model)
    rows = log.rows if at is None else log.rows.filter(pl.col("at") <= at)
    then = Log(rows)
    events = then.events.filter((pl.col("person") == person) | (pl.col("other") == person))
    if not len(events):
        raise Refused("no such person", person=person, at=None if at is None else at.isoformat())
    records = sorted(record for record, one in _now(then).items() if one == person)
    mine = pl.col("one").is_in(records) & pl.col("two").is_in(records)
    edges = then.edges.filter(mine & (pl.col("kind") == EDGE)).sort("weight", descending=True)
    overrides = read_overrides(lake, model).filter(pl.lit(value=True) if at is None else pl.col("decided_at") <= at)
    touching = overrides.filter(pl.col("one").is_in(records) | pl.col("two").is_in(records))
    return {
        "person": person, "at": at, "records": records,
        "edges": edges.select("one", "two", pl.col("weight").round(2), "reasons", "model", "at").to_dicts(),
        "decided": touching.to_dicts(),
        "events": events.select("at", pl.col("reasons").alias("kind"), "person", "other", "records").to_dicts(),
    }  # fmt: skip


def told(found: Mapping[str, object]) -> list[str]:
    """What `why` found, as lines."""
    records, edges, decided, events = (found[name] for name in ("records", "edges", "decided", "events"))
    assert isinstance(records, list) and isinstance(edges, list) and isinstance(decided, list) and isinstance(events, list)  # noqa: PT018
    lines = [f"person {found['person']}: {len(records)} records: {', '.join(records) or 'none'}"]
    lines += [f"  {one['one']} + {one['two']}: {one['weight']:+.2f}  {one['reasons']}" for one in edges]
    lines += [f"  decided {one['decision']} {one['one']} {one['two']} by {one['decided_by']}: {one['why']}" for one in decided]
    for one in events:
        other = f" {one['other']}" if one["other"] else ""
        lines.append(f"  {one['at']:%Y-%m-%d %H:%M:%S} {one['kind']}{other}: {', '.join(one['records'])}")
    return lines
