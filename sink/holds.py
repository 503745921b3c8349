"""Keys that wait: from its first refusal on, the later changes of a key queue in quarantine/, and nothing else does. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import polars as pl

from schemas.change import RECORD, REFUSAL, key_token

BEHIND = "waits behind a refusal of its key"
TRUNCATE_WAITS = "a truncate waits for a person"
_KINDS = {"key_token": pl.String, "_partition": pl.Int32, "_since": pl.Int32, "_from": pl.Int64}


@dataclass(frozen=True)
class Holds:
    """The keys held, each with the epoch and the raw position its hold begins at."""

    frame: pl.DataFrame = field(default_factory=lambda: pl.DataFrame(schema=_KINDS))

    @classmethod
    def of(cls, quarantine: pl.DataFrame) -> "Holds":
        """The holds that the undecided rows of quarantine/ make."""
        return cls().with_refusals(undecided(quarantine))

    def with_refusals(self, refusals: pl.DataFrame) -> "Holds":
        made = refusals.filter(pl.col("key_token").is_not_null()).select(
            "key_token", "_partition", pl.col("_epoch").alias("_since"), pl.col("_offset").alias("_from")
        )
        earliest = pl.concat([self.frame, made]).sort("_since", "_from")
        return Holds(earliest.unique(["key_token", "_partition"], keep="first", maintain_order=True))

    def __len__(self) -> int:
        return len(self.frame)

    def divide(self, changes: pl.DataFrame, key: Sequence[str]) -> tuple[pl.DataFrame, pl.DataFrame]:
        """The changes that may go on, and refusals for those that wait."""
        if not len(self) or not len(changes):
            return changes, changes.head(0).select(_as_refusal())
        tokens = changes.with_columns(key_token=pl.when(pl.col("_op") != "t").then(key_token(tuple(key))))
        judged = tokens.join(self.frame, on=["key_token", "_partition"], how="left", maintain_order="left")
        is_later = pl.col("_epoch") > pl.col("_since")
        is_behind = (pl.col("_epoch") == pl.col("_since")) & (pl.col("_offset") > pl.col("_from"))
        waits = (is_later | is_behind).fill_null(value=False)
        return judged.filter(~waits).select(changes.columns), judged.filter(waits).select(_as_refusal(pl.col("key_token")))


def undecided(quarantine: pl.DataFrame) -> pl.DataFrame:
    """The refusals that nobody has released or discarded yet."""
    decided = quarantine.filter(pl.col("decision").is_not_null()).select(RECORD)
    return quarantine.join(decided, on=RECORD, how="anti", maintain_order="left")


def held_truncates(changes: pl.DataFrame) -> pl.DataFrame:
    """Refusals for truncates that wait for a person; they hold no key."""
    return changes.filter((pl.col("_op") == "t") & (pl.col("_revision") == 0)).select(_as_refusal(reason=TRUNCATE_WAITS))


def _as_refusal(token: pl.Expr | None = None, reason: str = BEHIND) -> list[pl.Expr]:
    made = {
        "key_token": pl.lit(None, pl.String) if token is None else token,
        "reason": pl.lit(reason),
        "column": pl.lit(None, pl.String),
    }
    return [made[name].alias(name) if name in made else pl.col(name) for name in REFUSAL]
