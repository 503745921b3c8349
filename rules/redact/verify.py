"""What decides whether a candidate is what it looks like: check digit, or context. Kept is what fails its check."""

from collections.abc import Callable
from itertools import pairwise

import numpy as np
import polars as pl

from rules.identifiers import bank, health, police, road, tax
from rules.redact import context as near
from rules.redact import reach, vehicles
from rules.redact.address import addresses, before_codes, called, lone, named_lines, the_lines, with_town
from rules.redact.asked import Either, Test, passing
from rules.redact.context import AFTER, BEFORE, IS_SHOUTED, TEXT, digits, has_digits, packed, tail
from rules.redact.patterns import KINDS, LABELS, STREETS, D
from rules.redact.places import AREAS

Check = Callable[[pl.DataFrame], pl.DataFrame]
"""Rows of one kind -> those that are what they look like, `start` and `end` set to what is to be hidden."""

_PLACE, _DATED = ("note", "start", "end"), ("day", "is_birth")
_HEALTH = "nhs|health|patient|gp|nhs no|nhs number|hospital"
_PRISON = "noms|nomis|prison(?:er)?(?: no| number| num)?|offender(?: no| number)?|number|no|noms no"
_VEHICLE = (
    "reg|registration|vehicle|car|van|vrm|index|plate|plates|driving|driver|drives|bmw|audi|ford|vauxhall|golf|fiesta|corsa|astra|"
    "motorbike|moped|lorry|taxi|mercedes|focus|vw|parked|transit|clio|polo|insignia|peugeot|renault|nissan|toyota|honda|skoda|seat"
)
_TAX = "ni|nino|national insurance|insurance|nat ins|n\\.i"


def verified(found: pl.DataFrame) -> pl.DataFrame:
    """The candidates, in the order of their kinds, that are what they look like: `note`, `start`, `end`, `rule`, `label`.

    Dates have their `day`, and whether they are told as a birth: `is_birth`.
    """
    kind = found["kind"].to_numpy()
    edges = [*np.flatnonzero(np.append(True, kind[1:] != kind[:-1])[: len(kind)]).tolist(), len(kind)]
    kept = [found.head(0).select(_PLACE).with_columns(rule=pl.lit(""), label=pl.lit(""))]
    codes, ends = found.head(0), [pl.Series(dtype=pl.Int64)]
    for low, high in pairwise(edges):
        name = KINDS[int(kind[low])]
        rows = CHECKS[name](found.slice(low, high - low))
        if not len(rows):
            continue
        codes = rows if name == "postcode" else codes
        if LABELS[name] == "ADDRESS":
            ends.append(rows["end"])
        rows = rows.select(*_PLACE, *(_DATED if name == "date" else ()))
        kept.append(rows.with_columns(rule=pl.lit(name), label=pl.lit(LABELS[name])))
    if len(codes):
        lines = before_codes(codes, pl.concat(ends))
        kept.append(lines.select(_PLACE).with_columns(rule=pl.lit("address"), label=pl.lit("ADDRESS")))
    return pl.concat(kept, how="diagonal")


def _when(*tests: Test) -> Check:
    return lambda rows: passing(rows, *tests)


def _read(number: pl.Expr, least: int, *tests: Test) -> Check:
    """Of candidates with so many digits, what is read once as `number`, which the tests ask for over and over."""
    return lambda rows: passing(passing(rows, has_digits(least)).with_columns(number=number), *tests)


def _said(value: str, *tests: Test) -> Check:
    """The text is context and value; only the value is hidden."""

    def check(rows: pl.DataFrame) -> pl.DataFrame:
        said = passing(
            passing(rows, ~TEXT.str.contains(near.OF_STATUTE)).with_columns(text=tail(value)), TEXT.is_not_null(), *tests
        )
        return said.with_columns(start=pl.col("end") - TEXT.str.len_chars().cast(pl.Int64))

    return check


def _from(first: int, then: int) -> pl.Expr:
    """Packed, with so many characters from `first` read as digits."""
    text = packed()
    return text.str.slice(0, first) + digits(text.str.slice(first, then)) + text.str.slice(first + then)


def _but_last() -> pl.Expr:
    text = TEXT.str.to_uppercase().str.replace_all(r"[ \n]", "")
    last = text.str.len_chars() - 1
    return digits(text.str.slice(0, last)) + text.str.slice(last)


