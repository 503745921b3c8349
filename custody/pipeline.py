"""The only file that wires rooms together: what a batch goes through, from raw bytes to published changes."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from connectors.decode import decode
from connectors.placeholder import Placeholder
from rules.protect import Keys
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
