"""quarantine/ of one dataset: what could not be processed, what waits behind it, and what people decided. Its own audit."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

import polars as pl
import structlog

from schemas.change import DECISION, PLACE, RECORD, about, quarantine_schema
from schemas.dataset import Dataset
from schemas.frames import polars_type
from sink.holds import BEHIND, Holds, undecided
from sink.lake import Lake
from sink.table import Table

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Decision:
    """What a person decided of refusals: released or discarded, when, who, and why."""

    decision: str
    decided_at: datetime
    decided_by: str
    why: str


class Quarantine:
    """The refusals of a dataset, owned by this process."""

    def __init__(self, lake: Lake, dataset: Dataset, made_by: Mapping[str, str]) -> None:
        self._dataset, self._made_by = dataset, made_by
        self.table = Table(lake.quarantine(dataset), quarantine_schema(), stats=PLACE, about=about(dataset))
        self.rows = self.table.scan().collect()
        self.holds = Holds.of(self.rows)

    @property
    def undecided(self) -> pl.DataFrame:
        """The refusals that wait for a person."""
        return undecided(self.rows)

    def waiting_by_reason(self) -> dict[str, int]:
        """How many refusals wait, by reason."""
        return dict(self.undecided.group_by("reason").len().sort("reason").iter_rows())

    def add(self, refusals: pl.DataFrame) -> int:
        """Add what is not there, a record once; the number of new rows. The holds are left as they are."""
        new = refusals.join(self.rows, on=RECORD, how="anti", maintain_order="left").unique(
            RECORD, keep="first", maintain_order=True
        )
        if len(new):
            undecided_yet = [pl.lit(None, polars_type(kind)).alias(name) for name, kind in DECISION.items()]
            self._append(new.with_columns(undecided_yet), {})
            log.warning("quarantined", dataset=self._dataset.name, events=len(new), waiting=int((new["reason"] == BEHIND).sum()))
        return len(new)

    def waits_already(self, changes: pl.DataFrame) -> pl.DataFrame:
        """The changes whose position waits here: they come again only by a release."""
        return changes.join(undecided(self.rows).select(RECORD), on=RECORD, how="semi")

    def decided(self, changes: pl.DataFrame) -> pl.DataFrame:
        """The changes whose position was released."""
        return changes.join(self.rows.filter(pl.col("decision").is_not_null()).select(RECORD), on=RECORD, how="semi")

    def decide(self, places: pl.DataFrame, decision: Decision, marks: Mapping[str, int]) -> int:
        """Record a decision on the undecided refusals at these positions, in one commit with the marks; their number."""
        chosen = undecided(self.rows).join(places.select(RECORD).unique(), on=RECORD, how="semi", maintain_order="left")
        said = {"decision": decision.decision, "decided_by": decision.decided_by, "why": decision.why}
        decided = chosen.with_columns(
            **{name: pl.lit(value) for name, value in said.items()},
            decided_at=pl.lit(decision.decided_at).cast(pl.Datetime("us", "UTC")),
        ).select(self.rows.columns)
        if len(decided) or marks:
            self._append(decided, marks)
            self.holds = Holds.of(self.rows)
        return len(decided)

    def _append(self, rows: pl.DataFrame, marks: Mapping[str, int]) -> None:
        self.table.append(
            rows.to_arrow().cast(self.table.schema), marks, {**self._made_by, "custody.quarantined": str(len(rows))}
        )
        self.rows = pl.concat([self.rows, rows])
