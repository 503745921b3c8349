"""The careful reading of one event, in plain Python: for events that carry their schema, and to say what is wrong.

It yields the same event in the fast reader's own form, or the reason why it is refused; never a value.
"""

import re
from dataclasses import dataclass
from decimal import Decimal

import msgspec

from connectors.placeholder import Placeholder, is_sent_as_null
from connectors.values import Broken, canonical
from rules import check
from schemas.change import LIVE_OPS, MESSAGE, ROW_OPS, TRUNCATE
from schemas.dataset import Column, Dataset
from schemas.order import TIMES
from schemas.types import Type

_JSON = msgspec.json.Decoder(float_hook=Decimal)
SEQUENCE = r'^\[\s*(?:null|"?(\d{1,18})"?)\s*,\s*(?:null|"?(\d{1,18})"?)\s*\]$'
"""`source.sequence`: the commit before this transaction, and this change, either of them perhaps null."""
Fields = dict[str, dict[str, object]]


@dataclass(frozen=True, slots=True)
class Verdict:
    """Either the event in canonical form, or why not. The key and the order are there where they could be read."""

    key: dict[str, object] | None
    value: dict[str, object] | None
    reason: str = ""
    column: str | None = None


def examine(key: bytes | None, value: bytes, dataset: Dataset, placeholder: Placeholder, *, is_moved: bool = False) -> Verdict:
    """Read one event with every check there is.

    Args:
        is_moved: it is the create that a changed primary key gave, and so may lack unchanged values.
    """
    named: dict[str, object] | None = None
    envelope: dict[str, object] | None = None
    try:
        named, fault = _key_or_fault(key, dataset)
        payload, fields = _unwrap(value, "value")
        envelope = _envelope(payload)
        if fault is not None and envelope["op"] in ROW_OPS:
            raise fault
        _check_order(envelope, dataset)
        if envelope["op"] in LIVE_OPS:
            _row(payload, fields, dataset, placeholder, envelope, may_lack=is_moved or envelope["op"] == "u")
    except _ColumnBroken as problem:
        return Verdict(named, envelope, str(problem), problem.column)
    except Broken as problem:
        return Verdict(named, envelope, str(problem))
    return Verdict(named, envelope)


class _ColumnBroken(Broken):
    def __init__(self, reason: str, column: str) -> None:
        super().__init__(reason)
        self.column = column


def parse(text: bytes, what: str = "value") -> object:
    """JSON, its numbers exact.

    Raises:
        Broken: it is none, or goes deeper or holds longer numbers than can be read.
    """
    try:
        text.decode()
        return _JSON.decode(text)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError, ValueError, ArithmeticError) as problem:
        raise Broken(f"the {what} is not JSON") from problem


def _unwrap(text: bytes, what: str) -> tuple[dict[str, object], Fields]:
    """The payload and the schemas of its fields; without a schema, the object itself."""
    decoded = parse(text, what)
    if not isinstance(decoded, dict):
        raise Broken(f"the {what} is not a JSON object")
    if set(decoded) != {"schema", "payload"}:
        return decoded, {}
    payload, schema = decoded["payload"], decoded["schema"]
    if not isinstance(payload, dict):
        raise Broken(f"the {what} is not a JSON object")
    return payload, _fields(schema)


def _fields(schema: object) -> Fields:
    fields = schema.get("fields") if isinstance(schema, dict) else None
    if not isinstance(fields, list):
        return {}
    return {str(field.get("field")): field for field in fields if isinstance(field, dict)}


def examine_key(text: bytes | None, dataset: Dataset) -> dict[str, object] | None:
    """A key in the fast reader's form; None where it can't be read."""
    try:
        return _key(text, dataset)
    except Broken:
        return None


def _key_or_fault(key: bytes | None, dataset: Dataset) -> tuple[dict[str, object] | None, Broken | None]:
    """The key, or what is wrong with it: only an event of a row needs one."""
    try:
        named = _key(key, dataset)
    except Broken as problem:
        return None, problem
    return named, Broken("no key") if named is None else None


def _key(key: bytes | None, dataset: Dataset) -> dict[str, object] | None:
    if key is None:
        return None
    payload, fields = _unwrap(key, "key")
    named = {}
    for name in dataset.key:
        if payload.get(name) is None:
            raise _ColumnBroken("no key", name)
        named[name] = _column(payload[name], dataset.by_name[name].type, fields.get(name), name)
    return named


