"""Ids that last: where they go when clusters merge, split, come apart again and end, and what the log answers."""

import pytest

from rules.match import assign
from tests.linkage.told import DAY, START, Told, everybody


def test_an_id_stays_with_most_of_its_records():
    told = Told()
    (person,) = told.decide("abcde")
    small, large = told.decide("ab", "cde")
    assert large == person
    assert told.events[-1] == [("split", small, person, "ab")]


def test_a_merge_keeps_the_larger_s_id_and_the_older_on_a_tie():
    told = Told()
    (first,) = told.decide("ab")
    _, second = told.decide("ab", "cd")
    assert told.decide("abcd") == [first]
    assert told.events[-1] == [("merged", second, first, "cd")]
    other = Told()
    _, large = other.decide("ab", "cde")
    assert other.decide("abcde") == [large]


def test_after_an_unmerge_each_side_has_its_own_again():
    told = Told()
    first, second = told.decide("abc", "de")
    told.decide("abcde")
    told.decide("abcdefg")
    assert told.decide("abc", "defg") == [first, second]
    assert told.events[-1] == [("unmerged", second, first, "defg")]


def test_the_winner_of_a_merge_does_not_take_the_loser_s_id():
    told = Told()
    first, second = told.decide("abc", "de")
    told.decide("abcde")
    alone, rest, last = told.decide("abc", "d", "e")
    assert (alone, rest) == (first, second)
    assert last not in {first, second}


def test_an_id_that_is_nobody_s_is_given_to_no_other():
    told = Told()
    (person,) = told.decide("a")
    told.decide()
    assert told.events[-1] == [("ended", person, None, "a")]
    assert told.decide("b") != [person]
    assert told.decide("a", "b")[0] == person
    assert told.kinds == ["returned"]


def test_a_founder_founds_anew():
    """`a` founded two people, who are two."""
    told = Told()
    (first,) = told.decide("abc")
    second, kept = told.decide("a", "bc")
    assert kept == first != second
    assert first == assign.named("a", 0)
    assert second == assign.named("a", 1)
    assert assign.named("a", 0, b"secret") != first


def test_a_record_that_goes_over_is_moved():
    told = Told()
    first, second = told.decide("abc", "de")
    assert told.decide("ab", "cde") == [first, second]
    assert told.events[-1] == [("moved", first, second, "c")]


def test_a_record_goes_on_under_its_new_key():
    told = Told()
    person, other = told.decide("a", "bc")
    assert told.decide("x", "bc", rekeyed={"x": "a"}) == [person, other]
    assert told.events[-1] == [("rekeyed", person, None, "ax")]
    assert told.log.filter(record="x").rows() == [("x", person, START + DAY, "a")]
    assert told.decide("bcx") == [other]
    assert told.decide("y", "bc", rekeyed={"y": "x"}) == [person, other]
    assert told.kinds == ["rekeyed", "unmerged"]
    assert [dict(assign.people_at(told.log, START + days * DAY).iter_rows()).get("x") for days in range(4)] == [
        None, person, other, None,
    ]  # fmt: skip
    assert everybody(told.log) == told.past


def test_who_has_an_old_key_next_has_nothing_of_its_past():
    told = Told()
    (person,) = told.decide("a")
    kept, new = told.decide("b", "a", rekeyed={"b": "a"})
    assert kept == person != new
    assert told.kinds == ["rekeyed", "created"]
    assert told.decide("a", "b", rekeyed={"b": "a", "a": "b"}) == [person, new], "keys are swapped"
    assert told.kinds == ["rekeyed", "rekeyed"]
    assert everybody(told.log) == told.past


def test_a_record_comes_back_under_another_key():
    told = Told()
    (person,) = told.decide("a")
    told.decide()
    assert told.decide("b", rekeyed={"b": "a"}) == [person]
    assert told.kinds == ["rekeyed", "returned"]


def test_a_log_without_former_keys_is_read():
    told = Told()
    told.decide("ab", "c")
    told.decide("abc")
    bare = told.log.drop("former")
    assert everybody(bare) == told.past
    assert assign.intervals(bare).equals(assign.intervals(told.log))


def test_who_comes_and_goes_is_told():
    told = Told()
    first, second = told.decide("ab", "cd")
    told.decide("abx", "c")
    assert told.events[-1] == [("joined", first, None, "x"), ("left", second, None, "d")]
    told.decide("abcy")
    assert told.events[-1] == [("joined", first, None, "y"), ("merged", second, first, "c"), ("left", first, None, "x")]


def test_then_and_now():
    told = Told()
    first, second = told.decide("ab", "c")
    told.decide("abc")
    told.decide("ab")
    told.decide("ab", "c")
    answers = [dict(assign.people_at(told.log, START + days * DAY).iter_rows()).get("c") for days in range(-1, 4)]
    assert answers == [None, second, first, None, second]
    rows = assign.intervals(told.log).filter(record="c").rows()
    assert rows == [
        ("c", second, START, START + DAY),
        ("c", first, START + DAY, START + 2 * DAY),
        ("c", second, START + 3 * DAY, None),
    ]


def test_what_was_decided_anew_at_once_was_never_so():
    told = Told()
    first, second = told.decide("ab", "c", at=START)
    told.decide("abc", at=START)
    told.decide("ab", "c", at=START)
    assert assign.intervals(told.log)["person"].to_list() == [first, first, second]
    assert assign.intervals(told.log)["to"].null_count() == 3


@pytest.mark.parametrize(
    ("clusters", "gone", "at", "word"),
    [
        ([["a"]], [], START, "missing"),
        ([["a", "b"], ["b"]], [], START, "two clusters"),
        ([["a", "b"]], ["b"], START, "two clusters"),
        ([["a", "b"]], [], START - DAY, "before"),
    ],
)
def test_what_cannot_be_decided_is_refused(clusters, gone, at, word):
    told = Told()
    told.decide("ab")
    with pytest.raises(ValueError, match=word):
        assign.assign(told.people, clusters, gone, at)


def test_one_former_key_is_one_record_s():
    told = Told()
    told.decide("ab")
    with pytest.raises(ValueError, match="one former key"):
        assign.assign(told.people, ["bcd"], ["a"], START, rekeyed={"c": "a", "d": "a"})
    assert told.decide("b", rekeyed={"x": "a"}), "an organisation's key stands in no cluster"
