"""The benchmark, short: it runs, and the tables it measured are right."""

import pytest

from bench.generate import Plan
from bench.quick import DATASETS, measure_on

pytestmark = [pytest.mark.stack, pytest.mark.timeout(300)]


def test_the_road_is_measured_with_its_stages_and_a_peer(live_settings):
    said = measure_on(live_settings.but(datasets=DATASETS), {}, Plan(4_000, 1_000))
    assert said["changes"] == 4_000
    assert set(said["cpu_seconds_per_million"]) == {"worker", "sink"}
    assert said["road_cpu_seconds_per_million"] > 0
    assert said["ratio_to_peer"] > 0
