"""The house stays as it was planned: layers, sizes, who may import what, and dataset files that only declare."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

from schemas.errors import Refused
from schemas.notation import load_datasets

ROOT = Path(__file__).parents[2]
ROOMS = ("custody", "connectors", "streams", "sink", "schemas", "rules")
MODULES = sorted(path for room in (*ROOMS, "examples", "bench", "tests") for path in (ROOT / room).rglob("*.py"))
ONLY_IN = {
    "faust": {"streams/app.py", "streams/transport.py"},
    "httpx": {"connectors/http.py"},
    "boto3": {"sink/store.py"},
    "deltalake": {"sink/table.py"},
}
MAX_LINES, MAX_FUNCTION = 300, 40


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(ROOT)))
def test_modules_and_functions_are_short(path):
    text = path.read_text(encoding="utf-8")
    assert len(text.splitlines()) <= MAX_LINES
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            assert (node.end_lineno or 0) - node.lineno < MAX_FUNCTION, node.name


@pytest.mark.parametrize("library", ONLY_IN)
def test_a_library_has_one_door(library):
    found = set()
    for path in MODULES:
        name = str(path.relative_to(ROOT))
        if name.split("/", maxsplit=1)[0] in ROOMS and library in _imported(path):
            found.add(name)
    assert found <= ONLY_IN[library]


def test_only_settings_read_the_environment():
    reading = {
        str(path.relative_to(ROOT))
        for path in MODULES
        if path.relative_to(ROOT).parts[0] in ROOMS and "os.environ" in path.read_text(encoding="utf-8")
    }
    handing_on = {"connectors/stack/processes.py", "connectors/stack/postgres.py", "custody/supervise.py"}
    assert reading <= {"custody/settings.py"} | handing_on


def _imported(path: Path) -> set[str]:
    names = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            names.add(node.module.split(".")[0])
    return names


def test_layers_and_cycles():
    done = subprocess.run([sys.executable, "-c", "from importlinter.cli import lint_imports_command; lint_imports_command()"],
                          cwd=ROOT, capture_output=True, text=True, check=False)  # fmt: skip
    assert done.returncode == 0, done.stdout


def test_the_example_declares_only_and_every_dataset_says_who_and_what():
    datasets = load_datasets(ROOT / "examples" / "justice" / "datasets")
    assert set(datasets) == {
        "offenders", "bookings", "identifiers", "alerts", "incidents", "incident_parties", "case_notes",
        "probation_offenders", "probation_aliases", "probation_addresses", "defendants",
    }  # fmt: skip
    for dataset in datasets.values():
        assert dataset.owner
        assert dataset.purpose.endswith(".")


@pytest.mark.parametrize(
    "statement", ["import os", "x = [i for i in (1, 2)]", "def f(): pass", "if True: pass", "f = lambda: 1", "exec('1')"]
)
def test_a_dataset_file_that_does_something_is_refused(tmp_path, statement):
    (tmp_path / "bad.py").write_text(f"from custody import Dataset\n{statement}\n", encoding="utf-8")
    with pytest.raises(Refused) as refused:
        load_datasets(tmp_path)
    assert refused.value.where["line"] == 2
