"""Metrics of a running pipeline in Prometheus' form, from what its processes tell; names and counts only, never a value.

Labels are datasets, reasons and kinds of process: words of declarations and of this code.
"""

import threading
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import Any
from wsgiref.simple_server import WSGIServer

from prometheus_client import CollectorRegistry, generate_latest, start_http_server
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from schemas.errors import Refused

Status = Mapping[str, Any]
OUTCOMES = ("written", "revised", "suppressed", "quarantined")
_OF_WORKER = {"records": "Raw records that were cleaned.", "tombstones": "Tombstones.", "messages": "Logical messages."}


class _OfStatus(Collector):
    """Reads the status anew each time that somebody asks."""

    def __init__(self, look: Callable[[], Status]) -> None:
        self._look = look

    def collect(self) -> Iterable[Metric]:
        said = self._look()
        yield _up(said)
        yield _stopped(said)
        yield from _of_worker(said["worker"].get("datasets", {}))
        yield from _of_sink(said["sink"])
        yield from _of_redactor(said.get("redactor", {}).get("datasets", {}))


def _up(said: Status) -> Metric:
    up = GaugeMetricFamily("custody_process_up", "Whether a process runs.", labels=["kind"])
    for kind in ("worker", "sink", *(("redactor",) if "redactor" in said else ())):
        up.add_metric([kind], float(said[kind]["is_running"]))
    return up


def _stopped(said: Status) -> Metric:
    stopped = GaugeMetricFamily("custody_dataset_stopped", "Datasets that need a person.", labels=["dataset"])
    for name in said["stopped"]:
        stopped.add_metric([name], 1.0)
    return stopped


def _of_worker(datasets: Mapping[str, Status]) -> Iterable[Metric]:
    for word, meaning in _OF_WORKER.items():
        counted = CounterMetricFamily(f"custody_cleaned_{word}", meaning, labels=["dataset"])
        for name, one in datasets.items():
            counted.add_metric([name], one[word])
        yield counted
    withheld = GaugeMetricFamily("custody_undeclared_columns", "Columns that arrive and are withheld.", labels=["dataset"])
    for name, one in datasets.items():
        withheld.add_metric([name], len(one["undeclared"]))
    yield withheld


def _of_redactor(datasets: Mapping[str, Status]) -> Iterable[Metric]:
    withheld = GaugeMetricFamily("custody_texts_withheld", "Free text not published yet.", labels=["dataset", "reason"])
    revised = CounterMetricFamily("custody_texts_revised", "Changes whose text was redacted.", labels=["dataset"])
    for name, one in datasets.items():
        revised.add_metric([name], one["revised"])
        for reason, count in one["withheld"].items():
            withheld.add_metric([name, reason], count)
    return [withheld, revised]


def _of_sink(sink: Status) -> Iterable[Metric]:
    datasets: Mapping[str, Status] = sink.get("datasets", {})
    changes = CounterMetricFamily("custody_changes", "What became of changes.", labels=["dataset", "outcome"])
    waiting = GaugeMetricFamily("custody_waiting", "Events that wait in quarantine.", labels=["dataset", "reason"])
    until = GaugeMetricFamily("custody_complete_until_seconds", "Source time of completeness.", labels=["dataset"])
    gauges = {
        "tail": GaugeMetricFamily("custody_unfolded_changes", "Changes that current/ lacks yet.", labels=["dataset"]),
        "unknown": GaugeMetricFamily("custody_rows_with_unknown_values", "Rows of current/ such.", labels=["dataset"]),
        "version": GaugeMetricFamily("custody_history_version", "Version of history/.", labels=["dataset"]),
    }
    for name, one in datasets.items():
        for outcome in OUTCOMES:
            changes.add_metric([name, outcome], one[outcome])
        for reason, count in one["waiting"].items():
            waiting.add_metric([name, reason], count)
        for word, gauge in gauges.items():
            gauge.add_metric([name], one.get(word, 0))
        if one["complete_until"]:
            until.add_metric([name], datetime.fromisoformat(one["complete_until"]).timestamp())
    latency = GaugeMetricFamily("custody_latency_seconds", "From commit in the source to history/.", labels=["quantile"])
    for quantile, key in (("0.5", "p50"), ("0.99", "p99")):
        if (seconds := sink.get("latency_seconds", {}).get(key)) is not None:
            latency.add_metric([quantile], seconds)
    raw = CounterMetricFamily("custody_raw_records", "Records laid down as evidence.")
    raw.add_metric([], sink.get("raw_records", 0))
    return [changes, waiting, until, *gauges.values(), latency, raw]


def _registry(look: Callable[[], Status]) -> CollectorRegistry:
    registry = CollectorRegistry()
    registry.register(_OfStatus(look))
    return registry


def text(look: Callable[[], Status]) -> str:
    """The metrics in Prometheus' text format."""
    return generate_latest(_registry(look)).decode()


def serve(port: int, look: Callable[[], Status]) -> tuple[WSGIServer, threading.Thread]:
    """Answer `http://127.0.0.1:port/metrics` until this process ends.

    Raises:
        Refused: the port is taken.
    """
    try:
        return start_http_server(port, "127.0.0.1", _registry(look))
    except OSError as problem:
        raise Refused("the port of the metrics is taken", port=port, remedy="set CUSTODY_METRICS_PORT to another") from problem
