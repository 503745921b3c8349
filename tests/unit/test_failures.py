"""Failures: three at one position stop a dataset, one elsewhere does not; what may be told of an error holds no value."""

from custody.child import kind_of
from custody.failures import Failures
from schemas.errors import Stopped


def test_three_failures_at_one_position_stop_the_dataset_and_no_other(tmp_path):
    failures = Failures.of(tmp_path)
    failures.note("alerts", "d.public.alerts[0]@17", "ValueError in x.py:1")
    failures.note("alerts", "d.public.alerts[0]@17", "ValueError in x.py:1")
    failures.note("bookings", "d.public.bookings[1]@3", "KeyError in y.py:2")
    assert failures.stopped() == {}
    failures.note("alerts", "d.public.alerts[0]@17", "ValueError in x.py:1")
    assert failures.stopped() == {"alerts": "ValueError in x.py:1 at d.public.alerts[0]@17"}


def test_failures_at_other_positions_begin_the_count_anew(tmp_path):
    failures = Failures.of(tmp_path)
    for offset in (1, 1, 2, 2, 1):
        failures.note("alerts", f"d.public.alerts[0]@{offset}", "ValueError")
    assert failures.stopped() == {}


def test_what_cannot_pass_by_itself_stops_at_once_until_a_person_starts_again(tmp_path):
    failures = Failures.of(tmp_path)
    failures.note("alerts", "d.public.alerts[0]@17", "the epoch header is not a number", at_once=True)
    assert set(failures.stopped()) == {"alerts"}
    failures.forget()
    assert failures.stopped() == {}


def test_of_a_foreign_error_only_kind_and_place_are_told():
    try:
        int("SECRET")
    except ValueError as problem:
        said = kind_of(problem)
    assert "SECRET" not in said
    assert said.startswith("ValueError in test_failures.py:")
    assert kind_of(Stopped("a hole", partition=3)) == "a hole"
