"""The embedded stack: PostgreSQL, Kafka, Kafka Connect with Debezium, a schema registry and S3, on this machine alone."""

from connectors.stack.endpoints import Endpoints
from connectors.stack.parts import fetch
from connectors.stack.stack import Stack, remove, start_detached
from connectors.stack.state import pids, running, stop

__all__ = ["Endpoints", "Stack", "fetch", "pids", "remove", "running", "start_detached", "stop"]
