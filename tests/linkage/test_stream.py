"""A stream of changes, in any order and batching, ends where the batch does: the same pairs, clusters and conflicts."""

import functools
import random
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import islice

import numpy as np
import polars as pl
import pytest

from rules.match import assign, cluster, guess, learn
from rules.match.blocking import pairs_within
from rules.match.prepared import no_records, prepare, prepare_fields, taken
from rules.match.score import weights
from rules.match.stream import Linker
from tests.linkage.people import records
from tests.linkage.told import everybody, past


@functools.cache
def model():
    """With aliases, and a cap so low that blocks pass it."""
    frame, _ = records(300, seed=3, noise=0.6)
    reading = guess.reading([frame], {}, ["id"])
    learned = learn.learn(prepare_fields(frame, reading.fields, "id"), None, reading.fields, seed=1)
    fields = tuple(replace(one, also=("aliases",)) if one.kind == "surname" else one for one in learned.fields)
    return replace(learned, fields=fields, max_block=5)


@functools.cache
def people(seed):
    """Records of about 30 people: many twins and families, some records with an alias of another."""
    frame, _ = records(30, seed=seed, noise=0.8, twins=0.2, families=0.5)
    aliases = [frame["surname"][place * 7 % len(frame)] if place % 9 == 0 else None for place in range(len(frame))]
    return frame.with_columns(pl.Series("aliases", aliases, pl.String), id=pl.format("nomis/{}", "id"))


def ready(frame):
    return prepare(frame, model(), "id")


def batch(frame, together=(), apart=()):
    """Pairs with weights and rules, clusters and conflicts, computed at once."""
    frame = frame.sort("id")
    all_of_them = ready(frame)
    ids = all_of_them.ids.to_list()
    found = pairs_within(all_of_them, model().rules, model().max_block)
    weight = weights(model(), all_of_them, all_of_them, found.left, found.right, least=model().review)
    kept = weight >= model().review
    rows = zip(
        found.left[kept].tolist(), found.right[kept].tolist(), weight[kept].tolist(), found.rules[kept].tolist(), strict=True
    )
    pairs = sorted((ids[one], ids[two], bits, rules) for one, two, bits, rules in rows)
    told = [[(ids.index(a), ids.index(b)) for a, b in some if a in ids and b in ids] for some in (together, apart)]
    groups = cluster.clusters(len(ids), found.left, found.right, weight, model().join, *told)
    by_label = {}
    for key, label in zip(ids, groups.labels.tolist(), strict=True):
        by_label.setdefault(label, []).append(key)
    return pairs, sorted(map(tuple, by_label.values())), sorted((ids[one], ids[two]) for one, two in groups.conflicts)


def streamed(linker):
    groups = linker.clusters()
    return linker.export().links.rows(), sorted(groups.clusters), sorted(groups.conflicts)


class Course:
    """A stream, and what it should come to."""

    def __init__(self, frame, seed):
        self.frame, self.ready, self.random = frame, ready(frame), random.Random(seed)
        self.linker, self.there, self.groups, self.pairs = Linker(model()), {}, set(), {}

    def step(self, upserts, deletes):
        """Takes in rows of the frame by number: `(key's row, values' row)`."""
        rows = [{**self.frame.row(values, named=True), "id": self.frame["id"][key]} for key, values in upserts]
        values = taken(self.ready, np.array([values for _, values in upserts], np.int64))
        changed = self.linker.apply(replace(values, ids=pl.Series([row["id"] for row in rows], dtype=pl.String)), deletes)
        self.there.update({row["id"]: row for row in rows})
        for key in deletes:
            self.there.pop(key, None)
        self.fold(changed)

    def fold(self, changed):
        """What is said to have changed is what has: folded, it gives the whole."""
        touched = {record for one in changed.clusters for record in one}.union(changed.gone)
        self.groups = {one for one in self.groups if not touched.intersection(one)} | set(changed.clusters)
        for one, two, *_ in changed.withdrawn.rows():
            del self.pairs[one, two]
        self.pairs.update({(one, two): (weight, rules) for one, two, weight, rules in changed.links.rows()})

    def check(self, together=(), apart=()):
        whole = pl.DataFrame(list(self.there.values()), schema=self.frame.schema)
        expected = batch(whole, together, apart)
        assert streamed(self.linker) == expected
        assert sorted(self.groups) == expected[1]
        assert sorted((*pair, *rest) for pair, rest in self.pairs.items()) == expected[0]


def played(course, together=(), apart=()):
    """All records in a random order and batching; on the way some have others' values first, are deleted, and come back."""
    order = list(range(len(course.frame)))
    course.random.shuffle(order)
    told_at = course.random.randrange(len(order))
    while order:
        size = course.random.choice([1, 5, 20, 40])
        piece, order = order[:size], order[size:]
        wrong = [(row, course.random.randrange(len(course.frame))) for row in piece if course.random.random() < 0.3]
        if wrong:
            course.step(wrong, [])
        gone = [key for key in course.there if course.random.random() < 0.1]
        course.step([(row, row) for row in piece if course.frame["id"][row] not in gone], gone)
        if len(order) <= told_at and (together or apart) and not course.linker.together:
            course.fold(course.linker.decide(together, apart))
    return course


ALL = [pytest.param(seed, 20, marks=pytest.mark.long, id=f"{seed}-all") for seed in range(5)]


