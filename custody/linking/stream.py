"""The loop that links: follows the identities as they are folded, decides, and keeps the log of links."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from threading import Event, Lock

import polars as pl
import structlog

from custody.linking.identities import Identities
from custody.memory import give_back
from rules.match.model import Model
from rules.protection import FIRST, Keys
from schemas.dataset import Dataset
from schemas.links import APART, EVENT, TOGETHER
from sink.lake import Lake
from sink.links import Decisions, Links, standing
from streams.deciding import Decided, Decider

log = structlog.get_logger()

POLL_SECONDS = 0.5
FOLD_SECONDS = 2.0
"""people/ is made anew this long after the log has changed, or later where it is large."""
ROWS_A_SECOND = 200_000

Publish = Callable[[pl.DataFrame], None]
"""Sends events to subscribers: rows of links/ of kind `event`, in order."""


@dataclass(slots=True)
class Linked:
    """How the linker is, for its status."""

    lock: Lock = field(default_factory=Lock)
    records: int = 0
    people: int = 0
    decisions: int = 0
    conflicts: int = 0
    blocks_too_large: int = 0
    seconds: float = 0.0
    is_ready: bool = False
    folded: dict[str, int] = field(default_factory=dict)
    """Version of history/ of each dataset's identities that has been taken in."""

    def said(self) -> dict[str, object]:
        with self.lock:
            return {
                "records": self.records, "people": self.people, "decisions": self.decisions,
                "conflicts": self.conflicts, "blocks_too_large": self.blocks_too_large, "busy_seconds": round(self.seconds, 3),
                "is_ready": self.is_ready, "versions": dict(self.folded),
            }  # fmt: skip


class LinkStream:
    """The one owner of a model's links."""

    def __init__(
        self, name: str, model: Model, mark: str, datasets: Mapping[str, Dataset], *, lake: Lake, identities: Lake,
        secret: bytes, publish: Publish, about: Mapping[str, str], keys: Keys = FIRST,
    ) -> None:  # fmt: skip
        """Args:
        mark: what names the model's file in the log.
        datasets: the identities that this model links.

        Raises:
            Unavailable: the store is away.
        """
        self._name, self._publish = name, publish
        self._about = {**about, "custody.model": mark}
        self._identities = Identities(identities, datasets)
        self._decider = Decider(model, mark, secret)
        self._links = Links(lake, name, keys)
        self._overrides = Decisions(lake, name)
        self._overrides.look()
        self._decided = Decided(frozenset(), frozenset())
        self._changed_at: float | None = None
        self.linked = Linked()

    def run(self, stop: Event, is_wanted: Callable[[], bool] = lambda: True) -> None:
        """Until told to stop, or until its model is not wanted any more.

        Raises:
            Fenced: another linker has taken the log.
        """
        self._send_again()
        self._begin()
        while not stop.wait(POLL_SECONDS) and is_wanted():
            if not self._step() and self._decider.rest():
                give_back()
            self._fold_if_due()
        self._links.fold()

    def _begin(self) -> None:
        """Decide what differs from the log: nothing, where this goes on where another one ended."""
        began = time.perf_counter()
        self._identities.read()
        self._decided = self._all_decided()
        rekeyed = self._identities.rekeyed_since({name: self._links.taken_in(name) for name in self._identities.folded})
        for rows in self._decider.begin(self._identities.all(), self._decided, self._links.log, self._now(), rekeyed):
            self._commit(rows, {})
        give_back()
        self._note(time.perf_counter() - began)
        with self.linked.lock:
            self.linked.is_ready = True

    def _step(self) -> bool:
        """Take in what has changed; whether anything had."""
        began = time.perf_counter()
        touched, is_decided = self._identities.look(), self._overrides.look()
        if not len(touched.keys) and not is_decided:
            self._note(0.0)
            return False
        before, self._decided = self._decided, self._all_decided()
        records = self._identities.of(touched.keys)
        gone = sorted(set(touched.keys.to_list()) - set(records["id"].to_list()))
        decided = None if before == self._decided else self._decided
        taken_in = {name: version for name, version in self._identities.folded.items() if version >= 0}
        self._commit(self._decider.step(records, gone, touched.rekeyed, decided, self._now()), taken_in)
        self._note(time.perf_counter() - began)
        return True

    def _all_decided(self) -> Decided:
        """What people decided, and what the sources say they merged; who says apart is heard first."""
        stands = standing(self._overrides.rows)
        pairs = {
            what: frozenset(stands.filter(pl.col("decision") == what).select("one", "two").rows()) for what in (TOGETHER, APART)
        }
        return Decided(pairs[TOGETHER] | (self._identities.merged() - pairs[APART]), pairs[APART])

    def _now(self) -> datetime:
        """The decision's time: never before the last one's."""
        now = datetime.now(UTC)
        return max(now, self._decider.people.last or now)

    def _commit(self, rows: pl.DataFrame, taken_in: Mapping[str, int]) -> None:
        """One decision into the log, then its events to subscribers. Nothing is told to be taken in before all of it is."""
        if not len(rows):
            return
        self._links.append(rows, taken_in, self._about)
        self._changed_at = self._changed_at or time.monotonic()
        self._send(self._links.numbered(rows))
        log.info("linked", model=self._name, rows=len(rows), decision=self._links.decision)

    def _send(self, rows: pl.DataFrame) -> None:
        events = rows.filter(pl.col("kind") == EVENT)
        if len(events):
            self._publish(events)
        self._links.published = self._links.decision

    def _send_again(self) -> None:
        """What was decided, and perhaps not sent, before this began."""
        events = self._links.log.events_after(self._links.published)
        if len(events):
            self._publish(events)
        self._links.published = self._links.decision

    def _fold_if_due(self) -> None:
        if self._changed_at is None:
            return
        wait = FOLD_SECONDS + self.linked.records / ROWS_A_SECOND
        if time.monotonic() - self._changed_at >= wait:
            self._links.fold()
            give_back()
            self._changed_at = None

    def _note(self, seconds: float) -> None:
        decider = self._decider
        with self.linked.lock:
            self.linked.records, self.linked.people = decider.people.records, decider.people.persons
            self.linked.decisions, self.linked.conflicts = self._links.decision + 1, len(decider.conflicts)
            self.linked.blocks_too_large = decider.too_large
            self.linked.seconds += seconds
            self.linked.folded = self._identities.folded
