import itertools

import pytest
import torch
import torch.nn.functional as F
from hypothesis import given, strategies as st

from convrnn_lab import trace
from tests.helpers import refused
from tests.sampling import examples


@st.composite
def settings_of(draw, axes):
    """Return tensors and options over the whole parameter space, sensible or not."""

    def each(low, high):
        return st.one_of(st.integers(low, high), st.tuples(*[st.integers(low, high)] * axes))

    groups = draw(st.integers(1, 3))
    channels = groups * draw(st.integers(1, 2))
    per_group = draw(st.integers(1, 2))
    batch = draw(st.sampled_from([(), (1,), (2,)]))
    dtype = draw(st.sampled_from([torch.float32, torch.float64]))
    generator = torch.Generator().manual_seed(draw(st.integers(0, 1000)))
    lengths = draw(st.tuples(*[st.integers(1, 5)] * axes))
    kernel = draw(st.tuples(*[st.integers(1, 4)] * axes))
    bias = torch.randn(groups * per_group, generator=generator, dtype=dtype)
    return {
        "input": torch.randn(*batch, channels, *lengths, generator=generator, dtype=dtype),
        "weight": torch.randn(channels, per_group, *kernel, generator=generator, dtype=dtype),
        "bias": bias if draw(st.booleans()) else None,
        "stride": draw(each(1, 3)),
        "padding": draw(each(0, 3)),
        "output_padding": draw(each(0, 2)),
        "dilation": draw(each(1, 3)),
        "groups": groups,
    }


def check_against_torch(options):
    convolve = F.conv_transpose1d if options["weight"].ndim == 3 else F.conv_transpose2d
    try:
        expected = convolve(**options)
    except RuntimeError:
        expected = None
    # PyTorch returns an empty output where the padding cuts all of it off; we refuse that.
    if expected is None or expected.numel() == 0:
        with pytest.raises(ValueError, match=r" must .*; got "):
            trace.transposed_convolution(**options)
        return
    steps = trace.transposed_convolution(**options)
    assert steps.output.shape == expected.shape
    tolerance = 1e-12 if expected.dtype == torch.float64 else 1e-6
    torch.testing.assert_close(steps.output, expected, rtol=tolerance, atol=tolerance)


@examples(1500)
@given(settings_of(axes=1))
def test_one_dimension_agrees_with_torch(options):
    check_against_torch(options)


@examples(1500)
@given(settings_of(axes=2))
def test_two_dimensions_agree_with_torch(options):
    check_against_torch(options)


def made(options):
    try:
        return trace.transposed_convolution(**options)
    except ValueError:
        return None


EITHER = st.one_of(settings_of(axes=1), settings_of(axes=2))


@examples(200)
@given(EITHER)
def test_what_is_gathered_adds_up_to_the_output(options):
    steps = made(options)
    if steps is None:
        return

    for position in itertools.product(*map(range, steps.output.shape)):
        gathered = steps.gathered(*position)
        torch.testing.assert_close(
            gathered.sum + gathered.bias, steps.output[position], rtol=1e-5, atol=1e-5
        )
        assert gathered.products.numel() == steps.overlap[position[-len(steps.stride) :]]
        assert torch.equal(gathered.products, gathered.values * gathered.weights)


@examples(200)
@given(EITHER)
def test_what_is_spread_adds_up_to_the_output(options):
    steps = made(options)
    if steps is None:
        return
    axes = len(steps.stride)
    output = torch.zeros_like(steps.output)
    if steps.bias is not None:
        output += steps.bias.view(-1, *[1] * axes)

    count = 0
    for position in itertools.product(*map(range, steps.input.shape)):
        spread = steps.spread(*position)
        count += spread.products.numel()
        for channel, products in zip(spread.channels, spread.products, strict=True):
            for taps in itertools.product(*map(range, steps.kernel_size)):
                place = tuple(spread.places[axis][tap] for axis, tap in enumerate(taps))
                inside = zip(place, output.shape[-axes:], strict=True)
                if all(0 <= index < length for index, length in inside):
                    output[(*position[: -axes - 1], channel, *place)] += products[taps]

    torch.testing.assert_close(output, steps.output, rtol=1e-5, atol=1e-5)
    assert count == steps.multiply_adds


@examples(200)
@given(EITHER)
def test_it_is_the_gradient_of_a_convolution(options):
    options |= {"bias": None, "output_padding": 0}
    steps = made(options)
    if steps is None:
        return
    convolve = F.conv1d if len(steps.stride) == 1 else F.conv2d
    source = torch.zeros_like(steps.output, requires_grad=True)

    forward = convolve(
        source,
        steps.weight,
        stride=steps.stride,
        padding=steps.padding,
        dilation=steps.dilation,
        groups=steps.groups,
    )
    (gradient,) = torch.autograd.grad(forward, source, steps.input)

    assert forward.shape == steps.input.shape
    torch.testing.assert_close(gradient, steps.output, rtol=1e-5, atol=1e-5)


