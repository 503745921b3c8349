"""Days of birth that no word tells: the day of a year long ago, directly behind somebody's name."""

import polars as pl

from rules.redact.patterns import KINDS
from rules.redact.spans import SCHEMA

_KINDS = [KINDS.index(kind) for kind in ("date", "date_beside")]
_LONG_AGO = r"[^0-9](?:19[3-9][0-9]|20(?:0[0-9]|10)|[3-9][0-9]|0[0-9]|10)$"
_BETWEEN = (
    r"^[ ,;:()\[|/~-]{1,4}(?:(?:noms|nomis|pnc|cro|prison|no|number|id)[ .:]{0,3})*"
    r"(?:[a-z]\d{4}[a-z]{2}|(?:\d\d)?\d\d/\d{1,7}[a-z])?[ ,;:()\[\]|/~-]{0,4}$"
)
_EVENT = (
    r"\b(?:by|from|with|per|v|and|dr|doctor|prof|professor|pc|ps|dc|ds|di|dci|insp|inspector|sgt|judge|hhj|dj|recorder|officer|nurse|so|po|cm|"
    r"om|signed|letter|report|met|saw|reviewed|assessed)\.? (?:(?:mr|mrs|ms|miss|dr|pc|sgt)\.? )?$"
)
"""Whoever is named behind these did something on the day."""
_LONGEST_NAME = 40


def beside(found: pl.DataFrame, spans: pl.DataFrame, people: pl.DataFrame) -> pl.DataFrame:
    """The candidates that follow a name, as spans; `spans` are those of numbers, `people` of names."""
    born = spans.filter(pl.col("label") == "DATE_OF_BIRTH")["start"]
    is_other = pl.col("kind").is_in(_KINDS) & ~pl.col("start").is_in(born.implode())
    dates = found.filter(is_other & pl.col("text").str.contains(_LONG_AGO))
    if not len(dates):
        return pl.DataFrame(schema=SCHEMA)
    people = people.filter(pl.col("note").is_in(dates["note"].implode()))
    names = people.select("start", "end", "layer", name_note="note").sort("end").with_columns(till=pl.col("end"))
    dates = dates.select("note", "start", "end", "before").sort("start")
    named = dates.join_asof(names, left_on="start", right_on="till", strategy="backward", suffix="_name").drop_nulls("till")
    size = pl.col("before").str.len_chars().cast(pl.Int64)
    gap, name = pl.col("start") - pl.col("till"), pl.col("till") - pl.col("start_name")
    named = named.filter((pl.col("note") == pl.col("name_note")) & (gap <= size) & (name <= _LONGEST_NAME))
    between, ahead = (
        pl.col("before").str.slice(size - gap),
        pl.col("before").str.slice(0, pl.max_horizontal(size - gap - name, 0)),
    )
    named = named.filter(between.str.contains(_BETWEEN) & ~ahead.str.contains(_EVENT))
    told = named.with_columns(
        label=pl.lit("DATE_OF_BIRTH"), rule=pl.lit("date_beside"), person=pl.lit(0, pl.Int64), listed=pl.lit(0, pl.UInt32)
    )
    return told.select(SCHEMA.keys()).cast(SCHEMA)
