"""`custody link evaluate`: records in, clusters and figures out."""

from collections import Counter
from pathlib import Path
from time import perf_counter

import numpy as np

from custody.linking import metrics, sweep
from custody.linking.known import Source
from custody.linking.labels import Entities, Labels, read_labels
from custody.linking.linking import Linked, link, train
from custody.linking.tables import Records, read_records
from rules.match.model import Model


def evaluated(
    paths: tuple[Source, ...],
    *,
    labels: Path | None,
    mapping: Path | None,
    model: Model | None,
    threshold: float | None,
    id_column: str | None,
    seed: int,
    skip_unknown: bool,
) -> tuple[Linked, dict[str, object]]:
    """The links of the records, and what is printed of them. Without a model one is learnt; labels only measure."""
    began = perf_counter()
    records = read_records(paths, mapping, model, id_column)
    truth = read_labels(labels, records, skip_unknown=skip_unknown) if labels else None
    seconds = {"read": round(perf_counter() - began, 3)}
    if model is None:
        began = perf_counter()
        model = train(records, seed=seed)
        seconds["train"] = round(perf_counter() - began, 3)
    linked = link(records, model, threshold=threshold, seconds=seconds)
    summary = summary_of(linked)
    if truth is not None:
        began = perf_counter()
        summary["quality"] = quality_of(linked, truth)
        linked.seconds["evaluate"] = round(perf_counter() - began, 3)
    linked.seconds["all"] = round(sum(linked.seconds.values()), 3)
    summary["seconds"] = linked.seconds
    return linked, summary


def summary_of(linked: Linked) -> dict[str, object]:
    """What was read, looked at, and found."""
    sizes = np.bincount(np.unique(linked.clusters, return_inverse=True)[1])
    model = linked.model
    return {
        "records": [len(linked.records.left)] + ([] if linked.records.right is None else [len(linked.records.right)]),
        "fields": {field.name: field.kind for field in model.fields},
        "not_compared": list(linked.records.reading.left_out),
        "rules": [" & ".join(rule.parts) for rule in model.rules],
        "pairs": len(linked.blocked),
        "records_in_too_large_blocks": dict(
            zip([" & ".join(rule.parts) for rule in model.rules], linked.blocked.too_large, strict=True)
        ),
        "organisations": int(linked.records.left.left_out.sum()) + _organisations(linked.records),
        "one_to_one": model.one_to_one,
        "threshold": linked.join,
        "expected": model.provenance.get("expected"),
        "edges": int((linked.weights >= linked.join).sum()),
        "edges_for_review": int(((linked.weights < linked.join) & (linked.weights >= model.review)).sum()),
        "clusters": len(sizes),
        "clusters_by_size": {str(size): count for size, count in sorted(Counter(sizes.tolist()).items())},
    }


def _organisations(records: Records) -> int:
    return 0 if records.right is None else int(records.right.left_out.sum())


def quality_of(linked: Linked, truth: Labels) -> dict[str, object]:
    """Precision, recall and F1 at the threshold and at the best one, B³ where entities are known."""
    at = metrics.of_clusters(linked.clusters, truth, linked.split)
    count = linked.records.count
    edges = metrics.of_edges(linked.one, linked.two, linked.weights >= linked.join, truth, count, linked.split)
    top, best = sweep.best(count, linked.one, linked.two, linked.weights, truth, linked.split)
    found = metrics.of_edges(linked.one, linked.two, np.ones(len(linked.one), np.bool_), truth, count, linked.split)
    quality: dict[str, object] = {
        "at_threshold": at.told(),
        "at_best": {"threshold": top if np.isfinite(top) else None, **best.told()},
        "edges_at_threshold": edges.told(),
        "blocking_recall": round(found.recall, 6),
    }
    if isinstance(truth, Entities):
        quality["b_cubed"] = metrics.b_cubed(linked.clusters, truth)
    return quality
