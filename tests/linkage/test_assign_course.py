"""Ids against a naive reading of their rules, over any course of clusters and keys."""

from collections import Counter

from hypothesis import given, settings
from hypothesis import strategies as st

from rules.match import assign
from tests.linkage.told import DAY, START, Told, everybody


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


@settings(max_examples=200)
@given(st.lists(st.tuples(records, renamings), min_size=1, max_size=8))
def test_any_course_of_clusters_keeps_the_rules(course):
    told, logs, past = Told(), [], []
    for step, drawn in course:
        before, had_ever = dict(told.past.person), dict(told.past.ever)
        age = {person: rank for rank, person in enumerate(told.log["person"].drop_nulls().unique(maintain_order=True))}
        clusters = ["".join("abcdefgh"[place] for place, own in enumerate(step) if own == one) for one in range(4)]
        rekeyed = {new: old for new, old in drawn.items() if new != old and new in "".join(clusters)}
        past = [renamed(then, rekeyed, had_ever) for then in past]
        expected = naive(past, [tuple(one) for one in clusters if one], list(age), set(before.values()))
        ids = told.decide(*(one for one in clusters if one), rekeyed=rekeyed)
        assert ids == [expected[tuple(one)] for one in clusters if one]
        past.append(dict(told.past.person))
        logs.append(told.log)
        before, ever = renamed(before, rekeyed, had_ever), renamed(had_ever, rekeyed, had_ever)
        now = dict(zip([one for one in clusters if one], ids, strict=True))
        assert len(set(ids)) == len(ids)
        for one, person in now.items():
            assert person not in age or any(person in ever.get(record, ()) for record in one)
            assert all(told.past.person[record] == person for record in one)
        for one, person in now.items():
            had = Counter(before[record] for record in one if record in before)
            whole = {old for old in had if all(record in one for record, other in before.items() if other == old)}
            whole = {old for old in whole if all(before.get(record, old) in whole or record not in before for record in one)}
            if had and set(had) == whole:
                assert person == min(whole, key=lambda old: (-had[old], age[old])), "a merge of whole people"
    assert everybody(told.log) == told.past
    for log, when in zip(logs, range(len(logs)), strict=True):
        at = START + when * DAY
        assert assign.people_at(told.log, at).equals(assign.people_at(log, at))
        assert dict(assign.people_at(log, at).iter_rows()) == everybody(log).person
