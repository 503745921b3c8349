"""Settings: from the environment (`CUSTODY_…`) or a file. The only place that reads the environment."""

import difflib
import os
import tomllib
from functools import cached_property
from pathlib import Path
from typing import Self

from pydantic import Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from connectors.placeholder import DEFAULT, Placeholder
from custody.keyring import read_keyring
from rules.protect import MIN_SECRET_BYTES, Keys
from schemas.dataset import Dataset
from schemas.errors import Refused

PREFIX = "CUSTODY_"
FILE = "custody.toml"


class Settings(BaseSettings):
    """Everything that can be set; secrets are never printed."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, extra="forbid", frozen=True)

    lake: str = Field(
        "", description="where the tables are: a folder, or s3://bucket/prefix; empty: the embedded stack's store, else ./lake"
    )
    datasets: Path = Field(Path("examples/justice/datasets"), description="the folder of dataset files")
    models: Path = Field(Path("examples/justice/models"), description="the folder of linkage models, one file a model")
    data: Path = Field(Path(".custody"), description="where the embedded stack and the workers keep their files")
    cache: Path = Field(Path("~/.cache/custody"), description="where the stack's parts are kept once fetched")
    token_secret: SecretStr | None = Field(
        None, description=f"the secret tokens are made with, at least {MIN_SECRET_BYTES} bytes"
    )
    keyring: Path = Field(Path("custody.keys"), description="the file of the keys after the first: custody keys rotate")
    key: int = Field(0, ge=0, description="the newest key to be used; 0: the keyring's newest")
    placeholder: str = Field(
        DEFAULT, description="what a connector writes for a value it does not know, where its records do not say"
    )
    epoch: int = Field(1, ge=0, description="the epoch a source begins with; custody recover begins the next")
    partitions: int = Field(4, ge=1, le=1000, description="partitions of a raw topic that is created")
    kafka: str = Field("", description="bootstrap address of Kafka; empty: the embedded stack")
    connect: str = Field("", description="address of Kafka Connect")
    registry: str = Field("", description="address of the schema registry")
    postgres: SecretStr = Field(SecretStr(""), description="address of the source: postgresql://user:password@host:port/database")
    connect_postgres: str = Field("", description="host:port of the source as Kafka Connect reaches it; empty: as in postgres")
    s3_endpoint: str = Field("", description="address of the S3 store; empty: AWS")
    s3_access_key: str = Field("", description="access key of the S3 store")
    s3_secret_key: SecretStr = Field(SecretStr(""), description="secret key of the S3 store")
    identities: str = Field(
        "",
        description="where clear identities are kept; empty: beside the lake, under its bucket's name and -identities",
    )
    identities_access_key: str = Field("", description="access key of the identities' bucket; empty: that of the S3 store")
    identities_secret_key: SecretStr = Field(SecretStr(""), description="secret key of the identities' bucket")
    identities_closed_to: str = Field("", description="who may not open the identities' bucket, when it is made: a user's ARN")
    s3_region: str = Field("us-east-1", description="region of the S3 store")

    metrics_port: int = Field(0, ge=0, lt=1 << 16, description="where custody run serves Prometheus metrics; 0: nowhere")

    def but(self, **changed: object) -> Self:
        """The same settings but for these."""
        known = {name: getattr(self, name) for name in type(self).model_fields}
        return type(self)(**{**known, **changed})

    def environment(self) -> dict[str, str]:
        """The settings as environment variables, secrets in clear, for a process of ours."""
        said = {name: getattr(self, name) for name in type(self).model_fields}
        texts = {n: v.get_secret_value() if isinstance(v, SecretStr) else str(v) for n, v in said.items() if v is not None}
        return {PREFIX + name.upper(): text for name, text in texts.items()}

    @cached_property
    def store(self) -> dict[str, str]:
        """What reaches the store, in the words of the `object_store` library."""
        named = {
            "aws_endpoint_url": self.s3_endpoint,
            "aws_access_key_id": self.s3_access_key,
            "aws_secret_access_key": self.s3_secret_key.get_secret_value(),
            "aws_region": self.s3_region,
        }
        plain = {"aws_allow_http": "true"} if self.s3_endpoint.startswith("http://") else {}
        return {name: value for name, value in named.items() if value} | plain

    @property
    def identities_address(self) -> str:
        """Where clear identities are kept: a bucket or folder of their own."""
        if self.identities:
            return self.identities
        if not self.lake.startswith("s3://"):
            return f"{self.lake.rstrip('/')}-identities"
        bucket, slash, prefix = self.lake.removeprefix("s3://").partition("/")
        return f"s3://{bucket}-identities{slash}{prefix}"

    @property
    def identities_store(self) -> dict[str, str]:
        """What reaches the identities' bucket, in the words of the `object_store` library."""
        own = {
            "aws_access_key_id": self.identities_access_key,
            "aws_secret_access_key": self.identities_secret_key.get_secret_value(),
        }
        return {**self.store, **{name: value for name, value in own.items() if value}}

    @property
    def unavailable(self) -> Placeholder:
        return Placeholder(self.placeholder)

    def keys(self, datasets: dict[str, Dataset]) -> Keys:
        """What tokens are made with, as it is now.

        Raises:
            Refused: a dataset needs a secret and there is none, or it is short; the keyring is not sound.
        """
        needing = [d.name for d in datasets.values() if any(c.protect.is_keyed for c in d.columns)]
        secret = self.token_secret.get_secret_value().encode() if self.token_secret else b""
        if needing and len(secret) < MIN_SECRET_BYTES:
            raise Refused(
                f"dataset {needing[0]!r} has tokens or other keyed words, and the secret is missing"
                f" or shorter than {MIN_SECRET_BYTES} bytes",
                remedy=f"set {PREFIX}TOKEN_SECRET to a long random text, and keep it: tokens made with another do not join",
            )
        return Keys(secret, self._later)

    @property
    def _later(self) -> tuple[bytes, ...]:
        """The keys after the first that are to be used."""
        ring = read_keyring(self.keyring)
        if self.key > ring.version:
            raise Refused(f"the keyring has no key {self.key}", file=str(self.keyring), remedy="put back the copy that you keep")
        return ring.later[: (self.key or ring.version) - 1]


