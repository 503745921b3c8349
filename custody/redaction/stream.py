"""The loop that redacts: texts that are withheld, or that were redacted by what was known before, come anew as revisions.

It keeps nothing: what there is to do is seen from history/, and what is done twice is dropped by the sink.
"""

import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from threading import Event, Lock

import polars as pl
import structlog

from custody.decide import Desk, batches_of, incarnations, span
from custody.pipeline import Way
from custody.redaction.known import KnownPeople
from custody.republish import CHUNK_BYTES, read_newest, read_raw
from schemas.change import PLACE, RECORD, REPUBLISHED, history_schema
from schemas.dataset import Dataset
from schemas.errors import Unavailable
from schemas.evolution import differences
from schemas.links import record_key
from sink.notes import TEXTS, Words, texts_about, texts_in
from sink.snapshot import Snapshot, Watched
from streams.redact import notes_of_withholding, revisions
from streams.stage import Processed

log = structlog.get_logger()

POLL_SECONDS = 0.5
AGAIN_SECONDS = 30.0
"""How long a dataset is left alone whose sink did not take what was sent."""
TEXTS_A_TURN = 5_000
"""So many texts of a dataset are looked at before the others have their turn."""
INCOMPLETE, UNKNOWN = "dictionary not complete", "subject unknown"
WHY = "redacted"


@dataclass(slots=True)
class Told:
    """How the redactor is, for its status."""

    lock: Lock = field(default_factory=Lock)
    revised: dict[str, int] = field(default_factory=dict)
    withheld: dict[str, dict[str, int]] = field(default_factory=dict)
    due: dict[str, int] = field(default_factory=dict)
    """Texts that can be redacted and are not yet."""
    waits: dict[str, str] = field(default_factory=dict)
    """What a dataset waits for, where its sink does not take what was sent."""
    versions: dict[str, int] = field(default_factory=dict)
    """How far what was looked at went: the version of history/ of each dataset's texts, and those that what tells who is known
    was folded from; of each model's links/ the version.
    """
    until: datetime | None = None
    known: int = 0
    seconds: float = 0.0

    def said(self) -> dict[str, object]:
        with self.lock:
            datasets = {
                name: {
                    "withheld": counts,
                    "due": self.due[name],
                    "revised": self.revised.get(name, 0),
                    "waits": self.waits.get(name),
                }
                for name, counts in self.withheld.items()
            }
            until = self.until.isoformat() if self.until else None
            return {
                "datasets": datasets, "versions": dict(self.versions), "records": self.known, "complete_until": until,
                "busy_seconds": round(self.seconds, 3),
            }  # fmt: skip


class Texts:
    """The free text of one dataset: what of it is to be redacted, and the road by which it is published."""

    def __init__(self, desk: Desk, clear: Way, rules: str) -> None:
        """Args:
        clear: the way of its records under `streams.redact.in_clear`.
        rules: the version of the rules.
        """
        self.dataset, self._desk, self._clear, self._rules = desk.dataset, desk, clear, rules
        self._words = Words(record_key(self.dataset), notes_of_withholding(self.dataset))
        self._history, self._files = Watched(self._desk.lake.history(self.dataset)), set[str]()
        self.version = -1
        """The version of history/ that has been looked at."""
        self.open = pl.DataFrame(schema=TEXTS)
        """The changes whose text is to be redacted, or redacted anew."""
        self.retry_at = 0.0

    def look(self, versions: pl.DataFrame, touched: pl.Series) -> None:
        """Note the changes that came since the last look, and those about people of whom something else is known now.

        Args:
            versions: `record`, `dictionary` of everyone who is known.
            touched: the records of which it is another than at the last look.
        """
        history = self._declared()
        if history is None:
            return
        if self._files and len(touched):
            self._note(texts_about(history, self.dataset, self._words, touched), versions)
        if history.version != self.version:
            files = history.files()
            self._note(texts_in(history, self.dataset, self._words, files - self._files), versions)
            self._files, self.version = files, history.version

    def _declared(self) -> Snapshot | None:
        """The table, once it is as declared."""
        history = self._history.look()
        if history is None:
            return None
        found = differences(history.schema, history_schema(self.dataset))
        return None if found.added or found.widened or found.impossible else history

    def _note(self, texts: pl.DataFrame, versions: pl.DataFrame) -> None:
        found = pl.concat([self.open, due(texts, versions, self._rules)]).sort("_revision")
        self.open = found.unique(RECORD, keep="last", maintain_order=True)

    def waiting(self, versions: pl.DataFrame, until: datetime | None) -> dict[str, int]:
        """How many texts are withheld, by what they wait for that others must bring."""
        mine = self.open.filter("is_withheld")
        is_early = is_complete(until).not_()
        unknown = mine.filter(~is_early).join(versions, on="record", how="anti")
        return {INCOMPLETE: len(mine.filter(is_early)), UNKNOWN: len(unknown)}

    def ready(self, known: KnownPeople) -> pl.DataFrame:
        """The changes whose text can be redacted: of which enough is known."""
        return self.open.filter(is_complete(known.complete_until)).join(known.versions, on="record", how="semi")

    def redact(self, known: KnownPeople) -> int:
        """Redact some of what can be: of which enough is known; the number of changes that have a new revision.

        Raises:
            Unavailable: no sink takes what was sent.
        """
        turn = self.ready(known).sort(PLACE).head(TEXTS_A_TURN)
        if not len(turn):
            return 0
        revised = sum(self._redact(chunk, known) for chunk in _in_chunks(self._sized(turn)))
        self.open = self.open.join(turn.select(RECORD), on=RECORD, how="anti")
        return revised

    def _sized(self, turn: pl.DataFrame) -> pl.DataFrame:
        """These records with their size in raw/."""
        raw = Snapshot.load(self._desk.raw).scan().filter((pl.col("_topic") == self.dataset.raw_topic) & span(turn))
        sizes = raw.select(*RECORD, pl.col("value").bin.size().alias("_bytes"))
        return (
            sizes.join(turn.lazy().select(RECORD), on=RECORD, how="semi").unique(RECORD).collect(engine="streaming").sort(PLACE)
        )

    def _redact(self, chunk: pl.DataFrame, known: KnownPeople) -> int:
        """Redact some changes, and publish what comes out otherwise."""
        dataset, desk = self.dataset, self._desk
        had = read_newest(desk.lake, dataset, chunk).join(chunk.select(RECORD), on=RECORD, how="semi", maintain_order="left")
        raw = read_raw(desk.raw, dataset, chunk).join(had, on=RECORD, how="semi", maintain_order="left")
        about = known.rows(had.select(record_key(dataset).alias("record")).to_series().drop_nulls())
        revised = 0
        for part in incarnations(raw):
            batches = batches_of(dataset, part)
            made = self._clear(batches).processed
            new = revisions(had, made.changes, about, dataset, self._rules)
            if len(new):
                desk.send(Processed(new, made.refusals.head(0)), batches, desk.decision(REPUBLISHED, WHY))
            revised += len(new)
        return revised


