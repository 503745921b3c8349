"""The road from files of records to clusters: the same steps for every command."""

from dataclasses import dataclass, replace
from time import perf_counter

import numpy as np
import polars as pl
from numpy.typing import NDArray

from custody.linking.labels import Labels
from custody.linking.tables import Records
from rules.match import cluster, learn
from rules.match.blocking import Pairs
from rules.match.model import Model
from rules.match.prepared import with_shares
from rules.match.score import weights
from schemas.errors import Refused

LOW = -12.0
"""Pairs below this weight are not kept: no threshold is ever so low."""


@dataclass(frozen=True, slots=True)
class Linked:
    """What a model makes of records. Rows count over both files, the second after the first."""

    model: Model
    records: Records
    one: NDArray[np.int64]
    two: NDArray[np.int64]
    weights: NDArray[np.float64]
    blocked: Pairs
    join: float
    clusters: NDArray[np.int64]
    seconds: dict[str, float]

    @property
    def split(self) -> int | None:
        return None if self.records.right is None else len(self.records.left)

    @property
    def ids(self) -> pl.Series:
        sides = [self.records.left.ids, *([] if self.records.right is None else [self.records.right.ids])]
        return pl.concat(sides).rename("id")

    def named(self) -> pl.DataFrame:
        """`id, cluster`, in the order of the records; a cluster is named by the first of its ids in text order."""
        ids = self.ids
        frame = pl.DataFrame({"id": ids, "row": self.clusters}).with_columns(cluster=pl.col("id").min().over("row"))
        named = frame.select("id", "cluster")
        if self.split is not None and ids.n_unique() < len(ids):
            side = np.where(np.arange(len(ids)) >= self.split, 2, 1)
            named = named.with_columns(file=pl.Series(side), cluster=(pl.col("cluster") + "#" + frame["row"].cast(pl.String)))
        return named


def train(
    records: Records, *, seed: int, labels: Labels | None = None, provenance: dict[str, object] | None = None, population: int = 0
) -> Model:
    """A model learnt from these records, with labels where there are some.

    Raises:
        Refused: the records have nothing that could be compared.
    """
    try:
        told, fields = told_pairs(labels, records), records.reading.fields
        model = learn.learn(records.left, records.right, fields, seed=seed, told=told, population=population)
    except ValueError as problem:
        raise Refused(f"nothing can be learnt: {problem}", remedy="name the columns in a mapping file") from problem
    return replace(model, provenance={**model.provenance, **(provenance or {}), "records": records.count, "seed": seed})


def told_pairs(labels: Labels | None, records: Records) -> learn.Told | None:
    """Labels as `rules.match` takes them."""
    if labels is None:
        return None
    split = 0 if records.right is None else len(records.left)
    if hasattr(labels, "codes"):
        return learn.Told(codes_left=labels.codes[: len(records.left)], codes_right=labels.codes[split:])
    one, two = np.minimum(labels.one, labels.two), np.maximum(labels.one, labels.two)
    keep = np.ones(len(one), np.bool_) if records.right is None else (one < split) & (two >= split)
    return learn.Told(one=one[keep], two=two[keep] - split, same=labels.same[keep])


def link(records: Records, model: Model, *, threshold: float | None = None, seconds: dict[str, float] | None = None) -> Linked:
    """Score and cluster the records with a model."""
    began = perf_counter()
    left = with_shares(records.left, model.terms)
    right = None if records.right is None else with_shares(records.right, model.terms)
    pairs = learn.blocked(left, right, model.rules, model.max_block)
    found = weights(model, left, left if right is None else right, pairs.left, pairs.right, least=LOW)
    kept = np.isfinite(found)
    one, two, found = pairs.left[kept], pairs.right[kept], found[kept]
    if right is not None and model.one_to_one:
        best = cluster.one_to_one(one, two, found, _ranks(left.ids), _ranks(right.ids))
        one, two, found = one[best], two[best], found[best]
    two = two + (len(left) if right is not None else 0)
    join = model.join if threshold is None else threshold
    labels = cluster.clusters(records.count, one, two, found, join).labels
    times = {**(seconds or {}), "link": round(perf_counter() - began, 3)}
    return Linked(model, records, one, two, found, pairs, join, labels, times)


def _ranks(ids: pl.Series) -> NDArray[np.int64]:
    return ids.rank("ordinal").to_numpy().astype(np.int64)
