"""Debezium's notifications of initial snapshots (Debezium 3.7, "Notifications", sink channel).

A blocking snapshot speaks like an initial one, under an id of its own. It is told apart by its tables: an initial snapshot
also names the table of signals, one on request names what was asked for.
"""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime

import msgspec

from connectors.debezium import SIGNAL
from connectors.decode import EPOCH_HEADER
from schemas.batch import Headers
from schemas.notice import BEGUN, COMPLETED, SCANNED, Notice

INITIAL = "Initial Snapshot"
_KINDS = {"DATA_COLLECTIONS_RESOLVED": BEGUN, "TABLE_SCAN_COMPLETED": SCANNED, "COMPLETED": COMPLETED}


class _Notification(msgspec.Struct):
    type: str
    aggregate_type: str
    timestamp: int
    additional_data: dict[str, str] | None = None


def read_notices(values: Sequence[bytes | None], headers: Sequence[Headers]) -> Iterator[Notice]:
    """The notices in records of a notification topic; other notifications, and what is none, are passed over."""
    for value, named in zip(values, headers, strict=True):
        try:
            said = msgspec.json.decode(value or b"", type=_Notification)
        except msgspec.DecodeError:
            continue
        about, kind = said.additional_data or {}, _KINDS.get(said.type)
        is_of_all = SIGNAL in about.get("data_collections", "").split(",")
        if said.aggregate_type == INITIAL and kind is not None and (is_of_all or kind == COMPLETED):
            at = datetime.fromtimestamp(said.timestamp / 1000, UTC)
            rows = about.get("total_rows_scanned", "")
            yield Notice(_epoch(named), kind, at, about.get("scanned_collection", ""), int(rows) if rows.isdigit() else 0)


def _epoch(headers: Headers) -> int:
    text = next((value for name, value in headers if name == EPOCH_HEADER), None) or b""
    return int(text) if text.isdigit() else 0
