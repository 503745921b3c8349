"""Where the tables of a dataset are: the lake, or the lake of clear identities."""

from custody.settings import Settings
from schemas.dataset import Dataset
from sink.lake import Lake


def main_lake(settings: Settings) -> Lake:
    """The lake of all that is published, and of the evidence."""
    return Lake(settings.lake, settings.store)


def identities_lake(settings: Settings) -> Lake:
    """The lake of clear identities, which only linking and redaction read."""
    return Lake(settings.identities_address, settings.identities_store)


def lake_of(settings: Settings, dataset: Dataset) -> Lake:
    """The lake that a dataset's tables are in."""
    return identities_lake(settings) if dataset.restricted else main_lake(settings)