_IS_COMPACT = ~TEXT.str.contains(r"[ .\n-]")
_NUMBER = pl.col("number")
_PNC = _but_last().str.replace_all("-", "")
_CRO = _but_last().str.replace_all("-", "/")
_CRO_FILE = packed().str.slice(0, 2) + _but_last().str.replace_all("-", "/").str.slice(2)
_IN_AREA = TEXT.str.contains(rf"^(?:{'|'.join(AREAS).lower()}){D}[a-z0-9]?[^a-z0-9]*{D}[a-z]{{2}}$")
_IS_LOUDER = IS_SHOUTED & ~pl.col("is_loud")
_IS_GIVEN = TEXT.str.contains("[abd-hjlnp-uw-z][abd-hjlnp-uw-z]$")
"""Ends with letters that postcodes end with. Others do for what is clearly written as one."""
_IS_MEASURE = TEXT.str.contains("(?:km|cm|mm|kg|mg|ml|oz|am|pm|mo|ok|no|kw|mb|kb)$")
_IS_WRITTEN = TEXT.str.contains("[0-9][ \n]+[0-9]..$") & (
    _IS_LOUDER & ~_IS_MEASURE
    | TEXT.str.contains("^[a-z]{2}.*[^kmo][a-z]$|^[a-z]{2}.*(?:k[^gbw]|m[^lgb]|o[^kz])$") & ~near.is_reference()
)
_IS_UNIT = TEXT.str.contains("(?:st|nd|rd|th|hr|ft|lb|yr)$")
_IS_ORDINAL = AFTER.str.contains("^ (?:floor|landing|time|week|half|place|team|row|spur|class|year|night|day)")

_PASSPORT_DIGITS = 5
_BANK_BEFORE = r"\d\d[- .]?\d\d[- .]?\d\d\b[ ,/a-z:;.()&-]{0,24}$"
_MONEY = "account|acc|acct|a/c|bank|sort code|sortcode|s/c"

