"""Tokens over rotations of their keys: what a value gives, and what tables hold whoever wrote what under which key."""

from dataclasses import replace
from random import Random

import polars as pl
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from connectors.placeholder import Placeholder
from custody import check, protect
from custody.decide import Desk, Filter, waiting
from custody.keyring import Key, Keyring, write_keyring
from custody.pipeline import way
from custody.play import play
from custody.settings import load_settings
from rules.protect import Keys
from rules.tokens import count_tokens, lift
from sink.current import Current
from sink.history import History
from sink.lake import Lake
from sink.lift import lift_dataset
from sink.read import Reader
from tests.histories import PEOPLE, as_batches, as_lines, published, random_history, redelivered
from tests.property.playing import COLUMNS

SECRETS = [f"secret {number} of the tests, long enough" for number in range(1, 5)]
KEYS = [Keys(SECRETS[0].encode(), tuple(secret.encode() for secret in SECRETS[1:count])) for count in range(1, 5)]
"""Of one version after the other."""
HIDDEN = {"id": protect.token("person"), "note": protect.token("note")}
TOKENISED = replace(PEOPLE, columns=tuple(replace(c, protect=HIDDEN[c.name]) if c.name in HIDDEN else c for c in PEOPLE.columns))
ODD_NAMES = check.one_of(*(f"n{number}" for number in range(99) if number % 7))
STRICT = replace(TOKENISED, columns=tuple(replace(c, check=(ODD_NAMES,)) if c.name == "name" else c for c in TOKENISED.columns))
values = st.lists(st.one_of(st.none(), st.text(), st.integers(1, 4).map(lambda n: f"tok{n}.person.{'0123456789abcdef' * 2}")))
versions = st.integers(0, 3)


def tokens(texts, keys, scope="person"):
    frame = pl.DataFrame({"v": texts}, schema={"v": pl.String})
    return frame.select(protect.token(scope).apply(pl.col("v"), keys))["v"]


@given(values, versions, versions)
@settings(max_examples=60)
def test_a_token_lifted_is_what_its_value_gives_under_the_later_key(texts, one, two):
    old, new = KEYS[min(one, two)], KEYS[max(one, two)]
    strangers = [text for text in texts if text is None or not text.startswith("tok")]
    given_before, given_now = tokens(strangers, old), tokens(strangers, new)
    assert lift(given_before, new).equals(given_now)
    assert tokens(given_before, new).equals(given_now), "the token of an older token is that one lifted"
    assert tokens(given_now, new).equals(given_now), "the token of a token is itself"
    within = '{"id":"' + given_before + '","of":"x"}'
    assert lift(within, new).equals('{"id":"' + given_now + '","of":"x"}')


@given(values, versions)
@settings(max_examples=60)
def test_no_value_shows_and_scopes_never_meet(texts, version):
    one, two = (tokens(texts, KEYS[version], scope) for scope in ("person", "court"))
    for token in (one, two):
        assert token.is_null().to_list() == [text is None for text in texts]
        assert token.drop_nulls().str.contains(rf"^tok{version + 1}\.(person|court)\.[0-9a-f]{{32}}$").all()
        assert token.n_unique() == len(set(lift(pl.Series(texts, dtype=pl.String), KEYS[version]).to_list()))
    digests = [set(token.drop_nulls().str.tail(32)) for token in (one, two)]
    assert not digests[0] & digests[1]


@given(values, versions, st.randoms(use_true_random=False))
@settings(max_examples=30)
def test_a_token_does_not_depend_on_what_stands_beside_it(texts, version, random):
    keys = KEYS[version]
    order = list(range(len(texts)))
    random.shuffle(order)
    together, shuffled = tokens(texts, keys), tokens([texts[place] for place in order], keys)
    assert [tokens([text], keys)[0] for text in texts] == together.to_list()
    assert shuffled.to_list() == together.gather(order).to_list()


def expected(state, keys):
    """The rows of a table, sorted by their tokens."""
    rows = published(state)
    for name, scope in (("id", "person"), ("note", "note")):
        made = tokens([None if row[name] is None else str(row[name]) for row in rows], keys, scope)
        rows = [{**row, name: token} for row, token in zip(rows, made, strict=True)]
    return sorted(rows, key=lambda row: row["id"])


@given(st.integers(0, 2**32), st.integers(1, 30), st.booleans())
@example(seed=4, transactions=25, in_order=True)
@settings(max_examples=6, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_tables_are_of_one_key_whatever_keys_the_workers_have(tmp_path_factory, seed, transactions, in_order):
    """Keys are rotated at any time; until each worker is started again, it goes on with those it has."""
    random, lake = Random(seed), Lake(str(tmp_path_factory.mktemp("rotated")))
    history = random_history(seed, transactions)
    newest, changes, current = 0, None, None
    for batch in as_batches(redelivered(history, random), random):
        if changes is None or random.random() < 0.15:
            newest = min(newest + random.randrange(2), 3)
            lift_dataset(lake, TOKENISED, KEYS[newest], {})
            changes = History(lake, TOKENISED, {}, in_order=in_order, partitions=3, keys=KEYS[newest])
            current = Current(lake, TOKENISED, changes.table, {}, in_order=in_order)
        passed = way(TOKENISED, Placeholder(), KEYS[random.randrange(newest + 1)])([batch]).processed
        current.add(changes.append(passed.changes, passed.refusals, {})[0])
        if random.random() < 0.3:
            current.fold()
    rows = expected(history.last, KEYS[newest])
    assert Reader(lake, "people").now().select(COLUMNS).to_dicts() == rows
    current.fold()
    assert pl.read_delta(lake.current(TOKENISED).address).sort("id").select(COLUMNS).to_dicts() == rows
    told = Reader(lake, "people").history()
    assert len(told) == history.changes, "each change once"
    named = told.select("id", "_previous_key", "note").unpivot()["value"]
    assert set(count_tokens(named)) <= {KEYS[newest].version}


@given(st.integers(0, 2**32), st.integers(1, 25))
@settings(max_examples=3, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_what_waits_waits_over_a_rotation_and_is_released_under_the_new_key(tmp_path_factory, seed, transactions):
    random, history = Random(seed), random_history(seed, transactions)
    lines = as_lines(redelivered(history, random))
    cut = random.randrange(len(lines) + 1)
    held = []
    for rotations in (0, 1):
        folder = tmp_path_factory.mktemp("rotated")
        lake, ring = Lake(str(folder / "lake")), folder / "keys"
        known = load_settings().but(lake=lake.address, token_secret=SECRETS[0], keyring=ring)
        for number, piece in enumerate((lines[:cut], lines[cut:])):
            if number and rotations:
                write_keyring(ring, Keyring((Key(2, "2026-01-01T00:00:00+00:00", SECRETS[1]),)))
            (folder / "events.jsonl").write_text("".join(line + "\n" for line in piece), encoding="utf-8")
            play(folder / "events.jsonl", {"people": STRICT}, lake, known, lambda *_: None)
        held.append(waiting(lake, STRICT).sort("_partition", "_offset").drop("key_token", strict=False))
    assert held[0].equals(held[1])
    Desk(known, TOKENISED, {"people": TOKENISED}).release(Filter(), "tests")
    assert len(waiting(lake, TOKENISED)) == 0, "nothing waits"
    assert Reader(lake, "people").now().select(COLUMNS).to_dicts() == expected(history.last, KEYS[1])
