import subprocess
import sys

import numpy as np
import pytest
import skimage.data
import torch
from PIL import Image
from sklearn.datasets import load_sample_image

from convrnn_lab import data
from tests.helpers import refused

NAMES = ", ".join(data.IMAGES)


def test_the_photograph_is_the_one_of_scikit_image():
    expected = np.rint(skimage.data.camera().reshape(128, 4, 128, 4).mean((1, 3))) / 255

    photograph = data.image("photograph", size=None)

    torch.testing.assert_close(photograph.double(), torch.from_numpy(expected), rtol=0, atol=1e-6)


@pytest.mark.parametrize("name", data.IMAGES)
def test_shipped_images_are_grey_from_black_to_white(name):
    image = data.image(name)

    assert image.dtype == torch.float32
    assert image.min() >= 0
    assert 0.5 < image.max() <= 1


def test_stripes_get_narrower_until_neighbours_alternate():
    row = data.image("stripes")[0]
    crossings = ((row[1:] > 0.5) != (row[:-1] > 0.5)).nonzero().flatten()

    assert torch.equal(data.image("stripes"), row.expand(64, 64))
    assert crossings[1] - crossings[0] == 4
    assert (crossings[-4:] - crossings[-5:-1]).tolist() == [1, 1, 1, 1]


def test_a_checkerboard_alternates_in_both_directions():
    board = data.image("checkerboard")

    assert board[:2, :2].tolist() == [[0.0, 1.0], [1.0, 0.0]]
    assert torch.equal(board, 1 - board.roll(1, 0))
    assert torch.equal(board, board.T)


@pytest.mark.parametrize("name", ["china", "flower"])
def test_the_large_photographs_are_those_of_scikit_learn(name):
    colours = load_sample_image(f"{name}.jpg")

    photograph = data.image(name, size=None)

    torch.testing.assert_close(photograph, data.image(colours, size=None), rtol=0, atol=0.003)


def test_a_large_photograph_does_not_bring_scikit_learn_into_memory():
    code = (
        "import sys; from convrnn_lab import data; data.image('china'); "
        "print('sklearn' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert done.stdout.strip() == "False"


def test_reduction_is_the_mean_of_the_pixels_covered():
    image = torch.arange(16.0).reshape(4, 4)

    reduced = data.image(image, size=2)

    assert reduced.tolist() == [[2.5, 4.5], [10.5, 12.5]]


def test_a_small_image_is_not_enlarged_and_keeps_its_values():
    values = np.array([[0.5, -2.0, 7.0]])

    assert data.image(values).tolist() == [[0.5, -2.0, 7.0]]
    assert data.image(torch.tensor([[3, 4]])).tolist() == [[3.0, 4.0]]


def test_bytes_are_divided_by_255_and_colours_weighted():
    red = np.zeros((2, 2, 3), dtype=np.uint8)
    red[..., 0] = 255

    assert data.image(red).tolist() == [[pytest.approx(0.299)] * 2] * 2
    assert data.image(np.dstack([red, red[..., 0]])).shape == (2, 2)


def test_a_file_is_read_as_grey(tmp_path):
    path = tmp_path / "wide <b> picture.png"
    Image.new("RGB", (200, 100), (255, 255, 255)).save(path)

    assert data.image(path).shape == (32, 64)
    assert data.image(str(path)).unique().tolist() == [1.0]


@pytest.mark.parametrize(
    ("source", "got"),
    [
        (np.zeros((2, 3, 4, 5)), "shape (2, 3, 4, 5)"),
        (np.zeros((0, 3)), "shape (0, 3)"),
        (np.zeros(3), "shape (3,)"),
        (np.zeros((3, 3, 2)), "shape (3, 3, 2)"),
        (7, "shape ()"),
        (None, "None"),
        ([[1], [1, 2]], "[[1], [1, 2]]"),
        (np.array([["a"]]), "shape (1, 1)"),
    ],
)
def test_what_is_no_image_is_refused(source, got):
    with refused(
        "image must be a name, a path, or an array of (height, width) or (height, width, 3); "
        f"got {got}"
    ):
        data.image(source)


def test_nan_is_refused_with_its_place():
    image = torch.zeros(4, 5)
    image[2, 3] = float("nan")

    with refused("image must be finite; got nan at index (2, 3)"):
        data.image(image)


def test_a_hundred_megapixels_are_refused():
    message = "image must have at most 50,000,000 pixels; got 10,000 × 10,000, which is 100,000,000"

    with refused(message):
        data.image(torch.zeros(1, 1).expand(10_000, 10_000))


def test_a_hundred_megapixel_file_is_refused_before_it_is_decoded(tmp_path):
    path = tmp_path / "large.png"
    Image.new("1", (10_000, 10_000)).save(path)

    with refused(
        "image must have at most 50,000,000 pixels; got 10,000 × 10,000, which is 100,000,000"
    ):
        data.image(path)


def test_a_file_that_cannot_be_used_is_refused(tmp_path):
    missing, text, cut = tmp_path / "a.png", tmp_path / "b.png", tmp_path / "c.png"
    text.write_text("not an image", "utf-8")
    Image.effect_noise((64, 64), 50).save(cut)
    cut.write_bytes(cut.read_bytes()[:500])

    for path, problem in ((missing, "which is not there"), (text, "which is no image")):
        with pytest.raises(ValueError, match=r"^image must be one of photograph, digit 0") as error:
            data.image(path)
        assert str(error.value).endswith(problem)
    with pytest.raises(ValueError, match=r"which cannot be read \(.+\)$"):
        data.image(cut)


def test_a_name_with_markup_is_quoted_as_it_is():
    with refused(
        f"image must be one of {NAMES}, or an image file; got '<script>alert(1)</script>', "
        "which is not there"
    ):
        data.image("<script>alert(1)</script>")
