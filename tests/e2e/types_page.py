"""`docs/types.md`, made of what was seen."""

from collections.abc import Mapping, Sequence

from tests.e2e.type_cases import FULL, GROUPS, REFUSED, Case
from tests.e2e.typed import Value, column

SHOWN = 40
HEAD = """# Types

What to declare for each type of PostgreSQL, and what becomes of its values. This page is made by `tests/e2e/test_types.py` of
what it sees on the real stack (PostgreSQL 18, Debezium 3.7): each value is read by a snapshot, inserted, and set by an
update, and the row is compared with PostgreSQL. The test fails where the page says otherwise; with `REWRITE_PAGES=1` before
it, it writes the page anew.

A value that its declared type can't hold is **refused**: it waits in `quarantine/`; nothing is rounded, nulled or cut. A type
that can't be read as it is declared is refused at the start, by `custody plan` and `custody run`, which look in the
catalogue: Debezium's JSON does not tell a date from a number. NULL stays NULL where the column has a default.
"""
FULL_HEAD = """
**Arrays that are sent as null while unchanged.** Debezium has no mark for an unchanged long value (TOAST) of these types, and
sends null. So null in an update is taken for unchanged, and `_notes` says so, except where the row before tells better
(`REPLICA IDENTITY FULL`, as here). An array of numbers that holds NaN is sent as null, too: null is published with a note. Where
the source keeps null out (`CHECK (… IS NOT NULL)`) and the column is declared with `check.required`, null means unchanged without
a note, and of an array of numbers it is refused. A column of such a type that is NOT NULL would stop the connector: it is not
captured, and the log says so.

"""
REFUSED_HEAD = """
## Refused at the start

| PostgreSQL | declared | why | instead |
|---|---|---|---|
"""
TAIL = """
## Also seen to arrive exactly

Stored generated columns (PostgreSQL 18 and later), identity columns, reserved, mixed-case and non-ASCII names, a table of 300
columns, values of 5 MB in text and bytea, and unchanged long values (TOAST) of text, bytea, json, jsonb, hstore, numeric, and
of the arrays above.

## Known limits

* What stands in bold above is lost by Debezium, and no event shows it. A CHECK at the source keeps such values out.
* An array of nulls only is refused: an array of two dimensions arrives as one. Lower bounds other than 1 are not sent.
* xml is declared TEXT; the PostgreSQL of the embedded stack is built without it, so it is not in the table.
* Events of another connector are judged by their schema where they carry one; without it nothing tells days, microseconds and
  numbers apart. `decimal.handling.mode=precise` writes null for NaN and infinity: use `string`. `time.precision.mode=connect`
  cuts to milliseconds, `isostring` loses the era of a date: use `microseconds`.
"""


def page(outcomes: Mapping[Value, str], misfits: Mapping[str, tuple[str, str]]) -> str:
    """The page; an outcome is empty where a value is exact, else why it was refused."""
    text = HEAD
    first = 0
    for title, cases in GROUPS.items():
        text += f"\n## {title}\n\n" + _table("plain", cases, first, outcomes)
        first += len(cases)
    text += FULL_HEAD + _table("lists", FULL, 0, outcomes) + REFUSED_HEAD
    for number, one in enumerate(REFUSED):
        why, remedy = misfits[column(number)]
        said = why if "can't be read as" not in why else "another type"
        said = said.split(": ", 1)[-1]
        text += (
            f"| `{one.source}` | `{one.declared}` | {said} | {remedy.removeprefix('declare ').replace(column(number), '…')} |\n"
        )
    return text + TAIL


def _table(table: str, cases: Sequence[Case], first: int, outcomes: Mapping[Value, str]) -> str:
    text = "| PostgreSQL | declare | exact | refused | |\n|---|---|---|---|---|\n"
    for number, one in enumerate(cases, first):
        seen = {place: outcomes[Value(table, number, place, "c")] for place in range(len(one.values))}
        exact = [_shown(one.values[place]) for place, why in seen.items() if not why and one.values[place] not in one.lost]
        whys = dict.fromkeys(why for place, why in seen.items() if why and one.values[place] not in one.lost)
        refused = [
            ", ".join(_shown(one.values[place]) for place, reason in seen.items() if reason == why) + f": {_said(why, one)}"
            for why in whys
        ]
        notes = [*([one.note] if one.note else []), *(f"{_shown(value)} {how}" for value, how in one.lost.items())]
        parts = [f"`{one.source}`", f"`{one.declared}`", ", ".join(exact), "; ".join(refused), "; ".join(notes)]
        text += "| " + " | ".join(part.replace("|", "\\|") for part in parts) + " |\n"
    return text


def _said(why: str, one: Case) -> str:
    item = one.declared.item or one.declared
    return why.removeprefix(f"{item} ").replace(f" for {item}", "").replace(f" for {one.declared}", "")


def _shown(value: str) -> str:
    text = value.replace("\n", "\\n").replace("\t", "\\t") if value else "''"
    return f"`{text if len(text) <= SHOWN else text[:SHOWN] + '…'}`"
