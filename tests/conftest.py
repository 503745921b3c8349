"""One embedded stack for the whole suite; every test on it works on names of its own."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from connectors.stack import Endpoints, Stack, remove
from custody.settings import Settings
from custody.stack import with_endpoints

SECRET = "a secret of the tests, long enough"

# The same examples each time: `--hypothesis-profile=others` looks for others. A slow machine is no failure.
settings.register_profile("others", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("same", settings.get_profile("others"), derandomize=True)
settings.load_profile("same")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What starts stacks of its own comes last: by then the other half of the tests leaves the machine to it."""
    items.sort(key=lambda item: item.get_closest_marker("stack") is not None and "endpoints" not in item.fixturenames)  # type: ignore[attr-defined]


@pytest.fixture(scope="session")
def cache() -> Path:
    return Path(os.environ.get("CUSTODY_CACHE", "~/.cache/custody")).expanduser()


@pytest.fixture(scope="session")
def stack(tmp_path_factory: pytest.TempPathFactory, cache: Path) -> Iterator[Stack]:
    data = tmp_path_factory.mktemp("stack")
    with Stack(data, cache) as stack:
        yield stack
    remove(data)


@pytest.fixture(scope="session")
def endpoints(stack: Stack) -> Endpoints:
    return stack.start()


@pytest.fixture(scope="session")
def kafka(endpoints: Endpoints) -> str:
    return endpoints.kafka


@pytest.fixture
def live_settings(endpoints: Endpoints, tmp_path: Path) -> Settings:
    """Settings on the suite's stack, with a data directory of the test's own."""
    return with_endpoints(Settings(data=tmp_path / "data", token_secret=SECRET, lake=f"s3://{_bucket(tmp_path)}"), endpoints)


def _bucket(path: Path) -> str:
    return "t-" + "".join(letter if letter.isalnum() else "-" for letter in path.name.lower()).strip("-")[:50]


@pytest.fixture(autouse=True)
def _no_settings_from_outside(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if name.startswith("CUSTODY_")]:
        monkeypatch.delenv(name)
