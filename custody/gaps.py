"""Gaps between a source and what was captured of it: refused at the start, since nothing later would say what is missing."""

from collections.abc import Mapping

import polars as pl

from connectors import connect
from connectors.debezium import Source, connector_name
from connectors.source import slot
from custody.places import main_lake
from custody.settings import Settings
from schemas.dataset import Dataset
from schemas.errors import Refused
from sink.snapshot import Snapshot
from sink.table import TableNotFoundError

NEVER = -1


def refuse_gap(settings: Settings, source: Source, datasets: Mapping[str, Dataset], known: int | None) -> None:
    """A connector that goes on where its slot does not would leave out what was committed in between, and say nothing.

    Args:
        known: the epoch that the registered connector writes; None where there is none: one that was removed may have left
            its offsets, which Connect does not tell. If it has none, the sink stops when the connector begins anew.

    Raises:
        Refused: slot or offsets are gone, or an epoch is set that has no snapshot of its own.
    """
    database, found = source.database, slot(source)
    if known is None and (found is None or not found.is_lost):
        return
    has_offsets = connect.has_offsets(settings.connect, connector_name(database))
    remedy = f"custody recover {database}: a new epoch, from a new snapshot"
    if (found is None and has_offsets) or (found and found.is_lost):
        raise Refused("the replication slot is gone, or lost its log: changes are missing", database=database, remedy=remedy)
    if has_offsets and settings.epoch > (known or 0):
        raise Refused(
            f"epoch {settings.epoch} is set, and the connector goes on in epoch {known}", database=database, remedy=remedy
        )
    if not has_offsets and streamed_epoch(settings, datasets) >= max(settings.epoch, known or 0):
        raise Refused("the connector's offsets are gone: changes are missing", database=database, remedy=remedy)


def streamed_epoch(settings: Settings, datasets: Mapping[str, Dataset]) -> int:
    """The newest epoch in which a change has streamed into a table of these; `NEVER` where none has."""
    lake = main_lake(settings)
    newest = NEVER
    for dataset in datasets.values():
        try:
            history = Snapshot.load(lake.history(dataset)).scan()
        except TableNotFoundError:
            continue
        epoch = history.filter(pl.col("_commit") > 0).select(pl.col("_epoch").max()).collect().item()
        newest = max(newest, NEVER if epoch is None else epoch)
    return newest
