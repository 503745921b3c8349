"""Redaction of free text, pure: identifiers by shape and check, the people we know, and names that nobody knows.

`redact(texts, rows, people)` takes a column of notes, what each one's row knows (`ROW`), and a dictionary of people; it gives the
notes with typed marks (`[PERSON 1]`, `[PERSON: subject]`, `[PHONE]`) and a table of spans, which tells for each what decided, and
never the value. Only automata look at text, so that time is linear in it.
"""

from rules.redact.decisions import decisions, rules_version
from rules.redact.engine import IDENTIFIERS, KNOWN_PEOPLE, UNKNOWN_PEOPLE, Redacted, redact
from rules.redact.model import Recogniser
from rules.redact.people import NOBODY, People
from rules.redact.rows import ROW

__all__ = [
    "IDENTIFIERS",
    "KNOWN_PEOPLE",
    "NOBODY",
    "ROW",
    "UNKNOWN_PEOPLE",
    "People",
    "Recogniser",
    "Redacted",
    "decisions",
    "redact",
    "rules_version",
]
