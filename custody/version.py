"""What made a table's commit: which revision of the code, under which contract."""

import hashlib
import json
from importlib.metadata import PackageNotFoundError, version

from rules.words import word
from schemas.dataset import Dataset


def code_version() -> str:
    try:
        return version("custody")
    except PackageNotFoundError:
        return "unknown"


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
