"""Records that a prison takes to be of one person: merged, rightly or not, and unmerged; the news may come before the record."""

import uuid

from examples.justice.desk import Desk, Rows
from examples.justice.people import People
from examples.justice.statements import Statement, delete, insert, update

WRONG_AT_ONCE = 3
"""So many wrong merges may stand at one time; before the end each is undone."""


class Merges:
    """The merges of one writer. A root that was merged into another keeps its row."""

    def __init__(self, desk: Desk, people: People) -> None:
        self._desk, self._people = desk, people
        self._right: Rows[tuple[uuid.UUID, int, int]] = Rows(desk.random)
        self._empty: Rows[tuple[uuid.UUID, int]] = Rows(desk.random)
        self._awaited: Rows[int] = Rows(desk.random)
        self._unknown: set[int] = set()
        self._wrong: Rows[uuid.UUID] = Rows(desk.random)

    @property
    def owed(self) -> int:
        """Row changes without which two people would remain one."""
        return len(self._wrong)

    def is_awaited(self, root: int) -> bool:
        """Whether a merge was told, and its record was not."""
        return root in self._unknown

    def merge(self) -> list[Statement]:
        """Somebody was recorded twice, and it is found: the second root is merged into the first. Not who needs his number."""
        root = self._people.known.any()
        if (person := self._people.who[root]).is_numbered:
            return []
        second, row = self._desk.new_id(), self._people.new_uuid()
        self._people.know(second, person)
        how = self._desk.random.random()
        if how < 0.25:
            self._awaited.add(second)
            self._unknown.add(second)
            return [self._merged(row, root, second)]
        if how < 0.5:
            self._empty.add((row, second))
            return [self._people.record(second, second, "ACTIVE"), self._merged(row, root, None)]
        self._right.add((row, root, second))
        both = [self._merged(row, root, second), self._people.record(second, second, "ACTIVE")]
        return both if how < 0.7 else both[::-1]

    def follow(self) -> list[Statement]:
        """What a merge was told before: the record that it is about, or the number of it."""
        if len(self._awaited):
            second = self._awaited.take()
            self._unknown.discard(second)
            return [self._people.record(second, second, "ACTIVE")]
        if len(self._empty):
            row, second = self._empty.take()
            return [self._set(row, second)]
        return []

    def again(self) -> list[Statement]:
        """A right merge is undone, and made once more."""
        if not len(self._right):
            return []
        row, root, second = self._right.take()
        self._right.add((row, root, second))
        if self._desk.chance(0.5):
            return [self._set(row, None), self._set(row, second)]
        return [delete("identifiers", {"identifier_id": row}), self._merged(row, root, second)]

    def mistake(self) -> list[Statement]:
        """Two people are taken for one."""
        if self.owed >= WRONG_AT_ONCE:
            return []
        one, other = self._people.known.any(), self._people.known.any()
        if self._people.who[one] is self._people.who[other]:
            return []
        self._wrong.add(row := self._people.new_uuid())
        return [self._merged(row, one, other)]

    def unmerge(self) -> list[Statement]:
        """They are two again: the row goes, or is emptied."""
        if not len(self._wrong):
            return []
        row = self._wrong.take()
        return [self._set(row, None) if self._desk.chance(0.5) else delete("identifiers", {"identifier_id": row})]

    def _set(self, row: uuid.UUID, second: int | None) -> Statement:
        return update("identifiers", {"identifier_id": row}, merged_offender_id=second, modified_at=self._desk.moment())

    def _merged(self, row: uuid.UUID, root: int, second: int | None) -> Statement:
        return insert("identifiers", **self._desk.born(
            identifier_id=row, offender_id=root, kind="MERGED", pnc=None, cro=None, nino=None, nhs_number=None,
            merged_offender_id=second, is_verified=None, issued_on=None,
        ))  # fmt: skip
