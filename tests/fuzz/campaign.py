"""A long campaign of mutated input: `python -m tests.fuzz.campaign --inputs 1000000 --seed 1`.

Each round is made from its own seed alone. What fails is shrunk and saved as hex in `.custody/fuzz`.
"""

import argparse
import faulthandler
import json
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from random import Random

import psutil

from tests.fuzz.decoding import alike, check_decoding, check_road
from tests.fuzz.events import Input, inputs
from tests.fuzz.others import CHECKS

RECORDS = 800
OTHERS = {"cleaned topic": 8, "event file": 8, "transaction end": 40, "declaration": 4}
"""How often each of the other decoders is tried in a round."""
WARM_ROUNDS = 60
GROWTH_BYTES = 100 << 20
"""More memory than this after the first rounds is growth: buffers and caches are warm by then."""
SAVED = Path(".custody/fuzz")
CheckRecords = Callable[[Sequence[Input]], None]


@dataclass
class Failed(Exception):
    """Something that must hold did not, for these records."""

    seed: int
    what: str
    problem: BaseException
    records: Sequence[Input] = ()


def one_round(seed: int, folder: Path, records: int = RECORDS) -> int:
    """All checks once, with what a seed gives; the number of inputs.

    Raises:
        Failed: with the records it takes.
    """
    random = Random(seed)
    made = inputs(random, records)
    groups: list[tuple[CheckRecords, Sequence[Input]]] = [(check_decoding, made)]
    if seed % 4 == 0:
        groups = [(check_decoding, group) for group in alike(made)]
    elif seed % 4 == 1:
        groups.append((check_road, made))
    for check, group in groups:
        problem = failing(check, group)
        if problem is not None:
            raise Failed(seed, check.__name__, problem, shrunk(check, group))
    for name, times in OTHERS.items():
        for number in range(times):
            try:
                CHECKS[name](Random(f"{seed}/{number}"), folder)
            except BaseException as problem:
                raise Failed(seed, f"{name} {number}", problem) from problem
    return records + sum(OTHERS.values())


def failing(check: CheckRecords, records: Sequence[Input]) -> BaseException | None:
    """What does not hold; native code panics with what is no Exception."""
    try:
        check(records)
    except (KeyboardInterrupt, SystemExit):
        raise
    except BaseException as problem:  # noqa: BLE001 - see above
        return problem
    return None


def shrunk(check: CheckRecords, records: Sequence[Input]) -> list[Input]:
    """Fewer records, and less of them, that fail all the same."""
    left = list(records)
    size = len(left) // 2
    while size:
        for start in range(0, len(left), size):
            fewer = left[:start] + left[start + size :]
            if fewer and failing(check, fewer) is not None:
                left = fewer
                break
        else:
            size //= 2
    for place, record in enumerate(left[:2]):
        others = left[:place], left[place + 1 :]
        left[place] = _shorter(record, lambda one, o=others: failing(check, [*o[0], one, *o[1]]) is not None)
    return left


def _shorter(record: Input, fails: Callable[[Input], bool]) -> Input:
    """The record with as little of its value as fails all the same, within a few hundred tries."""
    size, tries = len(record.value or b"") // 2, 0
    while size and tries < 300:
        value = record.value or b""
        cuts = (replace(record, value=value[:start] + value[start + size :]) for start in range(0, len(value), size))
        shorter = next((cut for cut in cuts if (tries := tries + 1) < 300 and fails(cut)), None)
        record, size = (shorter, size) if shorter is not None else (record, size // 2)
    return record


def save(failed: Failed) -> Path:
    SAVED.mkdir(parents=True, exist_ok=True)
    path = SAVED / f"{failed.seed}.json"
    problem, records = f"{type(failed.problem).__name__}: {failed.problem}", [json.loads(one.said()) for one in failed.records]
    said = {"seed": failed.seed, "what": failed.what, "problem": problem, "records": records}
    path.write_text(json.dumps(said, indent=1), encoding="utf-8")
    return path


def campaign(wanted: int, first: int, tell: Callable[[str], None]) -> int:
    """Round after round until there were so many inputs; the number of rounds that failed."""
    done, failures, began, told, warm = 0, 0, time.monotonic(), 0.0, 0
    process = psutil.Process()
    with tempfile.TemporaryDirectory() as folder:
        seed = first
        while done < wanted:
            try:
                done += one_round(seed, Path(folder))
            except Failed as failed:
                failures += 1
                done += RECORDS
                tell(f"seed {seed}: {failed.what}: {type(failed.problem).__name__}: {failed.problem}; saved in {save(failed)}")
            seed += 1
            if seed - first == WARM_ROUNDS:
                warm = process.memory_info().rss
            now = time.monotonic() - began
            if now - told > 15:
                told = now
                tell(f"{done:,} inputs, seed {seed}, {now:.0f} s, {process.memory_info().rss >> 20} MB, {failures} failed")
        grown = process.memory_info().rss - warm if warm else 0
        tell(f"{done:,} inputs of seeds {first} to {seed - 1}: {failures} failed, {now:.0f} s, {grown >> 20} MB grown")
    return failures + (grown > GROWTH_BYTES)


def main() -> int:
    faulthandler.enable()
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--inputs", type=int, default=1_000_000)
    parser.add_argument("--seed", type=int, default=1)
    told = parser.parse_args()
    return 1 if campaign(told.inputs, told.seed, lambda line: print(line, flush=True)) else 0  # noqa: T201 - its output


if __name__ == "__main__":
    sys.exit(main())
