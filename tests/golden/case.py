"""Golden cases: a file says which events came and what the tables must be; here the events become Debezium's records."""

import json
import tomllib
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from connectors.decode import NEW_KEY, OLD_KEY
from connectors.placeholder import DEFAULT
from custody import BINARY, DECIMAL, INT64, JSON, LIST, TEXT, Column, Dataset, check, clean, protect
from schemas.dataset import Dataset as Declared

CASES = Path(__file__).parent / "cases"
BEGAN = datetime(2026, 3, 1, tzinfo=UTC)
TOPIC, NOTIFICATIONS = "d.public.people", "d.notification"
UNSENT = {"blob": "X19kZWJleml1bV91bmF2YWlsYWJsZV92YWx1ZQ==", "tags": [DEFAULT]}
"""What Debezium writes for an unchanged value out of line, where it is not the text itself."""


def load(path: Path) -> dict[str, Any]:
    return tomllib.loads(path.read_text(encoding="utf-8"))


def declared(kinds: tuple[str, ...] = ("a", "b"), **options: Any) -> dict[str, Dataset]:
    """The dataset of all cases; `kinds` are the values that column kind may have.

    `also`: text columns declared besides; `renamed`: the new names of some; `redacted`: columns of free text.
    """
    key = options.pop("key", ["id"])
    also = [Column(name, TEXT, protect=protect.keep) for name in options.pop("also", ())]
    renamed, redacted = options.pop("renamed", {}), options.pop("redacted", ())
    protected = protect.token("person") if options.pop("token", False) else protect.keep
    people = Dataset(
        source=TOPIC,
        owner="tests",
        key=tuple(key),
        columns=(
            Column("id", INT64, protect=protected),
            Column("part", TEXT, protect=protect.keep),
            Column("name", TEXT, protect=protect.keep, clean=(clean.trim,)),
            Column("note", TEXT, protect=protect.keep),
            Column("kind", TEXT, protect=protect.keep, check=(check.one_of(*kinds),)),
            Column("amount", DECIMAL(10, 2), protect=protect.keep),
            Column("noms", TEXT, protect=protect.keep, check=(check.null_with_note(check.noms_number),)),
            Column("mail", TEXT, protect=protect.keep, check=(check.keep_with_note(check.email),)),
            Column("blob", BINARY, protect=protect.keep),
            Column("tags", LIST(TEXT), protect=protect.keep),
            Column("doc", JSON, protect=protect.keep),
            Column("secret", TEXT, protect=protect.withhold),
        ),
        name="people",
    )
    columns = (*people.columns, *also)
    columns = tuple(replace(c, protect=protect.redact) if c.name in redacted else c for c in columns)
    columns = tuple(replace(c, name=renamed[c.name], renamed_from=c.name) if c.name in renamed else c for c in columns)
    return {"people": replace(people, columns=columns, **options)}


def line(event: dict[str, Any], number: int, offsets: dict[int, int], dataset: Declared, *, with_schema: bool) -> str:
    """An event of a case as a line of an event file; one with `notice` is what the connector said of a snapshot.

    `op`; `id` (and `part`) of its key; `row`: what it says, other columns null; `unsent`, `lacks`, `more`: columns that are
    unchanged and not sent, not there, not declared; `at`: commit and position; `tx`; `p`: partition; `o`: offset; `t`: seconds;
    `old`, `new`: the key before and after; `epoch`; `snapshot`; `raw`: the value as it is; `key`: the key as it is.
    """
    if "notice" in event:
        return _notice(event, number, offsets)
    partition = event.get("p", 0)
    offset = event.get("o", offsets.get(partition, 0))
    offsets[partition] = max(offsets.get(partition, 0), offset + 1)
    at = BEGAN + timedelta(seconds=event.get("t", number + 1))
    key = {name: event.get(name) for name in dataset.key}
    headers = {name: json.dumps({"id": event[word]}) for word, name in (("old", OLD_KEY), ("new", NEW_KEY)) if word in event}
    headers |= {"custody.epoch": str(event["epoch"])} if "epoch" in event else {}
    millis = int((at - datetime(1970, 1, 1, tzinfo=UTC)) / timedelta(milliseconds=1))
    value = event["raw"] if "raw" in event else None if event["op"] == "tombstone" else _value(event, key, millis, dataset)
    has_key = event.get("op") not in {"t", "m"}
    said = None if event.get("key") == "none" else event.get("key", key if has_key else None)
    if with_schema and isinstance(value, dict) and "raw" not in event:
        value = {"schema": _schema(value, dataset), "payload": value}
    record = {
        "topic": TOPIC, "partition": partition, "offset": offset, "timestamp": event.get("received", millis + 5),
        "headers": headers, "key": said, "value": value,
    }  # fmt: skip
    return json.dumps(record)


