"""Who is who in a demonstration: what the linker found, beside the truth that the workload knows."""

from dataclasses import dataclass

import polars as pl

from custody.linking.labels import Entities
from custody.linking.metrics import Quality, of_clusters
from sink.lake import Lake
from sink.links import read_log, read_people

_UNLINKED = "\0"
"""Begins what stands for the person of a record that nobody was found for: one of its own."""


@dataclass(frozen=True, slots=True)
class Found:
    """The people that were found, and how right that is."""

    records: int
    people: int
    quality: Quality

    def told(self) -> dict[str, float]:
        """As it is printed: precision and recall over pairs of records that the truth knows."""
        precision, recall = round(self.quality.precision, 6), round(self.quality.recall, 6)
        return {"records": self.records, "people": self.people, "precision": precision, "recall": recall}


def found(lake: Lake, model: str, truth: pl.DataFrame) -> Found:
    """Who is one person now, against the truth.

    Args:
        truth: `id, entity` of each record; one that was not linked counts as a person of its own.
    """
    living = living_people(lake, model)
    both = truth.join(living, left_on="id", right_on="record", how="left", maintain_order="left")
    person = pl.col("person").fill_null(pl.lit(_UNLINKED) + pl.col("id"))
    codes = both.select(cluster=person.rank("dense").cast(pl.Int64), entity=pl.col("entity").rank("dense").cast(pl.Int64))
    quality = of_clusters(codes["cluster"].to_numpy(), Entities(codes["entity"].to_numpy()), None)
    return Found(len(living), living["person"].n_unique(), quality)


def living_people(lake: Lake, model: str) -> pl.DataFrame:
    """`register, subject, record, person` of each record that is there now."""
    return read_people(lake, model).filter(pl.col("to").is_null()).select("register", "subject", "record", "person")


def across_services(lake: Lake, model: str) -> list[str]:
    """One person whom the most registers know, in lines: the records of each, and what holds two of them together; no values."""
    living = living_people(lake, model)
    known = living.group_by("person").agg(pl.col("register").n_unique(), pl.len(), pl.col("record").min())
    if not len(known):
        return ["nobody was linked"]
    person = known.sort("register", "len", "record", descending=[True, False, False])["person"][0]
    mine = living.filter(pl.col("person") == person)
    subjects = mine.group_by("register").agg(pl.col("subject").sort().str.join(", ")).sort("register")
    records = " · ".join(f"{register} {subject}" for register, subject in subjects.iter_rows())
    return [f"person {person}: {records}", *_strongest(read_log(lake, model).edges, mine["record"])]


def _strongest(edges: pl.DataFrame, records: pl.Series) -> list[str]:
    """What weighs most of what holds these records together, between two registers where there is such."""
    one, two = (pl.col(side).str.split("/").list.first() for side in ("one", "two"))
    mine = edges.filter(pl.all_horizontal(pl.col(side).is_in(records.implode()) for side in ("one", "two")))
    first = mine.sort(one != two, "weight", descending=True).select("one", "two", "weight", "reasons").head(1)
    return [f"{a} and {b}, weight {weight:.1f}: {reasons}" for a, b, weight, reasons in first.iter_rows()]
