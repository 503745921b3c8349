"""Who is who: the records that are there when all is done, and the people whose they are.

`python -m examples.justice.truth --seed 2 --changes 20000 FOLDER` writes records.parquet and truth.csv for `custody link`.
"""

import argparse
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any
from uuid import UUID

import polars as pl

from custody.compare import expected_rows
from examples.justice.plan import CORRECTED_ID, DATABASES, offices, plan
from examples.justice.statements import Statement
from rules.protect import Keys
from schemas.dataset import Dataset
from schemas.frames import polars_type
from schemas.identity import identities_of
from schemas.notation import load_datasets
from streams.link import records_of

DATASETS = Path(__file__).with_name("datasets")
WRITERS = 4
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
    """One record a subject, as the linker has them when all is done. What the tables say of merges is left out."""
    datasets = {one.source.split(".")[2]: one for one in load_datasets(DATASETS).values()}
    tables = _tables((one for writer in range(writers) for transaction in plan(seed, changes, writer=writer, writers=writers)
                      if not transaction.is_rolled_back for one in transaction.statements), datasets)  # fmt: skip
    linked = {one.source.split(".")[2]: one for one in identities_of({one.name: one for one in datasets.values()}).values()}
    rows = {
        one.name: expected_rows(_frame(tables[table], one), one, Keys(b"as the keys are kept")) for table, one in linked.items()
    }
    return records_of(rows, {one.name: one for one in linked.values()})


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


def _frame(rows: list[Row], dataset: Dataset) -> pl.DataFrame:
    """Rows of a source table, in declared types."""
    kinds = {one.name: polars_type(one.type.arrow) for one in dataset.needed}
    return pl.DataFrame({name: pl.Series([_plain(row.get(name)) for row in rows], dtype=kind) for name, kind in kinds.items()})


def _plain(value: object) -> object:
    return str(value) if isinstance(value, UUID) else value


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
