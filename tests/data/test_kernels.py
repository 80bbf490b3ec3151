import itertools

import pytest
import torch

from convrnn_lab import data
from tests.helpers import REFUSAL, refused

TEXTBOOK = {
    "identity": [[0, 0, 0], [0, 1, 0], [0, 0, 0]],
    "Sobel x": [[-1, 0, 1], [-2, 0, 2], [-1, 0, 1]],
    "Sobel y": [[-1, -2, -1], [0, 0, 0], [1, 2, 1]],
    "Laplacian": [[0, 1, 0], [1, -4, 1], [0, 1, 0]],
    "emboss": [[-2, -1, 0], [-1, 1, 1], [0, 1, 2]],
}


@pytest.mark.parametrize(("name", "weights"), list(TEXTBOOK.items()))
def test_three_by_three_is_the_textbook_kernel(name, weights):
    torch.testing.assert_close(data.kernel(name, 3), torch.tensor(weights).float())


def test_one_dimensional_differences_are_the_textbook_ones():
    assert data.kernel1d("difference", 2).tolist() == [-1.0, 1.0]
    assert data.kernel1d("difference", 3).tolist() == [-1.0, 0.0, 1.0]
    assert data.kernel1d("second difference", 3).tolist() == [1.0, -2.0, 1.0]


def kernels():
    for name, size in itertools.product(data.KERNELS, range(1, 12)):
        yield name, size, data.kernel
    for name, size in itertools.product(data.KERNELS_1D, range(1, 12)):
        yield name, size, data.kernel1d


@pytest.mark.parametrize(("name", "size", "make"), list(kernels()))
def test_every_size_is_made_or_refused_in_words(name, size, make):
    smallest = {"Laplacian": 3, "second difference": 3, "Gabor": 3}
    smallest |= {"Sobel x": 2, "Sobel y": 2, "emboss": 2, "difference": 2}
    if size < smallest.get(name, 1):
        with pytest.raises(ValueError, match=REFUSAL):
            make(name, size)
        return

    weights = make(name, size)

    assert weights.dtype == torch.float32
    assert set(weights.shape) == {size}
    assert weights.isfinite().all()
    sums = {"identity": 1, "box": 1, "Gaussian": 1, "sharpen": 1}
    flat = {"Sobel x", "Sobel y", "Laplacian", "Gabor", "difference", "second difference"}
    if name in sums or name in flat:
        assert weights.sum().item() == pytest.approx(sums.get(name, 0), abs=1e-5)


@pytest.mark.parametrize("size", range(3, 12))
def test_derivatives_of_all_sizes_have_the_weight_of_the_textbook_one(size):
    assert data.kernel("Sobel x", size).abs().sum().item() == pytest.approx(8)
    assert data.kernel("Laplacian", size).abs().sum().item() == pytest.approx(8)


def test_random_weights_come_from_the_seed_alone():
    torch.manual_seed(1)
    state = torch.random.get_rng_state()

    assert torch.equal(data.kernel("random", 5, seed=3), data.kernel("random", 5, seed=3))
    assert not torch.equal(data.kernel("random", 5, seed=3), data.kernel("random", 5, seed=4))
    assert torch.equal(torch.random.get_rng_state(), state)


def test_unknown_names_and_sizes_are_refused():
    with refused(
        "kernel must be one of identity, box, Gaussian, sharpen, Sobel x, Sobel y, Laplacian, "
        "emboss, Gabor, random; got 'sobel'"
    ):
        data.kernel("sobel", 3)
    with refused("kernel_size must be at least 3 for Laplacian; got 2"):
        data.kernel("Laplacian", 2)
    with refused("kernel_size must be an integer from 1 to 31; got 0"):
        data.kernel1d("box", 0)
