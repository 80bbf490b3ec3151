import pytest
import torch
import torch.nn.functional as F
from hypothesis import given, strategies as st

from convrnn_lab.shapes import geometry
from tests.helpers import refused

SIZES = st.integers(1, 12)


@given(
    length=st.integers(1, 40),
    kernel_size=SIZES,
    stride=st.integers(1, 6),
    padding=st.integers(0, 6),
    dilation=st.integers(1, 4),
)
def test_output_length_is_that_of_torch(length, kernel_size, stride, padding, dilation):
    options = {"stride": stride, "dilation": dilation}
    try:
        expected = F.conv1d(
            torch.zeros(1, 1, length), torch.zeros(1, 1, kernel_size), padding=padding, **options
        ).shape[-1]
    except RuntimeError:
        with pytest.raises(ValueError, match=r"^kernel_size must fit the padded input of"):
            geometry.output_length(length, kernel_size, padding=(padding, padding), **options)
        return

    found = geometry.output_length(length, kernel_size, padding=(padding, padding), **options)

    assert found == expected


@given(
    length=st.integers(1, 40), kernel_size=SIZES, stride=st.integers(1, 6), hole=st.integers(1, 4)
)
def test_dropped_samples_can_be_cut_off_without_a_change(length, kernel_size, stride, hole):
    if geometry.extent(kernel_size, hole) > length:
        return
    options = {"stride": stride, "dilation": hole}
    cut = geometry.dropped(length, kernel_size, **options)

    whole = geometry.output_length(length, kernel_size, **options)

    assert 0 <= cut < stride
    assert geometry.output_length(length - cut, kernel_size, **options) == whole
    if cut + 1 <= length - geometry.extent(kernel_size, hole):
        assert geometry.output_length(length - cut - 1, kernel_size, **options) == whole - 1


@pytest.mark.parametrize("padding", [0, 1])
@pytest.mark.parametrize(("size", "stride", "hole"), [(3, 1, 1), (2, 4, 1), (2, 2, 3), (3, 2, 1)])
def test_what_is_never_read_has_no_gradient(size, stride, hole, padding):
    signal = torch.ones(1, 1, 14, requires_grad=True)
    output = F.conv1d(signal, torch.ones(1, 1, size), stride=stride, padding=padding, dilation=hole)
    output.sum().backward()

    found = geometry.unread(
        14, output.shape[-1], size, stride=stride, before=padding, dilation=hole
    )

    assert list(found) == (signal.grad[0, 0] == 0).nonzero()[:, 0].tolist()


def test_the_last_row_is_dropped_where_the_stride_does_not_divide():
    assert geometry.output_length(28, 3, stride=2) == 13
    assert geometry.dropped(28, 3, stride=2) == 1


def test_same_puts_the_odd_zero_after_and_causal_puts_all_before():
    assert geometry.pads("same", (4,), (1,), (1,)) == ((1, 2),)
    assert geometry.pads("same", (3, 2), (1, 1), (2, 3)) == ((2, 2), (1, 2))
    assert geometry.pads("causal", (3,), (2,), (4,)) == ((8, 0),)
    assert geometry.pads("valid", (3, 3), (1, 1), (1, 1)) == ((0, 0), (0, 0))


@pytest.mark.parametrize(
    ("padding", "expected"),
    [(2, ((2, 2), (2, 2))), ((1, 2), ((1, 1), (2, 2))), (((1, 2), (0, 3)), ((1, 2), (0, 3)))],
)
def test_numbers_are_for_all_axes_for_each_or_for_each_end(padding, expected):
    assert geometry.pads(padding, (3, 3), (1, 1), (1, 1)) == expected


@pytest.mark.parametrize(
    ("padding", "message"),
    [
        (-1, "padding must be an integer of at least 0; got -1"),
        (1.0, "padding must be an integer of at least 0; got 1.0"),
        (True, "padding must be an integer of at least 0; got True"),
        ((1, 2, 3), "padding must be one integer or 2; got (1, 2, 3)"),
        (
            ((1, 2),),
            "padding must be one (before, after) pair for each of 2 axes; got ((1, 2),)",
        ),
        ("reflect", "padding must be one of valid, same, causal; got 'reflect'"),
        ("causal", 'padding must be "causal" on one axis only; got 2 axes'),
    ],
)
def test_a_padding_that_means_nothing_is_refused(padding, message):
    with refused(message):
        geometry.pads(padding, (3, 3), (1, 1), (1, 1))


def test_same_with_a_stride_is_refused_as_torch_refuses_it():
    with refused('padding must be a number where the stride is over 1; got "same" with stride=2'):
        geometry.pads("same", (3,), (2,), (1,))
    with pytest.raises(RuntimeError):
        F.conv1d(torch.zeros(1, 1, 8), torch.zeros(1, 1, 3), stride=2, padding="same")


def test_a_kernel_that_is_too_long_is_named_with_its_sizes():
    with refused(
        "kernel_size must fit the padded input of 6 samples; got kernel_size=9 "
        "for length=4 with padding=1"
    ):
        geometry.output_length(4, 9, padding=(1, 1))
    with refused(
        "kernel_size must fit the padded input of 8 samples; got kernel_size=3 with dilation=4 "
        "spans 9 for length=4 with padding=(4, 0)"
    ):
        geometry.output_length(4, 3, padding=(4, 0), dilation=4)