def _notice(event: dict[str, Any], number: int, offsets: dict[int, int]) -> str:
    """`notice`: its type; `rows`: how many were read of the table; `of`: the tables that the snapshot is of; `epoch`; `t`."""
    offset = offsets[-1] = offsets.get(-1, -1) + 1
    millis = int((BEGAN + timedelta(seconds=event.get("t", number + 1))).timestamp() * 1000)
    about = {"connector_name": "d", "data_collections": event.get("of", "public.people,custody.signal")}
    if event["notice"] == "COMPLETED":
        about.pop("data_collections")
    if "rows" in event:
        about |= {"scanned_collection": "public.people", "total_rows_scanned": str(event["rows"]), "status": "SUCCEEDED"}
    value = {"id": str(offset), "type": event["notice"], "aggregate_type": "Initial Snapshot", "additional_data": about}
    record = {
        "topic": NOTIFICATIONS, "partition": 0, "offset": offset, "timestamp": millis + 5,
        "headers": {"custody.epoch": str(event.get("epoch", 0))}, "key": None, "value": {**value, "timestamp": millis},
    }  # fmt: skip
    return json.dumps(record)


def _value(event: dict[str, Any], key: dict[str, Any], millis: int, dataset: Declared) -> dict[str, Any]:
    commit, lsn = event.get("at", (None, None))
    is_read = event["op"] == "r"
    sequence = json.dumps([str(commit) if commit else None, None if is_read else str(lsn)]) if "at" in event else None
    source = {
        "sequence": sequence, "lsn": None if is_read else lsn, "txId": event.get("tx", commit), "ts_us": millis * 1000,
        "ts_ms": millis, "snapshot": event.get("snapshot", "true" if is_read else "false"), "db": "d", "schema": "public",
        "table": "people",
    }  # fmt: skip
    before, after = event.get("before"), None
    if event["op"] in {"r", "c", "u"}:
        after = {column.name: None for column in dataset.columns} | key | event.get("row", {})
        after |= {name: UNSENT.get(name, DEFAULT) for name in event.get("unsent", ())} | event.get("more", {})
        after = {name: value for name, value in after.items() if name not in event.get("lacks", ())}
    return {"before": before, "after": after, "source": source, "op": event["op"], "ts_ms": millis, "transaction": None}


def _schema(value: dict[str, Any], dataset: Declared) -> dict[str, Any]:
    kinds = {"INT64": "int64", "BINARY": "bytes", "LIST(TEXT)": "array"}
    columns = [
        {"field": column.name, "type": kinds.get(str(column.type), "string"), "optional": True} for column in dataset.columns
    ]
    row = {"type": "struct", "optional": True, "fields": columns}
    others = [{"field": name, "type": "string", "optional": True} for name in value if name not in {"before", "after"}]
    fields = [{**row, "field": "before"}, {**row, "field": "after"}, *others]
    return {"type": "struct", "fields": fields, "optional": False, "name": "d.public.people.Envelope"}
