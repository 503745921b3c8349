"""Splink beside our own: the same records under Splink 5, set up as its documentation advises, and where the two agree.

Splink is not a dependency; where it is installed it is the reference.
"""

from importlib import import_module
from importlib.util import find_spec
from itertools import combinations
from time import perf_counter
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from custody.linking import metrics, sweep
from custody.linking.labels import Labels
from custody.linking.linking import Linked
from custody.linking.tables import Records
from rules.match import cluster
from rules.match.model import Field
from rules.match.prepared import Prepared
from schemas.errors import Refused

JOIN = 0.5
"""Splink's pairs are joined from even odds on."""
U_PAIRS = 1_000_000


def compare(linked: Linked, truth: Labels | None) -> dict[str, object]:
    """How many pairs both join, and each alone; the quality of each where labels are known."""
    one, two, weights, seconds = predicted(linked.records, list(linked.model.fields))
    count = linked.records.count
    strong = weights >= np.log2(JOIN / (1 - JOIN))
    theirs = np.minimum(one, two)[strong] * count + np.maximum(one, two)[strong]
    mine = (np.minimum(linked.one, linked.two) * count + np.maximum(linked.one, linked.two))[linked.weights >= linked.join]
    both = len(np.intersect1d(mine, theirs))
    found: dict[str, object] = {"pairs_of_both": both, "only_ours": len(mine) - both, "only_splink": len(theirs) - both,
                                "splink_seconds": round(seconds, 2)}  # fmt: skip
    found["weights_correlation"] = _correlation(linked, one, two, weights)
    if truth is not None:
        groups = cluster.components(count, one[strong], two[strong])
        best = sweep.best(count, linked.one, linked.two, linked.weights, truth, linked.split)[1]
        found["ours"] = metrics.of_clusters(linked.clusters, truth, linked.split).told()
        found["ours_best_f1"] = round(best.f1, 6)
        found["splink"] = metrics.of_clusters(groups, truth, linked.split).told()
        found["splink_best_f1"] = round(sweep.best(count, one, two, weights, truth, linked.split)[1].f1, 6)
    return found


def _correlation(linked: Linked, one: NDArray[np.int64], two: NDArray[np.int64], weights: NDArray[np.float64]) -> float | None:
    """Of the weights of pairs that both scored (Spearman)."""
    ours = pl.DataFrame({"a": np.minimum(linked.one, linked.two), "b": np.maximum(linked.one, linked.two), "w": linked.weights})
    theirs = pl.DataFrame({"a": np.minimum(one, two), "b": np.maximum(one, two), "v": weights})
    both = ours.join(theirs, on=["a", "b"])
    return None if len(both) < 3 else round(float(both.select(pl.corr("w", "v", method="spearman")).item()), 4)  # noqa: PLR2004


def predicted(records: Records, fields: list[Field]) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float64], float]:
    """Splink's pairs as rows over both files, their weights in bits, and the seconds it took.

    Raises:
        Refused: Splink is not installed.
    """
    if find_spec("splink") is None:
        raise Refused("Splink is not installed", remedy="pip install 'splink>=5,<6'")
    splink: Any = import_module("splink")
    backend: Any = import_module("splink.backends.duckdb")
    began = perf_counter()
    sides = [records.left, *([] if records.right is None else [records.right])]
    api = backend.DuckDBAPI()
    frames = [api.register(_table(side, fields).to_arrow(), table_name=f"side{place}") for place, side in enumerate(sides)]
    settings = splink.SettingsCreator(
        link_type="dedupe_only" if len(sides) == 1 else "link_only",
        comparisons=[_comparison(field) for field in fields],
        blocking_rules_to_generate_predictions=[splink.block_on(*rule) for rule in _rules(fields)],
    )
    linker = splink.Linker(frames if len(frames) > 1 else frames[0], settings)
    train = linker.training
    strict = _rules(fields)[:3]
    train.estimate_probability_two_random_records_match([splink.block_on(*rule) for rule in strict], recall=0.7)
    train.estimate_u_using_random_sampling(max_pairs=U_PAIRS)
    for rule in strict[:2]:
        train.estimate_parameters_using_expectation_maximisation(splink.block_on(*rule))
    pairs = pl.from_arrow(linker.inference.predict(threshold_match_weight=-10).as_pyarrow_table())
    assert isinstance(pairs, pl.DataFrame)
    one, two = (_rows(pairs, side, len(records.left), len(sides)) for side in ("l", "r"))
    return one, two, pairs["match_weight"].to_numpy().astype(np.float64), perf_counter() - began


def _rows(pairs: pl.DataFrame, side: str, split: int, count: int) -> NDArray[np.int64]:
    rows = pairs[f"unique_id_{side}"].to_numpy().astype(np.int64)
    if count == 1:
        return rows
    return rows + split * (pairs[f"source_dataset_{side}"] == "side1").to_numpy().astype(np.int64)


def _table(side: Prepared, fields: list[Field]) -> pl.DataFrame:
    """The cleaned values as Splink takes them: one text a field, and the row as its id."""
    columns = {field.name.replace(" ", "_"): side.pools[field.name].values.gather(side.codes[field.name]) for field in fields}
    return pl.DataFrame({"unique_id": np.arange(len(side)), **columns})


def _comparison(field: Field) -> object:
    library: Any = import_module("splink.comparison_library")
    name = field.name.replace(" ", "_")
    if field.kind in {"forename", "surname", "middle_name"}:
        return library.NameComparison(name)
    if field.kind == "birth_date":
        return library.DamerauLevenshteinAtThresholds(name, [1, 2])
    if field.kind == "email":
        return library.EmailComparison(name)
    if field.kind in {"sex", "category", "region"}:
        return library.ExactMatch(name).configure(term_frequency_adjustments=True)
    return library.LevenshteinAtThresholds(name, [1, 2]).configure(term_frequency_adjustments=True)


def _rules(fields: list[Field]) -> list[tuple[str, ...]]:
    """Two names and a birth date in pairs first, then every other field with one of them."""
    named = [
        field.name.replace(" ", "_") for kind in ("birth_date", "surname", "forename") for field in fields if field.kind == kind
    ]
    rest = [field.name.replace(" ", "_") for field in fields if field.kind not in {"sex", "category", "region"}]
    pairs = [tuple(pair) for pair in combinations(named or rest, 2)]
    return pairs + [(name,) for name in rest if name not in named] or [(name,) for name in rest]
