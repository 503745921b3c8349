"""Roads."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from connectors.stack import Endpoints
from custody.settings import Settings
from tests.e2e.road import Road


@pytest.fixture
def open_road(endpoints: Endpoints, live_settings: Settings, request: pytest.FixtureRequest):
    @contextmanager
    def opened(suffix: str = "", kind: type[Road] = Road) -> Iterator[Road]:
        name = "t" + "".join(letter for letter in request.node.name.lower() if letter.isalnum())[:30] + suffix
        settings = live_settings.but(data=live_settings.data / f"road{suffix}", lake=f"s3://{name}")
        road = kind(endpoints, settings, name)
        try:
            yield road.open()
        finally:
            road.close()

    return opened
