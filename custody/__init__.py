"""An unbroken chain of custody from the operational database's log to the analyst's table.

What a dataset file imports: `from custody import INT64, TEXT, Column, Dataset, Link, check, clean, protect`.
What a reader imports: `import custody; custody.open("s3://…").table("offenders")`.
"""

from custody.lake import open  # noqa: A004 - read as custody.open
from rules import check, clean, protect
from rules.check import (
    between,
    email,
    keep_with_note,
    matches,
    nhs_number,
    nino,
    noms_number,
    not_after,
    null_with_note,
    one_of,
    required,
)
from rules.clean import digits, lower, squeeze, trim, upper, without
from rules.protect import keep, outcode_only, redact, token, withhold, year_only
from schemas.dataset import Column, Dataset, Link
from schemas.types import (
    BINARY,
    BOOL,
    DATE,
    DECIMAL,
    FLOAT32,
    FLOAT64,
    INT16,
    INT32,
    INT64,
    JSON,
    LIST,
    TEXT,
    TIME,
    TIMESTAMP,
    TIMESTAMP_NTZ,
    UUID,
)

__all__ = [
    "BINARY",
    "BOOL",
    "DATE",
    "DECIMAL",
    "FLOAT32",
    "FLOAT64",
    "INT16",
    "INT32",
    "INT64",
    "JSON",
    "LIST",
    "TEXT",
    "TIME",
    "TIMESTAMP",
    "TIMESTAMP_NTZ",
    "UUID",
    "Column",
    "Dataset",
    "Link",
    "between",
    "check",
    "clean",
    "digits",
    "email",
    "keep",
    "keep_with_note",
    "lower",
    "matches",
    "nhs_number",
    "nino",
    "noms_number",
    "not_after",
    "null_with_note",
    "one_of",
    "open",
    "outcode_only",
    "protect",
    "redact",
    "required",
    "squeeze",
    "token",
    "trim",
    "upper",
    "withhold",
    "without",
    "year_only",
]  # fmt: skip
