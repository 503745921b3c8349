"""A model as one JSON file that people can review and compare, and its reading: what doesn't fit is refused, by name."""

import json
from collections.abc import Collection
from pathlib import Path

import msgspec

from rules.match.forms import FORMS
from rules.match.kinds import KINDS
from rules.match.model import Model

FORMAT = "custody-link-model/1"


class BadModel(ValueError):
    """The file is no model, or not one for these records; the message says what is wrong, and holds no value of a record."""


class _File(msgspec.Struct):
    format: str
    model: Model


def dumps(model: Model) -> str:
    """The model as text: the same model gives the same text."""
    return json.dumps({"format": FORMAT, "model": _with_weights(model)}, indent=1, ensure_ascii=False) + "\n"


def _with_weights(model: Model) -> object:
    """With the weight of each level beside its shares, for the reader's eye; reading takes the shares."""
    plain = msgspec.to_builtins(model)
    for shown, comparison in zip(plain["comparisons"], model.comparisons, strict=True):
        for line, level in zip(shown["levels"], comparison.levels, strict=True):
            line["weight"] = round(level.weight, 3)
    return plain


def loads(text: str | bytes) -> Model:
    """The model of a file.

    Raises:
        BadModel: it is not JSON, not of this format, or contradicts itself.
    """
    try:
        file = msgspec.json.decode(text, type=_File)
    except msgspec.DecodeError as problem:
        raise BadModel(f"not a model file: {problem}") from problem
    if file.format != FORMAT:
        raise BadModel(f"a model of another format: this version reads {FORMAT}")
    _check(file.model)
    return file.model


def _check(model: Model) -> None:
    names = [field.name for field in model.fields]
    if len(set(names)) != len(names) or not names:
        raise BadModel("fields must have names of their own")
    for field in model.fields:
        if field.kind not in KINDS:
            raise BadModel(f"field {field.name!r}: no such kind: {field.kind!r}")
    if not model.comparisons or not model.rules:
        raise BadModel("a model needs comparisons and rules")
    _check_comparisons(model, names)
    _check_rules(model, names)
    if not (0 < model.prior < 1 and model.max_block > 1 and model.review <= model.join):
        raise BadModel("prior lies between 0 and 1, max_block above 1, review not above join")
    if any(not 0 < family.rate < 1 or not set(family.fields) <= set(names) for family in model.families):
        raise BadModel("a family has a rate between 0 and 1, and fields that there are")
    if any(not table.other > 0 or min(table.shares.values(), default=1) <= 0 for table in model.terms.values()):
        raise BadModel("the share of a term is above 0")


def _check_comparisons(model: Model, names: list[str]) -> None:
    for comparison in model.comparisons:
        if comparison.field not in names:
            raise BadModel(f"comparison of {comparison.field!r}: no such field")
        expected = list(KINDS[model.field_named(comparison.field).kind].levels)
        if [level.name for level in comparison.levels] != expected:
            raise BadModel(f"comparison of {comparison.field!r}: its levels must be {', '.join(expected)}")
        if not all(0 <= level.m <= 1 and 0 <= level.u <= 1 for level in comparison.levels):
            raise BadModel(f"comparison of {comparison.field!r}: shares lie between 0 and 1")


def _check_rules(model: Model, names: list[str]) -> None:
    for rule in model.rules:
        for part in rule.parts:
            field, _, form = part.partition(".") if part.count(".") == 1 else part.rpartition(".")
            known = set(field.split("+") if form == "either" else [field]) <= set(names)
            if not known or form not in {*FORMS, "either"}:
                raise BadModel(f"rule part {part!r}: no such field or form")


def missing(model: Model, columns: Collection[str]) -> list[str]:
    """The fields of a model that records with these columns can't fill, in the model's order."""
    return [field.name for field in model.fields if not set(field.columns) & set(columns)]


def load(path: Path) -> Model:
    """As `loads`, from a file."""
    return loads(path.read_bytes())
