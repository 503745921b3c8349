"""The one door to HTTP: a method, an address, perhaps a body; back come a status and what was said, as JSON where it is."""

import ssl
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import httpx

from schemas.errors import Unavailable


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    body: Any
    """JSON decoded; text where the answer is not JSON; None where it is empty."""

    @property
    def is_good(self) -> bool:
        return 200 <= self.status < 300  # noqa: PLR2004 - the bounds of HTTP's own class of successes


def get(url: str, *, timeout_seconds: float = 10.0) -> Answer:
    return request("GET", url, timeout_seconds=timeout_seconds)


def put(url: str, body: object = None, *, timeout_seconds: float = 10.0) -> Answer:
    return request("PUT", url, body, timeout_seconds=timeout_seconds)


def post(url: str, body: object = None, *, timeout_seconds: float = 10.0) -> Answer:
    return request("POST", url, body, timeout_seconds=timeout_seconds)


def delete(url: str, *, timeout_seconds: float = 10.0) -> Answer:
    return request("DELETE", url, timeout_seconds=timeout_seconds)


def request(method: str, url: str, body: object = None, *, timeout_seconds: float = 10.0) -> Answer:
    """The answer, whatever its status; `Unavailable` where there was none. Proxies are never asked: all is near."""
    try:
        with httpx.Client(timeout=timeout_seconds, trust_env=False, verify=_certificates()) as client:
            response = client.request(method, url, json=body) if body is not None else client.request(method, url)
    except httpx.HTTPError as fault:
        raise Unavailable(f"No answer from {url}: {type(fault).__name__}", method=method) from fault
    return Answer(response.status_code, _body(response))


@lru_cache
def _certificates() -> ssl.SSLContext:
    """Read once: it takes longer than a request."""
    return httpx.create_ssl_context(trust_env=False)


def _body(response: httpx.Response) -> Any:
    if not response.content:
        return None
    try:
        return response.json()
    except ValueError:
        return response.text
