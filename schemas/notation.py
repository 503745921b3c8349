"""Reads a folder of dataset files: each holds imports, literals and calls, nothing else."""

import ast
import builtins
import difflib
import re
import traceback
from dataclasses import replace
from pathlib import Path

from schemas.dataset import Dataset
from schemas.errors import Refused

_ALLOWED: tuple[type[ast.AST], ...] = (
    ast.Module, ast.Import, ast.ImportFrom, ast.alias, ast.Assign, ast.AnnAssign, ast.Expr, ast.Call, ast.keyword,
    ast.Name, ast.Attribute, ast.Load, ast.Store, ast.Constant, ast.Tuple, ast.List, ast.Dict, ast.Set,
    ast.UnaryOp, ast.USub, ast.UAdd,
)  # fmt: skip
_IMPORTS = {"custody", "datetime", "decimal"}


def load_datasets(folder: Path) -> dict[str, Dataset]:
    """All datasets declared below `folder`, by name.

    Raises:
        Refused: no such folder, nothing declared, a file that can't be read, or a name or source declared twice.
    """
    if not folder.is_dir():
        raise Refused("no such folder of dataset files", remedy="give --datasets a folder", folder=str(folder))
    datasets: dict[str, Dataset] = {}
    for path in sorted(folder.rglob("*.py")):
        for name, dataset in _load_file(path).items():
            twin = datasets.get(name) or next((d for d in datasets.values() if d.source == dataset.source), None)
            if twin is not None:
                raise Refused(
                    f"dataset {name!r} of {dataset.source} is declared twice",
                    file=str(path),
                    remedy="rename or remove one",
                )
            datasets[name] = dataset
    if not datasets:
        raise Refused("no dataset is declared", folder=str(folder), remedy="add a file that assigns a Dataset(…) to a name")
    return datasets


def _load_file(path: Path) -> dict[str, Dataset]:
    try:
        text = path.read_text(encoding="utf-8")
        tree = ast.parse(text, filename=str(path))
    except (OSError, UnicodeDecodeError) as problem:
        raise Refused("the dataset file can't be read as UTF-8 text", file=str(path)) from problem
    except SyntaxError as problem:
        raise Refused(f"the dataset file is not Python: {problem.msg}", file=str(path), line=problem.lineno) from problem
    except (ValueError, RecursionError, MemoryError) as problem:
        raise Refused("the dataset file is not Python that can be read", file=str(path)) from problem
    _declares_only(tree, path)
    space: dict[str, object] = {"__name__": f"datasets.{path.stem}"}
    try:
        exec(compile(tree, str(path), "exec"), space)  # noqa: S102 - the syntax tree holds declarations only, see above
    except Exception as problem:
        raise _refusal(problem, path) from problem
    purpose = (ast.get_docstring(tree) or "").split("\n", 1)[0]
    found = {name: replace(value, name=name, purpose=purpose) for name, value in space.items() if isinstance(value, Dataset)}
    for name, dataset in found.items():
        if dataset.restricted:
            raise Refused("'restricted' is not a word of the notation", file=str(path), dataset=name)
    return found


def _declares_only(tree: ast.Module, path: Path) -> None:
    for node in ast.walk(tree):
        line = getattr(node, "lineno", None)
        if not isinstance(node, _ALLOWED):
            word = type(node).__name__
            raise Refused(f"a dataset file only declares: {word} is not allowed", file=str(path), line=line)
        modules = (
            [a.name for a in node.names]
            if isinstance(node, ast.Import)
            else [node.module or ""]
            if isinstance(node, ast.ImportFrom)
            else []
        )
        for module in modules:
            if module.split(".")[0] not in _IMPORTS:
                raise Refused(
                    f"a dataset file may not import {module!r}", file=str(path), line=line, remedy="import from custody"
                )
        if isinstance(node, ast.Attribute) and node.attr.startswith("_"):
            raise Refused(f"{node.attr!r} is not a word of the notation", file=str(path), line=line)
        if isinstance(node, ast.Name) and hasattr(builtins, node.id):
            raise Refused(f"{node.id!r} is not a word of the notation", file=str(path), line=line)


def _refusal(problem: Exception, path: Path) -> Refused:
    """What went wrong in the words of the notation, with the file and the line it stands on."""
    lines = [frame.lineno for frame in traceback.extract_tb(problem.__traceback__) if frame.filename == str(path)]
    line = getattr(problem, "lineno", None) or (lines[-1] if lines else None)
    text = str(problem)
    remedy = ""
    if isinstance(problem, TypeError) and "required keyword-only argument: 'protect'" in text:
        text, remedy = (
            "a column without protect",
            "say how it is protected, for example protect=protect.keep or protect.withhold",
        )
    elif isinstance(problem, TypeError) and (match := re.search(r"unexpected keyword argument '(\w+)'", text)):
        text = f"{match[1]!r} is not a word of the notation"
    elif isinstance(problem, AttributeError | NameError | ImportError) and problem.name:
        text = f"{problem.name!r} is not a word of the notation"
        close = difflib.get_close_matches(problem.name, _words(), n=1)
        remedy = f"did you mean {close[0]!r}?" if close else "see the README for the words there are"
    elif isinstance(problem, TypeError):
        text = re.sub(r"^(\w+\.)?__init__\(\)", "the declaration", text)
    return Refused(text, file=str(path), line=line, remedy=remedy)


def _words() -> list[str]:
    from rules import check, clean, protect  # noqa: PLC0415 - only to suggest a word
    from schemas import types  # noqa: PLC0415

    return [word for module in (check, clean, protect, types) for word in vars(module) if not word.startswith("_")]
