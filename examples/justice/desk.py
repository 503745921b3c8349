"""What a writer has on the desk: chance, a clock, numbers for new rows, and which rows there are."""

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from random import Random
from typing import Any, Generic, TypeVar

T = TypeVar("T")
V = TypeVar("V")

BEGAN = datetime(2026, 1, 5, 8, 30, tzinfo=UTC)
FIRST_ID = 1_000
"""Rows below are nobody's own: the corrected person, and the prisons' logs."""


@dataclass(slots=True)
class Desk:
    """All that a writer decides is decided here, by its own chance and its own clock."""

    random: Random
    writer: int
    writers: int
    now: datetime = BEGAN
    _issued: dict[str, int] = field(default_factory=dict)

    def new_id(self, database: str = "nomis") -> int:
        """A number that no other writer gives; each database counts for itself, so that equal numbers are strangers."""
        self._issued[database] = self._issued.get(database, 0) + 1
        return FIRST_ID + self._issued[database] * self.writers + self.writer

    def moment(self) -> datetime:
        """Some seconds later."""
        self.now += timedelta(microseconds=self.random.randrange(60_000_000))
        return self.now

    def born(self, **values: Any) -> dict[str, Any]:
        """The values of a new row, with its two clocks."""
        now = self.moment()
        return {**values, "created_at": now.replace(tzinfo=None), "modified_at": now}

    def day(self, first: date, days: int) -> date:
        return first + timedelta(days=self.random.randrange(days))

    def chance(self, share: float) -> bool:
        return self.random.random() < share

    def maybe(self, value: V, missing: float = 0.1) -> V | None:
        """The value, or nothing: fields are left empty."""
        return None if self.chance(missing) else value


@dataclass(slots=True)
class Rows(Generic[T]):
    """Keys of rows, drawn by chance."""

    random: Random
    _keys: list[T] = field(default_factory=list)

    def __len__(self) -> int:
        return len(self._keys)

    def add(self, key: T) -> None:
        self._keys.append(key)

    def any(self) -> T:
        """One of them, which stays."""
        return self._keys[int(self.random.random() * len(self._keys))]

    def last(self) -> T:
        """The one that was added last, while none was taken since."""
        return self._keys[-1]

    def discard(self, key: T) -> None:
        """Not this one any more, if it was there."""
        if key in self._keys:
            self._keys.remove(key)

    def take(self) -> T:
        """One of them, which is then gone."""
        place = int(self.random.random() * len(self._keys))
        self._keys[place], self._keys[-1] = self._keys[-1], self._keys[place]
        return self._keys.pop()

    def some(self, most: int) -> list[T]:
        """Up to so many different ones."""
        return self.random.sample(self._keys, min(most, len(self._keys)))
