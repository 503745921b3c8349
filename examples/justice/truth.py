"""Who is who: the records that are there when all is done, and the people whose they are.

`python -m examples.justice.truth --seed 2 --changes 20000 FOLDER` writes records.parquet and truth.csv for `custody link`.
"""

import argparse
from collections.abc import Iterable, Mapping, Sequence
from functools import reduce
from pathlib import Path
from typing import Any

import polars as pl

from examples.justice.plan import CORRECTED_ID, DATABASES, offices, plan
from examples.justice.statements import Statement
from schemas.dataset import Column, Dataset
from schemas.frames import polars_type
from schemas.notation import load_datasets

DATASETS = Path(__file__).with_name("datasets")
WRITERS = 4
CALLED = {"organisation": "defendant_type"}
"""Columns of records are called as their kind, but this one, by which the linker knows it."""
NAMES = ("forename", "surname")
UNSEEN = {"merged"}
Row = dict[str, Any]


def truth(seed: int, changes: int, *, writers: int = WRITERS, databases: Sequence[str] = DATABASES) -> pl.DataFrame:
    """`id, entity` of each record that is there at the end: `nomis/<root>`, `delius/<offender>`, `libra/<defendant>`.

    Organisations are nobody, and what is marked as removed is not there. Wrong merges were undone; right ones are one person.
    """
    who = {f"nomis/{CORRECTED_ID}": "corrected"} if changes and "nomis" in databases else {}
    for office in offices(seed, changes, writers=writers, databases=databases):
        who |= office.who()
    return pl.DataFrame({"id": who.keys(), "entity": who.values()}, schema={"id": pl.String, "entity": pl.String}).sort("id")


def records(seed: int, changes: int, *, writers: int = WRITERS) -> pl.DataFrame:
    """One record a subject, as the datasets' links read them: `id`, and a column for each kind; several values with bars between.

    Other names become `alias`. What the tables say of merges is left out. Records marked as removed are not there.
    """
    datasets = {one.source.split(".")[2]: one for one in load_datasets(DATASETS).values()}
    tables = _tables((one for writer in range(writers) for transaction in plan(seed, changes, writer=writer, writers=writers)
                      if not transaction.is_rolled_back for one in transaction.statements), datasets)  # fmt: skip
    told = pl.concat([_told(tables[table], dataset) for table, dataset in datasets.items() if dataset.link])
    gone = [row["offender_id"] for row in tables["offender"] if row["soft_deleted"]]
    told = told.filter(~pl.col("id").is_in([f"delius/{subject}" for subject in gone]), pl.col("value") != "")
    wide = told.group_by("id", "kind").agg(pl.col("value").unique().sort().str.join("|"))
    return wide.sort("kind").pivot("kind", index="id", values="value").sort("id")


def _tables(statements: Iterable[Statement], datasets: Mapping[str, Dataset]) -> dict[str, list[Row]]:
    """The rows of each table at the end. Writers share no rows but the prisons' logs, so that theirs may follow each other."""
    tables: dict[str, dict[tuple[Any, ...], Row]] = {table: {} for table in datasets}
    for one in statements:
        names, rows = datasets[one.table].key, tables[one.table]
        key = tuple((one.key or one.values or {})[name] for name in names)
        if one.values is None:
            del rows[key]
        else:
            rows[key] = {**rows.get(key, {}), **one.values}
    return {table: list(rows.values()) for table, rows in tables.items()}


def _told(rows: list[Row], dataset: Dataset) -> pl.DataFrame:
    """What rows tell of their subjects, cleaned: `id, kind, value`."""
    assert dataset.link is not None
    assert dataset.subject is not None
    link, read = dataset.link, {name: kind for name, kind in dataset.link.reads.items() if kind not in UNSEEN}
    wanted = [dataset.by_name[name] for name in (*read, dataset.subject)]
    frame = pl.DataFrame({one.name: _series(rows, one) for one in wanted})
    cleaned = frame.select(
        pl.format(f"{dataset.database}/{{}}", dataset.subject).alias("id"),
        pl.Series("is_further", [bool(link.further and row.get(link.further)) for row in rows], pl.Boolean),
        *(_cleaned(dataset.by_name[name]).alias(CALLED.get(kind, kind)) for name, kind in read.items()),
    )
    kinds = [name for name in cleaned.columns if name not in {"id", "is_further"}]
    own = cleaned.filter(~pl.col("is_further")).unpivot(kinds, index="id", variable_name="kind")
    if not link.further:
        return own.drop_nulls()
    alias = pl.concat_str([name for name in NAMES if name in kinds], separator=" ", ignore_nulls=True)
    further = cleaned.filter("is_further").select("id", pl.lit("alias").alias("kind"), alias.alias("value"))
    return pl.concat([own, further]).drop_nulls()


def _series(rows: list[Row], column: Column) -> pl.Series:
    return pl.Series([row.get(column.name) for row in rows], dtype=polars_type(column.type.arrow))


def _cleaned(column: Column) -> pl.Expr:
    value = reduce(lambda known, word: word(known), column.clean, pl.col(column.name))
    return (value.list.join(" ") if column.type.item is not None else value).cast(pl.String)


def main() -> None:
    """Write records and truth."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--changes", type=int, default=20_000)
    parser.add_argument("folder", type=Path)
    given = parser.parse_args()
    given.folder.mkdir(parents=True, exist_ok=True)
    records(given.seed, given.changes).write_parquet(given.folder / "records.parquet")
    truth(given.seed, given.changes).write_csv(given.folder / "truth.csv")


if __name__ == "__main__":
    main()
