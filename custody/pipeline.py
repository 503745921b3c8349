"""The only file that wires rooms together: what a batch goes through, from raw bytes to published changes."""

import hashlib
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from connectors.decode import decode
from connectors.placeholder import Placeholder
from custody.version import code_version
from rules.protect import Keys
from rules.words import word
from schemas.batch import Batch
from schemas.dataset import Dataset
from streams.stage import Processed, process


@dataclass(frozen=True, slots=True)
class Passed:
    """What became of some batches, with what is counted and never published."""

    processed: Processed
    tombstones: int
    messages: int
    undeclared: frozenset[str]


Way = Callable[[Sequence[Batch]], Passed]


def way(dataset: Dataset, placeholder: Placeholder, keys: Keys) -> Way:
    """Decode, clean and protect: the same for a stream and for a file."""

    def go(batches: Sequence[Batch]) -> Passed:
        decoded = decode(batches, dataset, placeholder)
        processed = process(decoded.changes, decoded.previous, decoded.refusals, dataset, keys)
        return Passed(processed, decoded.tombstones, decoded.messages, decoded.undeclared)

    return go


def about(dataset: Dataset) -> dict[str, str]:
    """What every commit says of what made it: the code's version and the contract's hash."""
    return {"custody.code": code_version(), "custody.contract": contract_hash(dataset)}


def contract_hash(dataset: Dataset) -> str:
    """A hash of everything a dataset's file says; the same declaration always gives the same."""
    columns = [
        (
            column.name,
            str(column.type),
            column.protect.name,
            [word(rule) for rule in column.clean],
            [word(rule) for rule in column.check],
            *([column.renamed_from] if column.renamed_from else []),
        )
        for column in dataset.columns
    ]
    said = [dataset.source, dataset.owner, dataset.key, dataset.subject, dataset.on_truncate, columns]
    return hashlib.sha256(json.dumps(said).encode()).hexdigest()[:16]
