"""What a connector says of its initial snapshots: how many rows each table had; and when its position was lost."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

BEGUN, SCANNED, COMPLETED = "begun", "scanned", "completed"


@dataclass(frozen=True, slots=True)
class Notice:
    """One thing said, in the order of the topic."""

    epoch: int
    what: str
    """`begun`: of all tables; `scanned`: of one table; `completed`."""
    at: datetime
    table: str = ""
    """schema.table"""
    rows: int = 0
    """How many were read of it."""


@dataclass(frozen=True, slots=True)
class Scan:
    """What the newest initial snapshot of an epoch found of a table."""

    rows: int
    at: datetime


@dataclass(slots=True)
class Notices:
    """The notices of one source database so far."""

    _scans: dict[int, dict[str, Scan]] = field(default_factory=dict)
    _completed: set[int] = field(default_factory=set)
    lost: int = -1
    """The last epoch in which an initial snapshot began after another was complete: slot or offsets were lost."""

    def take(self, notices: Iterable[Notice]) -> bool:
        """Note what is said; whether anything was."""
        any_said = False
        for notice in notices:
            any_said = True
            if notice.what == BEGUN:
                self._scans[notice.epoch] = {}
                self.lost = max(self.lost, notice.epoch if notice.epoch in self._completed else -1)
            elif notice.what == SCANNED:
                self._scans.setdefault(notice.epoch, {})[notice.table] = Scan(notice.rows, notice.at)
            elif notice.what == COMPLETED:
                self._completed.add(notice.epoch)
        return any_said

    def scans(self, table: str) -> Mapping[int, Scan]:
        """What the newest snapshot of each epoch found of the table, once it has come to the table's end."""
        return {epoch: tables[table] for epoch, tables in self._scans.items() if table in tables}
