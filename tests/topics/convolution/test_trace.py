import itertools
import warnings

import pytest
import torch
import torch.nn.functional as F
from hypothesis import given, strategies as st

from convrnn_lab import measure, trace
from tests.helpers import refused
from tests.sampling import examples

SIZES = st.integers(1, 5)


@st.composite
def settings_of(draw, axes):
    """Return tensors and options over the whole parameter space, sensible or not."""
    each = st.tuples(*[SIZES] * axes)
    small = st.tuples(*[st.integers(1, 3)] * axes)
    groups = draw(st.integers(1, 3))
    channels = groups * draw(st.integers(1, 2))
    outputs = groups * draw(st.integers(1, 2))
    lengths = draw(st.tuples(*[st.integers(1, 9)] * axes))
    batch = draw(st.sampled_from([(), (1,), (2,), (0,)]))
    dtype = draw(st.sampled_from([torch.float32, torch.float64]))
    generator = torch.Generator().manual_seed(draw(st.integers(0, 1000)))
    weight = torch.randn(outputs, channels // groups, *draw(each), generator=generator, dtype=dtype)
    return {
        "input": torch.randn(*batch, channels, *lengths, generator=generator, dtype=dtype),
        "weight": weight,
        "bias": torch.randn(outputs, generator=generator, dtype=dtype)
        if draw(st.booleans())
        else None,
        "stride": draw(st.one_of(st.integers(1, 3), small)),
        "padding": draw(
            st.one_of(
                st.integers(0, 3),
                st.tuples(*[st.integers(0, 3)] * axes),
                st.sampled_from(["same", "valid"]),
            )
        ),
        "dilation": draw(st.one_of(st.integers(1, 3), small)),
        "groups": groups,
    }


def torch_convolution(options):
    convolve = F.conv1d if options["weight"].ndim == 3 else F.conv2d
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "Using padding='same' with even kernel")
        return convolve(**options)


def check_against_torch(options):
    try:
        expected = torch_convolution(options)
    except RuntimeError:
        with pytest.raises(ValueError, match=r" must .*; got "):
            trace.convolution(**options)
        return
    steps = trace.convolution(**options)
    tight = {"rtol": 1e-12, "atol": 1e-12}
    loose = {"rtol": 1e-6, "atol": 1e-6}
    torch.testing.assert_close(
        steps.output, expected, **(tight if expected.dtype == torch.float64 else loose)
    )


@examples(1500)
@given(settings_of(axes=1))
def test_one_dimension_agrees_with_torch(options):
    check_against_torch(options)


@examples(1500)
@given(settings_of(axes=2))
def test_two_dimensions_agree_with_torch(options):
    check_against_torch(options)


def counted(steps):
    """Count the products by taking every output value apart."""
    return sum(
        steps.window(*position).products.numel()
        for position in itertools.product(*map(range, steps.output.shape))
    )


@examples(200)
@given(st.one_of(settings_of(axes=1), settings_of(axes=2)))
def test_every_window_adds_up_to_its_output(options):
    try:
        steps = trace.convolution(**options)
    except ValueError:
        return

    for position in itertools.product(*map(range, steps.output.shape)):
        window = steps.window(*position)
        torch.testing.assert_close(
            window.products.sum() + window.bias, steps.output[position], rtol=1e-5, atol=1e-5
        )
        assert torch.equal(window.sum, window.products.sum())
    assert steps.multiply_adds == counted(steps)


@examples(200)
@given(st.one_of(settings_of(axes=1), settings_of(axes=2)))
def test_the_line_of_pytorch_makes_the_same_layer(options):
    options["groups"] = 1
    options["weight"] = options["weight"][:, :1].expand(
        -1, options["input"].shape[1 - options["weight"].ndim], *options["weight"].shape[2:]
    )
    try:
        steps = trace.convolution(**options)
    except ValueError:
        return

    layer = eval(steps.code)
    convolution = layer[-1] if isinstance(layer, torch.nn.Sequential) else layer
    with torch.no_grad(), warnings.catch_warnings():
        warnings.filterwarnings("ignore", "Using padding='same' with even kernel")
        convolution.weight = torch.nn.Parameter(options["weight"])
        if options["bias"] is not None:
            convolution.bias = torch.nn.Parameter(options["bias"])
        made = layer(options["input"])

    torch.testing.assert_close(made, steps.output)
    assert sum(p.numel() for p in layer.parameters()) == steps.parameters


