"""The lake's own records: what the identities of linked datasets tell of each subject."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from custody.places import identities_lake
from custody.settings import Settings, load_settings
from custody.stack import for_reading
from rules.match.guess import Reading
from schemas.dataset import Dataset
from schemas.errors import Refused
from schemas.identity import models_of
from schemas.notation import load_datasets
from sink.follow import Follower
from streams.link import reading_of, records_of

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
    followers = {name: Follower(lake.current(one), [*one.published, "_previous_key"]) for name, one in datasets.items()}
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
