"""Sweep: files that no newest version has any more are removed from the store, after whoever was reading them has ended.

For tables whose earlier versions show what was purged since. Earlier versions that had these files can't be read any more.
"""

from dataclasses import dataclass, field

import structlog

from sink.declared import name_of
from sink.store import listed, remove
from sink.table import Table

log = structlog.get_logger()


@dataclass(slots=True)
class Sweep:
    """What is to be swept of some tables, and since when."""

    tables: tuple[Table, ...]
    wait_seconds: float
    """So long a file stays that somebody may still be reading."""
    _meant: dict[str, list[str]] = field(default_factory=dict)
    """By address of a table the files that are to be removed."""
    _due: float = float("inf")
    _is_more: bool = False

    def plan(self, now: float) -> None:
        """Mean all files that the tables have left behind until now; where some are meant already, after these.

        Args:
            now: seconds of a clock that only goes forward.
        """
        self._is_more = bool(self._meant)
        if self._is_more:
            return
        for table in self.tables:
            left = set(listed(table.place.address, table.place.options)) - set(map(name_of, table.files()))
            self._meant[table.place.address] = sorted(name for name in left if name.endswith(".parquet"))
        self._due = now + self.wait_seconds

    def run_if_due(self, now: float) -> int:
        """Remove what was meant, once it is time; the number of files removed."""
        if now < self._due:
            return 0
        self._due, count = float("inf"), 0
        for table in self.tables:
            meant = self._meant.pop(table.place.address, [])
            remove(table.place.address, table.place.options, meant)
            count += len(meant)
            if meant:
                log.info("swept", table=table.place.address, files=len(meant), version=table.version)
        if self._is_more:
            self.plan(now)
        return count
