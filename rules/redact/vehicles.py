"""Registration marks that tell nothing by their shape: of Northern Ireland (`JIZ 4821`), and without a date (`482 GTX`), by their context."""

import polars as pl

from rules.redact.context import AFTER, BEFORE, TEXT
from rules.redact.lexicon import are_among, everyday

_NOT_LETTERS = (
    "mot pcn nip hgv lgv psv phv rtc rta gti tdi cdi hdi bhp mph kmh kph rpm gbp hrs and the for two one six ten max min cbr yzf gsx zzr gsf "
    "bmw kia vxr mon tue wed thu fri sat sun jan feb mar apr may jun jul aug sep oct nov dec adj sia pin age day doc ref vat cat ltr lot bay gps "
    "xjs xkr mgb mgf tvr amg gtr gts sri sxi gsi gtd tsi crv hrv rav cls slk clk glc gla suv mpv abs pnc est yrs wks lbs yds men was had his her "
    "him she not pre per via pct sgt pts all day box bag fpn cps law act box hmp csu fin seg wk rm am pm cc rs gt mx mk mm km kg mg ml ltd no s m "
    "v st nd rd th x e cat of hil pax acc kms at in on to by or is it a"
).split()
_MARK = "(?:[a-z]{1,3}[- ]?[0-9]{1,4}|[0-9]{1,4}[- ]?[a-z]{1,3})"
_NOT_NEXT = r"^ ?(?:[-/.:][0-9a-z]|%|hours|hrs|days?|weeks?|months?|years?|miles|pounds|quid|x\b|am\b|pm\b)"
_NUMBERED = r"\b(?:ref|policy|order|section|rule|item|box|exhibit|bay|no|number|level|class|unit|series)[ .:#]*$"


def marks(rows: pl.DataFrame) -> pl.DataFrame:
    """A word for a vehicle and a mark behind it, written in capitals: only the mark is hidden."""
    value = TEXT.str.extract(rf"\b({_MARK})$")
    said = rows.with_columns(value=value, lead=TEXT.str.replace(rf"\b{_MARK}$", "")).drop_nulls("value")
    is_word = pl.lit(are_among(said["value"].str.extract("([a-z]+)"), everyday()))
    right = is_mark(pl.col("value")) & ~is_word & ~AFTER.str.contains(_NOT_NEXT) & ~pl.col("lead").str.contains(_NUMBERED)
    return _hidden(said.filter(right), pl.col("end") - pl.col("value").str.len_chars().cast(pl.Int64), pl.col("end"))


def plates(rows: pl.DataFrame) -> pl.DataFrame:
    """A mark with the word `plate` behind it: `KVB 7, a cherished plate`."""
    said = rows.with_columns(value=TEXT.str.extract(rf"^({_MARK})\b"), lead=BEFORE).drop_nulls("value")
    right = is_mark(pl.col("value")) & ~BEFORE.str.contains(_NUMBERED)
    return _hidden(said.filter(right), pl.col("start"), pl.col("start") + pl.col("value").str.len_chars().cast(pl.Int64))


def is_mark(value: pl.Expr) -> pl.Expr:
    """In capitals, in a note that is not written in capitals anyhow, unless of Northern Ireland; and no measure, model or day."""
    letters = value.str.extract("([a-z]+)")
    in_capitals = pl.col("capitals").cast(pl.Int64) >= letters.str.len_chars().cast(pl.Int64)
    northern = letters.str.contains("^(?:[a-z][iz][a-z]|[a-z]{2}[iz]|[iz][a-z])$") & value.str.contains("^[a-z]")
    return in_capitals & (~pl.col("is_loud") | northern) & ~letters.is_in(_NOT_LETTERS)


def _hidden(said: pl.DataFrame, start: pl.Expr, end: pl.Expr) -> pl.DataFrame:
    return said.with_columns(text=pl.col("value"), start=start, end=end).drop("value", "lead")
