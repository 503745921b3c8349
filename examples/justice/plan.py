"""A seeded plan of changes to the source tables: what staff do in a day, with the dirt that real systems hold.

The same seed gives the same statements. Writers work on rows of their own, so that they may run at the same time and the
number of row changes is still exact. Only the prisons' logs are shared: a transaction changes at most one, as its last
act, so that writers wait for each other and never in a ring.
"""

from collections.abc import Callable, Iterator, Sequence
from random import Random
from typing import NamedTuple

from examples.justice.courts import Courts
from examples.justice.desk import Desk
from examples.justice.merges import Merges
from examples.justice.notes import Notes
from examples.justice.people import CORRECTED_ID, People, correction, wrong_record
from examples.justice.probation import MOST_ROWS, Probation
from examples.justice.safety import Safety, is_refused
from examples.justice.society import Person, Society
from examples.justice.statements import Statement, Transaction

__all__ = ["CORRECTED_ID", "DATABASES", "Statement", "Transaction", "is_refused", "offices", "plan"]

DATABASES = ("nomis", "delius", "libra")
BUSY = {"nomis": 16, "delius": 4, "libra": 3}
"""How often a shift is done where."""

REFUSED_FROM = 1_000
REFUSED_EVERY = 2_000
"""Of so many changes one is refused, and at least one from REFUSED_FROM on."""

MOST = 50
"""Row changes of a transaction, at most."""


def plan(
    seed: int, changes: int, *, writer: int = 0, writers: int = 1, databases: Sequence[str] = DATABASES
) -> Iterator[Transaction]:
    """The transactions of one writer; over all writers they commit exactly `changes` row changes.

    Args:
        databases: where work is done.
    """
    if changes < 0 or not 0 <= writer < writers:
        raise ValueError("plan: changes are not negative, and writer is one of 0 to writers - 1")
    return Office(seed, writer, writers, databases).transactions(changes)


def offices(seed: int, changes: int, *, writers: int, databases: Sequence[str] = DATABASES) -> Iterator["Office"]:
    """What each writer knows when all is done."""
    for writer in range(writers):
        office = Office(seed, writer, writers, databases)
        for _ in office.transactions(changes):
            pass
        yield office


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
    owes: int = 0
    """Row changes that must follow it before the end."""


class _Acts:
    """The acts on one database, drawn by weight from those that fit."""

    def __init__(self, random: Random, acts: Sequence[_Act]) -> None:
        self._random = random
        most = max(act.most + act.owes for act in acts)
        self._fitting = [tuple(act for act in acts if act.most + act.owes <= room) for room in range(most + 1)]
        self._weights = [[act.weight for act in fitting] for fitting in self._fitting]

    def do(self, room: int) -> list[Statement]:
        place = min(room, len(self._fitting) - 1)
        [act] = self._random.choices(self._fitting[place], self._weights[place])
        return act.do()