def load_settings(file: Path | None = None, **given: object) -> Settings:
    """The settings: what is given, else the environment, else the file, else the defaults.

    Raises:
        Refused: an unknown setting, or a value that does not fit; the message names it and never shows a value.
    """
    known = {name.upper(): name for name in Settings.model_fields}
    for name in os.environ:
        if name.startswith(PREFIX) and name.removeprefix(PREFIX) not in known:
            raise _unknown(name, [PREFIX + word for word in known], "the environment")
    stated = _read(file)
    in_environment = {known[name.removeprefix(PREFIX)] for name in os.environ if name.startswith(PREFIX)}
    values = {name: value for name, value in stated.items() if name not in in_environment}
    values |= {name: value for name, value in given.items() if value is not None}
    try:
        return Settings(**values)  # type: ignore[arg-type]  # checked by pydantic
    except ValidationError as problem:
        first = problem.errors(include_input=False, include_url=False)[0]
        raise Refused(
            f"setting {first['loc'][0]}: {first['msg']}", remedy=f"see {PREFIX}{str(first['loc'][0]).upper()}"
        ) from None


def _read(file: Path | None) -> dict[str, object]:
    path = file or Path(FILE)
    if file is None and not path.exists():
        return {}
    try:
        stated = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError) as problem:
        raise Refused(f"the settings file can't be read: {problem}", file=str(path)) from problem
    for name in stated:
        if name not in Settings.model_fields:
            raise _unknown(name, list(Settings.model_fields), str(path))
    return stated


def _unknown(name: str, known: list[str], where: str) -> Refused:
    close = difflib.get_close_matches(name, known, n=1)
    remedy = f"did you mean {close[0]}?" if close else f"known settings: {', '.join(sorted(known))}"
    return Refused(f"unknown setting {name}", where=where, remedy=remedy)
