"""What can go wrong, by who must act. A bad event is not here: it is data, a refusal (see `schemas.change`).

* CustodyError
  - Refused        a person must act before anything starts: wrong setting, file, word, moment -> exit 2
  - Unavailable    the world is away: broker, registry, store, database -> wait and try again, lose nothing
  - Stopped        a dataset can't go on without a person: a hole, a lost slot, a truncate -> that dataset stops
  - Fenced         a later owner has taken the table -> this process ends
* AssertionError   the code is wrong -> the process ends, nothing is committed
"""

RECOVER = "end the pipeline, then custody recover: a new epoch, from a new snapshot"
"""The remedy where records are gone that were not read."""


class CustodyError(Exception):
    """What happened, where, and what to do. No part of it shows a value from a row."""

    def __init__(self, problem: str, *, remedy: str = "", **where: object) -> None:
        super().__init__(problem)
        self.problem = problem
        self.remedy = remedy
        self.where = where
        """Names and counts: dataset, topic, partition, offset, file, line; never a cell value."""

    def __str__(self) -> str:
        place = " ".join(f"{name}={value}" for name, value in self.where.items())
        return self.problem + (f" [{place}]" if place else "") + (f" → {self.remedy}" if self.remedy else "")


class Refused(CustodyError):
    """Nothing was started: a setting, a file, a word or a moment is wrong."""


class Unavailable(CustodyError):
    """A part of the world is away; the same call may succeed later."""


class Stopped(CustodyError):
    """A dataset needs a person before it can go on."""


class Fenced(CustodyError):
    """A later owner writes this table now."""
