"""Golden cases of protection: what leaves is what the declaration says, and nothing else."""

import hmac
from datetime import date, datetime
from hashlib import sha256

import polars as pl
import pytest

from rules import protect
from rules.protect import Keys

KEYS = Keys(b"the secret of the tests, long enough")


def applied(protection, *values, keys=KEYS):
    return pl.DataFrame({"v": values}).select(protection.apply(pl.col("v"), keys).alias("v"))["v"].to_list()


def test_a_token_is_the_hmac_of_the_value_in_its_scope():
    scope_key = hmac.digest(KEYS.secret, b"custody token 1 person", sha256).hex().encode()
    digest = hmac.digest(scope_key, b"A1234AA", sha256).hex()[:32]
    assert applied(protect.token("person"), "A1234AA") == [f"tok1.person.{digest}"]


def test_tokens_join_in_a_scope_and_nowhere_else():
    one, two = applied(protect.token("person"), "A1234AA", "A1234AA")
    [other_scope] = applied(protect.token("court"), "A1234AA")
    [other_secret] = applied(protect.token("person"), "A1234AA", keys=Keys(b"another secret of the tests"))
    assert one == two
    assert len({one.split(".")[-1], other_scope.split(".")[-1], other_secret.split(".")[-1]}) == 3


def test_the_token_of_a_token_is_itself_and_null_stays_null():
    [token] = applied(protect.token("person"), "A1234AA")
    assert applied(protect.token("person"), token, None) == [token, None]


def test_numbers_are_tokenised_as_they_are_written():
    assert applied(protect.token("person"), 17) == applied(protect.token("person"), "17")


@pytest.mark.parametrize("value", [date(1985, 3, 14), datetime(1985, 12, 31, 23, 59)])  # noqa: DTZ001 - a local time
def test_year_only(value):
    assert applied(protect.year_only, value, None) == [1985, None]


def test_outcode_only():
    assert applied(protect.outcode_only, "SW1A 1AA", "m11ae", "not a postcode") == ["SW1A", "M1", None]


def test_a_secret_is_never_shown():
    assert "secret" not in repr(KEYS)