def _in_chunks(places: pl.DataFrame) -> list[pl.DataFrame]:
    """Runs bounded in bytes, over all partitions: each is sent, and waited for, as one."""
    return places.with_columns(_chunk=pl.col("_bytes").cum_sum() // CHUNK_BYTES).partition_by("_chunk", maintain_order=True)


def due(texts: pl.DataFrame, versions: pl.DataFrame, rules: str) -> pl.DataFrame:
    """Those of these changes that are open, or were redacted by other rules or with another dictionary than now. Pure.

    What is known of nobody any more stays as it was redacted.
    """
    now = versions.select("record", pl.col("dictionary").alias("now"))
    both = texts.join(now, on="record", how="left", maintain_order="left")
    is_old = pl.col("now").is_not_null() & ((pl.col("dictionary") != pl.col("now")) | (pl.col("rules") != rules))
    return both.filter(pl.col("is_open") | is_old.fill_null(value=False)).select(list(TEXTS))


def is_complete(until: datetime | None) -> pl.Expr:
    """Whether everything is known that was committed up to a change."""
    return pl.lit(value=False) if until is None else pl.col("at") <= until


class RedactStream:
    """Redacts the free text of all datasets, one after the other."""

    def __init__(self, known: KnownPeople, texts: Mapping[str, Texts]) -> None:
        self.known, self.texts = known, texts
        self.told = Told()

    def run(self, stop: Event) -> None:
        """Until told to stop.

        Raises:
            Unavailable: the store is away.
        """
        while not stop.is_set():
            began = time.perf_counter()
            revised = self.step(stop)
            with self.told.lock:
                self.told.seconds += time.perf_counter() - began
            if not revised:
                stop.wait(POLL_SECONDS)

    def step(self, stop: Event | None = None) -> int:
        """Look once at everything, and redact some of what can be."""
        touched = self.known.look()
        revised = 0
        for name, texts in self.texts.items():
            texts.look(self.known.versions, touched)
            self._tell(name, texts)
            if not (stop and stop.is_set()) and time.monotonic() >= texts.retry_at:
                revised += self._redact(name, texts)
                self._tell(name, texts)
        with self.told.lock:
            self.told.versions = self.known.read_to | {name: texts.version for name, texts in self.texts.items()}
        return revised

    def _redact(self, name: str, texts: Texts) -> int:
        """Redact, and leave a dataset alone for a while whose sink is away."""
        waits = None
        try:
            revised = texts.redact(self.known)
        except Unavailable as problem:
            log.warning("unavailable", dataset=name, reason=str(problem))
            texts.retry_at, waits, revised = time.monotonic() + AGAIN_SECONDS, str(problem), 0
        with self.told.lock:
            self.told.revised[name] = self.told.revised.get(name, 0) + revised
            self.told.waits.pop(name, None)
            self.told.waits |= {name: waits} if waits else {}
        if revised:
            log.info("redacted", dataset=name, revised=revised)
        return revised

    def _tell(self, name: str, texts: Texts) -> None:
        versions, until = self.known.versions, self.known.complete_until
        withheld, due = texts.waiting(versions, until), len(texts.ready(self.known))
        with self.told.lock:
            self.told.withheld[name], self.told.due[name], self.told.until, self.told.known = withheld, due, until, len(versions)


def with_texts(datasets: Mapping[str, Dataset]) -> dict[str, Dataset]:
    """The datasets that publish free text."""
    return {name: one for name, one in datasets.items() if one.redacted and not one.restricted}
