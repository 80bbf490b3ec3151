import itertools

import pytest
import torch
import torch.nn.functional as F
from hypothesis import given, strategies as st

from convrnn_lab import trace
from convrnn_lab.topics.pooling.trace import KINDS
from tests.helpers import refused
from tests.sampling import examples


@st.composite
def settings_of(draw, axes):
    """Return an input and options over the whole parameter space, sensible or not."""

    def each(low, high):
        return st.one_of(st.integers(low, high), st.tuples(*[st.integers(low, high)] * axes))

    kind = draw(st.sampled_from(KINDS))
    lengths = draw(st.tuples(*[st.integers(1, 9)] * axes))
    batch = draw(st.sampled_from([(), (1,), (2,), (0,)]))
    dtype = draw(st.sampled_from([torch.float32, torch.float64]))
    generator = torch.Generator().manual_seed(draw(st.integers(0, 1000)))
    values = torch.randn(
        *batch, draw(st.integers(1, 2)), *lengths, generator=generator, dtype=dtype
    )
    if draw(st.booleans()):
        values = (2 * values).round()  # so that maxima are tied
    if "adaptive" in kind:
        return values, kind, {"output_size": draw(each(1, 11))}
    options = {
        "kernel_size": draw(each(1, 5)),
        "stride": draw(st.one_of(st.none(), each(1, 4))),
        "ceil_mode": draw(st.booleans()),
    }
    if kind == "lp":
        options["p"] = draw(st.sampled_from([1, 2, 3, 4, 1.5]))
    else:
        options["padding"] = draw(each(0, 3))
    if kind == "max":
        options["dilation"] = draw(each(1, 3))
    if kind == "average":
        options["count_include_pad"] = draw(st.booleans())
    return values, kind, options


def torch_pooling(values, kind, options, axes):
    names = {
        "max": "max_pool",
        "average": "avg_pool",
        "lp": "lp_pool",
        "adaptive_max": "adaptive_max_pool",
        "adaptive_average": "adaptive_avg_pool",
    }
    options = dict(options)
    if "p" in options:
        options["norm_type"] = options.pop("p")
        if axes == 1:  # lp_pool1d multiplies by what it is given
            options = {k: v[0] if isinstance(v, tuple) else v for k, v in options.items()}
    if "max" in kind:
        options["return_indices"] = True
    return getattr(F, f"{names[kind]}{axes}d")(values, **options)


def check_against_torch(case, axes):
    values, kind, options = case
    try:
        expected = torch_pooling(values, kind, options, axes)
    except RuntimeError:
        with pytest.raises(ValueError, match=r" must .*; got "):
            trace.pooling(values, kind, **options, axes=axes)
        return
    steps = trace.pooling(values, kind, **options, axes=axes)
    if "max" in kind:
        expected, winners = expected
        assert torch.equal(steps.winners, winners)
        assert steps.divisors is None
    else:
        assert steps.winners is None
    assert steps.output.shape == expected.shape
    torch.testing.assert_close(steps.output, expected, rtol=1e-6, atol=1e-6, equal_nan=True)
    check_counts(steps)


def check_windows(steps):
    """Take every output value apart and put it together again."""
    wins = torch.zeros_like(steps.input, dtype=torch.int64)
    for position in itertools.product(*map(range, steps.output.shape)):
        window = steps.window(*position)
        channel = steps.input[position[: -steps.axes]]
        torch.testing.assert_close(
            window.value, steps.output[position], rtol=1e-5, atol=1e-5, equal_nan=True
        )
        grid = list(itertools.product(*window.taps))
        within = [
            all(0 <= tap < n for tap, n in zip(place, channel.shape, strict=True)) for place in grid
        ]
        assert window.inside.flatten().tolist() == within
        assert window.patch[window.inside].tolist() == [
            channel[place].item() for place, yes in zip(grid, within, strict=True) if yes
        ]
        if "max" in steps.kind:
            assert torch.equal(window.patch.max(), steps.output[position])
            assert (window.winner is None) == (not any(within))
            if window.winner is not None:
                wins[(*position[: -steps.axes], *window.winner)] += 1
        else:
            torch.testing.assert_close(window.total, window.terms.sum(), equal_nan=True)
            assert window.divisor == window.counted.sum()
            assert window.divisor == steps.divisors[position[-steps.axes :]]
            assert bool((window.counted | ~window.inside).all())
    assert torch.equal(steps.wins, wins) if "max" in steps.kind else steps.wins is None