@examples(200)
@given(EITHER)
def test_the_line_of_pytorch_makes_the_same_layer(options):
    steps = made(options)
    if steps is None:
        return

    layer = eval(steps.code)
    with torch.no_grad():
        layer.weight = torch.nn.Parameter(options["weight"])
        if options["bias"] is not None:
            layer.bias = torch.nn.Parameter(options["bias"])
        output = layer(options["input"])

    torch.testing.assert_close(output, steps.output)
    assert sum(p.numel() for p in layer.parameters()) == steps.parameters


def test_copies_of_the_kernel_worked_by_hand():
    steps = trace.transposed_convolution(
        torch.tensor([[1.0, 10.0, 100.0]]),
        torch.tensor([[[1.0, 2.0, 3.0]]]),
        torch.tensor([0.5]),
        stride=2,
        padding=1,
    )

    # 1 2 3, then 10 20 30 two further, then 100 200 300: 1 2 13 20 130 200 300 without the ends.
    assert steps.output.tolist() == [[2.5, 13.5, 20.5, 130.5, 200.5]]
    assert steps.overlap.tolist() == [1, 2, 1, 2, 1]
    spread = steps.spread(0, 1)
    assert spread.products.tolist() == [[10.0, 20.0, 30.0]]
    assert spread.places == ((1, 2, 3),)
    assert steps.spread(0, 0).places == ((-1, 0, 1),)
    gathered = steps.gathered(0, 1)
    assert gathered.products.tolist() == [[3.0, 10.0]]
    assert (gathered.inputs, gathered.taps) == (((0, 1),), ((2, 0),))
    assert (gathered.sum.item(), gathered.bias.item()) == (13.0, 0.5)


def test_a_stride_that_divides_the_kernel_overlaps_evenly_inside():
    image = torch.ones(1, 4, 4)

    uneven = trace.transposed_convolution(image, torch.ones(1, 1, 3, 3), stride=2)
    even = trace.transposed_convolution(image, torch.ones(1, 1, 4, 4), stride=2)

    assert uneven.overlap[2:-2, 2:-2].unique().tolist() == [1, 2, 4]
    assert even.overlap[2:-2, 2:-2].unique().tolist() == [4]
    # An image of ones with a kernel of ones shows the overlap itself.
    assert torch.equal(uneven.output[0].long(), uneven.overlap)


def test_a_value_that_nothing_reaches_is_the_bias():
    steps = trace.transposed_convolution(
        torch.ones(1, 2), torch.ones(1, 1, 1), torch.tensor([0.25]), stride=3
    )

    gathered = steps.gathered(0, 1)

    assert steps.output.tolist() == [[1.25, 0.25, 0.25, 1.25]]
    assert gathered.products.shape == (1, 0)
    assert (gathered.sum.item(), gathered.bias.item()) == (0.0, 0.25)


ONE = torch.zeros(1, 1, 4)
KERNEL = torch.zeros(1, 1, 2)


@pytest.mark.parametrize(
    ("arguments", "options", "message"),
    [
        ((ONE, KERNEL), {"stride": 0}, "stride must be an integer of at least 1; got 0"),
        ((ONE, KERNEL), {"padding": -1}, "padding must be an integer of at least 0; got -1"),
        (
            (ONE, KERNEL),
            {"output_padding": 2, "stride": 2},
            "output_padding must be under the stride or the dilation; got 2 for stride=2 and "
            "dilation=1",
        ),
        (
            (ONE, KERNEL),
            {"padding": 3},
            "padding must leave at least one of 5 output samples; got 3 at each end",
        ),
        (
            (ONE, torch.zeros(2, 1, 2)),
            {},
            "weight must have 1 channels on its first axis, as the input has; got shape (2, 1, 2)",
        ),
        (
            (ONE, KERNEL),
            {"groups": 2},
            "groups must divide the channels; got groups=2 for 1 input channels",
        ),
        ((ONE, KERNEL, torch.zeros(3)), {}, "bias must have 1 values; got 3"),
        (
            (ONE, KERNEL.double()),
            {},
            "weight must be floating-point numbers of the input's type; got torch.float64 for "
            "torch.float32",
        ),
        (
            (ONE, torch.zeros(2, 2)),
            {},
            "weight must have the axes (channel, output_channel, kernel) or (channel, "
            "output_channel, kernel_height, kernel_width); got shape (2, 2)",
        ),
        (
            (torch.zeros(1, 1, 0), KERNEL),
            {},
            "input length must be an integer of at least 1; got 0",
        ),
        (
            (ONE, KERNEL),
            {"stride": 10**9},
            "output must take at most 2.0 GiB; got shape (1, 1, 3000000002), which takes 11.2 GiB",
        ),
    ],
)
def test_bad_arguments_are_refused_in_one_sentence(arguments, options, message):
    with refused(message):
        trace.transposed_convolution(*arguments, **options)


def test_a_position_outside_is_refused():
    steps = trace.transposed_convolution(ONE, KERNEL)

    with refused("position must be an integer from 0 to 4; got 5"):
        steps.gathered(0, 0, 5)
    with refused("position must be an integer from 0 to 3; got 4"):
        steps.spread(0, 0, 4)
