"""What is learnt and joined: the same whatever the order, symmetric, and right about twins, fathers and sons."""

import functools
from dataclasses import replace
from itertools import pairwise

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rules.match import cluster, guess, learn, modelfile
from rules.match.blocking import index_of, pairs_between, pairs_within
from rules.match.known import Known
from rules.match.prepared import prepare, prepare_fields
from rules.match.score import reasons, weights
from rules.match.stream import Linker
from tests.linkage.people import records


@functools.cache
def known_people():
    frame, truth = records(400, seed=3, noise=0.6)
    model = learned(frame)
    return frame, truth, model


def learned(frame, seed=1):
    reading = guess.reading([frame], {}, ["id"])
    return learn.learn(prepare_fields(frame, reading.fields, "id"), None, reading.fields, seed=seed)


def clustered(frame, model):
    """Sets of ids."""
    ready = prepare(frame, model, "id")
    pairs = pairs_within(ready, model.rules, model.max_block)
    found = weights(model, ready, ready, pairs.left, pairs.right, least=model.review)
    labels = cluster.clusters(len(ready), pairs.left, pairs.right, found, model.join).labels
    return {frozenset(group) for group in pl.DataFrame({"id": ready.ids, "c": labels}).group_by("c").agg("id")["id"].to_list()}


@pytest.mark.parametrize("seed", range(3))
def test_the_order_of_records_changes_nothing_to_the_bit(seed):
    frame, _, model = known_people()
    shuffled = frame.sample(fraction=1, shuffle=True, seed=seed)
    again = learned(shuffled)
    assert modelfile.dumps(again) == modelfile.dumps(model)
    assert clustered(shuffled, again) == clustered(frame, model)


def test_a_model_file_gives_the_model_back():
    _, _, model = known_people()
    assert modelfile.loads(modelfile.dumps(model)) == model


def test_the_weight_is_symmetric_and_the_sum_of_its_reasons():
    frame, _, model = known_people()
    ready = prepare(frame, model, "id")
    pairs = pairs_within(ready, model.rules, model.max_block)
    forward = weights(model, ready, ready, pairs.left, pairs.right)
    assert np.array_equal(forward, weights(model, ready, ready, pairs.right, pairs.left))
    assert np.allclose(forward, reasons(model, ready, ready, pairs.left, pairs.right).total)


def test_what_is_cut_short_is_only_what_is_too_light():
    frame, _, model = known_people()
    ready = prepare(frame, model, "id")
    pairs = pairs_within(ready, model.rules, model.max_block)
    full = weights(model, ready, ready, pairs.left, pairs.right)
    short = weights(model, ready, ready, pairs.left, pairs.right, least=model.review)
    assert np.array_equal(short[full >= model.review], full[full >= model.review])
    assert (short[full < model.review] < model.review).all()


@settings(max_examples=4)
@given(st.integers(0, 2**31), st.lists(st.integers(10, 200), min_size=1, max_size=4))
def test_a_stream_finds_the_pairs_of_the_batch(seed, sizes):
    frame, _, model = known_people()
    frame = frame[:300]
    shuffled = frame.sample(fraction=1, shuffle=True, seed=seed)
    ready = prepare(frame, model, "id")
    pairs = pairs_within(ready, model.rules, model.max_block)
    found = weights(model, ready, ready, pairs.left, pairs.right, least=model.review)
    ids = ready.ids.to_list()
    rows = zip(pairs.left.tolist(), pairs.right.tolist(), found.tolist(), strict=True)
    batch = {(frozenset((ids[one], ids[two])), weight) for one, two, weight in rows if weight >= model.review}
    known, streamed, at = Known(model), set(), 0
    while at < len(shuffled):
        size = sizes[at % len(sizes)]
        piece = prepare(shuffled[at : at + size], model, "id")
        known.add(piece)
        result = known.find(piece)
        for new, other, weight in zip(result.new.tolist(), result.known_ids, result.weights.tolist(), strict=True):
            if piece.ids[new] != other:
                streamed.add((frozenset((piece.ids[new], other)), weight))
        at += size
    assert streamed == batch
    assert len(known) == len(frame)
    assert known.index_bytes <= 100 * len(frame)


def test_a_known_record_is_replaced_and_removed():
    frame, _, model = known_people()
    known = Known(model)
    known.add(prepare(frame, model, "id"))
    one = prepare(frame[:1], model, "id")
    known.add(one)
    assert len(known) == len(frame)
    assert known.find(one).known_ids.count(one.ids[0]) == 1
    known.remove(known.find_numbers(one.ids))
    assert one.ids[0] not in known.find(one).known_ids


def test_an_id_comes_once_in_what_is_added():
    frame, _, model = known_people()
    known = Known(model)
    with pytest.raises(ValueError, match="twice"):
        known.add(prepare(pl.concat([frame[:1], frame[:1]]), model, "id"))
    assert len(known) == 0


def test_records_without_shares_weigh_the_same():
    frame, _, model = known_people()
    ready = prepare(frame, model, "id")
    known = Known(model)
    known.add(replace(ready, shares={}))
    with_shares, without = known.find(ready), known.find(replace(ready, shares={}))
    assert np.array_equal(with_shares.weights, without.weights)
    assert len(with_shares.weights)