def check_counts(steps):
    """Compare what is dropped and added with the same pool rounded down."""
    if steps.adaptive:
        assert steps.dropped == steps.added == (0,) * steps.axes
        return
    for axis in range(steps.axes):
        (length, size, stride, pad, hole) = (
            steps.input.shape[axis - steps.axes],
            steps.kernel_size[axis],
            steps.stride[axis],
            steps.padding[axis],
            steps.dilation[axis],
        )
        starts = range(0, length + 2 * pad - hole * (size - 1), stride)
        assert steps.added[axis] == steps.output_size[axis] - len(starts)
        reached = (steps.output_size[axis] - 1) * stride + hole * (size - 1) + 1
        assert steps.dropped[axis] == max(0, length + 2 * pad - reached)


@examples(3500)
@given(settings_of(axes=1))
def test_one_dimension_agrees_with_torch(case):
    check_against_torch(case, 1)


@examples(3500)
@given(settings_of(axes=2))
def test_two_dimensions_agree_with_torch(case):
    check_against_torch(case, 2)


@examples(600)
@given(st.one_of(settings_of(axes=1), settings_of(axes=2)))
def test_every_window_makes_its_output(case):
    values, kind, options = case
    try:
        steps = trace.pooling(values, kind, **options, axes=2 if values.ndim > 3 else None)
    except ValueError:
        return
    check_windows(steps)


@examples(200)
@given(st.one_of(settings_of(axes=1), settings_of(axes=2)))
def test_the_line_of_pytorch_makes_the_same_layer(case):
    values, kind, options = case
    axes = values.ndim - 1
    try:
        steps = trace.pooling(values, kind, **options, axes=min(axes, 2))
    except ValueError:
        return

    made = eval(steps.code)(values)

    torch.testing.assert_close(made, steps.output, equal_nan=True)


def test_a_window_worked_by_hand():
    image = torch.tensor([[[1.0, 5.0, 2.0], [4.0, 3.0, 0.0], [7.0, 8.0, 6.0]]])

    largest = trace.pooling(image, "max", 2, stride=1, axes=2)
    mean = trace.pooling(image, "average", 2, stride=1, axes=2)
    root = trace.pooling(image, "lp", 2, stride=1, axes=2)

    # Of 1, 5, 4, 3: the largest is 5, at index 1; 13 / 4; √(1 + 25 + 16 + 9) = √51.
    assert largest.output[0].tolist() == [[5.0, 5.0], [8.0, 8.0]]
    assert largest.winners[0].tolist() == [[1, 1], [7, 7]]
    assert largest.window(0, 0, 0).winner == (0, 1)
    assert mean.output[0, 0, 0] == 3.25
    assert (mean.window(0, 0, 0).total, mean.window(0, 0, 0).divisor) == (13.0, 4)
    assert root.window(0, 0, 0).terms.tolist() == [[1.0, 25.0], [16.0, 9.0]]
    assert root.output[0, 0, 0].item() == pytest.approx(51**0.5)


def test_the_divisor_at_the_edges_worked_by_hand():
    signal = torch.tensor([[6.0, 6.0, 6.0, 6.0]])
    options = {"stride": 2, "padding": 1, "ceil_mode": True}

    padded = trace.pooling(signal, "average", 3, **options)
    unpadded = trace.pooling(signal, "average", 3, **options, count_include_pad=False)

    # Padded to 0 6 6 6 6 0: windows at 0 and 2 fit; ceil mode adds one at 4, whose third tap is
    # past the padding and counts for nothing.
    assert padded.added == (1,)
    assert padded.output.tolist() == [[4.0, 6.0, 3.0]]
    assert padded.divisors.tolist() == [3, 3, 2]
    assert padded.window(0, 2).taps == ((3, 4, 5),)
    assert padded.window(0, 2).inside.tolist() == [True, False, False]
    assert padded.window(0, 2).counted.tolist() == [True, True, False]
    assert unpadded.output.tolist() == [[6.0, 6.0, 6.0]]
    assert unpadded.divisors.tolist() == [2, 3, 1]


