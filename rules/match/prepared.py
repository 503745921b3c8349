"""Records ready to be compared: each field a column of codes into a pool of its distinct values."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np
import polars as pl
from numpy.typing import NDArray

from rules.match import canonical, nicknames
from rules.match.hashes import Hashes, hashed
from rules.match.model import Field, Model, Terms
from rules.match.sound import sound

Codes = NDArray[np.int32]
Rows = NDArray[np.int64]

CHECKED = frozenset({"pnc", "cro", "nhs"})
FEW = 4
"""A pool of more than so many times the codes asked for is not made into Python's own text."""
BAG = 6
"""How many further values of one record (aliases, parts of a double name, former postcodes) are compared."""
_ORGANISATION = r"\b(?:LTD|LIMITED|PLC|LLP|INC|INCORPORATED|CORPORATION|GMBH|COUNCIL|HOLDINGS|& CO|AND CO)\b"
_IS_ORGANISATION = frozenset({"O", "ORG", "ORGANISATION", "ORGANIZATION", "COMPANY", "CORPORATE", "BUSINESS", "2"})


@dataclass(frozen=True)
class Pool:
    """The distinct values of a field, and what is known of each; the last row stands for null and equals nothing."""

    values: pl.Series
    checked: bool = False
    """Whether values have a check letter; one that is wrong begins with `?`."""

    @cached_property
    def mains(self) -> pl.Series:
        """Of each value the part before the first bar."""
        if not self.has_several.any():
            return self.values
        return self.values.str.split_exact("|", 0).struct.field("field_0")

    @cached_property
    def _texts(self) -> list[str]:
        return self.mains.fill_null("").to_list()

    def texts_of(self, codes: Codes) -> list[str]:
        """The main values of codes. A large pool of which little is asked is never made into Python's own text."""
        if len(codes) * FEW < len(self):
            return self.mains.gather(codes).fill_null("").to_list()
        texts = self._texts
        return [texts[code] for code in codes.tolist()]

    @cached_property
    def hashes(self) -> Hashes:
        return hashed(self.mains)

    @cached_property
    def bags(self) -> Hashes:
        """All values that a record gives, and the words of each: n by `BAG`, 0 where there are no more."""
        parts = self.values.str.split("|").list.eval(
            pl.concat_list(pl.element(), pl.element().str.split(" ")).explode(empty_as_null=True, keep_nulls=False)
        )
        return _padded(parts.list.unique(maintain_order=True))

    @cached_property
    def alternatives(self) -> Hashes:
        """All values that a record gives, whole: n by `BAG`, 0 where there are no more."""
        return _padded(self.values.str.split("|"))

    @cached_property
    def has_more(self) -> NDArray[np.bool_]:
        return self.values.str.contains(r"[| ]").fill_null(value=False).to_numpy()

    @cached_property
    def has_several(self) -> NDArray[np.bool_]:
        return self.values.str.contains("|", literal=True).fill_null(value=False).to_numpy()

    @cached_property
    def sounds(self) -> Hashes:
        """Values that sound alike have the same hash."""
        return hashed(self.sounding)

    @cached_property
    def sounding(self) -> pl.Series:
        return pl.Series([None if text is None else sound(text) for text in self.mains.to_list()], dtype=pl.String)

    @cached_property
    def roots(self) -> NDArray[np.int16]:
        return nicknames.roots(self.mains.to_list())

    @cached_property
    def is_doubtful(self) -> NDArray[np.bool_]:
        """Whether the check letter of a value is wrong."""
        return self.values.str.starts_with("?").fill_null(value=False).to_numpy()

    @cached_property
    def numbers(self) -> NDArray[np.float64]:
        """The value as a number, NaN where it is none."""
        return self.mains.cast(pl.Float64, strict=False).fill_null(np.nan).to_numpy()

    @cached_property
    def days(self) -> NDArray[np.int32]:
        """A date as the number YYYYMMDD, 0 where there is none."""
        return self.mains.cast(pl.Int32, strict=False).fill_null(0).to_numpy()

    @cached_property
    def _forms(self) -> dict[str, Hashes]:
        return {}

    def form(self, name: str, make: "Callable[[Pool], Hashes]") -> Hashes:
        """The values in another form, made once."""
        if name not in self._forms:
            self._forms[name] = make(self)
        return self._forms[name]

    def __len__(self) -> int:
        return len(self.values)


@dataclass(frozen=True)
class Prepared:
    """n records: their ids, and for each field a code a record; the code of null is the pool's last."""

    ids: pl.Series
    codes: dict[str, Codes]
    pools: dict[str, Pool]
    left_out: NDArray[np.bool_]
    """Organisations: they are linked with nobody."""
    shares: Mapping[str, NDArray[np.float64]] = field(default_factory=dict)
    """Of each value of a pool how frequent the model says it is."""

    def __len__(self) -> int:
        return len(self.ids)

    def hashes(self, field: str, rows: Rows) -> Hashes:
        """Of these records the hash of the field's main value; 0 is null."""
        return self.pools[field].hashes[self.codes[field][rows]]

    def known(self, field: str) -> NDArray[np.bool_]:
        return np.asarray(self.codes[field] != len(self.pools[field]) - 1)


