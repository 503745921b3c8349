"""Lift: what a lake's tables hold is brought under the newest key, while nobody writes to them."""

from collections.abc import Mapping
from functools import partial

import polars as pl

from rules.protection import Keys
from schemas.change import INTERNAL, PLACE, quarantine_schema
from schemas.change import about as about_dataset
from schemas.dataset import Dataset
from schemas.errors import Refused
from schemas.links import EDGE, LINKS, OVERRIDES, PEOPLE, WITHDRAWN
from sink.current import Current
from sink.history import history_table
from sink.lake import Lake
from sink.snapshot import Snapshot
from sink.table import KEYS, Place, Table, TableNotFoundError
from sink.tokens import lift_table, remedy, texts_in

DECIDED = "overrides"
LINKED = {"links": (LINKS, ("decision", "at")), "people": (PEOPLE, ("record",)), DECIDED: (OVERRIDES, ("decided_at",))}
"""What is kept of a model's links: schema, and the columns with bounds."""


def is_behind(place: Place, keys: Keys) -> bool:
    """Whether there is a table whose tokens are of an earlier key.

    Raises:
        Refused: they are of a later one.
    """
    try:
        held = Snapshot.load(place).mark(KEYS) or 1
    except TableNotFoundError:
        return False
    if held > keys.version:
        raise Refused(f"the table's tokens are of key {held}, and the newest key here is {keys.version}", table=place.address,
                      remedy=remedy(held, keys))  # fmt: skip
    return held < keys.version


def lift_dataset(lake: Lake, dataset: Dataset, keys: Keys, about: Mapping[str, str]) -> int:
    """Bring history/, quarantine/ and current/ of a dataset under the newest key; the number of rows written anew.

    Whoever wrote to them is fenced. May be ended at any time, and begun again.
    """
    count = 0
    if is_behind(lake.quarantine(dataset), keys):
        table = Table(lake.quarantine(dataset), quarantine_schema(), stats=PLACE, about=about_dataset(dataset))
        count += lift_table(table, lambda _: ["key_token"], keys, about)
    if is_behind(lake.history(dataset), keys):
        history = history_table(lake, dataset)
        count += lift_table(history, partial(token_columns, dataset=dataset), keys, about)
    if not _is_folded(lake, dataset):
        Current(lake, dataset, history_table(lake, dataset), about).fold()
    return count


def lift_links(lake: Lake, model: str, keys: Keys, about: Mapping[str, str]) -> int:
    """Bring what is kept of a model's links under the newest key; the number of rows written anew.

    What people decided is looked through each time: they may have named records by tokens that they had kept.
    """
    count = 0
    for zone, (schema, stats) in LINKED.items():
        place = lake.place(zone, model)
        if is_behind(place, keys) or (zone == DECIDED and place.exists()):
            table = Table(place, schema, stats=stats)
            pairs = {"links": pl.col("kind").is_in([EDGE, WITHDRAWN]), DECIDED: pl.lit(value=True)}.get(zone)
            count += lift_table(table, texts_in, keys, about, partial(_in_order, pairs=pairs))
    return count


def _in_order(rows: pl.DataFrame, pairs: pl.Expr | None) -> pl.DataFrame:
    """Rows with the lower key of a pair first, as it was before the records had other names."""
    if pairs is None:
        return rows
    low, high = pl.min_horizontal("one", "two"), pl.max_horizontal("one", "two")
    return rows.with_columns(one=pl.when(pairs).then(low).otherwise("one"), two=pl.when(pairs).then(high).otherwise("two"))


def token_columns(rows: pl.LazyFrame, dataset: Dataset) -> list[str]:
    """The columns of a history that may hold tokens: those that are declared to, and those that may have been once."""
    others = set(dataset.published) - set(dataset.tokens) | set(INTERNAL) - {"_previous_key"}
    return [name for name in texts_in(rows) if name not in others]


def _is_folded(lake: Lake, dataset: Dataset) -> bool:
    """Whether current/, where there is one, was folded from the history that there is now."""
    try:
        folded = Snapshot.load(lake.current(dataset)).folded
    except TableNotFoundError:
        return True
    history = Snapshot.load(lake.history(dataset))
    return folded is None or Snapshot.load(history.place, folded).files() <= history.files()
