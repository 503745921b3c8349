"""Publish again: what raw/ holds goes the same way under today's declarations, and what comes out otherwise is a new revision.

For columns that were declared later, and for rules that were corrected: all of history is as if it had always been
declared so. Read in chunks of bounded size; doing it twice, or going on after it was ended, changes nothing more.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import polars as pl

from custody.decide import Desk, batches_of, incarnations, span
from schemas.change import INTERNAL, LIVE_OPS, PLACE, RECORD, REPUBLISHED, history_schema, withheld
from schemas.dataset import Dataset
from schemas.errors import Refused
from schemas.evolution import differences
from sink.lake import Lake
from sink.notes import that_were
from sink.snapshot import Snapshot
from sink.table import Place, TableNotFoundError
from streams.redact import notes_of_withholding
from streams.stage import Processed

CHUNK_ROWS, CHUNK_BYTES = 20_000, 32 << 20
_TOLD = "\0"


@dataclass(frozen=True, slots=True)
class Republished:
    """What came of it."""

    dataset: str
    looked_at: int
    """Changes of history/ that were made again from raw/."""
    revised: int
    """Of these, how many came out otherwise, and have a new revision."""
    refused: int
    """How many do not pass today's declaration: they stay as they are."""


def republish(desk: Desk, columns: Sequence[str], why: str, on_progress: Callable[[int, int], None]) -> Republished:
    """Make the changes of a dataset again from raw/, and publish what differs.

    Args:
        columns: only these may change; none: all published ones, and the notes of checks. Free text that was published stays
            as it is: it is another process that redacts.
        on_progress: told how many of how many records were looked at.

    Raises:
        Refused: a column is not published; history/ has the keys in another form than is declared today.
        Unavailable: no sink takes what was published; it is on its topic.
    """
    dataset, lake = desk.dataset, desk.lake
    for name in columns:
        if name not in dataset.published or name in dataset.key:
            raise Refused(f"not a published column outside the key: {name}", dataset=dataset.name)
    done = looked_at = revised = refused = 0
    places = _places(desk.raw, dataset)
    for chunk in chunks_of(places):
        raw = read_raw(desk.raw, dataset, chunk)
        had = read_newest(lake, dataset, chunk)
        known = raw.join(had, on=RECORD, how="semi", maintain_order="left")
        for part in incarnations(known):
            batches = batches_of(dataset, part)
            made = desk.go(batches).processed
            new = revisions(had, made.changes, dataset, columns)
            looked_at, revised, refused = looked_at + len(part), revised + len(new), refused + len(made.refusals)
            if len(new):
                desk.send(Processed(new, made.refusals.head(0)), batches, desk.decision(REPUBLISHED, why))
        done += len(chunk)
        on_progress(done, len(places))
    desk.fold()
    return Republished(dataset.name, looked_at, revised, refused)


def revisions(had: pl.DataFrame, made: pl.DataFrame, dataset: Dataset, columns: Sequence[str] = ()) -> pl.DataFrame:
    """The next revision of each change that comes out otherwise than history has it. Pure.

    Args:
        had: newest revisions, columns of history/.
        made: the same changes, made again from raw/; others are left out.
        columns: only these may change; none: all, and the notes.

    Raises:
        Refused: a key is not what it was.
    """
    key = list(dataset.key)
    told = made.select(*RECORD, *(pl.col(name).alias(_TOLD + name) for name in [*dataset.published, "_unknown", "_notes"]))
    both = had.join(told, on=RECORD, how="inner", maintain_order="left")
    if len(both.filter(pl.any_horizontal(pl.col(name).ne_missing(pl.col(_TOLD + name)) for name in key))):
        raise Refused(
            "the keys come out otherwise than history/ has them", dataset=dataset.name, remedy="play the archive into a new lake"
        )
    chosen = list(columns) or [name for name in dataset.published if name not in key]
    names = pl.lit(chosen)
    unknown = pl.col("_unknown").list.set_difference(names).list.set_union(
        pl.col(_TOLD + "_unknown").list.set_intersection(names)
    )  # fmt: skip
    notes = {} if columns and not set(columns) & set(dataset.redacted) else {"_notes": _notes(dataset, columns)}
    values = {name: pl.col(_TOLD + name) for name in chosen if name not in dataset.redacted}
    new = {**values, "_unknown": unknown.list.sort(), **notes}
    after = both.with_columns(**new, _revision=pl.col("_revision") + 1)
    differs = [both[name].ne_missing(after[name]) for name in (*values, *notes)]
    differs.append(both["_unknown"].list.sort().ne_missing(after["_unknown"]))
    return after.filter(pl.any_horizontal(differs)).select(had.columns)


