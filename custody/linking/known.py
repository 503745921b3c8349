"""The lake's own records: what the identities of linked datasets tell of each subject."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import polars as pl

from custody.linking.identities import columns_of
from custody.places import identities_lake, main_lake
from custody.settings import Settings, load_settings
from custody.stack import for_reading
from rules.match.guess import Reading
from schemas.dataset import Dataset
from schemas.errors import Refused
from schemas.identity import models_of
from schemas.notation import load_datasets
from sink.follow import Follower
from sink.lake import Lake
from sink.read import Reader
from streams.link import reading_of, records_of, told

SCHEME = "identities:"


@dataclass(frozen=True, slots=True)
class KnownRecords:
    """The records of one model's datasets, as of their last fold."""

    name: str
    frame: pl.DataFrame
    datasets: Mapping[str, Dataset]
    versions: Mapping[str, int]
    """By dataset the version of its identities' history/ that was read."""

    @property
    def reading(self) -> Reading:
        return reading_of(self.frame, self.datasets)


Source = Path | KnownRecords
"""A file of records, or the lake's own."""


def known_records(settings: Settings, model: str) -> KnownRecords:
    """The records that a model links.

    Raises:
        Refused: no dataset is linked by it, or nothing is known yet.
    """
    models = models_of(load_datasets(settings.datasets))
    if model not in models:
        raise Refused("no dataset is linked by this model", model=model, remedy=f"there are: {', '.join(models) or 'none'}")
    lake, datasets = identities_lake(settings), models[model]
    followers = {name: Follower(lake.current(one), columns_of(one)) for name, one in datasets.items()}
    for follower in followers.values():
        follower.read()
    rows = {name: follower.rows.collect() for name, follower in followers.items() if follower.is_known}
    if not any(map(len, rows.values())):
        raise Refused("there are no identities yet", lake=lake.address, remedy="custody run, and wait for the first fold")
    return KnownRecords(model, records_of(rows, datasets), datasets, {name: one.folded for name, one in followers.items()})


def named(text: str, settings: Path | None) -> KnownRecords:
    """The records of `identities:MODEL`.

    Raises:
        Refused: as `known_records`.
    """
    return known_records(for_reading(load_settings(settings)), text.removeprefix(SCHEME))


def with_published(known: KnownRecords, names: Sequence[str], settings: Path | None) -> KnownRecords:
    """The records with columns that are published of their subjects and that the link does not read, such as ethnicity.

    Raises:
        Refused: no dataset that is linked publishes one of them.
    """
    here = for_reading(load_settings(settings))
    linked = [one for one in load_datasets(here.datasets).values() if one.link is not None and one.link.model == known.name]
    frame = known.frame
    for name in names:
        if name not in frame.columns:
            frame = frame.join(_published(linked, name, main_lake(here)), on="id", how="left", maintain_order="left")
    return replace(known, frame=frame)


def _published(datasets: Sequence[Dataset], name: str, lake: Lake) -> pl.DataFrame:
    """Of each record what its subject's own rows say, of several the first in text order; else what other rows say."""
    telling = [one for one in datasets if name in one.published]
    if not telling:
        raise Refused(f"no linked dataset publishes a column {name!r}", remedy="name one that is read by the link or published")
    rows = [told(Reader(lake, one.name).now(), one, {name: name}) for one in telling]
    value = pl.col("value")
    return pl.concat(rows).group_by("id").agg(pl.coalesce(value.filter("is_own").min(), value.min()).alias(name))