CHECKS: dict[str, Check] = {
    "nhs": _read(
        digits(packed()), 8, ~_NUMBER.str.contains(r"^(?:0{9}|1{9}|9{9})"), health.is_nhs_number(_NUMBER),
        Either(~(near.is_reference() | _IS_COMPACT & BEFORE.str.contains(r"[a-z]{2}[-/]$")), near.after_words(_HEALTH)),
    ),
    "noms": _read(
        _from(1, 4), 2, _NUMBER.str.contains(r"^[A-Z]\d{4}[A-Z]{2}$"),
        Either(
            _IS_COMPACT & has_digits(3), near.after_words(_PRISON, "[ .:#=(-]{0,4}(?:is |was )?"),
            _IS_LOUDER & has_digits(3) & ~TEXT.str.contains("(?i)^a ?(?:19|20)[0-9]+ ?(?:vw|mg|ka|gt|tt|am|pm)$"),
        ),
    ),
    "crn": _when(has_digits(5), Either(IS_SHOUTED & ~near.is_reference(), near.near("crn|delius|ndelius|case reference"))),
    "pnc": _read(
        _PNC, 3, police.is_pnc(_NUMBER), Either(TEXT.str.contains("[/-]") & has_digits(6) | has_digits(8), near.near("pnc(?: id)?"))
    ),
    "cro": _read(_CRO, 3, police.is_cro(_NUMBER), Either(has_digits(6), near.near("cro"))),
    "cro_file": _read(_CRO_FILE, 3, police.is_cro(_NUMBER)),
    "nino": _read(
        _from(2, 6), 4, tax.is_nino(_NUMBER), ~TEXT.str.contains(r"^[a-z]{2}\n"),
        Either(has_digits(5) | _IS_COMPACT, near.after_words(_TAX)),
    ),
    "nino_short": _read(_from(2, 6) + "A", 4, tax.is_nino(_NUMBER), near.after_words(_TAX)),
    "licence": _when(road.is_driving_licence(_from(5, 6))),
    "vehicle": _read(
        _from(2, 2), 1, road.is_current_mark(_NUMBER),
        Either((_IS_COMPACT | IS_SHOUTED) & has_digits(2), near.near(_VEHICLE) & (has_digits(2) | IS_SHOUTED)),
    ),
    "vehicle_old": _when(IS_SHOUTED, road.is_older_mark(packed()), near.near(_VEHICLE)),
    "vehicle_said": _said(
        "(?:[a-z]{1,3}[- ]?[0-9]{1,4}|[0-9]{1,4}[- ]?[a-z]{1,3}|[a-z]{2}[0-9oil]{2}[- ]?[a-z]{3})",
        IS_SHOUTED | TEXT.str.contains("[a-z][0-9]|[0-9][a-z]")
        | ~pl.col("is_loud") & (pl.col("capitals").cast(pl.Int64) >= TEXT.str.count_matches("[a-z]").cast(pl.Int64)),
        ~TEXT.str.contains(r"(?:st|nd|rd|th|am|pm)$|^(?:no|at|on|to|in|of|is|the) "),
    ),
    "vehicle_of": vehicles.marks, "vehicle_plate": vehicles.plates,
    "vehicle_ni": _when(_IS_LOUDER, vehicles.is_mark(TEXT), near.near(f"{_VEHICLE}|anpr|ferry|keeper|insured"), ~near.is_reference()),
    "card": _read(digits(packed()), 11, bank.is_payment_card(_NUMBER), ~near.after_words("imei|serial")),
    "iban": _when(bank.is_iban(packed().str.slice(0, 2) + digits(packed().str.slice(2, 2)) + packed().str.slice(4))),
    "sort_code": _when(
        has_digits(5), ~BEFORE.str.contains(r"[0-9][-/. ]$"),
        Either(
            near.after_words("sort ?code|s/?c|sort", r"[^0-9]{0,20}"), AFTER.str.contains(r"^[ ,/a-z:;.()&-]{0,24}\d{4} ?\d{4}\b") & near.near(_MONEY)
        ),
    ),
    "account": _when(
        has_digits(7), ~TEXT.str.contains("-"),
        Either(~TEXT.str.contains(" "), ~(BEFORE.str.contains("[0-9]{4} $") | AFTER.str.contains("^ [0-9]{4}"))),
        Either(near.after_words("account(?: no| number)?|acc|acct|a/?c|acc no", r"[^0-9]{0,24}"), BEFORE.str.contains(_BANK_BEFORE) & near.near(_MONEY)),
    ),
    "utr": _said(r"[0-9oil]{5}[- ]?[0-9oil]{5}k?", tax.is_utr(digits(TEXT))),
    "passport": _said(r"[a-z]{0,2}[0-9oil]{6,9}", TEXT.str.count_matches("[0-9]") >= _PASSPORT_DIGITS, TEXT.str.contains(r"^(?:[a-z]{0,2}[0-9oil]{7}|[a-z]?[0-9oil]{8}|[0-9oil]{9})$")),
    "email": _when(~TEXT.str.contains(r"@[ \n]*[0-9.]+$")),
    "email_said": reach.emails_said,
    "social": _when(),
    "ip": _when(
        pl.all_horizontal(TEXT.str.split(".").list.get(at, null_on_oob=True).cast(pl.Int32) <= 255 for at in range(4)),
        ~BEFORE.str.contains(r"[0-9.]$"), ~AFTER.str.contains(r"^\.?[0-9]"), ~near.is_version(),
    ),
    "ip6": _when(~BEFORE.str.contains("[:0-9a-f]$"), TEXT.str.contains("[a-f]") | TEXT.str.contains("::[0-9]"), TEXT.str.count_matches(":") > 2),
    "postcode": _when(
        Either(has_digits(2), has_digits(1) & _IS_LOUDER, has_digits(1) & near.near("postcode|post code|address")),
        _IN_AREA, Either(_IS_GIVEN, _IS_WRITTEN), ~(_IS_UNIT & _IS_ORDINAL), Either(~_IS_UNIT, _IS_LOUDER | BEFORE.str.contains(rf"\b(?:{STREETS}), ?$")),
    ),
    "case_ref": reach.references,
    "urn": _when(has_digits(8)),
    "phone": reach.phones, "phone_said": reach.phones_said, "url": reach.urls, "handle": reach.handles, "handle_said": reach.handles_said,
    "date_beside": _when(near.follows_number(), TEXT.str.contains(r"^(?:0?[1-9]|[12]\d|3[01])(?:[a-z -]|[-/.](?:0?[1-9]|1[0-2])[-/.])")),
    "date": reach.dates, "address": addresses, "address_welsh": named_lines, "address_unit": named_lines, "address_house": named_lines,
    "address_the": the_lines, "address_called": called, "address_lone": lone, "po_box": with_town,
}  # fmt: skip
"""By kind."""
assert set(CHECKS) == set(LABELS)
