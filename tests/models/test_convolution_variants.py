import pytest
import torch
import torch.nn.functional as F
from hypothesis import given, strategies as st
from torch import nn

from convrnn_lab import models, trace
from tests.helpers import refused
from tests.sampling import examples


@examples(300)
@given(st.data(), st.integers(1, 2), st.integers(1, 3), st.booleans())
def test_a_convolution_by_fft_is_the_convolution(data, axes, groups, bias):
    draw = data.draw
    kernel, stride, padding, dilation = (
        [draw(st.integers(low, high)) for _ in range(axes)]
        for low, high in ((1, 5), (1, 3), (0, 3), (1, 3))
    )
    extents = [(k - 1) * d + 1 for k, d in zip(kernel, dilation, strict=True)]
    sizes = [extent + draw(st.integers(0, 9)) for extent in extents]
    generator = torch.Generator().manual_seed(draw(st.integers(0, 99)))
    with models.seeded(1):
        conv = (nn.Conv1d, nn.Conv2d)[axes - 1](
            groups * draw(st.integers(1, 2)),
            groups * draw(st.integers(1, 2)),
            kernel,
            stride,
            padding,
            dilation,
            groups,
            bias,
            dtype=torch.float64,
        )
    x = torch.randn(2, conv.in_channels, *sizes, generator=generator, dtype=torch.float64)

    torch.testing.assert_close(models.FFTConv(conv)(x), conv(x), rtol=0, atol=1e-12)


def test_its_gradient_is_the_convolutions_too():
    conv, x = nn.Conv1d(2, 3, 4, padding=1).double(), torch.randn(1, 2, 12).double()

    found = torch.autograd.grad(models.FFTConv(conv)(x).square().sum(), conv.weight)[0]

    wanted = torch.autograd.grad(conv(x).square().sum(), conv.weight)[0]
    torch.testing.assert_close(found, wanted)


@pytest.mark.parametrize(
    ("conv", "shown"),
    [
        (nn.Linear(2, 2), "Linear(in_features=2, out_features=2, bias=True)"),
        (
            nn.Conv1d(1, 1, 3, padding_mode="circular"),
            "Conv1d(1, 1, kernel_size=(3,), stride=(1,), padding_mode=ci…",
        ),
    ],
)
def test_fft_of_what_is_no_such_convolution_is_refused(conv, shown):
    with refused(f"conv must be a Conv1d or Conv2d with zero padding; got {shown}"):
        models.FFTConv(conv)


def test_fast_lengths_worked_by_hand():
    # 127 is prime and 128 = 2⁷; 251 is prime and 256 follows, but 4 · 63 = 252 has a 7.
    assert [models.fast_length(n) for n in (1, 7, 11, 127, 251)] == [1, 8, 12, 128, 256]


def test_the_cost_of_an_fft_does_not_depend_on_the_kernel_but_on_its_padding():
    shape = (4, 4096)

    small, large = (models.fft_multiply_adds(nn.Conv1d(4, 4, k), shape) for k in (3, 1023))

    # 4 + 16 + 4 transforms of 4096 values, 2.5 · 4096 · 12 / 2 each; 16 products of 2049 · 4.
    same = models.fft_multiply_adds(nn.Conv1d(4, 4, 5, padding="same"), (4, 4092))
    assert same == small == large == 24 * 61_440 + 16 * 2049 * 4


def test_the_kernel_is_transformed_once_for_a_batch():
    conv = nn.Conv1d(4, 4, 3)

    one, ten = (models.fft_multiply_adds(conv, (4, 4096), batch) for batch in (1, 10))

    assert one - (ten - one) // 9 == 16 * 61_440  # what does not grow: 16 transforms


def test_a_causal_stack_sees_what_it_says_and_nothing_that_comes_later():
    stack = models.CausalStack(2, kernel_size=3, layers=4)
    x = torch.randn(1, 2, 64)

    field = trace.receptive_field(stack, (2, 64))
    later = x.clone()
    later[..., 40:] = 0

    assert stack.reach == field.size[0] == 1 + 2 * (1 + 2 + 4 + 8)
    assert stack(x).shape == x.shape
    torch.testing.assert_close(stack(x)[..., :40], stack(later)[..., :40])


def test_one_more_step_of_a_stack_needs_only_its_window():
    stack = models.CausalStack(3, kernel_size=2, layers=3, dilation=2)
    x = torch.randn(2, 3, 50)

    last = stack.last(x[..., -stack.reach :])

    torch.testing.assert_close(last, stack(x)[..., -1:])


def test_a_separable_convolution_is_a_convolution_of_a_factored_kernel():
    layers = models.separable(3, 5, stride=2, padding=2)
    x = torch.randn(2, 3, 20)
    depth, point = layers

    kernel = point.weight * depth.weight[:, 0].unsqueeze(0)  # (out, in, tap)
    bias = point.bias + point.weight[:, :, 0] @ depth.bias
    wanted = F.conv1d(x, kernel, bias, stride=2, padding=2)

    torch.testing.assert_close(layers(x), wanted)
