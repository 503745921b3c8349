"""Candidates that need more than one test: telephone numbers, addresses of the web, dates of birth."""

from functools import cache, lru_cache

import phonenumbers
import polars as pl

from rules.redact import context as near
from rules.redact.asked import Either, passing
from rules.redact.context import AFTER, BEFORE, TEXT, digits, has_digits
from rules.redact.patterns import MONTHS, D

_DATE = r"^\(?\d{1,2}[-. ]\d{1,2}[-. ](?:19|20)\d\d|^(?:19|20)\d\d[-. ][01]?\d[-. ][0-3]?\d\b"
_NATIONAL = pl.col("number").str.contains(r"^(?:07\d{9}|01\d{8,9}|02\d{9}|03\d{9}|05[56]\d{8}|08\d{8,9}|09\d{9})$")
_MOBILE = r"^07(?:[- ]?[0-9]){9}$"
_STRONG = "tel|telephone|phone|mobile|mob|ring|text|whatsapp|landline|contact(?: number| no)?|fax"
_OFFICIAL = r"(?:gov\.uk|nhs\.uk|police\.uk|parliament\.uk|judiciary\.uk|legislation\.gov\.uk|gov\.wales)(?:[/:?#]|$)"
_REFERENCE = r"^((?:[ :;#=.(-]|\b(?:is|was|number|no|ref|id|record)\b){0,6})([a-z0-9]*(?:[-/][a-z0-9]+)*)\b"
_HANDLE = (
    r"""^((?:['"]s)?(?:[ :;=,#(-]|\b(?:name|account|user|username|handle|id|is|as|called|under|profile|on|his|her|their|messages?|from|"""
    r"""at|was|now|by|s)\b)*[ :'"(@]+)([a-z][a-z0-9]*(?:[._-][a-z0-9][a-z0-9._-]*[a-z0-9]|[0-9][a-z0-9._-]*|_))"""
)
_DIALLED = (
    TEXT.str.replace_all("(0)", "", literal=True)
    .str.replace_many(dict.fromkeys("-. ()\n", "") | {"o": "0", "i": "1", "l": "1"})
    .str.replace("^00440?", "0")
)
_MAY_BE_DIALLED = (
    has_digits(6),
    Either(TEXT.str.contains(_MOBILE), ~BEFORE.str.contains(r"[0-9][-./:]$|[£$]$") & ~AFTER.str.contains(r"^[/:][0-9]")),
    ~TEXT.str.contains(_DATE),
)
_HANDLE_AHEAD = r"\b([a-z][a-z0-9.]*(?:_[a-z0-9_.]*[a-z0-9_]|[a-z][0-9]{2,}))(['\")]? (?:on|via|\() ?(?:his |her |their )?)$"
_MONTH_NUMBER = {
    name: str(place + 1)
    for place, name in enumerate(["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"])
}


def phones(rows: pl.DataFrame) -> pl.DataFrame:
    """Numbers that a network could have given out: national ones by their plan, others by the library."""
    rows = passing(rows, *_MAY_BE_DIALLED).with_columns(number=_DIALLED)
    number = pl.col("number")
    foreign = rows.select(number.filter(number.str.contains(r"^(?:\+|00)")).unique()).to_series().to_list()
    possible = [number.is_in([one for one in foreign if _is_possible(one)])] if foreign else []
    is_one = Either(_NATIONAL & number.str.starts_with("07"), *possible, _NATIONAL & ~near.is_reference())
    return passing(rows, is_one).drop("number")


