"""docs/semantics.md names every golden case, and no other."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]


def test_the_page_names_every_case_once():
    rows = [line for line in (ROOT / "docs/semantics.md").read_text(encoding="utf-8").splitlines() if line.startswith("| ")]
    named = [name for row in rows for name in re.findall(r"`([a-z0-9_]+)`", row.rsplit("|", 2)[1])]
    assert sorted(named) == sorted(path.stem for path in (ROOT / "tests/golden/cases").glob("*.toml"))