def _column(value: object, type_: Type, schema: dict[str, object] | None, name: str) -> object:
    try:
        return canonical(value, type_, schema)
    except Broken as problem:
        raise _ColumnBroken(str(problem), name) from problem


def _envelope(payload: dict[str, object]) -> dict[str, object]:
    """What is not the row: op, source and transaction, as the fast reader takes them."""
    op, source = payload.get("op"), payload.get("source")
    if not isinstance(op, str):
        raise Broken("not a Debezium envelope: no op")
    if op not in {*ROW_OPS, TRUNCATE, MESSAGE}:
        raise Broken("unknown op")
    if not isinstance(source, dict):
        raise Broken("not a Debezium envelope: no source")
    kept: dict[str, object] = {name: source.get(name) for name in ("ts_us", "ts_ms", "txId", "lsn")}
    for name, number in kept.items():
        if number is not None and (type(number) is not int or not -(1 << 63) <= number < 1 << 63):
            raise Broken(f"source.{name} is not a whole number")
    sequence = source.get("sequence")
    if sequence is not None and not isinstance(sequence, str):
        raise Broken("source.sequence is not text")
    snapshot = source.get("snapshot")
    return {"op": op, "source": {**kept, "sequence": sequence, "snapshot": snapshot if isinstance(snapshot, str) else None}}


def _check_order(envelope: dict[str, object], dataset: Dataset) -> None:
    source = envelope["source"]
    assert isinstance(source, dict)
    match = re.match(SEQUENCE, source["sequence"] or "")
    if dataset.order == "commit" and match is None:
        raise Broken("no order: source.sequence is missing or is not a pair of positions")
    if match is not None and envelope["op"] != "r" and source["lsn"] is None and match[2] is None:
        raise Broken("no order: source.lsn is missing")
    if (source["lsn"] or 0) < 0:
        raise Broken("no order: source.lsn is below zero")
    if source["ts_us"] is None and source["ts_ms"] is None:
        raise Broken("no source time: source.ts_ms is missing")
    if not TIMES[0] <= (source["ts_ms"] * 1000 if source["ts_us"] is None else source["ts_us"]) <= TIMES[1]:
        raise Broken("no source time: it is out of range")


def _row(
    payload: dict[str, object],
    fields: Fields,
    dataset: Dataset,
    placeholder: Placeholder,
    envelope: dict[str, object],
    *,
    may_lack: bool,
) -> None:
    """Put `after` and the names of its unknown columns into the envelope."""
    after = payload.get("after")
    if not isinstance(after, dict):
        raise Broken("no after")
    schemas = _fields(fields.get("after"))
    told = payload.get("before") if envelope["op"] == "u" else None
    before = told if isinstance(told, dict) else {}
    row: dict[str, object] = {}
    unknown, notes = list[str](), list[str]()
    for column in dataset.needed:
        if column.name in dataset.key:
            continue
        name = column.name if column.name in after else column.renamed_from or column.name
        value = after.get(name)
        is_unsent = placeholder.stands_for(value, column.type)
        if value is None and name in after and is_sent_as_null(column.type) and not (name in before and before[name] is None):
            is_unsent = may_lack
            notes += _doubts(column, may_lack=may_lack)
        if is_unsent and before.get(name) is not None:
            value, is_unsent = before[name], False  # only REPLICA IDENTITY FULL tells it; what is out of line is not null
        if name not in after or is_unsent:
            unknown.append(column.name)
        else:
            row[column.name] = _column(value, column.type, schemas.get(name), column.name)
    envelope["after"] = row
    envelope["unknown"] = unknown
    envelope["notes"] = notes
    envelope["undeclared"] = [str(name) for name in after if not dataset.knows(str(name))]


def _doubts(column: Column, *, may_lack: bool) -> list[str]:
    """What a null may stand for beside itself, where Debezium writes the same for another thing.

    A column that is required is never null: then an unchanged array is meant, or one that holds NaN, which is refused.
    """
    assert column.type.item is not None
    is_exact, is_required = column.type.item.name.startswith("DECIMAL"), check.required in column.check
    holds = "null came, which may be an array that holds NaN or infinity"
    if is_exact and is_required:
        raise _ColumnBroken(holds, column.name)
    if may_lack:
        note = f"{column.name}: null came, which may be an unchanged array that was not sent: taken for one"
        return [] if is_required else [note]
    return [f"{column.name}: {holds}"] if is_exact else []
