"""A raw topic as Debezium writes it: changes of a table whose keys are drawn by Zipf's law."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import numpy as np

BEGAN = datetime(2026, 1, 1, tzinfo=UTC)
PARTITIONS = 4
DELETED = 0.08
"""Share of the changes to a living row that delete it."""


@dataclass(frozen=True, slots=True)
class Change:
    partition: int
    key: bytes
    value: bytes | None
    """None: the tombstone after a delete."""


@dataclass(slots=True)
class Plan:
    """What was generated, and what must come of it."""

    changes: int
    keys: int
    seed: int = 1
    living: int = 0
    records: int = 0
    ended_at: datetime = BEGAN

    def records_of(self) -> Iterator[Change]:
        """Changes and tombstones, in commit order."""
        random = np.random.default_rng(self.seed)
        shares = 1 / np.arange(1, self.keys + 1)
        keys = random.permutation(self.keys)[np.searchsorted(np.cumsum(shares) / shares.sum(), random.random(self.changes))]
        fates = random.random(self.changes)
        alive: set[int] = set()
        for number, (key, fate) in enumerate(zip(keys.tolist(), fates.tolist(), strict=True)):
            op = "c" if key not in alive else "d" if fate < DELETED else "u"
            text = json.dumps({"person_id": key}).encode()
            yield Change(key % PARTITIONS, text, _envelope(op, key, number))
            self.records += 1
            if op == "d":
                alive.discard(key)
                yield Change(key % PARTITIONS, text, None)
                self.records += 1
            else:
                alive.add(key)
        self.living, self.ended_at = len(alive), _at(self.changes)


def _at(number: int) -> datetime:
    return BEGAN + timedelta(milliseconds=number)


def _envelope(op: str, key: int, number: int) -> bytes:
    lsn, micros = 1_000_000 + 160 * number, int(_at(number).timestamp() * 1e6)
    said = {
        "before": {"person_id": key} if op == "d" else None,
        "after": None if op == "d" else _row(key, number),
        "source": _source(lsn, micros, number),
        "transaction": {"id": f"{number + 1}:{lsn}", "total_order": 1, "data_collection_order": 1},
        "op": op,
        "ts_ms": micros // 1000,
    }
    return json.dumps(said, separators=(",", ":")).encode()


def _row(key: int, number: int) -> dict[str, object]:
    return {
        "person_id": key,
        "noms_number": f" a{key % 10_000:04d}bc",
        "surname": f"Surname{key % 977}",
        "forename": f"Forename{key % 311}",
        "date_of_birth": 5_000 + key % 9_000,
        "postcode": "sw1a 1aa",
        "status": "HELD" if number % 3 else "RELEASED",
        "prison": " LEI ",
        "visits": number % 100,
        "is_active": True,
        "balance": f"{number % 100_000 / 100:.2f}",
        "modified_at": _at(number).isoformat()[:19] + "Z",
        "comment": f"Note {number}: nothing to report today, seen on the wing and in good spirits.",
        "reference": f"R{number}",
    }


def _source(lsn: int, micros: int, number: int) -> dict[str, object]:
    return {
        "version": "3.7.0.Final",
        "connector": "postgresql",
        "name": "bench",
        "ts_ms": micros // 1000,
        "snapshot": "false",
        "db": "bench",
        "sequence": json.dumps([str(lsn - 80), str(lsn)]),
        "ts_us": micros,
        "ts_ns": micros * 1000,
        "schema": "public",
        "table": "people",
        "txId": number + 1,
        "lsn": lsn,
        "xmin": None,
    }
