import pytest
import torch
from torch.utils import benchmark

from convrnn_lab import measure
from convrnn_lab.measure.timer import ENOUGH
from tests.helpers import refused
from tests.measure.clocks import Clock


def test_a_call_of_stated_cost_is_measured_exactly():
    clock = Clock()

    found = measure.timing(clock.call(0.002), label="two", budget_s=0.1, clock=clock)

    assert found.seconds == pytest.approx((0.002,) * len(found.seconds))
    assert (found.label, found.threads, found.steady) == ("two", 1, True)
    assert sum(found.seconds) >= 0.1 - 1e-9


def test_a_slow_call_is_repeated_often_enough_to_have_a_spread():
    clock = Clock()

    found = measure.timing(clock.call(3.0), budget_s=0.1, clock=clock)

    assert len(found.seconds) == ENOUGH
    assert clock.now < 3.0 * (ENOUGH + 4)  # the first calls and the timer's own are not counted


def test_a_first_call_that_sets_things_up_is_not_counted():
    clock = Clock()
    first, others = clock.call(5.0), clock.call(0.01)
    calls = []

    def call():
        calls.append(first if not calls else others)
        calls[-1]()

    found = measure.timing(call, budget_s=0.1, clock=clock)

    assert max(found.seconds) == pytest.approx(0.01)


def test_it_is_pytorchs_timer_that_measures():
    """The same fake costs give the same median either way."""
    costs = (0.001, 0.003, 0.002, 0.010)
    ours, theirs = Clock(), Clock()

    found = measure.timing(ours.call(*costs), budget_s=0.5, clock=ours)
    timer = benchmark.Timer("call()", timer=theirs, globals={"call": theirs.call(*costs)})

    wanted = timer.blocked_autorange(min_run_time=0.5)
    assert found.median_s == pytest.approx(wanted.median, rel=0.02)


def test_one_slow_repeat_does_not_move_the_median():
    found = measure.Timing("lstm", (1.0, 1.0, 1.0, 1.0, 9.0))

    assert (found.median_s, found.quartiles_s, found.steady) == (1.0, (1.0, 1.0), True)


def test_quartiles_worked_by_hand():
    found = measure.Timing("x", (1.0, 2.0, 3.0, 4.0, 5.0))

    assert (found.median_s, found.quartiles_s, found.iqr_s) == (3.0, (2.0, 4.0), 2.0)
    assert not found.steady


@pytest.mark.parametrize("seconds", [(1.0,), (1.0, 1.0, 1.0)])
def test_few_repeats_tell_no_spread_so_they_are_not_steady(seconds):
    assert not measure.Timing("x", seconds).steady


def test_as_many_repeats_are_made_as_are_asked_for():
    clock = Clock()

    found = measure.timing(clock.call(1e-3), budget_s=1e-3, repeats=50, clock=clock)

    assert len(found.seconds) >= 50


def test_measurements_with_other_threads_are_not_put_together():
    with refused("threads must be the same in both; got 1 and 2"):
        measure.Timing("x", (1.0,), 1) + measure.Timing("x", (1.0,), 2)


def test_threads_are_set_while_it_measures_and_put_back():
    clock, seen = Clock(), set()
    before = torch.get_num_threads()
    spend = clock.call(0.01)

    def call():
        seen.add(torch.get_num_threads())
        spend()

    measure.timing(call, threads=2, budget_s=0.1, clock=clock)

    assert seen == {2}
    assert torch.get_num_threads() == before


def test_threads_are_put_back_after_a_failure_and_it_is_named():
    before = torch.get_num_threads()

    with refused("call must run; got ZeroDivisionError: division by zero"):
        measure.timing(lambda: 1 / 0, threads=2)

    assert torch.get_num_threads() == before


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"threads": 0}, "threads must be an integer of at least 1; got 0"),
        ({"repeats": 1.5}, "repeats must be an integer of at least 1; got 1.5"),
        ({"budget_s": 0}, "budget_s must be over 0; got 0"),
        ({"budget_s": float("nan")}, "budget_s must be a finite number; got nan"),
    ],
)
def test_numbers_out_of_range_are_refused(options, message):
    with refused(message):
        measure.timing(lambda: None, **options)


@pytest.mark.parametrize("seconds", [(), (-1.0,), (float("nan"),)])
def test_what_is_no_measurement_is_refused(seconds):
    with refused(f"seconds must be one number or more, each at least 0; got {seconds}"):
        measure.Timing("x", seconds)