def test_causal_output_never_sees_the_future(rng):
    signal = torch.randn(1, 1, 30, generator=rng)
    weight = torch.randn(1, 1, 4, generator=rng)
    changed = signal.clone()
    changed[..., 20:] += 1

    before = trace.convolution(signal, weight, padding="causal", dilation=2).output
    after = trace.convolution(changed, weight, padding="causal", dilation=2).output

    assert before.shape == signal.shape
    assert torch.equal(before[..., :20], after[..., :20])
    assert not torch.equal(before[..., 20], after[..., 20])


def test_different_padding_at_each_end_is_that_of_a_padded_input(rng):
    image = torch.randn(2, 3, 6, 7, generator=rng)
    weight = torch.randn(4, 3, 2, 3, generator=rng)

    steps = trace.convolution(image, weight, padding=((1, 0), (2, 3)), stride=2)

    expected = F.conv2d(F.pad(image, (2, 3, 1, 0)), weight, stride=2)
    torch.testing.assert_close(steps.output, expected)


def test_products_worked_by_hand():
    image = torch.tensor([[[1.0, 2.0, 3.0], [4.0, 5.0, 6.0], [7.0, 8.0, 9.0]]])
    weight = torch.tensor([[[[1.0, 0.0], [2.0, -1.0]]]])

    steps = trace.convolution(image, weight, torch.tensor([0.5]))

    # 1·1 + 2·0 + 4·2 − 5·1 = 4, and so on; the kernel is not flipped.
    assert steps.output.tolist() == [[[4.5, 6.5], [10.5, 12.5]]]
    window = steps.window(0, 1, 0)
    assert window.patch.tolist() == [[[4.0, 5.0], [7.0, 8.0]]]
    assert window.products.tolist() == [[[4.0, 0.0], [14.0, -8.0]]]
    assert (window.sum.item(), window.bias.item()) == (10.0, 0.5)
    assert window.taps == ((1, 2), (0, 1))


def test_taps_on_the_padding_are_zeros_outside_the_input():
    steps = trace.convolution(
        torch.tensor([[1.0, 2.0]]), torch.ones(1, 1, 3), padding=2, dilation=2
    )

    window = steps.window(0, 0)

    assert window.taps == ((-2, 0, 2),)
    assert window.patch.tolist() == [[0.0, 1.0, 0.0]]


def test_a_nan_stays_in_the_windows_that_read_it():
    signal = torch.tensor([[float("nan"), 1.0, 1.0, 1.0]])

    steps = trace.convolution(signal, torch.ones(1, 1, 2), padding=(1,))

    assert steps.output.isnan().tolist() == [[True, True, False, False, False]]
    assert steps.window(0, 4).patch.tolist() == [[1.0, 0.0]]


ONE = torch.zeros(1, 1, 4)
TWO = torch.zeros(1, 1, 4, 4)
KERNEL = torch.zeros(1, 1, 2)
SQUARE = torch.zeros(1, 1, 2, 2)