def test_an_enormous_block_gives_no_pairs_and_is_reported():
    frame = pl.DataFrame(
        {"id": [str(place) for place in range(10_000)], "forename": ["J"] * 10_000, "surname": ["SMITH"] * 10_000}
    )
    model = learned(frame)
    ready = prepare(frame, model, "id")
    within = pairs_within(ready, model.rules, model.max_block)
    assert len(within) == 0
    assert within.too_large[0] == 10_000
    assert len(pairs_between(ready, index_of(ready, model.rules), model.rules, model.max_block)) == 0
    known = Known(model)
    known.add(ready)
    assert known.find(prepare(frame[:5], model, "id")).too_large[0] == 5


def test_an_enormous_block_that_comes_in_batches_is_bounded_and_reported():
    frame = pl.DataFrame({"id": [f"{place:05}" for place in range(10_000)]}).with_columns(
        forename=pl.lit("J"), surname=pl.lit("SMITH")
    )
    model = replace(learned(frame), review=-99.0)
    linker, linked = Linker(model), []
    for low, high in pairwise([0, 100, model.max_block, model.max_block + 1, 5000, 10_000]):
        changed = linker.apply(prepare(frame[low:high], model, "id"))
        linked.append((len(changed.links), len(changed.withdrawn), changed.too_large[0]))
    pairs = model.max_block * (model.max_block - 1) // 2
    over = model.max_block + 1
    assert linked == [(4950, 0, 0), (pairs - 4950, 0, 0), (0, pairs, over), (0, 0, 5000 - over), (0, 0, 5000)]
    assert len(linker.clusters().clusters) == 10_000
    back = linker.apply(None, frame["id"][model.max_block :].to_list())
    assert len(back.links) == pairs


FAMILY = {"surname": "OKWINSON", "address": "12 MILL LANE", "town": "DERBY", "postcode": "DE4 5PQ", "sex": "M"}


def weight_of(model, first, second):
    frame = pl.DataFrame([{"id": "1", **FAMILY, **first}, {"id": "2", **FAMILY, **second}])
    for field in model.fields:
        if field.columns[0] not in frame.columns:
            frame = frame.with_columns(pl.lit(None, pl.String).alias(field.columns[0]))
    ready = prepare(frame, model, "id")
    return float(weights(model, ready, ready, np.array([0]), np.array([1]))[0])


def person(forename, born, **more):
    return {"forename": forename, "date_of_birth": born, **more}


@pytest.mark.parametrize(
    ("first", "second"),
    [
        pytest.param(person("LIAM", "1990-03-14"), person("CONNOR", "1990-03-14"), id="twins"),
        pytest.param(person("PAUL", "1960-03-14"), person("PAUL", "1989-11-02"), id="father and son"),
        pytest.param(person("KYLE", "1985-03-14"), person("RYAN", "1988-12-01"), id="brothers"),
        pytest.param(
            person("PAUL", "1960-03-14", pnc_number="2002/0073319Z", prison_number="A1234AA"),
            person("PAUL", "1960-04-14", pnc_number="1979/0163001B", prison_number="A5678BC"),
            id="both numbers differ",
        ),
    ],
)
def test_who_lives_together_is_not_one(first, second):
    _, _, model = known_people()
    assert weight_of(model, first, second) < model.join


def test_one_person_is_one_at_another_address():
    _, _, model = known_people()
    person = {"forename": "PAUL", "middle_name": "LEE", "date_of_birth": "1960-03-14"}
    assert weight_of(model, person, {**person, "address": "7 HIGH STREET", "town": "YORK", "postcode": "YO1 2AB"}) > model.join


@given(st.lists(st.tuples(st.integers(0, 30), st.integers(0, 30)), max_size=60), st.randoms())
def test_clusters_are_components_whatever_the_order(edges, random):
    def parts(pairs):
        one, two = np.array([pair[0] for pair in pairs], np.int64), np.array([pair[1] for pair in pairs], np.int64)
        return cluster.components(31, one, two).tolist()

    naive = list(range(31))
    for one, two in edges:
        low, high = sorted((naive[one], naive[two]))
        naive = [low if label == high else label for label in naive]
    assert parts(edges) == naive
    shuffled = [pair[::-1] if random.random() < 0.5 else pair for pair in random.sample(edges, len(edges))]
    assert parts(shuffled) == naive


def test_what_people_decided_counts_and_contradictions_are_named():
    one, two, weight = np.array([0, 1]), np.array([1, 2]), np.array([9.0, 9.0])
    assert cluster.clusters(4, one, two, weight, 1.0, together=[(3, 2)]).labels.tolist() == [0, 0, 0, 0]
    assert cluster.clusters(4, one, two, weight, 1.0, apart=[(2, 1)]).labels.tolist() == [0, 0, 2, 3]
    held = cluster.clusters(4, one, two, weight, 1.0, apart=[(0, 2)])
    assert held.conflicts == ((0, 2),)
    told_both = cluster.clusters(4, one, two, weight, 1.0, together=[(0, 3)], apart=[(0, 3)])
    assert told_both.labels.tolist() == [0, 0, 0, 3]
