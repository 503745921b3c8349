"""Tokens in tables: all that one table holds are of one key, the newest, so that whoever reads it joins without any key."""

from collections.abc import Callable, Iterator, Mapping, Sequence

import polars as pl
import structlog

from rules.protection import Keys
from rules.tokens import are_under, count_tokens, lift
from schemas.errors import Stopped
from sink.files import FILE_ROWS, write_rows
from sink.snapshot import Snapshot
from sink.table import FILE, KEYS, Place, Table

log = structlog.get_logger()

Chosen = Callable[[pl.LazyFrame], Sequence[str]]
"""Which columns of a table may hold tokens; of texts, or of lists of texts."""
Then = Callable[[pl.DataFrame], pl.DataFrame]


def texts_in(rows: pl.LazyFrame) -> list[str]:
    """The columns of texts, or of lists of them."""
    return [name for name, kind in rows.collect_schema().items() if kind in {pl.String, pl.List(pl.String)}]


def stand_under(keys: Keys, *tables: Table) -> None:
    """Go on with tables only if their tokens are of the newest of these keys; those without rows take it on.

    Raises:
        Stopped: the tokens of one are of another key; then none has taken anything on.
    """
    marks = [table.mark(KEYS) for table in tables]
    new = [table for table, mark in zip(tables, marks, strict=True) if mark is None and not table.files()]
    for table, mark in zip(tables, marks, strict=True):
        if table not in new and (held := mark or 1) != keys.version:
            raise Stopped(f"the table's tokens are of key {held}, and the newest key here is {keys.version}",
                          table=table.place.address, remedy=remedy(held, keys))  # fmt: skip
    for table in new if keys.later else ():
        table.append(table.schema.empty_table(), {KEYS: keys.version}, {"custody.act": f"tokens under key {keys.version}"})


def remedy(held: int, keys: Keys) -> str:
    return "custody run lifts them when it starts" if held < keys.version else "start with the keyring that has that key"


def newest(rows: pl.DataFrame, columns: Sequence[str], keys: Keys, **where: object) -> pl.DataFrame:
    """Rows with the tokens in these columns under the newest key.

    Args:
        where: what names the rows, for an error.

    Raises:
        Stopped: one is of a later key than there is here.
    """
    lifted = []
    for texts in rows.select(columns).get_columns():
        if texts.null_count() < len(texts) and not are_under(texts, keys.version):
            lifted.append(lift(texts, keys))
            if max(count_tokens(lifted[-1]), default=0) > keys.version:
                raise Stopped(
                    f"a token is of a later key than the newest here, which is {keys.version}", **where,
                    remedy="put the newest keyring in its place, and start again",
                )  # fmt: skip
    return rows.with_columns(lifted)


def lift_table(table: Table, chosen: Chosen, keys: Keys, about: Mapping[str, str], then: Then = lambda rows: rows) -> int:
    """Write the files anew that hold tokens of earlier keys, in one commit of the owner's; the number of their rows.

    Args:
        chosen: the columns that may hold some.
        then: what else these rows need.

    Raises:
        Fenced: another owner has taken the table.
        Stopped: a token is of a later key.
    """
    columns, removed = chosen(table.located().drop(FILE)), list[str]()
    added, count = [], 0
    for rows in _gathered(_old(table, columns, keys), removed):
        lifted = then(rows.with_columns(lift(rows[name], keys) for name in columns))
        added.append(write_rows(table.place, lifted, table.stats))
        count += len(rows)
    said = {**about, "custody.act": f"tokens under key {keys.version}", "custody.rows": str(count)}
    table.replace(removed, added, {KEYS: keys.version}, said)
    log.info("lifted", table=table.place.address, rows=count, key=keys.version, version=table.version)
    return count


def _old(table: Table, columns: Sequence[str], keys: Keys) -> Iterator[tuple[str, pl.DataFrame]]:
    """The files that hold a token of an earlier key, and their rows."""
    for file in sorted(table.files()):
        rows = table.located({file}).drop(FILE).collect()
        held = {version for name in columns for version in count_tokens(rows[name])}
        if max(held, default=0) > keys.version:
            raise Stopped(f"tokens are of key {max(held)}, and the newest here is {keys.version}", table=table.place.address,
                          remedy=remedy(max(held), keys))  # fmt: skip
        if held - {keys.version}:
            yield file, rows


def _gathered(files: Iterator[tuple[str, pl.DataFrame]], read: list[str]) -> Iterator[pl.DataFrame]:
    """Rows of several files together, up to about as many as a file holds."""
    parts: list[pl.DataFrame] = []
    for file, rows in files:
        read.append(file)
        parts.append(rows)
        if sum(map(len, parts)) >= FILE_ROWS:
            yield pl.concat(parts)
            parts = []
    if parts:
        yield pl.concat(parts)


def count_in(place: Place, chosen: Chosen = texts_in) -> dict[int, int]:
    """How many tokens a table's newest version holds, by the number of their key.

    Args:
        chosen: the columns that may hold some.

    Raises:
        TableNotFoundError: there is no table.
    """
    table, counts = Snapshot.load(place), dict[int, int]()
    for file in sorted(table.files()):
        rows = table.scan({file})
        for texts in rows.select(chosen(rows)).collect().get_columns():
            for version, count in count_tokens(texts).items():
                counts[version] = counts.get(version, 0) + count
    return dict(sorted(counts.items()))
