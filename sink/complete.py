"""How far the tables are complete: up to which source time everything that was committed is in them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from sink.consume import Feed
from sink.manifest import Manifest
from sink.progress import Progress

ASK_SECONDS = 0.5
"""How often the ends of the topics are asked for, while there is something to become complete."""
QUIET_SECONDS = 5.0
"""How often completeness is recorded while nothing changes but the time."""

Place = tuple[str, int]


@dataclass(frozen=True, slots=True)
class End:
    """The end of a transaction of the source."""

    at: datetime
    transaction: int | None


class Completeness:
    """Follows one transaction end after the other, and publishes a cut once its changes are accounted for.

    A transaction's end is sent with or after its changes. So when an end has been read, all that belongs to it lies
    before the ends that the raw topics have then; once those records are covered by the tables, they are complete.
    """

    def __init__(
        self,
        manifests: Mapping[str, Manifest],
        feed: Feed,
        datasets: Mapping[str, str],
        partitions: Mapping[str, int],
        progress: Progress,
    ) -> None:
        """Args:
        manifests: of each dataset the manifest that its cuts go to.
        datasets: raw topic of each dataset.
        partitions: number of partitions of each of these topics, and of others that must have been read by then.
        """
        self._manifests, self._feed, self._progress = manifests, feed, progress
        self._datasets, self._partitions = datasets, partitions
        self._ended: End | None = None
        self._following: End | None = None
        self._ends: dict[Place, int] = {}
        self._needed: dict[Place, int] | None = None
        self._asked = self._published = 0.0

    def note_end(self, end: End) -> None:
        """A transaction has ended, and its end is in raw/."""
        self._ended = end

    def publish(self, reached: Mapping[Place, int], now: float) -> None:
        """Publish a cut if one is due.

        Args:
            reached: the last offset in raw/, by topic and partition.
            now: seconds of a clock that never goes back.
        """
        if self._following is None and self._ended is not None and now - self._asked >= ASK_SECONDS:
            self._ends = self._feed.ends(self._partitions)
            with self._progress.lock:
                self._progress.cut_asked += 1
            self._following, self._ended, self._asked, self._needed = self._ended, None, now, None
        if self._following is None:
            return
        if self._needed is None and self._feed.has_read(self._ends, reached):
            self._needed = {place: reached.get(place, -1) for place in self._ends}
        if self._needed is not None:
            self._publish_if_covered(self._following, self._needed, now)

    def _publish_if_covered(self, end: End, needed: Mapping[Place, int], now: float) -> None:
        with self._progress.lock:
            covered, versions = dict(self._progress.covered), dict(self._progress.versions)
            stopped = set(self._progress.stopped)
            pending = (self._progress.pending & self._datasets.keys()) - stopped
        waiting = {
            name
            for name, topic in self._datasets.items()
            if any(covered.get((name, p), -1) < upto for (needed_topic, p), upto in needed.items() if needed_topic == topic)
        }
        if waiting - stopped:
            return
        with self._progress.lock:
            self._progress.cut_covered = self._progress.cut_asked
        if pending:
            self._following = None
            return
        complete = {name: versions[name] for name in self._datasets if name not in waiting and name in versions}
        cuts = [(one, {n: v for n, v in complete.items() if self._manifests[n] is one}) for one in set(self._manifests.values())]
        if now - self._published >= (QUIET_SECONDS if all(one.holds(cut) for one, cut in cuts) else ASK_SECONDS):
            for one, cut in cuts:
                one.publish(cut, end.at, datetime.now(UTC), end.transaction)
            self._published = now
            self._tell(cuts, end.at.isoformat())
        self._following = None

    def _tell(self, cuts: Sequence[tuple[Manifest, Mapping[str, int]]], until: str) -> None:
        with self._progress.lock:
            for manifest, cut in cuts:
                self._progress.complete_until[manifest.database] = until
                self._progress.dataset_complete_until |= dict.fromkeys(cut, until)
