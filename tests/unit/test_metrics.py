"""Metrics say what the processes tell; the port is served, or refused."""

import socket
import urllib.request

import pytest

from custody.metrics import serve, text
from schemas.errors import Refused
from sink.history import Counts
from sink.progress import Progress


def said():
    sink = Progress(versions={"people": 7}, counts={"people": Counts(written=5, revised=3, suppressed=2, quarantined=1)})
    sink.waiting["people"] = {"check pnc failed": 1}
    sink.dataset_complete_until["people"] = "2026-03-01T00:00:00+00:00"
    worker = {"datasets": {"people": {"records": 9, "tombstones": 1, "messages": 0, "undeclared": ["surprise"]}}}
    return {
        "worker": {**worker, "is_running": True},
        "sink": {**sink.said(), "is_running": False},
        "redactor": {
            "datasets": {"notes": {"withheld": {"subject unknown": 3}, "revised": 4, "waits": None}},
            "is_running": True,
        },
        "stopped": {"people": "a hole"},
    }


def test_what_became_of_changes_is_counted():
    lines = text(said).splitlines()
    for line in (
        'custody_changes_total{dataset="people",outcome="suppressed"} 2.0',
        'custody_changes_total{dataset="people",outcome="revised"} 3.0',
        'custody_waiting{dataset="people",reason="check pnc failed"} 1.0',
        'custody_complete_until_seconds{dataset="people"} 1.7723232e+09',
        'custody_undeclared_columns{dataset="people"} 1.0',
        'custody_rows_with_unknown_values{dataset="people"} 0.0',
        'custody_process_up{kind="sink"} 0.0',
        'custody_dataset_stopped{dataset="people"} 1.0',
        'custody_texts_withheld{dataset="notes",reason="subject unknown"} 3.0',
        'custody_texts_revised_total{dataset="notes"} 4.0',
    ):
        assert line in lines
    assert "surprise" not in text(said)


def test_a_pipeline_that_has_not_told_anything_has_metrics():
    assert "custody_process_up" in text(lambda: {"worker": {"is_running": False}, "sink": {"is_running": False}, "stopped": {}})


def test_metrics_are_served_and_a_taken_port_is_refused():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
        with pytest.raises(Refused, match="taken"):
            serve(port, said)
    server, thread = serve(port, said)
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=10) as answer:
            assert b"custody_changes_total" in answer.read()
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
