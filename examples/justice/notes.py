"""What staff write: case notes, some of them so long that PostgreSQL keeps them out of line."""

from base64 import b64encode

from examples.justice.desk import Desk, Rows
from examples.justice.names import PET_FORMS, full_name
from examples.justice.people import People
from examples.justice.statements import Statement, delete, insert, update

TEXTS = (
    "Spoke to {forename} {surname} about visits. 'Nothing to report' \u2013 he says.\n",
    "{pet} asked for a transfer; {surname} says {other} on the landing owes him.\n",
    "Rang {pet}'s mother, Mrs {surname}: she had not heard from {forename}. Seen by Dr {other} too.\n",
    "Polite on the wing, no concerns.\n",
)
LONG = 9_000
"""Bytes; of a kind that can't be compressed, or PostgreSQL would make the row fit its page."""


class Notes:
    """The notes that one writer looks after."""

    def __init__(self, desk: Desk, people: People) -> None:
        self._desk, self._random, self._people = desk, desk.random, people
        self._short: Rows[tuple[int, int]] = Rows(desk.random)
        self._long: Rows[tuple[int, int]] = Rows(desk.random)

    def write(self) -> list[Statement]:
        return [self.about(self._people.known.any())]

    def about(self, offender_id: int) -> Statement:
        """A new note about somebody."""
        note_id, is_long = self._desk.new_id(), self._desk.chance(0.05)
        (self._long if is_long else self._short).add((note_id, offender_id))
        return self._note(note_id, offender_id, is_long=is_long)

    def lost(self) -> Statement:
        """A note that will not be kept."""
        return self._note(self._desk.new_id(), self._people.known.any(), is_long=self._desk.chance(0.2))

    def read(self) -> list[Statement]:
        """A note is marked as read: its text and its seal stay as they are, and are not sent again if they are long."""
        if not (notes := self._some()):
            return []
        note_id, _ = notes.any()
        return [update("case_notes", {"note_id": note_id}, is_read=True, modified_at=self._desk.moment())]

    def amend(self) -> list[Statement]:
        """The text is changed or emptied; the seal stays."""
        if not (notes := self._some()):
            return []
        note_id, offender_id = notes.any()
        text = self._desk.maybe(self._text(offender_id, is_long=notes is self._long), 0.3)
        return [update("case_notes", {"note_id": note_id}, note=text, is_read=False, modified_at=self._desk.moment())]

    def remove(self) -> list[Statement]:
        if not (notes := self._some()):
            return []
        note_id, _ = notes.take()
        return [delete("case_notes", {"note_id": note_id})]

    def _some(self) -> Rows[tuple[int, int]] | None:
        """The long ones as often as the short ones, though they are few."""
        first, second = (self._long, self._short) if self._desk.chance(0.3) else (self._short, self._long)
        return first if len(first) else second if len(second) else None

    def _note(self, note_id: int, offender_id: int, *, is_long: bool) -> Statement:
        random, desk = self._random, self._desk
        seal = random.randbytes(LONG) if is_long and desk.chance(0.7) else desk.maybe(random.randbytes(12), 0.8)
        return insert("case_notes", **desk.born(
            note_id=note_id, offender_id=offender_id, kind=random.choice(("GEN", "obs ", "KA")),
            note=self._text(offender_id, is_long=is_long),
            seal=seal, is_read=False, written_at=desk.now,
        ))  # fmt: skip

    def _text(self, offender_id: int, *, is_long: bool) -> str:
        """What is written of somebody, who is named in it mostly; now and then somebody else is."""
        person, other = self._people.who[offender_id], " ".join(reversed(full_name(self._random)))
        text = TEXTS[len(other) % len(TEXTS)].format(
            forename=person.forename, surname=person.surname, pet=PET_FORMS.get(person.forename, person.forename), other=other
        )
        if is_long:
            return f"{text}The letter as it came:\n{b64encode(self._random.randbytes(LONG)).decode()}"
        return text * self._random.choice((1, 1, 1, 20))
