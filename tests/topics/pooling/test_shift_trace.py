import pytest
import torch
import torch.nn.functional as F

from convrnn_lab import data, trace
from tests.helpers import refused


@pytest.mark.parametrize("kind", trace.SHIFT_POOLS)
@pytest.mark.parametrize("name", ["photograph", "digit 4", "stripes", "checkerboard"])
def test_a_stride_of_one_moves_along_with_any_shift(kind, name):
    found = trace.shift_consistency(trace.shift_pool(kind, 1), data.image(name), range(9))

    torch.testing.assert_close(found, torch.ones(9, dtype=torch.float64), rtol=0, atol=1e-9)


@pytest.mark.parametrize("kind", trace.SHIFT_POOLS)
@pytest.mark.parametrize("stride", [2, 4])
def test_shifts_by_whole_strides_move_along(kind, stride):
    image = data.image("photograph")
    pool = trace.shift_pool(kind, stride)

    found = trace.shift_consistency(pool, image, range(9))

    assert found[::stride].tolist() == pytest.approx([1.0] * len(found[::stride]), abs=1e-9)
    between = [found[shift].item() for shift in range(9) if shift % stride]
    assert max(between) < 0.9999


@pytest.mark.parametrize("name", ["photograph", "digit 4", "stripes"])
@pytest.mark.parametrize("stride", [2, 4])
def test_blur_pool_is_nearer_to_one_than_max_pool(name, stride):
    blur, largest = (
        trace.shift_consistency(trace.shift_pool(kind, stride), data.image(name), [1])
        for kind in ("blur", "max")
    )

    assert largest < blur < 1


def test_a_checkerboard_turns_into_its_opposite():
    pool = trace.shift_pool("strided convolution", 2)
    board = data.image("checkerboard")

    # Every second pixel of every second row: all black, and after one step all white.
    assert trace.shift_consistency(pool, board, [0, 1, 2]).tolist() == [1.0, -1.0, 1.0]


def test_values_worked_by_hand():
    image = torch.tensor([[0.0, 2.0, 4.0, 0.0], [1.0, 0.0, 0.0, 0.0]])

    # Every second pixel: 0 4 at rest; moved by one 0 2 (moved right: 0 0 2 4).
    pool = trace.shift_pool("strided convolution", 2)
    found = trace.shift_consistency(pool, image, [1])

    # a: 0 4 moved by half a value; with two values Fourier leaves only the mean, 2 2.
    # b: 0 2; m = 1.5; |a − b|² = 4, |a − m|² = 0.5, |b − m|² = 2.5.
    assert found.item() == pytest.approx(1 - 4 / 3)


def test_pools_agree_with_those_of_torch_inside(rng):
    image = torch.randn(1, 1, 12, 12, generator=rng)
    row = torch.tensor([1.0, 4.0, 6.0, 4.0, 1.0]) / 16

    assert torch.equal(trace.shift_pool("max", 3)(image), F.max_pool2d(image, 3))
    torch.testing.assert_close(trace.shift_pool("average", 3)(image), F.avg_pool2d(image, 3))
    strided = trace.shift_pool("strided convolution", 3, weight=torch.ones(2, 2))(image)
    torch.testing.assert_close(strided, F.conv2d(image, torch.ones(1, 1, 2, 2), stride=3))
    blurred = trace.shift_pool("blur", 3)(image)[..., 1:-1, 1:-1]
    dense = F.max_pool2d(image, 3, stride=1)
    expected = F.conv2d(dense, (row[:, None] * row)[None, None])[..., 1::3, 1::3]
    torch.testing.assert_close(blurred, expected)


def test_equal_constants_are_consistent():
    pool = trace.shift_pool("max", 2)

    assert trace.shift_consistency(pool, data.image("checkerboard"), [0, 1]).tolist() == [1.0, 1.0]


def test_a_smooth_wave_has_no_aliasing():
    wave = torch.sin(torch.arange(32.0) * 2 * torch.pi / 16).expand(8, 32)
    pool = trace.shift_pool("strided convolution", 2)

    # What is below the new sampling rate's limit is moved exactly by Fourier interpolation.
    assert trace.shift_consistency(pool, wave, range(4)).tolist() == pytest.approx([1.0] * 4)


def test_bad_arguments_are_refused():
    with refused("kind must be one of max, average, strided convolution, blur; got 'lp'"):
        trace.shift_pool("lp", 2)
    with refused("stride must be an integer of at least 1; got 0"):
        trace.shift_pool("max", 0)
    with refused(
        "image must be a whole number of times as wide as the output; got 7 pixels for 4 values"
    ):
        trace.shift_consistency(trace.shift_pool("max", 2), torch.zeros(8, 7), [1])
    with refused("image must have the axes (height, width); got shape (1, 8, 8)"):
        trace.shift_consistency(trace.shift_pool("max", 2), torch.zeros(1, 8, 8), [1])