@pytest.mark.parametrize(("seed", "orders"), [(0, 4), (1, 1), (2, 1), (3, 1), (4, 1), *ALL])
def test_any_order_ends_where_the_batch_does(seed, orders):
    frame = people(seed)
    keys = frame["id"].to_list()
    random_ = random.Random(seed)
    together, apart = ([tuple(random_.sample(keys, 2)) for _ in range(4)] for _ in range(2))
    apart = [*apart, *(pair[:2] for pair in batch(frame)[0][:20:4]), together[0]]
    ends = []
    for order in range(orders):
        course = played(Course(frame, 100 * seed + order), together, apart)
        if order % 10 == 0:
            course.check(together, apart)
        missing = [
            row for row, key in enumerate(keys) if key not in course.there or course.there[key] != frame.row(row, named=True)
        ]
        course.step([(row, row) for row in missing], [])
        ends.append((streamed(course.linker), sorted(course.groups)))
    expected = batch(frame, together, apart)
    assert all(end == (expected, expected[1]) for end in ends)
    assert expected[2], "some conflict is there to be reported"


def test_without_the_bridge_two_clusters_are_left_and_with_it_one():
    frame = people(0)
    large = [one for one in batch(frame)[1] if len(one) > 2]
    bridges = list(islice((key for one in large for key in one if _is_bridge(frame, one, key)), 2))
    assert bridges
    course = Course(frame, 0)
    course.step([(row, row) for row in range(len(frame))], [])
    for key in bridges:
        before = set(course.groups)
        course.step([], [key])
        course.check()
        assert len(course.groups) > len(before)
        row = frame["id"].to_list().index(key)
        course.step([(row, row)], [])
        assert course.groups == before
        assert course.linker.cluster_of(key) == next(one for one in before if key in one)


def _is_bridge(frame, one, key):
    """Whether a cluster is two or more without a record."""
    return len(batch(frame.filter(pl.col("id").is_in(set(one) - {key})))[1]) > 1


def test_a_block_over_the_cap_gives_its_pairs_back_when_it_shrinks():
    frame = people(1)
    same = [(row, 0) for row in range(model().max_block + 1)]
    course = Course(frame, 0)
    course.step(same[:-1], [])
    joined = course.linker.export().links
    assert len(joined) == len(same[:-1]) * (len(same) - 2) / 2
    course.step(same[-1:], [])
    course.check()
    assert course.linker.export().links.is_empty()
    assert max(course.linker.apply(None, []).too_large) == 0
    course.step([], [frame["id"][len(same) - 1]])
    course.check()
    assert course.linker.export().links.equals(joined)


def test_what_was_exported_goes_on_alike():
    frame = people(2)
    half = len(frame) // 2
    linker = Linker(model())
    linker.apply(ready(frame[:half]))
    linker.decide([(frame["id"][0], frame["id"][1])], [(frame["id"][2], "libra/to come")])
    other = Linker.load(model(), linker.export())
    results = []
    for going_on in (linker, other):
        changed = going_on.apply(ready(frame[half:]), frame["id"][:3].to_list())
        results.append(changed)
    first, second = results
    assert (first.clusters, first.gone, first.conflicts) == (second.clusters, second.gone, second.conflicts)
    assert first.links.equals(second.links)
    assert first.withdrawn.equals(second.withdrawn)
    states = linker.export(), other.export()
    assert all(getattr(states[0], name).equals(getattr(states[1], name)) for name in ("records", "links", "overrides"))
    empty = Linker.load(model(), Linker(model()).export())
    assert streamed(empty) == ([], [], [])


def test_organisations_are_in_no_cluster():
    frame = people(0)
    linker = Linker(model())
    linker.apply(ready(frame))
    before = linker.clusters().clusters
    joint = next(one for one in before if len(one) > 1)
    firm = frame.filter(pl.col("id") == joint[0]).with_columns(surname=pl.lit("SMITH AND CO LTD"))
    changed = linker.apply(ready(firm))
    assert changed.gone == (joint[0],)
    assert all(joint[0] not in one for one in (*changed.clusters, *linker.clusters().clusters))
    assert linker.cluster_of(joint[0]) == ()
    assert joint[0] in linker.export().records["id"]
    assert linker.decide([joint[:2]], []).clusters == ()
    linker.decide([], [])
    linker.apply(ready(frame.filter(pl.col("id") == joint[0])))
    assert linker.clusters().clusters == before


def test_ids_follow_the_stream_and_replay_alike():
    def told(frame):
        linker, who, log = Linker(model()), assign.People(), []
        for day, at in enumerate(range(0, len(frame), 10)):
            changed = linker.apply(ready(frame[at : at + 10]), frame["id"][at - 4 : at - 2].to_list() if at else [])
            decision = assign.assign(who, changed.clusters, changed.gone, datetime(2026, 1, 1, tzinfo=UTC) + day * timedelta(1))
            who.take(decision.log)
            log.append(decision.log)
        return linker, who, pl.concat(log)

    linker, who, log = told(people(3))
    assert {tuple(sorted(one)) for one in past(who, log).records.values()} == set(linker.clusters().clusters)
    assert told(people(3))[2].equals(log)
    assert everybody(log) == past(who, log)


def test_what_a_stream_cannot_take_is_refused():
    frame = people(4)
    linker = Linker(model())
    with pytest.raises(ValueError, match="twice"):
        linker.apply(ready(frame[:2]), [frame["id"][0]])
    with pytest.raises(ValueError, match="at most 63"):
        Linker(replace(model(), rules=model().rules * 64))
    with pytest.raises(KeyError):
        linker.cluster_of("nomis/nobody")
    changed = linker.apply(no_records(model().fields), ["nomis/nobody"])
    assert changed.gone == changed.clusters == ()
