"""A long campaign of random histories against the naive interpreter: `python -m tests.property.campaign --steps 1000000`."""

import argparse
import logging
import sys
import tempfile
import time
from pathlib import Path
from random import Random

import polars as pl
import structlog

from schemas.change import SEQUENCE
from sink.fold import fold
from sink.identity import new_changes
from sink.overlay import Wide, lay_over
from sink.reach import is_late
from tests.histories import PEOPLE, as_batches, published, random_history, redelivered
from tests.property.playing import COLUMNS, check_pieces, check_released
from tests.property.test_histories import GO, highest, truncates_applied

SHOWN_SECONDS = 30
PLAYED = 25
"""One history of so many is played into tables as well, which takes longer."""


def agrees(seed: int) -> int:
    """Whether one random history gives the naive rows, at once and in parts, in any order of arrival; its number of changes."""
    random = Random(seed)
    history = random_history(seed, random.randrange(1, 60), random.randrange(2, 9))
    log = truncates_applied(GO(as_batches(redelivered(history, random), random)).processed.changes)
    changes = new_changes(log, PEOPLE.key, None, lambda _: log.head(0)).sample(fraction=1, shuffle=True, seed=seed)
    assert len(changes) == history.changes, "each change once"
    rows = fold(changes, PEOPLE.key)
    assert rows.select(COLUMNS).to_dicts() == published(history.last)
    cut = random.randrange(len(changes) + 1)
    first, tail = changes.head(cut), changes.slice(cut)
    every = pl.repeat(value=True, n=len(tail), eager=True)
    for doubtful in (every, is_late(tail, dict.fromkeys(range(3), highest(first)))):
        over = lay_over(fold(first, PEOPLE.key), tail, doubtful, changes.lazy(), Wide.of(changes.lazy(), PEOPLE.key), PEOPLE.key)
        assert over.equals(rows), "in parts as at once"
    at, state = random.choice(history.states)
    ordered = changes.sort(SEQUENCE)
    past = ordered.filter(pl.col("_source_at") <= at)
    assert fold(past, PEOPLE.key).select(COLUMNS).to_dicts() == published(state), "as of an earlier moment"
    return len(changes)


def tables_agree(seed: int) -> int:
    """Whether files that are played give the naive tables, with a lost slot, or with refusals that are released."""
    transactions = Random(seed).randrange(1, 40)
    with tempfile.TemporaryDirectory() as folder:
        if seed % 2:
            return check_released(seed, transactions, Path(folder))
        return check_pieces(seed, transactions, Path(folder), is_lost=True)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--steps", type=int, default=1_000_000)
    parser.add_argument("--seed", type=int, default=1)
    told = parser.parse_args()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))
    steps, seed, began, shown = 0, told.seed, time.monotonic(), 0.0
    while steps < told.steps:
        try:
            steps += agrees(seed)
            steps += tables_agree(seed) if seed % PLAYED == 0 else 0
        except Exception as problem:  # noqa: BLE001 - which seed it was is what is wanted
            sys.stderr.write(f"seed {seed}: {type(problem).__name__}: {problem}\n")
            return 1
        seed += 1
        if time.monotonic() - began - shown > SHOWN_SECONDS:
            shown = time.monotonic() - began
            sys.stdout.write(f"{steps:,} changes, seed {seed}, {shown:.0f} s\n")
            sys.stdout.flush()
    sys.stdout.write(
        f"{steps:,} changes in {seed - told.seed:,} histories from seed {told.seed}: {time.monotonic() - began:.0f} s\n"
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
