"""What the identities of one model's datasets tell, record by record, kept up with their folds."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import polars as pl

from schemas.dataset import Dataset
from schemas.links import record_key
from sink.follow import Follower, Step, Tail
from sink.lake import Lake
from streams.link import MERGED, merged_of, records_of, rekeyed_of

PIECE = 25_000
"""Records made ready at once: what bounds the memory."""
MOVES = ("_op", "_reason", "_previous_key")
_NO_KEYS = pl.Series("id", [], dtype=pl.String)


@dataclass(frozen=True, slots=True)
class Touched:
    """What folds have changed."""

    keys: pl.Series
    """The records that they tell of, sorted."""
    rekeyed: Mapping[str, str]
    """Of those that have another key now this one and the former."""


class Identities:
    """The living rows of a model's identities, as records."""

    def __init__(self, lake: Lake, datasets: Mapping[str, Dataset]) -> None:
        self._datasets = datasets
        self._followers = {name: Follower(lake.current(one), columns_of(one)) for name, one in datasets.items()}
        self._tails = {name: Tail(lake.history(one)) for name, one in datasets.items() if one.key == (one.subject,)}

    @property
    def folded(self) -> dict[str, int]:
        """Version of history/ of each dataset's identities that has been taken in; -1 where there is none."""
        return {name: follower.folded for name, follower in self._followers.items()}

    def read(self) -> None:
        """As `look`, where nobody asks what has changed."""
        for follower in self._followers.values():
            follower.read()

    def rekeyed_since(self, before: Mapping[str, int | None]) -> dict[str, str]:
        """As `Touched.rekeyed`, of what has been read, since an earlier version of each dataset's history/."""
        found: dict[str, str] = {}
        for name, version in before.items():
            if version is not None and name in self._tails:
                changes = self._tails[name].read(version, self.folded[name], [*self._datasets[name].key, *MOVES])
                found |= {} if changes is None else rekeyed_of(changes, self._datasets[name])
        return found

    def look(self) -> Touched:
        """Take in what was folded since the last look.

        Raises:
            Unavailable: the store is away.
        """
        touched = [_NO_KEYS]
        rekeyed: dict[str, str] = {}
        for name, follower in self._followers.items():
            before = follower.folded
            if (step := follower.look()) is not None and len(step):
                touched.append(_keys(pl.concat([step.gone, step.come]).lazy(), self._datasets[name]))
                rekeyed |= self._rekeyed(name, step, before)
        return Touched(pl.concat(touched).unique().sort(), rekeyed)

    def _rekeyed(self, name: str, step: Step, before: int) -> dict[str, str]:
        """What history/ tells of keys that changed; a row that changed once more since does not tell it itself."""
        if name not in self._tails:
            return {}
        dataset = self._datasets[name]
        changes = self._tails[name].read(before, self._followers[name].folded, [*dataset.key, *MOVES])
        own = step.come.with_columns(_op=pl.lit("u"), _reason=pl.lit(None, pl.String))
        return rekeyed_of(own if changes is None else changes, dataset)

    def all(self) -> Iterator[pl.DataFrame]:
        """The records there are, a piece after the other: what was read together lies together."""
        keys = pl.concat([_keys(rows, self._datasets[name]) for name, rows in self._rows().items()] or [_NO_KEYS]).unique()
        keys = keys.to_frame().sort(pl.col("id").str.extract("^([^/]*)/"), pl.col("id").str.len_bytes(), "id").to_series()
        for low in range(0, len(keys), PIECE):
            yield self.of(keys[low : low + PIECE])

    def of(self, keys: pl.Series) -> pl.DataFrame:
        """The records of these keys that are there."""
        if not len(keys):
            return pl.DataFrame(schema={"id": pl.String})
        mine = {}
        for name, rows in self._rows().items():
            dataset = self._datasets[name]
            own = keys.filter(keys.str.starts_with(f"{dataset.register}/")).str.strip_prefix(f"{dataset.register}/")
            mine[name] = rows.filter(_is_one_of(rows, str(dataset.subject), own)).collect()
        return records_of(mine, self._datasets)

    def merged(self) -> frozenset[tuple[str, str]]:
        """The pairs that the sources say they merged; only the rows that tell it are looked at."""
        rows = {}
        for name, mine in self._rows().items():
            link = self._datasets[name].link
            telling = [column for column, kind in (link.reads if link else {}).items() if kind == MERGED]
            if telling:
                rows[name] = mine.filter(pl.any_horizontal(pl.col(telling).is_not_null())).collect()
        return merged_of(rows, self._datasets)

    def _rows(self) -> dict[str, pl.LazyFrame]:
        return {name: follower.rows for name, follower in self._followers.items() if follower.is_known}


def columns_of(dataset: Dataset) -> list[str]:
    """What is read of a row of identities."""
    return [*dataset.published, "_previous_key"]


def _is_one_of(rows: pl.LazyFrame, subject: str, keys: pl.Series) -> pl.Expr:
    """Whether a row is of one of the subjects, that are told as text; of numbers those that are far away are not opened."""
    kind = rows.collect_schema()[subject]
    if not kind.is_integer():
        return pl.col(subject).cast(pl.String).is_in(keys.implode())
    own = keys.cast(kind)
    return pl.col(subject).is_between(own.min(), own.max()) & pl.col(subject).is_in(own.implode())


def _keys(rows: pl.LazyFrame, dataset: Dataset) -> pl.Series:
    """The keys of the records that rows tell of, each once."""
    subjects = rows.select(str(dataset.subject)).unique().collect()
    return subjects.select(record_key(dataset).alias("id")).to_series().drop_nulls()
