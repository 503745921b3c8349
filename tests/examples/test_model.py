"""The example's model: trained without labels, its threshold reviewed, on people of another seed than those here."""

from pathlib import Path

import pytest

from custody.linking.evaluate import evaluated
from custody.linking.models import read_model
from examples.justice import truth
from schemas.notation import load_datasets

MODEL = Path(truth.__file__).parent / "models" / "person.json"
UNREVIEWED = 1.25
"""The threshold that was chosen without labels."""


@pytest.fixture(scope="module")
def files(tmp_path_factory) -> tuple[Path, Path]:
    folder = tmp_path_factory.mktemp("people")
    truth.records(1, 20_000).write_parquet(folder / "records.parquet")
    truth.truth(1, 20_000).write_csv(folder / "truth.csv")
    return folder / "records.parquet", folder / "truth.csv"


def _quality(files: tuple[Path, Path], threshold: float | None) -> dict:
    _, summary = evaluated((files[0],), labels=files[1], mapping=None, model=read_model(MODEL), threshold=threshold,
                           id_column=None, seed=1, skip_unknown=False)  # fmt: skip
    return summary["quality"]["at_threshold"]


def test_it_links_the_people_of_another_seed(files):
    found = _quality(files, None)
    assert found["precision"] > 0.995
    assert found["recall"] > 0.98


def test_before_its_review_it_took_some_relatives_for_one(files):
    found, before = _quality(files, None), _quality(files, UNREVIEWED)
    assert before["false_positives"] > 20 + found["false_positives"]
    assert before["recall"] > 0.995


def test_it_reads_what_the_datasets_tell():
    """Each kind that a dataset reads is a field of the model, or belongs to one."""
    model = read_model(MODEL)
    known = {field.kind for field in model.fields} | {column for field in model.fields for column in field.also}
    read = {kind for one in load_datasets(truth.DATASETS).values() if one.link for kind in one.link.reads.values()}
    assert read - known == {"merged", "organisation"}
    assert {one.link.model for one in load_datasets(truth.DATASETS).values() if one.link} == {MODEL.stem}