class Office:
    """The work of one writer in every service, and the people it is about."""

    def __init__(self, seed: int, writer: int, writers: int, databases: Sequence[str]) -> None:
        self._desk = desk = Desk(Random(f"{seed}/{writer}/{writers}"), writer, writers)
        self._writer, self._writers, self._databases = writer, writers, databases
        society = Society(desk)
        self.people = people = People(desk, society)
        self.probation, self.courts = Probation(desk, society), Courts(desk, society)
        self._safety, self._notes, self._merges = Safety(desk, people), Notes(desk, people), Merges(desk, people)
        acts = {"nomis": self._in_prison(), "delius": self._on_probation(), "libra": self._in_court()}
        self._acts = {database: _Acts(desk.random, acts[database]) for database in databases}

    def _in_prison(self) -> list[_Act]:
        people, safety, notes, merges = self.people, self._safety, self._notes, self._merges
        return [
            _Act(people.enrol, 4, 2), _Act(people.admit, 9, 6), _Act(people.amend, 26, 1), _Act(people.alias, 3, 2),
            _Act(people.identify, 8, 1), _Act(self._transfer, 8, 2), _Act(people.release, 4, 2), _Act(people.recall, 4, 2),
            _Act(people.void, 4, 1), _Act(people.pay, 2, 20), _Act(safety.warn, 12, 1), _Act(safety.review, 3, 12),
            _Act(safety.lift, 5, 1), _Act(safety.restore, 3, 1), _Act(safety.replace, 3, 2), _Act(safety.report, 5, 5),
            _Act(safety.conclude, 4, 5), _Act(safety.withdraw, 1, 5), _Act(notes.write, 12, 1), _Act(notes.read, 10, 1),
            _Act(notes.amend, 4, 1), _Act(notes.remove, 3, 1), _Act(merges.merge, 1, 2), _Act(merges.follow, 1, 1),
            _Act(merges.again, 1, 2), _Act(merges.mistake, 1, 1, owes=1), _Act(merges.unmerge, 1, 1),
        ]  # fmt: skip

    def _on_probation(self) -> list[_Act]:
        office = self.probation
        return [
            _Act(office.register, 9, 3), _Act(office.open, 1, 1), _Act(office.amend, 8, 1), _Act(office.move, 5, 2),
            _Act(office.alias, 3, 1), _Act(office.mark, 2, 1), _Act(office.remove, 1, MOST_ROWS),
        ]  # fmt: skip

    def _in_court(self) -> list[_Act]:
        office = self.courts
        return [_Act(office.summon, 10, 1), _Act(office.amend, 6, 1), _Act(office.adjourn, 1, 6), _Act(office.withdraw, 2, 1)]

    def transactions(self, changes: int) -> Iterator[Transaction]:
        """This writer's share of so many changes."""
        corrected = [wrong_record(), correction()][:changes] if "nomis" in self._databases else []
        mine = corrected if self._writer == 0 else []
        share = _share(changes - len(corrected), self._writer, self._writers)
        yield from (Transaction("nomis", (statement,)) for statement in mine[:1])
        yield from self._working(share, _share(refusals(changes), self._writer, self._writers) if corrected else 0)
        yield from (Transaction("nomis", (statement,)) for statement in mine[1:])

    def who(self) -> dict[str, str]:
        """Of each record that is there now, `database/subject`, the person whose it is."""
        return {
            f"{database}/{subject}": person.entity
            for database, known in (("nomis", self._recorded()), ("delius", self.probation.who), ("libra", self.courts.who))
            for subject, person in known.items()
        }

    def _recorded(self) -> dict[int, Person]:
        return {root: person for root, person in self.people.who.items() if not self._merges.is_awaited(root)}

    def _working(self, share: int, refused: int) -> Iterator[Transaction]:
        """As many changes as `share`, of which `refused` break a check, well apart."""
        due = [share * number // (refused + 1) for number in range(refused, 0, -1)]
        done = 0
        while done < share:
            owed = self._merges.owed
            if due and (done >= due[-1] or share - done == len(due)):
                due.pop()
                transaction = Transaction("nomis", (self._safety.refused(),))
            elif share - done == len(due) + owed:
                transaction = Transaction("nomis", tuple(self._merges.unmerge()))
            elif len(self.people.known) and self._desk.chance(0.03):
                transaction = self._taken_back()
            else:
                transaction = self._shift(min(share - done - len(due) - owed, MOST))
            done += transaction.changes
            yield transaction

    def _shift(self, room: int) -> Transaction:
        """One act, or what is done in an hour at one service; in a prison sometimes with its log at the end."""
        random = self._desk.random
        wanted = 1 if random.random() < 0.2 else random.randrange(8, 45)
        [database] = random.choices(self._databases, [BUSY[name] for name in self._databases])
        statements: list[Statement] = []
        if database == "nomis" and not len(self.people.known):
            statements = self.people.enrol() if room > 1 else [self._safety.log()]
        owed = self._merges.owed
        while len(statements) < min(wanted, left := room - (self._merges.owed - owed)):
            statements += self._acts[database].do(left - len(statements))
        left = room - (self._merges.owed - owed)
        if database == "nomis" and len(statements) < left and random.random() < 0.15:
            statements.append(self._safety.log())
        return Transaction(database, tuple(statements))

    def _transfer(self) -> list[Statement]:
        """Somebody goes to another prison, with a note, in one transaction."""
        if not self.people.has_held():
            return []
        root, moved = self.people.move()
        return [*moved, self._notes.about(root)]

    def _taken_back(self) -> Transaction:
        """What was begun and not kept: nothing of it is remembered."""
        statements = [*self._notes.read(), self._notes.lost(), self._safety.log()]
        return Transaction("nomis", tuple(statements), is_rolled_back=True)
