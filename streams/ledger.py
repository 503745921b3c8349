"""Which fetched batches are finished, and how far a partition may therefore be committed. Pure."""

from collections import deque
from dataclasses import dataclass, field


@dataclass(slots=True, eq=False)
class Ticket:
    """A fetched batch, from the fetch until its offset may be committed."""

    upto: int
    is_in_hand: bool = False
    is_done: bool = False
    """Processed, and its output flushed."""


@dataclass(slots=True)
class Ledger:
    """The batches of one partition in the order they were fetched."""

    after: int
    """The offset up to which everything was fetched."""
    _open: deque[Ticket] = field(default_factory=deque)

    def fetch(self, upto: int) -> tuple[int, Ticket]:
        """Enter a batch that reaches to an offset; what it comes after, and its ticket."""
        assert upto > self.after, "a partition is read forwards"
        ticket = Ticket(upto)
        after, self.after = self.after, upto
        self._open.append(ticket)
        return after, ticket

    @property
    def is_busy(self) -> bool:
        """Whether one of the batches is being worked on."""
        return any(ticket.is_in_hand for ticket in self._open)

    def committable(self) -> int | None:
        """The offset to read next after the finished batches at the head; None where there are none."""
        reached = None
        while self._open and self._open[0].is_done:
            reached = self._open.popleft().upto + 1
        return reached
