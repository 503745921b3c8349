"""Where a lake's tables lie: one folder a zone, one table a dataset; raw/ and manifest/ one a source database."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from schemas.dataset import Dataset
from schemas.errors import Refused
from sink.table import Place


@dataclass(frozen=True, slots=True)
class Lake:
    """A folder on disk or a prefix in a bucket (`s3://bucket/prefix`)."""

    address: str
    options: Mapping[str, str] = field(default_factory=dict)
    """What reaches the store, in the words of the `object_store` library, such as `aws_endpoint_url`."""

    def __post_init__(self) -> None:
        if "://" in self.address and not self.address.startswith(("s3://", "file://")):
            raise Refused("a lake is a folder or an s3:// address", lake=self.address)
        if "%" in self.address:
            raise Refused("a lake's address may not have a % in it", lake=self.address)

    def place(self, zone: str, name: str) -> Place:
        if self.address.startswith("s3://"):
            return Place(f"{self.address.rstrip('/')}/{zone}/{name}", self.options)
        path = Path(self.address.removeprefix("file://")).absolute() / zone / name
        return Place(str(path), {})

    def history(self, dataset: Dataset) -> Place:
        return self.place("history", dataset.name)

    def current(self, dataset: Dataset) -> Place:
        return self.place("current", dataset.name)

    def quarantine(self, dataset: Dataset) -> Place:
        return self.place("quarantine", dataset.name)

    def raw(self, database: str) -> Place:
        return self.place("raw", database)

    def recovered(self, database: str) -> Place:
        return self.place("recovered", database)

    def manifest(self, database: str) -> Place:
        return self.place("manifest", database)
