import math

import numpy as np
import pytest
from hypothesis import example, given, strategies as st

from convrnn_lab import measure
from tests.helpers import refused


def timing(*seconds):
    return measure.Timing("", seconds)


def test_a_ratio_of_steady_measurements_has_a_verdict():
    found = measure.ratio(timing(*[2.0, 2.02, 1.98] * 5), timing(*[1.0, 1.01, 0.99] * 5))

    assert found.value == 2.0
    assert 1.9 < found.low <= 2.0 <= found.high < 2.1
    assert found.verdict == "slower"
    back = measure.ratio(timing(*[1.0, 1.01, 0.99] * 5), timing(*[2.0, 2.02, 1.98] * 5))
    assert back.verdict == "faster"


def test_an_interval_that_excludes_1_by_far_decides_though_it_is_unsteady():
    found = measure.ratio(timing(1.0, 2.0, 3.0, 4.0), timing(*[9.0] * 9))

    assert (found.verdict, found.steady) == ("faster", False)
    assert found.spread == pytest.approx(1.5 / 2.5)  # the quartiles 1.75 and 3.25, of 2.5
    back = measure.ratio(timing(*[9.0] * 9), timing(1.0, 2.0, 3.0, 4.0))
    assert back.verdict == "slower"


@pytest.mark.parametrize(
    ("low", "high", "steady", "verdict"),
    [
        (0.0019, 0.010, False, "faster"),
        (0.5, 0.79, False, "faster"),
        (0.5, 0.81, False, ""),
        (0.5, 0.99, True, "faster"),
        (0.9, 1.1, False, ""),
        (0.9, 1.1, True, "no difference seen"),
        (1.24, 3.0, False, ""),
        (1.26, 3.0, False, "slower"),
        (1.01, 3.0, True, "slower"),
        (math.nan, math.nan, True, ""),
    ],
)
def test_unsteady_measurements_decide_from_a_factor_of_1_25_on(low, high, steady, verdict):
    assert measure.Ratio((low + high) / 2, low, high, steady).verdict == verdict


@pytest.mark.parametrize("repeats", [1, 3])
def test_too_few_repeats_have_no_verdict_however_clear(repeats):
    found = measure.ratio(timing(*[1.0] * repeats), timing(*[9.0] * 9))

    assert (found.verdict, found.enough) == ("", False)
    assert found.doubt == "too few repeats for a verdict"


def curve(name, *seconds):
    measured = measure.Measured(timing(*seconds))
    return measure.Curve(name, (64,), (measure.Count(100, 100),), (measured,))


@pytest.mark.parametrize(
    ("one", "two", "words"),
    [
        ([1.0] * 4, [2.0] * 4, "takes 0.5 × (95 %: 0.5 to 0.5) the time of B: faster"),
        (
            [0.002, 0.003, 0.003, 0.009],
            [1.0] * 4,
            "takes 0.003 × (95 %: 0.002 to 0.009) the time of B: faster, though unsteady "
            "(quartiles 58 % of the median apart)",
        ),
        (
            [0.5, 0.9, 1.1, 1.9],
            [1.0] * 4,
            "takes 1 × (95 %: 0.5 to 1.9) the time of B: too unsteady for a verdict "
            "(quartiles 50 % of the median apart)",
        ),
        (
            [1.0] * 4,
            [1.0] * 4,
            "takes 1 × (95 %: 1 to 1) the time of B: no difference seen",
        ),
        (
            [1.0] * 2,
            [2.0] * 4,
            "takes 0.5 × (95 %: 0.5 to 0.5) the time of B: too few repeats for a verdict",
        ),
    ],
)
def test_a_comparison_says_its_verdict_with_the_spread_beside_it(one, two, words):
    assert measure.compare(curve("A", *one), curve("B", *two), 64).words == words


def test_where_one_lies_within_the_interval_no_difference_is_seen():
    one, two = timing(*[1.0, 1.02, 1.04] * 4), timing(*[1.01, 1.03, 1.05] * 4)

    assert measure.ratio(one, two).verdict == "no difference seen"


def test_the_interval_holds_the_true_ratio_about_as_often_as_it_says():
    generator = np.random.default_rng(0)
    hits = 0
    for _ in range(200):
        one, two = (1 + 0.02 * generator.standard_normal((2, 20))) * [[3.0], [1.0]]
        found = measure.ratio(timing(*one), timing(*two))
        hits += found.low <= 3 <= found.high

    assert 0.9 <= hits / 200 <= 1.0


@given(st.floats(-3, 3), st.floats(1e-6, 1e6))
def test_the_exponent_of_a_power_is_that_power(power, factor):
    sizes = [16, 64, 256, 1024]

    found = measure.exponent(sizes, [factor * size**power for size in sizes])

    assert found == pytest.approx(power, abs=1e-9)


@pytest.mark.parametrize(
    ("sizes", "values"), [([1], [1]), ([2, 2], [1, 3]), ([1, 2], [1]), ([1, 2], [0, 1])]
)
def test_an_exponent_needs_two_sizes(sizes, values):
    with refused(
        "sizes must be at least two different numbers over 0 with a value over 0 for each; got "
        f"{len(sizes)} sizes and {len(values)} values"
    ):
        measure.exponent(sizes, values)


def test_a_crossing_lies_between_the_points_on_log_axes():
    sizes = [10, 1000]
    # 1 · n against 100: they meet at 100.
    assert measure.crossings(sizes, [10, 1000], [100, 100]) == pytest.approx((100,))


def test_curves_that_meet_at_a_point_cross_there_or_only_touch():
    sizes = [1, 10, 100]

    assert measure.crossings(sizes, [1, 2, 3], [2, 2, 2]) == (10,)
    assert measure.crossings(sizes, [1, 2, 1], [2, 2, 2]) == ()
    assert measure.crossings(sizes, [2, 2, 3], [2, 2, 2]) == ()


def test_curves_can_cross_twice_or_never():
    sizes = [1, 10, 100, 1000]

    assert len(measure.crossings(sizes, [1, 3, 3, 1], [2, 2, 2, 2])) == 2
    assert measure.crossings(sizes, [1, 1, 1, 1], [2, 2, 2, 2]) == ()


@given(st.floats(0.2, 2), st.floats(-2, 0.1), st.floats(1.5, 3.9))
@example(1.0, 0.0, 2.0)
def test_two_powers_meet_where_they_are_equal(first, second, where):
    sizes = [10.0**k for k in range(6)]
    point = 10**where
    one = [(size / point) ** first for size in sizes]
    two = [(size / point) ** second for size in sizes]

    (found,) = measure.crossings(sizes, one, two)

    assert math.log10(found) == pytest.approx(where, abs=1e-6)


@pytest.mark.parametrize("one", [[1], [0, 1]])
def test_curves_of_other_lengths_and_of_nothing_are_refused(one):
    with refused(
        "one and two must have a value over 0 for each size; got "
        f"{len(one)} and 2 values for 2 sizes"
    ):
        measure.crossings([1, 2], one, [1, 2])