def test_a_window_that_would_start_in_the_padding_at_the_end_is_not_made():
    signal = torch.arange(4.0)[None]

    made = trace.pooling(signal, "max", 2, stride=2, padding=1, ceil_mode=True)
    not_made = trace.pooling(signal[:, :3], "max", 2, stride=4, padding=1, ceil_mode=True)

    assert (made.output.tolist(), made.added) == ([[0.0, 2.0, 3.0]], (0,))
    # Of five padded samples the second window would start at the last, which is padding.
    assert (not_made.output.tolist(), not_made.added) == ([[0.0]], (0,))
    assert not_made.dropped == (3,)


def test_lp_pooling_scales_a_cut_window_up_to_a_whole_one():
    signal = torch.tensor([[3.0, 4.0, 5.0]])

    steps = trace.pooling(signal, "lp", 2, ceil_mode=True)

    # √(3² + 4²), and √(2 · 5²): as if the missing tap were like the one that is there.
    assert steps.output[0].tolist() == pytest.approx([5.0, 50**0.5])
    window = steps.window(0, 1)
    assert (window.total, window.divisor) == (25.0, 1)


def test_an_odd_power_keeps_signs_and_may_have_no_root():
    signal = torch.tensor([[-1.0, -2.0, 1.0, 2.0]])

    assert trace.pooling(signal, "lp", 2, p=1).output.tolist() == [[-3.0, 3.0]]
    assert trace.pooling(signal, "lp", 2, p=3).output.isnan().tolist() == [[True, False]]


def test_adaptive_windows_overlap_where_the_size_does_not_divide():
    steps = trace.pooling(torch.arange(5.0)[None], "adaptive_average", output_size=3)

    assert [steps.window(0, i).taps for i in range(3)] == [((0, 1),), ((1, 2, 3),), ((3, 4),)]
    assert steps.output.tolist() == [[0.5, 2.0, 3.5]]
    assert steps.code == "torch.nn.AdaptiveAvgPool1d(3)"


def test_a_maximum_of_nothing_is_minus_infinity():
    steps = trace.pooling(
        torch.tensor([[5.0]]), "max", 2, stride=2, padding=1, dilation=3, ceil_mode=True
    )

    window = steps.window(0, 0)

    assert window.taps == ((-1, 2),)
    assert window.winner is None
    assert window.value == steps.output[0, 0] == -torch.inf
    assert steps.wins.tolist() == [[0]]


def test_a_nan_stays_in_the_windows_that_read_it():
    signal = torch.tensor([[float("nan"), 1.0, 1.0, 1.0]])

    for kind in ("max", "average", "lp"):
        assert trace.pooling(signal, kind, 2).output.isnan().tolist() == [[True, False]]
    padded = trace.pooling(signal, "average", 2, stride=1, padding=1)
    assert padded.window(0, 4).patch.tolist() == [1.0, 0.0]


