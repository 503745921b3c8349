"""What the columns of a table mean, guessed from their names, then from their values. A mapping overrides every guess."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import polars as pl

from rules.match import canonical, writing
from rules.match.kinds import AUXILIARY, KINDS
from rules.match.model import Field

_NAMES = (
    (
        r"cluster.*|entity.*|label|truth|true_id|ground_truth.*|match_id|group_id|person_uuid|simulant_id|ent_id|identity",
        "ignore",
    ),
    (r".*(previous|prev|former|maiden|birth|née|nee).*(surname|last_?name|family).*|maiden_?name", "previous_surname"),
    (r".*alias.*|.*nick_?name.*|.*also_known.*|aka|.*preferred_?name.*|.*known_as.*", "alias"),
    (r".*middle.*|.*second_?name.*|.*forename_?2.*|third_?name|forename_?3|second_forename|mname|middle", "middle_name"),
    (r".*(given|first|fore|christian)_?names?.*|fname|fn|first|given|forename|forename_?1", "forename"),
    (r".*(sur|last|family)_?name.*|lname|ln|last|surname|family", "surname"),
    (r"(full_?|person_?|defendant_?|customer_?|patient_?|offender_?)?name", "full_name"),
    (r".*(date_?of_?birth|birth_?date|birth_?day|dob).*|born(_on)?|bdate|d_o_b", "birth_date"),
    (r".*\b(sex|gender).*|.*_(sex|gender)(_.*)?", "sex"),
    (r".*(postcode|post_?code|zip|postal).*|pcode|pc", "postcode"),
    (r".*pnc.*", "pnc"),
    (r".*\bcro\b.*|cro.*|.*_cro(_.*)?", "cro"),
    (r".*noms.*|.*prison(er)?_?(number|no|id).*", "noms"),
    (r".*nino.*|.*national_?insurance.*|ni_?(number|no)", "nino"),
    (r".*nhs.*", "nhs"),
    (r".*(street|house|flat|apartment|unit|building)_?(number|no|num)\b.*|number_in_street|house|unit", "house_number"),
    (r".*(state|province|county|country).*|region", "region"),
    (r".*(address|street|suburb|city|town|locality|village|district|road|addr).*", "address"),
    (r".*e_?mail.*", "email"),
    (r".*(phone|mobile|telephone|tel|cell|contact_?n).*", "phone"),
    (r".*(ssn|soc_?sec|social_?security|passport|licen[cs]e|tax_?id|identifier|crn|account).*|.*_(number|no|ref)", "identifier"),
    (r"(defendant|party|person|entity|subject|customer)_?type|is_organi[sz]ation|is_company", "organisation"),
    (r".*household.*", "ignore"),
)
_ID = r"(?:.*_)?(?:uid|rec(?:ord)?_?id|unique_?id|id|uuid|key|row_?id|pk)|recid|unique_?id|index"
ENOUGH, DEFAULT_SHARE, NEW_YEAR_SHARE = 200, 0.02, 4 / 365
"""Of so many birth dates at least, one that more than this share has is a default; so is 1 January above the last share."""
_FEW = 40
"""A column of at most this many distinct values is a category."""


@dataclass(frozen=True, slots=True)
class Reading:
    """How records are read."""

    id_column: str
    fields: tuple[Field, ...]
    organisation: str | None = None
    left_out: tuple[str, ...] = ()
    """Columns that are not compared."""


def kinds_of(frame: pl.DataFrame, told: Mapping[str, str], id_column: str) -> dict[str, str]:
    """Of each column but the id its kind: as told, else as its name says, else as its values look."""
    kinds = {}
    for column in frame.columns:
        if column == id_column:
            continue
        kinds[column] = told.get(column) or by_name(column) or by_values(frame, column)
    return _without_doubles(kinds, told)


def by_name(column: str) -> str | None:
    """The kind that a column's name tells, None where it tells nothing."""
    plain = re.sub(r"(?<=[a-z])(?=[A-Z])", "_", column.strip()).lower()
    plain = re.sub(r"[^a-z0-9é]+", "_", plain).strip("_")
    return next((kind for pattern, kind in _NAMES if re.fullmatch(pattern, plain)), None)


def by_values(frame: pl.DataFrame, column: str) -> str:
    """What the values look like: dates, numbers, a short list, text."""
    text = frame.select(canonical.text_of(frame, column).alias("v")).drop_nulls().to_series().str.strip_chars()
    text = text.filter(text != "")
    if not len(text) or text.n_unique() == 1:
        return "ignore"
    distinct = text.unique()
    if len(distinct) <= _FEW and len(distinct) * 5 <= len(text):
        return "category"
    sample = distinct.sort().to_frame("v")
    dates = sample.select(writing.date(pl.col("v")).is_not_null().mean()).item()
    lengths = sample["v"].str.len_chars()
    if isinstance(frame.schema[column], pl.Date | pl.Datetime) or (dates > 0.9 and lengths.min() >= 8):  # type: ignore[operator]  # noqa: PLR2004
        return "date"
    if sample["v"].str.contains(r"@\w").mean() > 0.5:  # type: ignore[operator]  # noqa: PLR2004
        return "email"
    digits = sample["v"].str.contains(r"^[-+]?\d+(\.\d+)?$").mean()
    if digits > 0.9:  # type: ignore[operator]  # noqa: PLR2004
        long = lengths.median() >= 6 and not sample["v"].str.contains(r"\.").any()  # type: ignore[operator]  # noqa: PLR2004
        return "identifier" if long else "number"
    return "text"


