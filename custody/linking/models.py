"""Model files, read and written."""

import hashlib
from collections.abc import Sequence
from pathlib import Path

from custody.linking.known import Source
from custody.version import code_version
from rules.match import modelfile
from rules.match.model import Model
from schemas.errors import Refused


def read_model(path: Path) -> Model:
    """The model of a file.

    Raises:
        Refused: there is none, or it is no model.
    """
    if not path.is_file():
        raise Refused("no such model file", file=str(path))
    try:
        return modelfile.load(path)
    except modelfile.BadModel as problem:
        raise Refused(str(problem), file=str(path), remedy="train one: custody link train RECORDS --model OUT") from problem


def write_model(model: Model, path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(modelfile.dumps(model), encoding="utf-8")


def provenance(paths: Sequence[Source]) -> dict[str, object]:
    """What a model was learnt from and by: the files' names and SHA-256, or the lake's versions; and the revision of the code."""
    files = [{"name": p.name, "sha256": hashlib.sha256(p.read_bytes()).hexdigest()} for p in paths if isinstance(p, Path)]
    versions = {name: version for p in paths if not isinstance(p, Path) for name, version in p.versions.items()}
    return {**({"files": files} if files else {"identities": versions}), "code": code_version()}