def prepare(frame: pl.DataFrame, model: Model, id_column: str, organisation: str | None = None) -> Prepared:
    """The records of a frame in the model's fields; ids become text.

    Args:
        organisation: the column that tells people from organisations, where there is one.
    """
    return with_shares(prepare_fields(frame, model.fields, id_column, organisation), model.terms)


def with_shares(records: Prepared, terms: Mapping[str, Terms]) -> Prepared:
    """The same records, with how frequent each of their values is."""
    return replace(records, shares={name: shares_of(records.pools[name], table) for name, table in terms.items()})


def shares_of(pool: Pool, terms: Terms) -> NDArray[np.float64]:
    if not terms.shares:
        return np.full(len(pool), terms.other)
    keys, shares = terms.sorted
    place = np.minimum(np.searchsorted(keys, pool.hashes), len(keys) - 1)
    return np.where(keys[place] == pool.hashes, shares[place], terms.other)


def prepare_fields(frame: pl.DataFrame, fields: tuple[Field, ...], id_column: str, organisation: str | None = None) -> Prepared:
    """As `prepare`, before there is a model."""
    codes, pools = {}, {}
    left_out = np.zeros(len(frame), np.bool_)
    if organisation and organisation in frame.columns:
        told = canonical.words(canonical.text_of(frame, organisation))
        left_out |= frame.select(told.is_in(list(_IS_ORGANISATION)).fill_null(value=False)).to_series().to_numpy()
    values = canonical.canonical(frame, fields)
    for one in fields:
        codes[one.name], pools[one.name] = encoded(values[one.name], checked=one.kind in CHECKED)
        if one.kind == "surname":
            pool = pools[one.name].values.str.contains(_ORGANISATION).fill_null(value=False).to_numpy()
            left_out |= pool[codes[one.name]]
    ids = frame.select(canonical.text_of(frame, id_column).alias("id")).to_series()
    return Prepared(ids, codes, pools, left_out)


def no_records(fields: tuple[Field, ...]) -> Prepared:
    """Not one record, in these fields."""
    values = {f"={one.name}": pl.String for one in fields}
    return of_values(pl.DataFrame(schema={"id": pl.String, "left_out": pl.Boolean, **values}), fields)


def taken(records: Prepared, rows: Rows) -> Prepared:
    """Some of the records, with pools of nothing but their values."""
    codes, pools = {}, {}
    for name, pool in records.pools.items():
        codes[name], pools[name] = encoded(pool.values.gather(records.codes[name][rows]), checked=pool.checked)
    return Prepared(records.ids.gather(rows), codes, pools, records.left_out[rows])


def values_of(records: Prepared) -> pl.DataFrame:
    """The records as columns of text in canonical writing: `id`, `left_out`, and one under each field's name with `=` before it.

    The sign keeps a field named `id` apart. `of_values` gives the records back.
    """
    values = [pool.values.gather(records.codes[name]).rename(f"={name}") for name, pool in records.pools.items()]
    return pl.DataFrame([records.ids.rename("id"), pl.Series("left_out", records.left_out, pl.Boolean), *values])


def of_values(frame: pl.DataFrame, fields: tuple[Field, ...]) -> Prepared:
    """What `values_of` gave, as records."""
    codes, pools = {}, {}
    for one in fields:
        codes[one.name], pools[one.name] = encoded(frame[f"={one.name}"], checked=one.kind in CHECKED)
    return Prepared(frame["id"], codes, pools, frame["left_out"].to_numpy())


def joined(first: Prepared, second: Prepared) -> Prepared:
    """The records of both, the second's after the first's, over pools of their own."""
    codes, pools = {}, {}
    for name, mine in first.pools.items():
        theirs = second.pools[name]
        new, pool = encoded(pl.concat([mine.values, theirs.values]), checked=mine.checked)
        codes[name] = np.concatenate([new[: len(mine)][first.codes[name]], new[len(mine) :][second.codes[name]]])
        pools[name] = pool
    left_out = np.concatenate([first.left_out, second.left_out])
    return Prepared(pl.concat([first.ids, second.ids]), codes, pools, left_out)


def encoded(values: pl.Series, *, checked: bool = False) -> tuple[Codes, Pool]:
    """Codes and pool of a column of text."""
    coded = values.to_arrow().cast("large_string").dictionary_encode()
    pool = pl.from_arrow(coded.dictionary)
    assert isinstance(pool, pl.Series)
    codes = coded.indices.fill_null(len(pool)).to_numpy(zero_copy_only=False).astype(np.int32)
    return codes, Pool(pl.concat([pool.cast(pl.String), pl.Series([None], dtype=pl.String)]).rename("v"), checked)


def _padded(lists: pl.Series) -> Hashes:
    """Lists of text as a table of hashes."""
    frame = pl.DataFrame({"v": lists}).with_row_index("row")
    long = frame.with_columns(pl.col("v").list.head(BAG)).explode("v", empty_as_null=True).drop_nulls()
    place = pl.int_range(pl.len()).over("row").alias("place")
    long = long.with_columns(place)
    table = np.zeros((len(frame), BAG), np.uint64)
    table[long["row"].to_numpy(), long["place"].to_numpy()] = hashed(long["v"])
    return table
