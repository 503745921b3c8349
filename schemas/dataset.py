"""The notation in which a table is declared: `Dataset`, `Column`, `Link`."""

import re
from collections.abc import Callable, Mapping
from dataclasses import KW_ONLY, dataclass, field
from functools import cached_property

import polars as pl

from rules.check import Noted
from rules.match.kinds import KINDS
from rules.protection import NUMBERED, SUBJECT, Protection
from rules.quasi import quasi_identifier
from schemas.types import INT16, TEXT, Type

Clean = Callable[[pl.Expr], pl.Expr]
Check = Callable[[pl.Expr], pl.Expr]

LINK_KINDS = {*KINDS, "alias", "previous_surname", "organisation", "merged"}
KEY_PROTECTIONS = ("keep", "token(")
FORBIDDEN_IN_NAMES = set(" ,;{}()\n\t=.`\"'\\")
"""What Delta readers can't take in a column's name, and what would need quoting everywhere else."""


@dataclass(frozen=True, slots=True)
class Column:
    """One column: its type, how it is cleaned, what makes it valid, how it is protected."""

    name: str
    type: Type
    _: KW_ONLY
    protect: Protection
    clean: tuple[Clean, ...] = ()
    check: tuple[Check, ...] = ()
    renamed_from: str = ""
    """What the column was called before: events and rows that still have that name are read under this one."""

    def __post_init__(self) -> None:
        if not isinstance(self.type, Type):
            raise TypeError(f"column {self.name!r}: the type must be one of the declared types, such as TEXT")
        if not isinstance(self.protect, Protection):
            raise TypeError(f"column {self.name!r}: protect must be a protection, such as protect.keep")
        if not self.name or self.name.startswith("_") or FORBIDDEN_IN_NAMES & set(self.name):
            raise ValueError(f"column {self.name!r}: a name has no blank or punctuation and does not begin with an underscore")
        if self.protect.takes and self.type.name.split("(", 1)[0] not in self.protect.takes:
            raise ValueError(f"column {self.name!r}: {self.protect} takes {', '.join(self.protect.takes)}, not {self.type}")
        for field_name in ("clean", "check"):
            words = getattr(self, field_name)
            if not isinstance(words, tuple) or not all(callable(word) for word in words):
                raise TypeError(f"column {self.name!r}: {field_name} is a tuple of words, such as ({field_name}.…,)")

    @property
    def published(self) -> Type | None:
        """The type of what is published of this column; None where nothing is."""
        named = {"same": self.type, "TEXT": TEXT, "INT16": INT16, None: None}
        return named[self.protect.gives]


@dataclass(frozen=True, slots=True)
class Link:
    """What a dataset's rows tell of who their subject is; the linker finds the subjects that are one person."""

    model: str
    """Name of the model that weighs it: a file of the folder of models."""
    reads: Mapping[str, str]
    """Of each column that tells something, what it is: a kind of `rules.match.kinds`, `alias`, `previous_surname`,
    `organisation` (tells people from organisations), or `merged` (a subject of the same source that was merged into the row's).
    """
    further: str = ""
    """A BOOL column: where it is true, the row holds further names of its subject, such as aliases; else it is its own.

    Without it, rows whose key is their subject are its own; what others tell is further beside them.
    """
    gone: str = ""
    """A BOOL column: where it is true, the source keeps the row's subject as if it were deleted, and nobody is linked with it."""
    register: str = ""
    """What the subjects are numbered in: datasets of one register mean one subject by one number. Default: the database."""