def _notes(dataset: Dataset, columns: Sequence[str]) -> pl.Expr:
    """Today's notes, or where only some columns are meant those that are there; a text stays as it was, redacted or withheld.

    One that was not declared yet is withheld from now on.
    """
    had, made = pl.col("_notes"), pl.col(_TOLD + "_notes")
    if not dataset.redacted:
        return made
    base = (had if columns else made).list.eval(pl.element().filter(~pl.element().is_in(notes_of_withholding(dataset))))
    asked = set(columns or dataset.redacted)
    is_new = {
        name: pl.lit(name in asked) & pl.col("_unknown").list.contains(name) & made.list.contains(withheld(name))
        for name in dataset.redacted
    }
    kept = [pl.when(had.list.contains(withheld(name)) | is_new[name]).then(pl.lit(withheld(name))) for name in dataset.redacted]
    return pl.concat_list(base, *kept).list.drop_nulls()


def _places(archive: Place, dataset: Dataset) -> pl.DataFrame:
    """Position and size of each record of the dataset in raw/, in order."""
    try:
        raw = Snapshot.load(archive).scan()
    except TableNotFoundError as problem:
        raise Refused("there is no raw/ of this database", dataset=dataset.name, table=archive.address) from problem
    mine = raw.filter((pl.col("_topic") == dataset.raw_topic) & pl.col("value").is_not_null())
    return mine.select(*RECORD, pl.col("value").bin.size().alias("_bytes")).collect(engine="streaming").sort(PLACE)


def chunks_of(places: pl.DataFrame) -> Iterator[pl.DataFrame]:
    """Runs of one partition, bounded in rows and bytes."""
    bytes_before = pl.col("_bytes").cum_sum().over("_partition") // CHUNK_BYTES
    rows_before = pl.int_range(pl.len()).over("_partition") // CHUNK_ROWS
    numbered = places.with_columns(_chunk=pl.struct(bytes_before, rows_before.alias("_rows")))
    for _, chunk in numbered.group_by("_partition", "_chunk", maintain_order=True):
        yield chunk


def read_raw(archive: Place, dataset: Dataset, chunk: pl.DataFrame) -> pl.DataFrame:
    """These records of the dataset, as raw/ has them."""
    raw = Snapshot.load(archive).scan()
    here = raw.filter((pl.col("_topic") == dataset.raw_topic) & span(chunk))
    return here.join(chunk.lazy().select(RECORD), on=RECORD, how="semi").unique(RECORD).collect().sort(PLACE)


def read_newest(lake: Lake, dataset: Dataset, chunk: pl.DataFrame) -> pl.DataFrame:
    """The newest revision of each change of a row that history/ has at these positions."""
    try:
        history = Snapshot.load(lake.history(dataset))
    except TableNotFoundError as problem:
        raise Refused("no such dataset in this lake", dataset=dataset.name, lake=lake.address) from problem
    found = differences(history.schema, history_schema(dataset))
    if lacking := [*found.added, *found.widened, *found.impossible]:
        raise Refused(
            f"the table is not as declared yet: {', '.join(lacking)}", dataset=dataset.name,
            remedy="start the pipeline under today's declaration first: custody run",
        )  # fmt: skip
    here = history.scan().filter(span(chunk) & pl.col("_op").is_in(LIVE_OPS)).select(*dataset.published, *INTERNAL).collect()
    return that_were(here.sort("_revision").unique(RECORD, keep="last", maintain_order=True).sort(PLACE), history)