@pytest.mark.parametrize("axes", [1, 2])
@pytest.mark.parametrize(
    ("kind", "options"),
    [
        ("average", {"dilation": 1}),
        ("lp", {"dilation": 1, "padding": 0}),
        ("adaptive_max", {"dilation": 1, "padding": 0}),
        ("adaptive_average", {"count_include_pad": False}),
        ("max", {"count_include_pad": False}),
        ("lp", {"count_include_pad": True}),
    ],
)
def test_a_setting_that_changes_nothing_may_be_given(axes, kind, options):
    values = torch.arange(64.0).reshape(1, *[64 // axes**3] * axes)
    size = {"output_size": 2} if "adaptive" in kind else {"kernel_size": 2}
    per_axis = {n: v if isinstance(v, bool) else (v,) * axes for n, v in options.items()}

    plain = trace.pooling(values, kind, **size, axes=axes)

    for neutral in (options, per_axis):
        steps = trace.pooling(values, kind, **size, **neutral, axes=axes)
        assert torch.equal(steps.output, plain.output)
        assert steps.code == plain.code


@pytest.mark.parametrize(
    ("shape", "options", "output"),
    [
        ((3, 8), {"kernel_size": 2}, (3, 4)),
        ((3, 8, 8), {"kernel_size": 2}, (3, 8, 4)),
        ((3, 8, 8), {"kernel_size": (2,)}, (3, 8, 4)),
        ((3, 8, 8), {"kernel_size": (2, 2)}, (3, 4, 4)),
        ((3, 8, 8), {"kernel_size": 2, "axes": 2}, (3, 4, 4)),
        ((1, 3, 8, 8), {"kernel_size": 2}, (1, 3, 4, 4)),
    ],
)
def test_the_axes_follow_from_the_input_and_the_kernel(shape, options, output):
    assert trace.pooling(torch.zeros(shape), "max", **options).output.shape == output


SIGNAL = torch.zeros(1, 8)


@pytest.mark.parametrize(
    ("arguments", "options", "message"),
    [
        (
            (SIGNAL, "median", 2),
            {},
            "kind must be one of max, average, lp, adaptive_max, adaptive_average; got 'median'",
        ),
        ((SIGNAL, "max"), {}, "kernel_size must be an integer of at least 1; got None"),
        ((SIGNAL, "max", 0), {}, "kernel_size must be an integer of at least 1; got 0"),
        ((SIGNAL, "max", 2), {"stride": 0}, "stride must be an integer of at least 1; got 0"),
        (
            (SIGNAL, "max", 3),
            {"padding": 2},
            "padding must be at most half of the kernel size; got 2 for kernel_size=3",
        ),
        (
            (SIGNAL, "average", 2),
            {"dilation": 2},
            "dilation must be left out of average pooling; got 2",
        ),
        (
            (SIGNAL, "average", 2),
            {"dilation": (1, 1)},
            "dilation must be left out of average pooling; got (1, 1)",
        ),
        (
            (SIGNAL, "max", 2),
            {"count_include_pad": 0},
            "count_include_pad must be one of False, True; got 0",
        ),
        ((SIGNAL, "max", 2), {"p": 3}, "p must be left out of max pooling; got 3"),
        ((SIGNAL, "lp", 2), {"padding": 1}, "padding must be left out of lp pooling; got 1"),
        ((SIGNAL, "lp", 2), {"p": 0}, "p must be over 0; got 0"),
        (
            (SIGNAL, "adaptive_max", 2),
            {"output_size": 2},
            "kernel_size must be left out of adaptive_max pooling; got 2",
        ),
        (
            (SIGNAL, "adaptive_max"),
            {},
            "output_size must be an integer of at least 1; got None",
        ),
        ((SIGNAL, "max", 2), {"ceil_mode": 1}, "ceil_mode must be one of False, True; got 1"),
        (
            (SIGNAL, "max", 9),
            {},
            "kernel_size must fit the padded input of 8 samples; got kernel_size=9 for length=8 "
            "with padding=0",
        ),
        (
            (SIGNAL, "max", 2),
            {"axes": 2},
            "input must have the axes (channel, height, width) or (batch, channel, height, width); "
            "got shape (1, 8)",
        ),
        ((SIGNAL, "max", (2, 2)), {}, "kernel_size must be one integer or 1; got (2, 2)"),
        (
            (SIGNAL.int(), "average", 2),
            {},
            "input must be floating-point numbers; got torch.int32",
        ),
        (
            (torch.zeros(1, 0), "max", 2),
            {},
            "input length must be an integer of at least 1; got 0",
        ),
        (
            (torch.zeros(1, 1, 1).expand(1, 20_000, 40_000), "max", 2),
            {"stride": 1, "axes": 2},
            "output must take at most 2.0 GiB; got shape (1, 19999, 39999), which takes 6.0 GiB",
        ),
        (
            (SIGNAL, "adaptive_average"),
            {"output_size": 10**9},
            "output must take at most 2.0 GiB; got shape (1, 1000000000), which takes 3.7 GiB",
        ),
    ],
)
def test_bad_arguments_are_refused_in_one_sentence(arguments, options, message):
    with refused(message):
        trace.pooling(*arguments, **options)


def test_a_position_outside_the_output_is_refused():
    steps = trace.pooling(SIGNAL, "max", 2)

    with refused("position must be an integer from 0 to 3; got 4"):
        steps.window(0, 4)
    with refused("position must have one index for each of 2 axes; got (0,)"):
        steps.window(0)
