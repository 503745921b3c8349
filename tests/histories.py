"""Random histories of a small table, the Debezium records they give, and a naive interpreter that says what is true."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from random import Random
from typing import Any

import pyarrow as pa

from connectors.decode import EPOCH_HEADER, NEW_KEY, OLD_KEY
from connectors.placeholder import DEFAULT
from custody import DECIMAL, INT64, TEXT, Column, Dataset, clean, protect
from schemas.batch import Batch

PARTITIONS = 3
BEGAN = datetime(2026, 3, 1, tzinfo=UTC)
TOPIC = "d.public.people"

PEOPLE = Dataset(
    source=TOPIC,
    owner="tests",
    key=("id",),
    columns=(
        Column("id", INT64, protect=protect.keep),
        Column("name", TEXT, protect=protect.keep, clean=(clean.trim,)),
        Column("note", TEXT, protect=protect.keep, renamed_from="remark"),
        Column("amount", DECIMAL(10, 2), protect=protect.keep),
        Column("secret", TEXT, protect=protect.withhold),
    ),
    on_truncate="apply",
    name="people",
)


@dataclass(frozen=True, slots=True)
class Record:
    """A Kafka record before it has an offset."""

    partition: int
    key: dict[str, Any] | None
    value: dict[str, Any] | None
    at: datetime
    """Commit time of its transaction."""
    headers: tuple[tuple[str, bytes], ...] = ()


@dataclass(slots=True)
class Shape:
    """The columns of the source's table, as far as they change: each of these happens once, or not at all."""

    note: str = "remark"
    """What the column is called that is declared as `note`."""
    has_amount: bool = True
    has_more: bool = False
    """A column that is not declared."""

    def alter(self, random: Random) -> None:
        kind = random.randrange(3)
        self.note = "note" if kind == 0 else self.note
        self.has_amount = self.has_amount and kind != 1
        self.has_more = self.has_more or kind == 2

    def after(self, row: dict[str, Any], *, is_sent: bool = True) -> dict[str, Any]:
        """A row as an event tells it; an amount that was never told is null."""
        told = {"id": row["id"], "name": row["name"], self.note: row["note"] if is_sent else DEFAULT, "secret": "S"}
        return told | ({"amount": row["amount"]} if self.has_amount else {}) | ({"more": "m"} if self.has_more else {})


@dataclass(slots=True)
class History:
    """A table's life: the records it gives in commit order, and the table after each transaction."""

    records: list[Record] = field(default_factory=list)
    states: list[tuple[datetime, dict[int, dict[str, Any]]]] = field(default_factory=list)
    absent: int = 0
    """Rows that vanished unseen, and that a later snapshot no longer held."""

    @property
    def last(self) -> dict[int, dict[str, Any]]:
        return self.states[-1][1] if self.states else {}

    def as_of(self, moment: datetime) -> dict[int, dict[str, Any]]:
        """The table after the last transaction that is not later."""
        state: dict[int, dict[str, Any]] = {}
        for at, after in self.states:
            if at <= moment:
                state = after
        return state

    @property
    def changes(self) -> int:
        return sum(record.value is not None for record in self.records)


def random_history(seed: int, transactions: int, keys: int = 6, *, is_lost: bool = False) -> History:
    """Inserts, updates (some with the note unchanged and not sent), deletes and re-inserts, changed keys, now and then a
    truncate, in transactions of 1 to 4 changes; between them rows that an incremental snapshot reads again. Meanwhile a column
    is renamed, another one dropped, and one added that is not declared.

    As in PostgreSQL a change may be logged before the commit that precedes its transaction: positions do not follow commits.

    Args:
        is_lost: at some time slot and offsets are lost; what happened until the new snapshot, nobody has seen.
    """
    random, history, table, shape = Random(seed), History(), {}, Shape()
    commit, lsn, lost_at = 0, 1_000, random.randrange(1, transactions + 1) if is_lost else 0
    seen = 0
    for tx in range(1, transactions + 1):
        at = BEGAN + timedelta(milliseconds=1_500 * tx)
        if tx == lost_at and (table or keys):
            seen, commit, lsn = len(history.records), 0, 500
            history.absent = _unseen(random, table, keys, shape)
            history.records += _snapshot(table, shape, tx, at)
            history.states.append((at, {key: dict(row) for key, row in table.items()}))
            continue
        first = lsn - random.choice((0, 0, 3)) if tx > 1 else lsn
        for number in range(random.randrange(1, 5)):
            lsn += 10
            source = _source(commit, first + 1 if number == 0 else lsn, tx, at)
            is_truncate = random.random() < 0.02
            changed = random.randrange(keys), keys
            history.records += (
                _truncate(table, source, at) if is_truncate else _change(random, table, shape, *changed, source, at)
            )
        lsn += 10
        commit = lsn
        if random.random() < 0.1:
            history.records += _read_again(random, table, shape, commit, at)
        if random.random() < 0.05:
            shape.alter(random)
        history.states.append((at, {key: dict(row) for key, row in table.items()}))
    later = [replace(record, headers=(*record.headers, (EPOCH_HEADER, b"1"))) for record in history.records[seen:]]
    history.records[seen:] = later if seen else history.records[seen:]
    return history


