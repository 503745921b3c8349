"""Records ready to be compared: each field a column of codes into a pool of its distinct values."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import polars as pl
import pyarrow.compute as pc
from numpy.typing import NDArray

from rules.match import canonical, writing
from rules.match.forms import make_together
from rules.match.growing import FEW, Rows
from rules.match.hashes import Hashes
from rules.match.model import Field, Model, Terms
from rules.match.pool import Codes, Pool, Values

CHECKED = frozenset({"pnc", "cro", "nhs"})
EXACT = frozenset({"exact"})
_ORGANISATION = r"\b(?:LTD|LIMITED|PLC|LLP|INC|INCORPORATED|CORPORATION|GMBH|COUNCIL|HOLDINGS|& CO|AND CO)\b"
_IS_ORGANISATION = frozenset({"O", "ORG", "ORGANISATION", "ORGANIZATION", "COMPANY", "CORPORATE", "BUSINESS", "2"})


@dataclass(frozen=True, slots=True)
class Shares:
    """How frequent the values of a pool are, as the model says: of each its place in a table, since most have one share."""

    places: NDArray[np.unsignedinteger[Any]]
    table: NDArray[np.float64]

    def of(self, codes: Codes) -> NDArray[np.float64]:
        return np.asarray(self.table[self.places[codes]])


@dataclass(frozen=True)
class Coded:
    """n records: for each field a code a record; the code of null is 0."""

    codes: Mapping[str, Codes]
    pools: Mapping[str, Values]
    left_out: NDArray[np.bool_]
    """Organisations: they are linked with nobody."""
    shares: Mapping[str, Shares] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.left_out)

    def hashes(self, field: str, rows: Rows) -> Hashes:
        """Of these records the hash of the field's main value; 0 is null."""
        return self.pools[field].hashes[self.codes[field][rows]]

    def known(self, field: str) -> NDArray[np.bool_]:
        return np.asarray(self.codes[field] != 0)


@dataclass(frozen=True)
class Prepared(Coded):
    """Records with their ids."""

    pools: Mapping[str, Pool]

    ids: pl.Series = field(kw_only=True)


def prepare(frame: pl.DataFrame, model: Model, id_column: str, organisation: str | None = None) -> Prepared:
    """The records of a frame in the model's fields; ids become text.

    Args:
        organisation: the column that tells people from organisations, where there is one.
    """
    return with_shares(prepare_fields(frame, model.fields, id_column, organisation), model.terms)


def with_shares(records: Prepared, terms: Mapping[str, Terms]) -> Prepared:
    """The same records, with how frequent each of their values is."""
    make_together((pool, EXACT) for pool in records.pools.values())
    shares = {name: Shares(places_of(records.pools[name], table), table.table) for name, table in terms.items()}
    return replace(records, shares=shares)


def places_of(pool: Values, terms: Terms) -> NDArray[np.unsignedinteger[Any]]:
    """Of each value the place of its share in the table of the terms."""
    keys, _ = terms.sorted
    kind = np.min_scalar_type(len(keys))
    if not len(keys):
        return np.zeros(len(pool), kind)
    place = np.minimum(np.searchsorted(keys, pool.hashes), len(keys) - 1)
    return np.where(keys[place] == pool.hashes, place, len(keys)).astype(kind)


def prepare_fields(frame: pl.DataFrame, fields: tuple[Field, ...], id_column: str, organisation: str | None = None) -> Prepared:
    """As `prepare`, before there is a model."""
    codes, pools = {}, {}
    left_out = np.zeros(len(frame), np.bool_)
    if organisation and organisation in frame.columns:
        told = writing.words(canonical.text_of(frame, organisation))
        left_out |= frame.select(told.is_in(list(_IS_ORGANISATION)).fill_null(value=False)).to_series().to_numpy()
    values = canonical.canonical(frame, fields)
    for one in fields:
        codes[one.name], pools[one.name] = encoded(values[one.name], checked=one.kind in CHECKED)
        if one.kind == "surname":
            pool = pools[one.name].values.str.contains(_ORGANISATION).fill_null(value=False).to_numpy()
            left_out |= pool[codes[one.name]]
    ids = frame.select(canonical.text_of(frame, id_column).alias("id")).to_series()
    return Prepared(codes, pools, left_out, ids=ids)


def no_records(fields: tuple[Field, ...]) -> Prepared:
    """Not one record, in these fields."""
    values = {f"={one.name}": pl.String for one in fields}
    return of_values(pl.DataFrame(schema={"id": pl.String, "left_out": pl.Boolean, **values}), fields)


def taken(records: Prepared, rows: Rows) -> Prepared:
    """Some of the records, with pools of nothing but their values."""
    codes, pools = {}, {}
    for name, pool in records.pools.items():
        codes[name], pools[name] = encoded(pool.values.gather(records.codes[name][rows]), checked=pool.checked)
    return Prepared(codes, pools, records.left_out[rows], ids=records.ids.gather(rows))


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
    return Prepared(codes, pools, frame["left_out"].to_numpy(), ids=frame["id"])


def encoded(values: pl.Series, *, checked: bool = False) -> tuple[Codes, Pool]:
    """Codes and pool of a column of text."""
    if len(values) <= FEW:
        places: dict[str | None, int] = {None: 0}
        found = [places.setdefault(text, len(places)) for text in values.to_list()]
        return np.array(found, np.int32), Pool(pl.Series("v", list(places), dtype=pl.String), checked)
    coded = values.to_arrow().cast("large_string").dictionary_encode()
    pool = pl.from_arrow(coded.dictionary)
    assert isinstance(pool, pl.Series)
    codes = pc.add(coded.indices, 1).fill_null(0).to_numpy(zero_copy_only=False)
    return codes.astype(np.int32, copy=False), Pool(
        pl.concat([pl.Series("v", [None], dtype=pl.String), pool.cast(pl.String).rename("v")]), checked
    )
