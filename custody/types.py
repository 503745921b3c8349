"""The types a column can be declared with."""

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
    "BINARY", "BOOL", "DATE", "DECIMAL", "FLOAT32", "FLOAT64", "INT16", "INT32", "INT64",
    "JSON", "LIST", "TEXT", "TIME", "TIMESTAMP", "TIMESTAMP_NTZ", "UUID",
]  # fmt: skip
