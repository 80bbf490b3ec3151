import subprocess
import sys

import numpy as np
import pytest
import torch
from PIL import Image
from sklearn.datasets import load_sample_image

from convrnn_lab import data
from tests.helpers import refused

WANTED = "image must be a name, a path, or an array of numbers of shape (height, width, 3)"


@pytest.mark.parametrize("name", data.COLOUR_IMAGES)
def test_the_colour_pictures_are_those_of_scikit_learn(name):
    expected = torch.from_numpy(load_sample_image(f"{name}.jpg").astype(np.float32) / 255)

    picture = data.colour_image(name, size=None)

    torch.testing.assert_close(picture, expected.permute(2, 0, 1))


def test_a_colour_picture_does_not_bring_scikit_learn_into_memory():
    code = (
        "import sys; from convrnn_lab import data; data.colour_image('china'); "
        "print('sklearn' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert done.stdout.strip() == "False"


def test_brightness_of_a_reduced_picture_is_that_of_the_grey_one():
    weights = torch.tensor([0.299, 0.587, 0.114])[:, None, None]

    grey = (data.colour_image("flower", size=32) * weights).sum(0)

    torch.testing.assert_close(grey, data.image("flower", size=32), atol=0.003, rtol=0)


def test_a_file_is_read_in_colour(tmp_path):
    Image.new("RGB", (20, 10), (255, 0, 51)).save(tmp_path / "own.png")

    picture = data.colour_image(tmp_path / "own.png")

    assert picture.shape == (3, 10, 20)
    assert [each.unique().tolist() for each in picture] == [[1.0], [0.0], [pytest.approx(0.2)]]


def test_bytes_are_divided_by_255_and_other_numbers_kept():
    white = np.full((2, 4, 3), 255, dtype=np.uint8)

    assert data.colour_image(white).unique().tolist() == [1.0]
    assert data.colour_image(torch.full((2, 4, 3), 7.0)).unique().tolist() == [7.0]


@pytest.mark.parametrize(
    ("source", "got"),
    [
        (np.zeros((2, 3)), "float64 of shape (2, 3)"),
        (torch.zeros(3, 4, 5), "float32 of shape (3, 4, 5)"),
        (np.zeros((0, 2, 3)), "float64 of shape (0, 2, 3)"),
        (None, "None"),
    ],
)
def test_what_is_no_colour_picture_is_refused(source, got):
    with refused(f"{WANTED}; got {got}"):
        data.colour_image(source)


def test_a_missing_file_is_refused_with_the_names_there_are():
    with refused(
        "image must be one of china, flower, or an image file; got 'digit 3', which is not there"
    ):
        data.colour_image("digit 3")


def test_pointwise_filters_are_those_of_all_channels_at_size_1():
    for pointwise, mixed in zip(
        data.colour_filters("pointwise", 1), data.colour_filters("all channels", 1), strict=True
    ):
        assert torch.equal(pointwise, mixed)


def test_filters_that_set_a_colour_against_the_rest_answer_nothing_to_grey():
    weight, _ = data.colour_filters("all channels", 3)

    assert weight[:2].sum((1, 2, 3)).abs().max() < 1e-6
    assert (weight[:2].sum((2, 3)) > 0).tolist() == [[True, False, False], [False, False, True]]


def test_a_pointwise_filter_of_more_than_one_weight_is_refused():
    with refused("size must be 1 for pointwise filters; got 3"):
        data.colour_filters("pointwise", 3)
    with refused("kind must be one of all channels, depthwise, pointwise; got 'grouped'"):
        data.colour_filters("grouped", 3)
