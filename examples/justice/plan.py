"""A seeded plan of changes to the source tables: what staff do in a day, with the dirt that real systems hold.

The same seed gives the same statements. Writers work on rows of their own, so that they may run at the same time and the
number of row changes is still exact. Only the prisons' logs are shared: a transaction changes at most one, as its last
act, so that writers wait for each other and never in a ring.
"""

from collections.abc import Callable, Iterator
from random import Random
from typing import NamedTuple

from examples.justice.desk import Desk
from examples.justice.notes import Notes
from examples.justice.people import CORRECTED_ID, People, correction, wrong_record
from examples.justice.safety import Safety, is_refused
from examples.justice.statements import Statement, Transaction

__all__ = ["CORRECTED_ID", "Statement", "Transaction", "is_refused", "plan"]

REFUSED_FROM = 1_000
REFUSED_EVERY = 2_000
"""Of so many changes one is refused, and at least one from REFUSED_FROM on."""

MOST = 50
"""Row changes of a transaction, at most."""


def plan(seed: int, changes: int, *, writer: int = 0, writers: int = 1) -> Iterator[Transaction]:
    """The transactions of one writer; over all writers they commit exactly `changes` row changes."""
    if changes < 0 or not 0 <= writer < writers:
        raise ValueError("plan: changes are not negative, and writer is one of 0 to writers - 1")
    return _transactions(seed, changes, writer, writers)


def _transactions(seed: int, changes: int, writer: int, writers: int) -> Iterator[Transaction]:
    corrected = [wrong_record(), correction()][:changes]
    mine = corrected if writer == 0 else []
    work = _Work(Desk(Random(f"{seed}/{writer}/{writers}"), writer, writers))
    yield from (Transaction((statement,)) for statement in mine[:1])
    yield from work.transactions(_share(changes - len(corrected), writer, writers), _share(refusals(changes), writer, writers))
    yield from (Transaction((statement,)) for statement in mine[1:])


def refusals(changes: int) -> int:
    """How many of so many changes are refused."""
    return max(1, changes // REFUSED_EVERY) if changes >= REFUSED_FROM else 0


def _share(whole: int, writer: int, writers: int) -> int:
    return whole // writers + (writer < whole % writers)


class _Act(NamedTuple):
    do: Callable[[], list[Statement]]
    weight: int
    most: int
    """Row changes it can make at most."""


class _Work:
    """The work of one writer."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._people = people = People(desk)
        self._safety = safety = Safety(desk, people)
        self._notes = notes = Notes(desk, people)
        acts = (
            _Act(people.enrol, 4, 1), _Act(people.admit, 9, 6), _Act(people.amend, 26, 1), _Act(people.alias, 3, 2),
            _Act(people.identify, 8, 1), _Act(self._transfer, 8, 2), _Act(people.release, 4, 2), _Act(people.recall, 4, 2),
            _Act(people.void, 4, 1), _Act(people.pay, 2, 20), _Act(safety.warn, 12, 1), _Act(safety.review, 3, 12),
            _Act(safety.lift, 5, 1), _Act(safety.restore, 3, 1), _Act(safety.replace, 3, 2), _Act(safety.report, 5, 5),
            _Act(safety.conclude, 4, 5), _Act(safety.withdraw, 1, 5), _Act(notes.write, 12, 1), _Act(notes.read, 10, 1),
            _Act(notes.amend, 4, 1), _Act(notes.remove, 3, 1),
        )  # fmt: skip
        most = max(act.most for act in acts)
        self._fitting = [tuple(act for act in acts if act.most <= room) for room in range(most + 1)]
        self._weights = [[act.weight for act in fitting] for fitting in self._fitting]

    def transactions(self, share: int, refused: int) -> Iterator[Transaction]:
        """As many changes as `share`, of which `refused` break a check, well apart."""
        due = [share * number // (refused + 1) for number in range(refused, 0, -1)]
        done = 0
        while done < share:
            if due and (done >= due[-1] or share - done == len(due)):
                due.pop()
                transaction = Transaction((self._safety.refused(),))
            elif done and self._desk.chance(0.03):
                transaction = self._taken_back()
            else:
                transaction = Transaction(tuple(self._shift(min(share - done - len(due), MOST))))
            done += transaction.changes
            yield transaction

    def _shift(self, room: int) -> list[Statement]:
        """One act, or what is done in an hour; sometimes with the prison's log at its end."""
        random = self._desk.random
        wanted = 1 if random.random() < 0.2 else random.randrange(8, 45)
        statements = [] if len(self._people.known) else self._people.enrol()
        while len(statements) < min(wanted, room):
            statements += self._act(room - len(statements))
        if len(statements) < room and random.random() < 0.15:
            statements.append(self._safety.log())
        return statements

    def _act(self, room: int) -> list[Statement]:
        place = min(room, len(self._fitting) - 1)
        [act] = self._desk.random.choices(self._fitting[place], self._weights[place])
        return act.do()

    def _transfer(self) -> list[Statement]:
        """Somebody goes to another prison, with a note, in one transaction."""
        if not self._people.has_held():
            return []
        root, moved = self._people.move()
        return [*moved, self._notes.about(root)]

    def _taken_back(self) -> Transaction:
        """What was begun and not kept: nothing of it is remembered."""
        statements = [*self._people.amend(), self._notes.lost(), *self._notes.read(), self._safety.log()]
        return Transaction(tuple(statements), is_rolled_back=True)
