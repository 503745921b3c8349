"""What was decided of each note, fit to be kept beside it: what was hidden where, by which rule of which version; never the value."""

from functools import cache
from hashlib import sha256
from importlib.resources import files

import polars as pl

from rules.redact.engine import Redacted

_DIGITS = 12
_PLACES = (("rules.redact", ""), ("rules.redact", "data"), ("rules.identifiers", ""))


def decisions(redacted: Redacted) -> pl.Series:
    """One JSON text a note, null where nothing was hidden.

    `{"rules": …, "dictionary": …, "spans": [{"kind", "layer", "rule", "start", "end"}, …]}`; `start` and `end` count characters of
    the note as it was.
    """
    said = pl.struct(kind="label", layer="layer", rule="rule", start="start", end="end").struct.json_encode()
    by_note = redacted.spans.group_by("note", maintain_order=True).agg(said.str.join(","))
    head = pl.select(pl.struct(rules=pl.lit(rules_version()), dictionary=pl.lit(redacted.dictionary)).struct.json_encode()).item()
    texts = pl.lit(head.removesuffix("}") + ',"spans":[') + pl.col("kind") + "]}"
    notes = pl.DataFrame({"note": pl.int_range(len(redacted.texts), dtype=pl.UInt32, eager=True)})
    return notes.join(by_note, on="note", how="left", maintain_order="left").select(texts.alias("_redactions")).to_series()


@cache
def rules_version() -> str:
    """A short hash of the rules and their lists: another one where anything of them is another."""
    hashed = sha256()
    for package, folder in _PLACES:
        found = files(package).joinpath(folder) if folder else files(package)
        for file in sorted(found.iterdir(), key=lambda one: one.name):
            if file.is_file() and file.name.endswith((".py", ".txt")):
                hashed.update(f"{package} {file.name}\n".encode() + file.read_bytes())
    return hashed.hexdigest()[:_DIGITS]
