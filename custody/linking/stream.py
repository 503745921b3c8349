"""The loop that links: follows the identities as they are folded, decides, and keeps the log of links."""

import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from threading import Event, Lock

import polars as pl
import structlog

from custody.memory import give_back
from rules.match.model import Model
from rules.protection import FIRST, Keys
from schemas.dataset import Dataset
from schemas.links import APART, EVENT, TOGETHER, record_key
from sink.follow import Follower
from sink.lake import Lake
from sink.links import Links, read_overrides, standing
from streams.deciding import Decided, Decider
from streams.link import MERGED, merged_of, records_of, rekeyed_of

log = structlog.get_logger()

POLL_SECONDS = 0.5
FOLD_SECONDS = 2.0
"""people/ is made anew this long after the log has changed, or later where it is large."""
ROWS_A_SECOND = 200_000
PIECE = 100_000
"""Records made ready at once."""
_NO_KEYS = pl.Series("id", [], dtype=pl.String)

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
        self._name, self._lake, self._datasets, self._publish = name, lake, datasets, publish
        self._about = {**about, "custody.model": mark}
        self._followers = {n: Follower(identities.current(one), _columns(one)) for n, one in datasets.items()}
        self._decider = Decider(model, mark, secret)
        self._links = Links(lake, name, keys)
        self._overrides = read_overrides(lake, name)
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
        for follower in self._followers.values():
            follower.read()
        self._decided = self._all_decided()
        together, apart = self._decided.together, self._decided.apart
        for rows in self._decider.begin(self._all_records(), together, apart, self._links.log, self._now()):
            self._commit(rows)
        give_back()
        self._note(time.perf_counter() - began)
        with self.linked.lock:
            self.linked.is_ready = True

    def _step(self) -> bool:
        """Take in what has changed; whether anything had."""
        began = time.perf_counter()
        touched = [_NO_KEYS]
        rekeyed: dict[str, str] = {}
        for name, follower in self._followers.items():
            if (step := follower.look()) is not None and len(step):
                touched.append(_keys(pl.concat([step.gone, step.come]).lazy(), self._datasets[name]))
                rekeyed |= rekeyed_of(step.come, self._datasets[name])
        keys, overrides = pl.concat(touched).unique().sort(), read_overrides(self._lake, self._name)
        if not len(keys) and len(overrides) == len(self._overrides):
            self._note(0.0)
            return False
        self._overrides = overrides
        before, self._decided = self._decided, self._all_decided()
        records = self._records(keys)
        gone = sorted(set(keys.to_list()) - set(records["id"].to_list()))
        decided = None if before == self._decided else self._decided
        self._commit(self._decider.step(records, gone, rekeyed, decided, self._now()))
        self._note(time.perf_counter() - began)
        return True

    def _all_records(self) -> Iterator[pl.DataFrame]:
        """The records there are, a piece after the other."""
        keys = pl.concat([_keys(rows, self._datasets[name]) for name, rows in self._rows().items()] or [_NO_KEYS]).unique().sort()
        for low in range(0, len(keys), PIECE):
            yield self._records(keys[low : low + PIECE])

    def _records(self, keys: pl.Series) -> pl.DataFrame:
        """The records of these keys that are there."""
        if not len(keys):
            return pl.DataFrame(schema={"id": pl.String})
        mine = {}
        for name, rows in self._rows().items():
            dataset = self._datasets[name]
            own = keys.filter(keys.str.starts_with(f"{dataset.register}/")).str.strip_prefix(f"{dataset.register}/")
            mine[name] = rows.filter(pl.col(str(dataset.subject)).cast(pl.String).is_in(own.implode())).collect()
        return records_of(mine, self._datasets)

    def _rows(self) -> dict[str, pl.LazyFrame]:
        return {name: follower.rows for name, follower in self._followers.items() if follower.is_known}

    def _all_decided(self) -> Decided:
        """What people decided, and what the sources say they merged; who says apart is heard first."""
        stands = standing(self._overrides)
        pairs = {
            what: frozenset(stands.filter(pl.col("decision") == what).select("one", "two").rows()) for what in (TOGETHER, APART)
        }
        return Decided(pairs[TOGETHER] | (self._merged() - pairs[APART]), pairs[APART])

    def _merged(self) -> frozenset[tuple[str, str]]:
        """The pairs that the sources say they merged; only the rows that tell it are looked at."""
        rows = {}
        for name, mine in self._rows().items():
            link = self._datasets[name].link
            telling = [column for column, kind in (link.reads if link else {}).items() if kind == MERGED]
            if telling:
                rows[name] = mine.filter(pl.any_horizontal(pl.col(telling).is_not_null())).collect()
        return merged_of(rows, self._datasets)

    def _now(self) -> datetime:
        """The decision's time: never before the last one's."""
        now = datetime.now(UTC)
        return max(now, self._decider.people.last or now)

    def _commit(self, rows: pl.DataFrame) -> None:
        """One decision into the log, then its events to subscribers."""
        if not len(rows):
            return
        marks = {f"identities/{name}": follower.folded for name, follower in self._followers.items() if follower.folded >= 0}
        self._links.append(rows, marks, self._about)
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
            self._changed_at = None

    def _note(self, seconds: float) -> None:
        decider = self._decider
        with self.linked.lock:
            self.linked.records, self.linked.people = decider.people.records, decider.people.persons
            self.linked.decisions, self.linked.conflicts = self._links.decision + 1, len(decider.conflicts)
            self.linked.blocks_too_large = decider.too_large
            self.linked.seconds += seconds
            self.linked.folded = {name: follower.folded for name, follower in self._followers.items()}


def _keys(rows: pl.LazyFrame, dataset: Dataset) -> pl.Series:
    """The keys of the records that rows tell of, each once."""
    subjects = rows.select(str(dataset.subject)).unique().collect()
    return subjects.select(record_key(dataset).alias("id")).to_series().drop_nulls()


def _columns(dataset: Dataset) -> list[str]:
    return [*dataset.published, "_previous_key"]
