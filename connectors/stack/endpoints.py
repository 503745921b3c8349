"""Where the services of a stack answer."""

from dataclasses import dataclass

STORE_USER = "custody"
"""The user of the store who owns all buckets but that of clear identities."""


@dataclass(frozen=True, slots=True)
class Endpoints:
    """Addresses on 127.0.0.1, and what opens them."""

    postgres_host: str
    postgres_port: int
    user: str
    password: str
    database: str
    kafka: str
    """Bootstrap address: host:port."""
    connect: str
    registry: str
    """Base address of the registry's Confluent interface."""
    s3: str
    s3_access_key: str
    s3_secret_key: str
    identities_access_key: str
    """Of a second user of the store, who owns the bucket of clear identities."""
    identities_secret_key: str

    @property
    def store_user(self) -> str:
        """The name (ARN) of the store's first user, as the store's policies write it."""
        return f"arn:aws:iam::000000000000:user/{STORE_USER}"

    def __repr__(self) -> str:
        return f"Endpoints(postgres={self.postgres_host}:{self.postgres_port}, kafka={self.kafka}, s3={self.s3})"
