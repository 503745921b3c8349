"""The Java parts: explicit Maven coordinates, each with its checksum in `parts.json`; what does not match is refused."""

import hashlib
import json
import shutil
import tarfile
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import truststore
from jgo.maven import MavenContext

from schemas.errors import Refused, Unavailable

LOCK = Path(__file__).with_name("parts.json")
Progress = Callable[[str, str], None]
DOWNLOADS = 8


@dataclass(frozen=True, slots=True)
class Part:
    """One file of the stack."""

    artifact: str
    """group:artifact:version"""
    sha256: str
    classifier: str = ""
    packaging: str = "jar"


@dataclass(frozen=True, slots=True)
class Parts:
    """Where the parts lie, checked."""

    class_path: str
    """Broker and Connect."""
    plugins: Path
    """The folder that holds the connector's folder."""
    registry: Path
    """The unpacked registry."""


def read_lock(lock: Path = LOCK) -> dict[str, list[Part]]:
    """The parts by what needs them: worker (broker and Connect), debezium, registry."""
    return {group: [Part(**one) for one in parts] for group, parts in json.loads(lock.read_text(encoding="utf-8")).items()}


def fetch(cache: Path, on_progress: Progress = lambda *_: None, lock: Path = LOCK) -> Parts:
    """Have every part in the cache, checked against its checksum; nothing is asked of the network for a part that is there.

    Raises:
        Refused: a part is not what the lock says.
        Unavailable: a part is not there and can't be fetched.
    """
    cache = cache.expanduser().absolute()
    groups = read_lock(lock)
    context = MavenContext(repo_cache=cache / "maven", local_repos=[], timeout=60)
    wanted = [part for parts in groups.values() for part in parts]
    lacking = [part for part in wanted if not _path(part, context).exists()]
    if lacking:
        truststore.inject_into_ssl()
        on_progress("parts", f"fetching {len(lacking)} files")
    with ThreadPoolExecutor(DOWNLOADS) as pool:
        paths = dict(zip(wanted, pool.map(lambda part: _have(part, context), wanted), strict=True))
    plugins = _plugins(cache, [paths[part] for part in groups["debezium"]])
    [registry] = groups["registry"]
    return Parts(":".join(str(paths[part]) for part in groups["worker"]), plugins, _unpacked(cache, paths[registry], registry))


def _path(part: Part, context: MavenContext) -> Path:
    group, name, version = part.artifact.split(":")
    artifact = context.project(group, name).at_version(version).artifact(classifier=part.classifier, packaging=part.packaging)
    assert artifact.cached_path is not None, "the context has a cache"
    return Path(artifact.cached_path)


def _have(part: Part, context: MavenContext) -> Path:
    path = _path(part, context)
    if not path.exists():
        _download(part, context, path)
    if (found := _sha256(path)) != part.sha256:
        raise Refused(
            "a part of the stack is not what its checksum says", part=part.artifact, expected=part.sha256, found=found,
            remedy=f"if it was not you who changed it, report it; then remove {path}",
        )  # fmt: skip
    return path


def _download(part: Part, context: MavenContext, path: Path) -> None:
    """Fetch into a folder of its own, and move the whole file to its place: an interrupted fetch leaves nothing there."""
    aside = path.parent / f".{path.name}.part"
    apart = MavenContext(repo_cache=aside, local_repos=[], remote_repos=context.remote_repos, timeout=context.timeout)
    group, name, version = part.artifact.split(":")
    try:
        artifact = apart.project(group, name).at_version(version).artifact(classifier=part.classifier, packaging=part.packaging)
        Path(artifact.resolve()).replace(path)
    except Exception as problem:
        raise Unavailable(
            f"a part of the stack can't be fetched: {type(problem).__name__}", part=part.artifact, remedy="is there a network?"
        ) from problem
    finally:
        shutil.rmtree(aside, ignore_errors=True)


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _plugins(cache: Path, jars: list[Path]) -> Path:
    folder = cache / "plugins" / "debezium-connector-postgres"
    folder.mkdir(parents=True, exist_ok=True)
    wanted = {jar.name: jar for jar in jars}
    for stale in folder.iterdir():
        if stale.name not in wanted or stale.resolve() != wanted[stale.name].resolve():
            stale.unlink()
    for name, jar in wanted.items():
        link = folder / name
        if not link.is_symlink():
            link.symlink_to(jar)
    return folder.parent


def _unpacked(cache: Path, archive: Path, part: Part) -> Path:
    """The archive's content, in a folder named for its checksum: it is whole or it is not there."""
    folder = cache / "registry" / part.sha256[:16]
    if not folder.exists():
        aside = folder.with_suffix(".part")
        shutil.rmtree(aside, ignore_errors=True)
        aside.mkdir(parents=True)
        with tarfile.open(archive) as tar:
            if hasattr(tarfile, "data_filter"):  # not in the first patch releases of Python 3.11; the checksum has been checked
                tar.extraction_filter = tarfile.data_filter
            tar.extractall(aside)  # noqa: S202 - as above
        aside.replace(folder)
    [jar] = folder.rglob("quarkus-run.jar")
    return jar.parent
