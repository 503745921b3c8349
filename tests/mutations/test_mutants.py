"""Each defect made on purpose still applies to the code, its tests are there, and docs/testing.md names it."""

from pathlib import Path

import pytest

from tests.mutations.run import ROOT, mutants

MUTANTS = mutants()


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: mutant.name)
def test_a_mutant_applies_and_its_tests_are_there(mutant):
    text = (ROOT / mutant.file).read_text(encoding="utf-8")
    assert mutant.applied(text) != text
    assert mutant.golden or mutant.tests
    for case in mutant.golden:
        assert (ROOT / f"tests/golden/cases/{case}.toml").exists(), case
    for test in mutant.tests:
        path, _, name = test.partition("::")
        assert f"def {name}" in (ROOT / path).read_text(encoding="utf-8")


def test_the_page_names_each_mutant():
    rows = [line for line in (Path(ROOT) / "docs/testing.md").read_text(encoding="utf-8").splitlines() if line.startswith("| ")]
    assert [row.split(" | ")[0].removeprefix("| ") for row in rows if not row.startswith("| defect")] == [m.name for m in MUTANTS]


def test_names_are_told_apart():
    assert len({mutant.name for mutant in MUTANTS}) == len(MUTANTS) >= 15
