"""One way of writing: what a record says decides it, not what stands beside it, nor how many there are."""

import polars as pl
import pytest

from rules.match import canonical
from rules.match.model import Field

ODD = ["2002/0073319Z", "2002/0073319a", "02/73319Z", "20020073319Z", "2001/0000000Z", "SMITH;JONES", "SMITH|JONES|SMITH", "a|",
       "|", "UNKNOWN", "UNKNOWN|NONE", "1900-01-01", "9999-12-31", "1990-3-4", " 1990-03-04", "1990-03-04", "12/03/1990",
       "3 Mar 1990", "", "  ", None, "O'Neil", "x;y|z", "SW1A 1AA|N16 8PH"]  # fmt: skip


@pytest.mark.parametrize("kind", ["surname", "birth_date", "pnc", "address", "postcode", "text"])
def test_a_value_is_written_alike_alone_and_among_many(kind):
    fields = (Field("one", kind, ("v",)), Field("two", kind, ("w", "v"), also=("v",), nothing=("SMITH", "*01")))
    frame = pl.DataFrame({"v": ODD, "w": ODD[::-1]}, schema={"v": pl.String, "w": pl.String})
    alone = pl.concat([canonical.canonical(frame[row : row + 1], fields) for row in range(len(frame))])
    assert canonical.canonical(frame, fields).equals(alone)
    many = pl.concat([frame] * (canonical.FEW // len(frame) + 1))
    assert canonical.canonical(many, fields).head(len(frame)).equals(alone)


@pytest.mark.parametrize(
    ("kind", "text", "written"),
    [
        ("pnc", "2002/0073319Z", "20020073319Z"),
        ("pnc", "2002/0073319A", "?20020073319A"),
        ("birth_date", "1990-03-14", "19900314"),
        ("birth_date", "1990-13-45", "19901345"),
        ("birth_date", "1900-01-01", None),
    ],
)
def test_the_short_way_is_the_long_one(kind, text, written):
    frame = pl.DataFrame({"v": [text, text + " "]})
    assert canonical.canonical(frame, (Field("one", kind, ("v",)),))["one"].to_list() == [written, written]