def _unseen(random: Random, table: dict[int, Any], keys: int, shape: Shape) -> int:
    """Changes that no record tells; how many rows are gone. At least one row is left."""
    known = set(table)
    for key in range(keys):
        kind = random.random()
        if key in table and kind < 0.3:
            del table[key]
        elif kind < 0.6:
            row = table.get(key, {"id": key, "note": _note(random), "amount": None})
            table[key] = {**row, "name": f"n{random.randrange(99)}"} | ({"amount": _amount(random)} if shape.has_amount else {})
    if not table:
        table[0] = {"id": 0, "name": "left", "note": None, "amount": _amount(random) if shape.has_amount else None}
    return len(known - set(table))


def _snapshot(table: dict[int, Any], shape: Shape, tx: int, at: datetime) -> Iterator[Record]:
    """The table as an initial snapshot reads it: every row, the first and the last of them marked."""
    for number, key in enumerate(sorted(table), 1):
        mark = "last" if number == len(table) else "first" if number == 1 else "true"
        source = {**_source(0, 400, tx, at), "snapshot": mark}
        yield Record(key % PARTITIONS, {"id": key}, _value("r", shape.after(table[key]), source), at)


def _source(commit: int, lsn: int, tx: int, at: datetime) -> dict[str, Any]:
    micros = int((at - datetime(1970, 1, 1, tzinfo=UTC)) / timedelta(microseconds=1))
    sequence = json.dumps([str(commit) if commit else None, str(lsn)])
    return {"sequence": sequence, "lsn": lsn, "txId": tx, "ts_us": micros, "ts_ms": micros // 1000, "db": "d", "table": "people"}


def _read_again(random: Random, table: dict[int, Any], shape: Shape, commit: int, at: datetime) -> Iterator[Record]:
    """Rows of an incremental snapshot, taken between two transactions."""
    source = {
        **_source(commit, 0, 0, at),
        "lsn": None,
        "txId": None,
        "sequence": f'["{commit}", null]',
        "snapshot": "incremental",
    }
    for key in random.sample(sorted(table), random.randrange(len(table) + 1)):
        yield Record(key % PARTITIONS, {"id": key}, _value("r", shape.after(table[key]), source), at)


def _truncate(table: dict[int, Any], source: dict[str, Any], at: datetime) -> Iterator[Record]:
    table.clear()
    yield Record(1, None, _value("t", None, source), at)


def _moved(
    random: Random, table: dict[int, Any], shape: Shape, old: int, new: int, source: dict[str, Any], at: datetime
) -> Iterator[Record]:
    """A changed primary key: a delete and a create at one position, on two partitions, each naming the other's key."""
    row = table[new] = {**table.pop(old), "id": new, "name": f"n{random.randrange(99)}"}
    after = shape.after(row, is_sent=random.random() < 0.4)
    to, back = ((name, json.dumps({"id": key}).encode()) for name, key in ((NEW_KEY, new), (OLD_KEY, old)))
    before = {"id": old, "name": "", "note": None}
    both = [
        Record(old % PARTITIONS, {"id": old}, {**_value("d", None, source), "before": before}, at, (to,)),
        Record(new % PARTITIONS, {"id": new}, _value("c", after, source), at, (back,)),
    ]
    yield from both if random.random() < 0.5 else reversed(both)


def _change(
    random: Random, table: dict[int, Any], shape: Shape, key: int, keys: int, source: dict[str, Any], at: datetime
) -> Iterator[Record]:
    partition = key % PARTITIONS
    if key not in table:
        amount = _amount(random) if shape.has_amount else None
        table[key] = {"id": key, "name": f"n{random.randrange(99)}", "note": _note(random), "amount": amount}
        yield Record(partition, {"id": key}, _value("c", shape.after(table[key]), source), at)
    elif random.random() < 0.2 and (free := [other for other in range(keys) if other not in table]):
        yield from _moved(random, table, shape, key, random.choice(free), source, at)
    elif random.random() < 0.25:
        del table[key]
        yield Record(partition, {"id": key}, {**_value("d", None, source), "before": {"id": key, "name": "", "note": None}}, at)
        yield Record(partition, {"id": key}, None, at)
    else:
        row = table[key] = {**table[key], "name": f"n{random.randrange(99)}"}
        is_sent = random.random() < 0.5
        row["note"] = _note(random) if is_sent else row["note"]
        row["amount"] = _amount(random) if shape.has_amount else row["amount"]
        yield Record(partition, {"id": key}, _value("u", shape.after(row, is_sent=is_sent), source), at)


def _value(op: str, after: dict[str, Any] | None, source: dict[str, Any]) -> dict[str, Any]:
    return {"before": None, "after": after, "source": source, "op": op, "ts_ms": source["ts_ms"], "transaction": None}


def _note(random: Random) -> str | None:
    return random.choice((None, "", f"note {random.randrange(99)}"))


def _amount(random: Random) -> str:
    return f"{random.randrange(100_000) / 100:.2f}"


def redelivered(history: History, random: Random) -> list[Record]:
    """The records as a connector that is killed now and then delivers them: some come again, later, in the same order."""
    records: list[Record] = []
    for index, record in enumerate(history.records):
        records.append(record)
        if random.random() < 0.05:
            records += history.records[max(0, index - random.randrange(8)) : index + 1]
    return records


def as_batches(records: Sequence[Record], random: Random) -> list[Batch]:
    """The records as they are fetched: by partition in order, cut at random, and interleaved evenly or one far behind another."""
    queues: dict[int, list[tuple[int, Record]]] = {partition: [] for partition in range(PARTITIONS)}
    for record in records:
        queues[record.partition].append((len(queues[record.partition]), record))
    speeds = dict(zip(queues, random.choice(((1, 1, 1), (1, 30, 900), (900, 1, 30))), strict=True))
    batches = []
    reached = dict.fromkeys(range(PARTITIONS), -1)
    while any(queues.values()):
        waiting = [p for p, queue in queues.items() if queue]
        [partition] = random.choices(waiting, [speeds[p] for p in waiting])
        size = random.randrange(1, 9)
        taken, queues[partition] = queues[partition][:size], queues[partition][size:]
        batches.append(batch_of(partition, reached[partition], taken))
        reached[partition] = taken[-1][0]
    return batches


def batch_of(partition: int, after: int, records: Sequence[tuple[int, Record]]) -> Batch:
    received = [int(record.at.timestamp() * 1000) + 5 for _, record in records]
    return Batch(
        topic=TOPIC, partition=partition, after=after, offsets=pa.array([offset for offset, _ in records], pa.int64()),
        received_at=pa.array(received, pa.timestamp("ms", "UTC")),
        keys=pa.array([record.key and json.dumps(record.key).encode() for _, record in records], pa.binary()),
        values=pa.array([None if r.value is None else json.dumps(r.value).encode() for _, r in records], pa.large_binary()),
        headers=[record.headers for _, record in records],
    )  # fmt: skip


def as_lines(records: Sequence[Record]) -> list[str]:
    """The records as lines of an event file."""
    offsets = dict.fromkeys(range(PARTITIONS), 0)
    lines = []
    for record in records:
        event = {
            "topic": TOPIC, "partition": record.partition, "offset": offsets[record.partition],
            "timestamp": int(record.at.timestamp() * 1000) + 5,
            "headers": {name: value.decode() for name, value in record.headers}, "key": record.key, "value": record.value,
        }  # fmt: skip
        offsets[record.partition] += 1
        lines.append(json.dumps(event))
    return lines


def published(state: dict[int, dict[str, Any]]) -> list[dict[str, Any]]:
    """The rows a reader must see of a table; an amount that no event told is named as unknown."""
    amounts = {key: row["amount"] and Decimal(row["amount"]) for key, row in state.items()}
    return [
        {**state[key], "amount": amounts[key], "_unknown": ["amount"] if amounts[key] is None else []} for key in sorted(state)
    ]