@pytest.mark.parametrize(
    ("arguments", "options", "message"),
    [
        ((ONE, KERNEL), {"stride": 0}, "stride must be an integer of at least 1; got 0"),
        ((ONE, KERNEL), {"dilation": 0}, "dilation must be an integer of at least 1; got 0"),
        ((TWO, SQUARE), {"stride": (1, 0)}, "stride must be an integer of at least 1; got 0"),
        ((ONE, KERNEL), {"groups": 0}, "groups must be an integer of at least 1; got 0"),
        (
            (ONE, KERNEL),
            {"groups": 2},
            "groups must divide the channels; got groups=2 for 1 input and 1 output channels",
        ),
        (
            (torch.zeros(2, 3, 4, 4, 4), SQUARE),
            {},
            "input must have the axes (channel, height, width) or (batch, channel, height, width);"
            " got shape (2, 3, 4, 4, 4)",
        ),
        (
            (ONE, torch.zeros(2, 2)),
            {},
            "weight must have the axes (output_channel, channel, kernel) or (output_channel, "
            "channel, kernel_height, kernel_width); got shape (2, 2)",
        ),
        (
            ([1.0], KERNEL),
            {},
            "input must be a tensor with the axes (channel, time) or (batch, channel, time); "
            "got [1.0]",
        ),
        (
            (ONE, torch.zeros(1, 2, 2)),
            {},
            "weight must have 1 channels for an input of 1 in groups=1; got shape (1, 2, 2)",
        ),
        ((ONE, KERNEL, torch.zeros(2)), {}, "bias must have 1 values; got 2"),
        (
            (ONE, KERNEL.double()),
            {},
            "weight must be numbers of the input's type; got torch.float64 for torch.float32",
        ),
        (
            (torch.zeros(1, 1, 0), KERNEL),
            {},
            "input length must be an integer of at least 1; got 0",
        ),
    ],
)
def test_bad_arguments_are_refused_in_one_sentence(arguments, options, message):
    with refused(message):
        trace.convolution(*arguments, **options)


def test_a_huge_output_is_refused_before_memory_is_taken():
    image = torch.zeros(1, 1, 1, 1).expand(1, 1, 20_000, 20_000)

    with refused(
        "output must take at most 2.0 GiB; got shape (1, 64, 20000, 20000), which takes 95.4 GiB"
    ):
        trace.convolution(image, torch.zeros(64, 1, 1, 1))
    with refused(
        "padded input must take at most 2.0 GiB; got shape (1, 1, 60001, 60001), "
        "which takes 13.4 GiB"
    ):
        trace.convolution(
            torch.zeros(1, 1, 1, 1), torch.zeros(1, 1, 1, 1), padding=30_000, stride=60_000
        )


def test_a_position_outside_the_output_is_refused():
    steps = trace.convolution(ONE, KERNEL)

    with refused("position must be an integer from 0 to 2; got 3"):
        steps.window(0, 0, 3)
    with refused("position must have one index for each of 3 axes; got (0, 0)"):
        steps.window(0, 0)


@st.composite
def channels_of(draw):
    """Return a layer of several channels, and a picture for it."""
    groups = draw(st.integers(1, 3))
    layer = torch.nn.Conv2d(
        groups * draw(st.integers(1, 3)),
        groups * draw(st.integers(1, 3)),
        draw(st.integers(1, 3)),
        stride=draw(st.integers(1, 3)),
        padding=draw(st.integers(0, 2)),
        dilation=draw(st.integers(1, 2)),
        groups=groups,
        bias=draw(st.booleans()),
    )
    sides = draw(st.tuples(st.integers(5, 9), st.integers(5, 9)))
    return layer.double(), torch.randn(layer.in_channels, *sides, dtype=torch.float64)


@examples(300)
@given(channels_of(), st.randoms())
def test_what_the_channels_of_a_group_add_makes_the_value_at_the_cost_of_the_layer(made, chance):
    layer, picture = made
    steps = trace.convolution(
        picture,
        layer.weight.detach(),
        None if layer.bias is None else layer.bias.detach(),
        stride=layer.stride,
        padding=layer.padding,
        dilation=layer.dilation,
        groups=layer.groups,
    )

    place = [chance.randrange(size) for size in steps.output.shape]
    window, cost = steps.window(*place), measure.cost(layer, tuple(picture.shape))

    assert len(window.products) == layer.in_channels // layer.groups
    torch.testing.assert_close(
        window.products.sum((1, 2)).sum() + window.bias, layer(picture).detach()[tuple(place)]
    )
    assert (steps.parameters, steps.multiply_adds) == (cost.parameters, cost.multiply_adds)
