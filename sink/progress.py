"""How far the sink is: for status, for completeness, for whoever waits. Shared between its threads."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from threading import Lock

from schemas.notice import Scan
from sink.history import Counts
from sink.latency import Latency


@dataclass(slots=True)
class Progress:
    """Everything here is read and changed under the lock."""

    lock: Lock = field(default_factory=Lock)
    covered: dict[tuple[str, int], int] = field(default_factory=dict)
    """Raw offset accounted for, by dataset and partition."""
    versions: dict[str, int] = field(default_factory=dict)
    """Version of history/, by dataset."""
    counts: dict[str, Counts] = field(default_factory=dict)
    absent: dict[str, int] = field(default_factory=dict)
    """Rows that snapshots no longer held, deleted since this sink began, by dataset."""
    tails: dict[str, int] = field(default_factory=dict)
    """Changes not folded into current/ yet, by dataset."""
    unknown: dict[str, int] = field(default_factory=dict)
    """Rows of current/ with a value that nothing told, by dataset."""
    raw: dict[tuple[str, int], int] = field(default_factory=dict)
    """Offset laid down in raw/, by topic and partition."""
    raw_records: int = 0
    """Records of datasets laid down in raw/ since this sink began."""
    messages: int = 0
    """Logical messages (of applications, about no row) laid down in raw/ since this sink began."""
    stopped: dict[str, str] = field(default_factory=dict)
    """Why a dataset stopped."""
    latency: Latency = field(default_factory=Latency)
    """From commit in the source to commit in history/, of streamed changes."""
    cut_asked: int = 0
    """Number of the cut whose ends of topics were asked for last."""
    cut_covered: int = 0
    """Number of the last cut that the tables have accounted for."""
    waiting: dict[str, dict[str, int]] = field(default_factory=dict)
    """How many events wait in quarantine/, by dataset and reason."""
    promises: dict[str, str] = field(default_factory=dict)
    """The order each dataset keeps: `commit`, or the weaker `arrival`."""
    dataset_complete_until: dict[str, str] = field(default_factory=dict)
    scans: dict[str, Mapping[int, Scan]] = field(default_factory=dict)
    """By dataset and epoch, what the newest snapshot found of its table."""
    lost: dict[str, int] = field(default_factory=dict)
    """By source database, the epoch in which its connector lost its position."""
    restricted: set[str] = field(default_factory=set)
    """Datasets that hold clear identities: told apart from those that are published."""
    pending: set[str] = field(default_factory=set)
    """Datasets with a snapshot that may end an epoch, and whose absences are not known yet."""
    complete_until: dict[str, str] = field(default_factory=dict)
    """Source time that everything is in the tables up to, by source database."""

    def said(self) -> dict[str, object]:
        """What status shows."""
        with self.lock:
            datasets = {
                name: {
                    "version": version, "written": counts.written, "revised": counts.revised, "suppressed": counts.suppressed,
                    "quarantined": counts.quarantined, "tail": self.tails.get(name, 0), "unknown": self.unknown.get(name, 0),
                    "waiting": self.waiting.get(name, {}), "order": self.promises.get(name, "commit"),
                    "complete_until": self.dataset_complete_until.get(name), "epoch_pending": name in self.pending,
                    "found_by_absence": self.absent.get(name, 0),
                }
                for name, version in self.versions.items()
                if (counts := self.counts.get(name)) is not None
            }  # fmt: skip
            latency = {"p50": self.latency.quantile(0.5), "p99": self.latency.quantile(0.99)}
            return {
                "datasets": {name: one for name, one in datasets.items() if name not in self.restricted},
                "identities": {name: one for name, one in datasets.items() if name in self.restricted},
                "stopped": dict(self.stopped), "latency_seconds": latency,
                "complete_until": dict(self.complete_until), "raw_records": self.raw_records, "messages": self.messages,
                "pending": sorted(self.pending),
            }  # fmt: skip