def phones_said(rows: pl.DataFrame) -> pl.DataFrame:
    """After "tel", "mobile", "ring": six digits at least; after "number": a mobile one without its first nought."""
    rows = rows.with_columns(value=TEXT.str.extract(rf"\b({D}(?:[-. ]?{D}){{5,10}})$"), said=TEXT.str.extract(r"^([a-z]+)"))
    number = digits(pl.col("value")).str.replace_all(r"[^0-9]", "")
    is_date = pl.col("value").str.contains(_DATE) | pl.col("value").str.contains(r"^(?:19|20)\d\d")
    is_other = BEFORE.str.contains(
        r"\b(?:nhs|hospital|patient|account|acc|ref|reference|case|order|prison|noms|utr|passport|serial|invoice|log)[ .]*$"
    )
    is_mobile = number.str.contains(r"^(?:0?7\d{9}|44\d{10})$") & ~is_other
    is_local = number.str.contains(r"^\d{6,11}$") & pl.col("said").str.contains(rf"^(?:{_STRONG})$") & ~is_date
    kept = rows.filter(is_mobile | is_local & (pl.col("value").str.count_matches("[0-9]") >= 5))
    return kept.with_columns(text=pl.col("value"), start=pl.col("end") - pl.col("value").str.len_chars().cast(pl.Int64)).drop(
        "value", "said"
    )


@lru_cache(maxsize=100_000)
def _is_possible(number: str) -> bool:
    """Whether the number could be one: of a country, and of a length that it has."""
    try:
        parsed = phonenumbers.parse(number.replace("00", "+", 1) if number.startswith("00") else number, "GB")
    except phonenumbers.NumberParseException:
        return False
    is_exact = number.startswith("+")
    return phonenumbers.is_possible_number(parsed) if is_exact else phonenumbers.is_valid_number(parsed)


def urls(rows: pl.DataFrame) -> pl.DataFrame:
    """Addresses of the web, but for the state's own; what ends the sentence does not belong to them."""
    text = TEXT.str.strip_chars_end(".,;:!?'-")
    rows = rows.with_columns(text=text, end=pl.col("start") + text.str.len_chars().cast(pl.Int64))
    return rows.filter(~TEXT.str.extract(r"^(?:https?://)?([^/?#]+)").str.contains(_OFFICIAL) & TEXT.str.contains(r"\.[a-z]"))


def handles(rows: pl.DataFrame) -> pl.DataFrame:
    rows = rows.with_columns(end=pl.col("end") - TEXT.str.ends_with(".").cast(pl.Int64))
    is_name = TEXT.str.contains("[a-z].*[a-z]") & ~TEXT.str.contains(
        r"^@[0-9.]+(?:am|pm|hrs)?$|^@(?:hmp|court|home|work|the|approx)"
    )
    return rows.filter(is_name & ~BEFORE.str.contains(r"[a-z0-9._-]$") & ~AFTER.str.contains(r"^@"))


def emails_said(rows: pl.DataFrame) -> pl.DataFrame:
    """`bloggs at example dot com`, with what is spelt out before it: `jo dot`."""
    spelt = BEFORE.str.extract(r"([a-z0-9]+ dot )$").fill_null("").str.len_chars().cast(pl.Int64)
    is_name = ~TEXT.str.contains(r"^(?:look|was|is|be|stay|home|seen|here|live|lives|arrived|him|her|them|me|us|meet|email) ")
    return rows.filter(is_name).with_columns(start=pl.col("start") - spelt)


def references(rows: pl.DataFrame) -> pl.DataFrame:
    """What follows "case number", "custody record" and the like: letters, digits and strokes, four digits at least."""
    said = rows.with_columns(lead=AFTER.str.extract(_REFERENCE, 1), value=AFTER.str.extract(_REFERENCE, 2)).drop_nulls("value")
    said = said.filter(pl.col("value").str.count_matches("[0-9]") >= 4)
    start = pl.col("end") + pl.col("lead").str.len_chars().cast(pl.Int64)
    end = start + pl.col("value").str.len_chars().cast(pl.Int64)
    return said.with_columns(text=pl.col("value"), start=start, end=end).drop("lead", "value")


