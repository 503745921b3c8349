"""Summaries as lines for people."""

from collections.abc import Iterator, Mapping
from typing import Any


def lines_of(summary: Mapping[str, Any]) -> Iterator[str]:
    """What `evaluate` prints."""
    yield f"{' + '.join(f'{count:,}' for count in summary['records'])} records, {summary['pairs']:,} pairs looked at"
    yield "compared: " + ", ".join(f"{name} ({kind})" for name, kind in summary["fields"].items())
    if summary["not_compared"]:
        yield "not compared: " + ", ".join(summary["not_compared"])
    for rule, count in summary["records_in_too_large_blocks"].items():
        if count:
            yield f"{count:,} records stand in blocks that are too large for {rule}"
    if summary["organisations"]:
        yield f"{summary['organisations']:,} organisations left out"
    yield f"threshold {summary['threshold']:.3f}" + (", each record has one partner at most" if summary["one_to_one"] else "")
    yield f"{summary['edges']:,} links, {summary['edges_for_review']:,} for review, {summary['clusters']:,} clusters"
    if "quality" in summary:
        yield from _quality(summary["quality"])
    yield "seconds: " + ", ".join(f"{name} {value:.2f}" for name, value in summary["seconds"].items())


def _quality(quality: Mapping[str, Any]) -> Iterator[str]:
    for name, where in (("at_threshold", "at the threshold"), ("at_best", "at the best"), ("edges_at_threshold", "links alone")):
        one = quality[name]
        at = f" ({one['threshold']:.3f})" if one.get("threshold") is not None else ""
        yield (
            f"{where}{at}: precision {one['precision']:.4f}, recall {one['recall']:.4f}, F1 {one['f1']:.4f}"
            f" ({one['true_positives']:,} right, {one['false_positives']:,} wrong, {one['false_negatives']:,} missed)"
        )
    if "b_cubed" in quality:
        b3 = quality["b_cubed"]
        yield f"B³: precision {b3['precision']:.4f}, recall {b3['recall']:.4f}, F1 {b3['f1']:.4f}"
    yield f"pairs looked at hold {quality['blocking_recall']:.4f} of the true ones"