@dataclass(frozen=True)
class Dataset:
    """A declared table: where it comes from, who owns it, its key, whose data it is, its columns."""

    source: str
    """`database.schema.table`, which is also its raw topic."""
    owner: str
    key: tuple[str, ...]
    columns: tuple[Column, ...]
    subject: str | None = None
    """The column that says whose data a row is."""
    link: Link | None = None
    on_truncate: str = "hold"
    """`hold`: a truncate waits for a person; `apply`: it counts at once."""
    order: str = "commit"
    """`commit`: the source's commit order; `arrival`: the weaker order of the topic, for connectors that tell none."""
    relates: str = field(default="", kw_only=True)
    """A column: rows in which it is equal are about people who have to do with each other, such as the parties of an incident.

    Free text about one of them is published without the others, too.
    """
    restricted: bool = field(default=False, kw_only=True)
    """Whether it holds identities in clear, on a topic and in a lake that few may read. Not a word of dataset files."""
    name: str = field(default="", compare=False)
    """What it is called: the name it was given in its file."""
    purpose: str = field(default="", compare=False)
    """The sentence its file begins with."""

    def __post_init__(self) -> None:
        if not re.fullmatch(r"[^.\s]+\.[^.\s]+\.[^.\s]+", self.source):
            raise ValueError(f"source {self.source!r}: must be database.schema.table")
        if not self.owner.strip():
            raise ValueError("owner: say who answers for this dataset")
        if self.on_truncate not in {"hold", "apply"}:
            raise ValueError('on_truncate: must be "hold" or "apply"')
        if self.order not in {"commit", "arrival"}:
            raise ValueError('order: must be "commit" or "arrival"')
        self._check_columns()
        self._check_key()
        self._check_subject()
        self._check_link()

    def __hash__(self) -> int:
        return hash((self.name, self.source))

    def _check_columns(self) -> None:
        if not isinstance(self.columns, tuple) or not all(isinstance(column, Column) for column in self.columns):
            raise TypeError("columns: a tuple of Column(…)")
        seen: set[str] = set()
        for column in self.columns:
            if column.name.lower() in seen:
                raise ValueError(f"column {column.name!r} is declared twice (names differ by more than case)")
            seen.add(column.name.lower())
        for column in self.columns:
            if column.renamed_from.lower() in seen:
                raise ValueError(f"column {column.name!r}: renamed_from {column.renamed_from!r} is a column of its own")
        if self.subject is not None and self.subject not in self.by_name:
            raise ValueError(f"subject {self.subject!r} is not a declared column")

    def _check_key(self) -> None:
        if not isinstance(self.key, tuple) or not self.key:
            raise ValueError("key: a tuple of column names, at least one")
        for name in self.key:
            if name not in self.by_name:
                raise ValueError(f"key column {name!r} is not declared")
            if not self._is_told_apart(name):
                raise ValueError(f"key column {name!r}: protect must be keep or token(…), not {self.by_name[name].protect}")
            if any(isinstance(rule, Noted) and not rule.keeps for rule in self.by_name[name].check):
                raise ValueError(f"key column {name!r}: null_with_note(…) would leave no key")
            if self.by_name[name].type.item is not None:
                raise ValueError(f"key column {name!r}: a list can't be part of a key")

    def _check_subject(self) -> None:
        for name in self.by_subject:
            protection = self.by_name[name].protect
            if self.subject is None:
                raise ValueError(f"column {name!r}: {protection} needs to know whose data a row is: declare subject=…")
            if self.by_name[self.subject].type.name not in NUMBERED:
                kinds = ", ".join(NUMBERED)
                raise ValueError(
                    f"column {name!r}: {protection} needs a subject of {kinds}, not {self.by_name[self.subject].type}"
                )

    def _check_link(self) -> None:
        if (self.link or self.relates) and not self._is_told_apart(self.subject):
            word = "link" if self.link else "relates"
            raise ValueError(f"{word}: needs a subject that is published: subject=…, with protect keep or token(…)")
        if self.relates and not self._is_told_apart(self.relates):
            raise ValueError(f"relates: {self.relates!r} must be a declared column, with protect keep or token(…)")
        if self.link is None:
            return
        for name, kind in self.link.reads.items():
            if name not in self.by_name:
                raise ValueError(f"link: column {name!r} is not declared")
            if kind not in LINK_KINDS:
                raise ValueError(f"link: column {name!r}: no such kind: {kind!r}; there are {', '.join(sorted(LINK_KINDS))}")
        for word, name in (("further", self.link.further), ("gone", self.link.gone)):
            if name and (name not in self.by_name or self.by_name[name].type.name != "BOOL"):
                raise ValueError(f"link: {word}={name!r} must be a BOOL column")

    def _is_told_apart(self, name: str | None) -> bool:
        """Whether there is such a column, and different values of it stay different when they are published."""
        return name in self.by_name and self.by_name[name].protect.name.startswith(KEY_PROTECTIONS)

    @cached_property
    def by_name(self) -> dict[str, Column]:
        return {column.name: column for column in self.columns}

    def knows(self, name: str) -> bool:
        """Whether a column of this name is declared, or was before it was renamed."""
        return name in self.by_name or any(column.renamed_from == name for column in self.columns)

    @cached_property
    def renamed(self) -> dict[str, str]:
        """The earlier name of each column that had one and is published."""
        return {column.name: column.renamed_from for column in self.columns if column.renamed_from and column.published}

    @cached_property
    def published(self) -> dict[str, Type]:
        """Name and type of each column that is published, in declared order."""
        return {column.name: column.published for column in self.columns if column.published is not None}

    @cached_property
    def by_subject(self) -> tuple[str, ...]:
        """The columns whose protection depends on whose data a row is."""
        return tuple(column.name for column in self.columns if SUBJECT in column.protect.reads)

    @cached_property
    def tokens(self) -> tuple[str, ...]:
        """The columns that hold tokens."""
        return tuple(column.name for column in self.columns if column.protect.is_token)

    @cached_property
    def redacted(self) -> tuple[str, ...]:
        """The columns of free text, which are published redacted."""
        return tuple(column.name for column in self.columns if column.protect.name == "redact")

    @cached_property
    def needed(self) -> tuple[Column, ...]:
        """The columns that are read from an event: those published, those checked, and the subject where it protects others."""
        by_subject = {self.subject} if self.by_subject else set()
        return tuple(c for c in self.columns if c.published is not None or c.check or c.name in by_subject)

    @cached_property
    def singling(self) -> dict[str, str]:
        """The columns that may help to single a person out, as they are or coarser, and what each may tell; not the subject.

        A token, a surrogate or a shifted date is nothing that an outsider knows of a person, and is left out.
        """
        told = {
            c.name: quasi_identifier(c.name, c.type.name)
            for c in self.columns
            if c.published is not None and not c.protect.is_keyed
        }
        return {name: kind for name, kind in told.items() if kind is not None and name != self.subject}

    @cached_property
    def kept_in_clear(self) -> dict[str, str]:
        """Those of them that are published as they are."""
        return {name: kind for name, kind in self.singling.items() if self.by_name[name].protect.name == "keep"}

    @property
    def database(self) -> str:
        """The first part of the source: the database, and the name of the raw table."""
        return self.source.split(".", 1)[0]

    @property
    def register(self) -> str:
        """What the subject is a number of: with it, it names a record that is linked."""
        return self.link.register if self.link is not None and self.link.register else self.database

    @property
    def raw_topic(self) -> str:
        return self.source

    @property
    def cleaned_topic(self) -> str:
        return f"{'identities' if self.restricted else 'cleaned'}.{self.source}"

    @property
    def released_topic(self) -> str:
        """What was refused and passes now, in the form of the cleaned topic; and what was discarded."""
        return f"{'identities_' if self.restricted else ''}released.{self.source}"
