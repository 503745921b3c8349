"""Purge: a text that was redacted better since is taken out of the older revisions of its change, which nobody reads but by name.

The files that hold one are written anew without it, in one commit of the owner's, which says which file stands for which. The old
ones are swept (`sink/sweep.py`); what subscribers have is out of reach.
"""

import json
from collections.abc import Mapping, Sequence

import polars as pl
import structlog

from schemas.change import LIVE_OPS, RECORD, purged, withheld
from schemas.dataset import Dataset
from sink.declared import name_of
from sink.files import write_rows
from sink.table import FILE, Table

log = structlog.get_logger()
_NEWEST = "\0newest"


def purge(history: Table, dataset: Dataset, about: Mapping[str, str]) -> int:
    """Take out the texts that a later revision has; the number of rows that had one.

    Raises:
        Fenced: another owner has taken the table.
    """
    there = set(history.located(set()).collect_schema().names())
    earlier = [dataset.renamed[name] for name in dataset.redacted if name in dataset.renamed]
    names = [name for name in (*dataset.redacted, *earlier) if name in there]
    old = superseded(history.located(), names)
    if not len(old):
        return 0
    has_text = pl.any_horizontal(pl.col(name).is_not_null() for name in names)
    removed, added, count = [], [], 0
    for (file,), places in old.group_by(FILE, maintain_order=True):
        rows = history.located({str(file)}).drop(FILE).collect()
        is_old = rows.select(*RECORD, "_revision").join(places.with_columns(_old=True), on=[*RECORD, "_revision"], how="left",
                                                        maintain_order="left")["_old"].fill_null(value=False)  # fmt: skip
        meant = rows.select(is_old & has_text).to_series()
        if meant.any():
            removed.append(str(file))
            added.append(write_rows(history.place, without_texts(rows, meant, names), history.stats))
            count += int(meant.sum())
    if removed:
        stands_for = json.dumps({name_of(old): new.name for old, new in zip(removed, added, strict=True)})
        said = {"custody.act": "purge", "custody.texts": str(count), "custody.replaced": stands_for}
        history.replace(removed, added, {}, {**about, **said})
        log.info("purged", dataset=dataset.name, texts=count, files=len(removed), version=history.version)
    return count


def superseded(rows: pl.LazyFrame, names: Sequence[str]) -> pl.DataFrame:
    """Where older revisions may still have a text: file, record and revision. Reads no text.

    Args:
        names: the columns of texts.
    """
    live = rows.filter(pl.col("_op").is_in(LIVE_OPS))
    newest = live.filter(pl.col("_revision") > 0).group_by(RECORD).agg(pl.col("_revision").max().alias(_NEWEST))
    empty = [note for name in names for note in (withheld(name), purged(name))]
    had_none = pl.col("_notes").list.eval(pl.element().is_in(empty)).list.any()
    older = live.filter(~had_none).select(FILE, *RECORD, "_revision").join(newest, on=RECORD, how="inner")
    return older.filter(pl.col("_revision") < pl.col(_NEWEST)).drop(_NEWEST).collect(engine="streaming").sort(FILE, *RECORD)


def without_texts(rows: pl.DataFrame, meant: pl.Series, names: Sequence[str]) -> pl.DataFrame:
    """Rows without the texts of those that are meant, which say so in their notes."""
    notes = [pl.when(meant & rows[name].is_not_null()).then(pl.lit(purged(name))) for name in names]
    return rows.with_columns(
        *(pl.when(~meant).then(pl.col(name)).alias(name) for name in names),
        _notes=pl.concat_list("_notes", *notes).list.drop_nulls(),
    )
