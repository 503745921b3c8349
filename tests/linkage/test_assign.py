"""Ids that last: where they go when clusters merge, split, come apart again and end, and what the log answers."""

from collections import Counter
from datetime import UTC, datetime, timedelta

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rules.match import assign
from rules.match.assign import LOG, People

START = datetime(2026, 1, 1, tzinfo=UTC)
DAY = timedelta(days=1)


class Told:
    """A course of decisions, a day each, and their log."""

    def __init__(self):
        self.people, self.log, self.events, self.now = People(), pl.DataFrame(schema=LOG), [], set()

    def decide(self, *clusters, at=None, rekeyed=None):
        """The clusters that there are, as words whose letters are records, and of what changed its key the new and the old."""
        new = {tuple(sorted(one)) for one in clusters}
        gone = {record for one in self.now for record in one} - {record for one in new for record in one}
        decision = assign.assign(self.people, new - self.now, gone, at or START + len(self.events) * DAY, rekeyed=rekeyed)
        self.check(decision)
        self.people.take(decision.log)
        self.log = pl.concat([self.log, decision.log])
        self.events.append([(event.kind, event.person, event.other, "".join(event.records)) for event in decision.events])
        self.now = new
        return [self.people.person[one[0]] for one in clusters]

    def check(self, decision):
        """The events, folded, tell who everyone is after a decision."""
        keys = {event.records[0]: event.records[1] for event in decision.events if event.kind == "rekeyed"}
        held = Counter((keys.get(record, record), person) for record, person in self.people.person.items())
        moves = set()
        for event in decision.events:
            goes = event.kind in {"merged", "moved", "left", "ended"}
            ways = (event.person, event.other) if goes else (event.other, event.person)
            moves |= {(record, *ways) for record in event.records if event.kind != "rekeyed"}
        held -= Counter((record, source) for record, source, _ in moves)
        held += Counter((record, target) for record, _, target in moves if target)
        assert held == Counter(People.of_log(pl.concat([self.log, decision.log])).person.items())

    @property
    def kinds(self):
        return [kind for kind, *_ in self.events[-1]]


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
    assert People.of_log(told.log) == told.people


def test_who_has_an_old_key_next_has_nothing_of_its_past():
    told = Told()
    (person,) = told.decide("a")
    kept, new = told.decide("b", "a", rekeyed={"b": "a"})
    assert kept == person != new
    assert told.kinds == ["rekeyed", "created"]
    assert told.decide("a", "b", rekeyed={"b": "a", "a": "b"}) == [person, new], "keys are swapped"
    assert told.kinds == ["rekeyed", "rekeyed"]
    assert People.of_log(told.log) == told.people


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
    assert People.of_log(bare) == told.people
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


def naive(past, clusters, age, alive):
    """The ids of all clusters by the rules as they are told, from who everyone was after each decision so far.

    `age` is all ids in the order in which they came, `alive` those that are somebody's.
    """
    last = past[-1] if past else {}

    def ever(record):
        return list(dict.fromkeys(then[record] for then in past if record in then))

    def speaks(record, person):
        return not any(former not in alive for former in ever(record)[: ever(record).index(person)])

    could_keep = {one: [] for one in clusters}
    for person in age:
        parts = {one: [record for record in one if last.get(record) == person] for one in clusters}
        parts = {one: own for one, own in parts.items() if own}
        if parts:
            best = min(parts, key=lambda one: (-sum(speaks(own, person) for own in parts[one]), -len(parts[one]), one))
            could_keep[best].append((-len(parts[best]), age.index(person), person))
    chosen = {one: min(ids)[2] for one, ids in could_keep.items() if ids}
    while True:
        claims = [
            (-sum(person in ever(record) for record in one), age.index(person), one, person)
            for one in clusters if one not in chosen
            for person in age if person not in chosen.values() and any(person in ever(record) for record in one)
        ]  # fmt: skip
        if not claims:
            break
        _, _, one, person = min(claims)
        chosen[one] = person
    for one in sorted(clusters):
        if one not in chosen:
            names = (assign.named(one[0], number) for number in range(99))
            chosen[one] = next(name for name in names if name not in age and name not in chosen.values())
    return chosen


records = st.lists(st.integers(-1, 3), min_size=8, max_size=8)
"""Of each of eight records the cluster it is in; -1 is not there."""
keys = st.sampled_from("abcdefgh")
renamings = st.one_of(st.just({}), st.dictionaries(keys, keys, max_size=3).filter(lambda one: len({*one.values()}) == len(one)))


def renamed(then, rekeyed, ever):
    """Who everyone was, as if they had always had the keys of now."""
    new = {old: new for new, old in rekeyed.items() if old in ever}
    kept = {record: person for record, person in then.items() if record not in {*new, *new.values()}}
    return kept | {new[record]: person for record, person in then.items() if record in new}


@settings(deadline=None, max_examples=200)
@given(st.lists(st.tuples(records, renamings), min_size=1, max_size=8))
def test_any_course_of_clusters_keeps_the_rules(course):
    told, logs, past = Told(), [], []
    for step, drawn in course:
        before, had_ever = dict(told.people.person), dict(told.people.ever)
        age = dict(told.people.age)
        clusters = ["".join("abcdefgh"[place] for place, own in enumerate(step) if own == one) for one in range(4)]
        rekeyed = {new: old for new, old in drawn.items() if new != old and new in "".join(clusters)}
        past = [renamed(then, rekeyed, had_ever) for then in past]
        expected = naive(past, [tuple(one) for one in clusters if one], list(age), set(before.values()))
        ids = told.decide(*(one for one in clusters if one), rekeyed=rekeyed)
        assert ids == [expected[tuple(one)] for one in clusters if one]
        past.append(dict(told.people.person))
        logs.append(told.log)
        before, ever = renamed(before, rekeyed, had_ever), renamed(had_ever, rekeyed, had_ever)
        now = dict(zip([one for one in clusters if one], ids, strict=True))
        assert len(set(ids)) == len(ids)
        for one, person in now.items():
            assert person not in age or any(person in ever.get(record, ()) for record in one)
            assert all(told.people.person[record] == person for record in one)
        for one, person in now.items():
            had = Counter(before[record] for record in one if record in before)
            whole = {old for old in had if all(record in one for record, other in before.items() if other == old)}
            whole = {old for old in whole if all(before.get(record, old) in whole or record not in before for record in one)}
            if had and set(had) == whole:
                assert person == min(whole, key=lambda old: (-had[old], age[old])), "a merge of whole people"
    again = People.of_log(told.log)
    assert again == told.people
    for log, when in zip(logs, range(len(logs)), strict=True):
        at = START + when * DAY
        assert assign.people_at(told.log, at).equals(assign.people_at(log, at))
        assert dict(assign.people_at(log, at).iter_rows()) == People.of_log(log).person
