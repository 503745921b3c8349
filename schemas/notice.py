"""What a connector says of its initial snapshots, and what follows from it: empty tables, and a position that was lost."""

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


@dataclass(slots=True)
class Notices:
    """The notices of one source database so far."""

    _empty: dict[int, dict[str, datetime]] = field(default_factory=dict)
    _completed: set[int] = field(default_factory=set)
    lost: int = -1
    """The last epoch in which an initial snapshot began after another was complete: slot or offsets were lost."""

    def take(self, notices: Iterable[Notice]) -> bool:
        """Note what is said; whether anything was."""
        any_said = False
        for notice in notices:
            any_said = True
            if notice.what == BEGUN:
                self._empty[notice.epoch] = {}
                self.lost = max(self.lost, notice.epoch if notice.epoch in self._completed else -1)
            elif notice.what == SCANNED and not notice.rows:
                self._empty.setdefault(notice.epoch, {})[notice.table] = notice.at
            elif notice.what == COMPLETED:
                self._completed.add(notice.epoch)
        return any_said

    def empty(self, table: str) -> Mapping[int, datetime]:
        """The epochs whose newest snapshot found the table empty, and when."""
        return {epoch: tables[table] for epoch, tables in self._empty.items() if table in tables}