def _without_doubles(kinds: dict[str, str], told: Mapping[str, str]) -> dict[str, str]:
    """A whole name beside its parts says nothing more."""
    if "surname" in kinds.values() and "forename" in kinds.values():
        return {name: "ignore" if kind == "full_name" and name not in told else kind for name, kind in kinds.items()}
    return kinds


def id_of(frame: pl.DataFrame) -> str | None:
    """The column that names a record: distinct in each row and called so, else the first column if it is; None without one."""
    distinct = [name for name in frame.columns if not frame[name].null_count() and frame[name].n_unique() == len(frame)]
    named = [name for name in distinct if re.fullmatch(_ID, re.sub(r"[^a-z0-9]+", "_", name.lower()).strip("_"))]
    return next(iter([*named, *(name for name in distinct if name == frame.columns[0])]), None)


def reading(frames: Sequence[pl.DataFrame], told: Mapping[str, str], id_columns: Sequence[str]) -> Reading:
    """How these tables, one or two, are read: fields from their columns, those of one kind in two tables joined."""
    kinds: dict[str, str] = {}
    by_table = []
    for frame, id_column in zip(frames, id_columns, strict=True):
        found = kinds_of(frame, told, id_column)
        by_table.append(found)
        kinds |= {name: kind for name, kind in found.items() if kinds.get(name, "ignore") == "ignore"}
    fields = _fields(frames, kinds, by_table)
    organisation = next((name for name, kind in kinds.items() if kind == "organisation"), None)
    used = {column for field in fields for column in (*field.columns, *field.also)} | {organisation, *id_columns}
    return Reading(id_columns[0], fields, organisation, tuple(name for name in kinds if name not in used))


def _fields(frames: Sequence[pl.DataFrame], kinds: dict[str, str], by_table: list[dict[str, str]]) -> tuple[Field, ...]:
    aliases = tuple(name for name, kind in kinds.items() if kind == "alias")
    previous = tuple(name for name, kind in kinds.items() if kind == "previous_surname")
    whole = tuple(name for name, kind in kinds.items() if kind == "full_name")
    also = {"forename": aliases, "surname": aliases + previous}
    fields = []
    for names in _joined(kinds, by_table):
        kind = kinds[names[0]]
        turned = tuple(name for name in names if kind in {"birth_date", "date"} and _is_month_first(frames, name))
        plain = Field(names[0], kind, names, also.get(kind, ()), month_first=turned)
        fields.append(replace(plain, nothing=_defaults(frames, plain)) if kind == "birth_date" else plain)
    if whole:
        fields += [Field(f"{whole[0]}_first", "forename", whole, aliases, "first"),
                   Field(f"{whole[0]}_last", "surname", whole, aliases + previous, "last")]  # fmt: skip
    return tuple(fields)


def defaults(frames: Sequence[pl.DataFrame], fields: tuple[Field, ...]) -> tuple[Field, ...]:
    """The fields, with the birth dates that stand for nothing in these tables."""
    return tuple(replace(one, nothing=_defaults(frames, one)) if one.kind == "birth_date" else one for one in fields)


def _joined(kinds: dict[str, str], by_table: list[dict[str, str]]) -> list[tuple[str, ...]]:
    """The columns of each field: one, or two of the same kind, each the only one of its kind that its own table has alone."""
    open_names = [name for name, kind in kinds.items() if kind not in AUXILIARY]
    if len(by_table) == 1:
        return [(name,) for name in open_names]
    first, second = by_table
    pairs: dict[str, str] = {}
    for kind in KINDS:
        mine = [name for name in open_names if kinds[name] == kind and name in first and name not in second]
        theirs = [name for name in open_names if kinds[name] == kind and name in second and name not in first]
        if kind not in {"text", "category", "number", "date", "identifier"} or len(mine) == len(theirs) == 1:
            pairs |= dict(zip(mine, theirs, strict=False))
    partners = set(pairs.values())
    return [(name, pairs[name]) if name in pairs else (name,) for name in open_names if name not in partners]


def _defaults(frames: Sequence[pl.DataFrame], field: Field) -> tuple[str, ...]:
    """Dates that stand for nothing: one that too many share, and the first of January where it is too frequent."""
    values = pl.concat([canonical.canonical(frame, (field,)) for frame in frames]).to_series().drop_nulls()
    if len(values) < ENOUGH:
        return ()
    counts = values.value_counts().filter(pl.col("count") > DEFAULT_SHARE * len(values))
    new_year = values.str.ends_with("0101").mean()
    found = counts.get_column(field.name).sort().to_list()
    return (*found, *(["*0101"] if float(str(new_year)) > NEW_YEAR_SHARE else []))


def _is_month_first(frames: Sequence[pl.DataFrame], column: str) -> bool:
    """Whether more of a column's dates can only be read with the month first than only with the day first."""
    first = second = 0
    for frame in frames:
        if column in frame.columns:
            parts = frame.select(
                canonical.text_of(frame, column)
                .str.extract_groups(r"^\s*(\d{1,2})[-/. ]?(\d{1,2})[-/. ]?(?:1[89]|20)\d\d")
                .alias("p")
            )
            numbers = parts.unnest("p").cast(pl.Int32)
            first += int((numbers["1"] > 12).sum())  # noqa: PLR2004 - months
            second += int((numbers["2"] > 12).sum())  # noqa: PLR2004
    return second > first