def handles_said(rows: pl.DataFrame) -> pl.DataFrame:
    """What follows the name of a service, a word with a digit, a stroke or a full stop in it; or stands before it: `jo_99 on Snapchat`."""
    said = rows.with_columns(lead=AFTER.str.extract(_HANDLE, 1), value=AFTER.str.extract(_HANDLE, 2)).drop_nulls("value")
    joint = pl.col("value").str.contains(r"^[a-z]{2,}\.[a-z]+$") & ~pl.col("lead").str.contains(r"[:('\"@]")
    said = said.filter(pl.col("value").str.contains("[0-9_.]") & ~joint)
    start = pl.col("end") + pl.col("lead").str.len_chars().cast(pl.Int64)
    end = start + pl.col("value").str.len_chars().cast(pl.Int64)
    after = said.with_columns(text=pl.col("value"), start=start, end=end).drop("lead", "value")
    ahead = rows.with_columns(value=BEFORE.str.extract(_HANDLE_AHEAD, 1), rest=BEFORE.str.extract(_HANDLE_AHEAD, 2)).drop_nulls(
        "value"
    )
    end = pl.col("start") - pl.col("rest").str.len_chars().cast(pl.Int64)
    start = end - pl.col("value").str.len_chars().cast(pl.Int64)
    return pl.concat([after, ahead.with_columns(text=pl.col("value"), start=start, end=end).drop("value", "rest")])


def dates(rows: pl.DataFrame) -> pl.DataFrame:
    """Dates of the year that somebody whom the row knows was born in, or in whose context a birth is told, with their `day`.

    Which of the former are somebody's birth is decided with the row.
    """
    is_one = pl.col("is_birth")
    if rows["years"].null_count() < len(rows):
        is_one = is_one | TEXT.str.contains(pl.col("years")).fill_null(value=False)
    rows = rows.with_columns(is_birth=Either(near.is_birth(), near.is_numbered_birth()).holds(rows)).filter(is_one)
    rows = rows.with_columns(parts=_in_digits().str.extract_all("[0-9]+"), solid=digits(TEXT).str.extract(r"^(\d{6}|\d{8})$"))
    rows = rows.with_columns(day=_day(), solid=pl.col("solid").is_not_null()).drop("parts")
    return rows.filter(pl.col("day").is_not_null() | pl.col("is_birth"))


@cache
def _in_digits() -> pl.Expr:
    """A date with the numbers of months for their names."""
    text = TEXT.str.replace_all(rf"({MONTHS})[a-z]*", " ${1} ").str.replace_all(r"\b([a-z]{3})[a-z]*", "${1}")
    return pl.when(TEXT.str.contains("[a-z]{3}")).then(text.str.replace_many(_MONTH_NUMBER)).otherwise(digits(TEXT))


@cache
def _day() -> pl.Expr:
    """The day that the `parts` of a date mean, or a `solid` one."""
    is_iso, is_month_first = TEXT.str.contains(r"^(?:19|20)\d\d[^0-9]"), TEXT.str.contains("^[a-z]")
    solid = pl.col("solid")
    a, b, c = (pl.col("parts").list.get(at, null_on_oob=True) for at in range(3))
    day = pl.when(solid.is_not_null()).then(solid.str.slice(0, 2)).when(is_iso).then(c).when(is_month_first).then(b).otherwise(a)
    month = (
        pl.when(solid.is_not_null()).then(solid.str.slice(2, 2)).when(is_iso).then(b).when(is_month_first).then(a).otherwise(b)
    )
    year = pl.when(solid.is_not_null()).then(solid.str.slice(4)).when(is_iso).then(a).otherwise(c)
    century = (
        pl.when(year.str.len_chars() > 2)
        .then(pl.lit(""))
        .when(year.cast(pl.Int32, strict=False) > 25)
        .then(pl.lit("19"))
        .otherwise(pl.lit("20"))
    )
    return (century + year + "-" + month.str.zfill(2) + "-" + day.str.zfill(2)).str.to_date("%Y-%m-%d", strict=False)
