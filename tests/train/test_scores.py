import pytest
import torch
from torch import nn

from convrnn_lab import train
from tests.helpers import refused


class Fixed(nn.Module):
    """Answers with the logits that the images themselves hold, however they were batched."""

    def __init__(self):
        super().__init__()
        self.one = nn.Parameter(torch.ones(()))

    def forward(self, images):
        return self.one * images[:, 0, 0]


def images_of(*chances):
    return torch.tensor(chances).log()[:, None, None]


# True 0, 0, 0, 1, 1, 2, taken for 0, 0, 1, 1, 0, 2.
IMAGES = images_of(
    (0.8, 0.1, 0.1),
    (0.5, 0.3, 0.2),
    (0.3, 0.6, 0.1),
    (0.2, 0.7, 0.1),
    (0.9, 0.05, 0.05),
    (0.1, 0.2, 0.7),
)
LABELS = torch.tensor([0, 0, 0, 1, 1, 2])


def test_scores_are_those_worked_by_hand():
    scores = train.evaluate(Fixed(), IMAGES, LABELS)

    assert scores.accuracy == pytest.approx(4 / 6)
    # Class 0: 2 of 3 found, 2 of 3 right. Class 1: 1 of 2, 1 of 2. Class 2: all.
    assert scores.macro_f1 == pytest.approx((2 / 3 + 1 / 2 + 1) / 3)
    assert scores.confusion.tolist() == [[2, 1, 0], [1, 1, 0], [0, 0, 1]]
    assert scores.predictions.tolist() == [0, 0, 1, 1, 0, 2]
    assert scores.errors.tolist() == [4, 2]
    torch.testing.assert_close(scores.probabilities, IMAGES[:, 0, 0].exp())


def test_a_class_that_does_not_occur_is_a_row_of_zeros_and_not_in_the_mean():
    scores = train.evaluate(Fixed(), IMAGES[:2], LABELS[:2])

    assert scores.confusion.tolist() == [[2, 0, 0], [0, 0, 0], [0, 0, 0]]
    assert scores.macro_f1 == 1
    assert scores.errors.tolist() == []


def test_many_images_are_answered_in_order():
    images = torch.randn(777, 1, 1, 4, generator=torch.Generator().manual_seed(0))

    found = train.probabilities(Fixed(), images)

    torch.testing.assert_close(found, images[:, 0, 0].softmax(1))
    assert not found.requires_grad


def test_the_mode_of_every_layer_is_put_back():
    frozen = nn.BatchNorm2d(1).eval()
    model = nn.Sequential(frozen, nn.Flatten(), nn.Dropout(0.5), nn.Linear(3, 2)).train()
    frozen.eval()

    first, second = (train.probabilities(model, IMAGES) for _ in range(2))

    assert torch.equal(first, second)
    assert [layer.training for layer in model] == [False, True, True, True]
    assert frozen.num_batches_tracked == 0


def linear(value=0.0, place=(1, 2)):
    model = nn.Sequential(nn.Flatten(), nn.Linear(3, 3))
    with torch.no_grad():
        model[1].weight[place] = value
    return model


@pytest.mark.parametrize(
    ("model", "images", "labels", "message"),
    [
        (None, IMAGES, LABELS, "model must be a torch.nn.Module; got None"),
        (nn.Flatten(), IMAGES, LABELS, "model must have weights; got Flatten without any"),
        (
            linear(float("nan")),
            IMAGES,
            LABELS,
            "model must have finite weights; got nan in 1.weight at (1, 2)",
        ),
        (
            linear(3e38),
            IMAGES.exp().mul(100),
            LABELS,
            "output of the model must be finite; got inf at index (0, 1)",
        ),
        (
            linear(),
            IMAGES[0],
            LABELS,
            "images must have the axes (batch, channel, height, width); got shape (1, 1, 3)",
        ),
        (linear(), IMAGES[:0], LABELS, "images must be at least one; got shape (0, 1, 1, 3)"),
        (
            linear(),
            IMAGES * float("inf"),
            LABELS,
            "images must be finite; got -inf at index (0, 0, 0, 0)",
        ),
        (
            linear(),
            torch.ones(2, 1, 4, 4),
            LABELS[:2],
            "images must fit the model; got shape (2, 1, 4, 4), and it says: "
            "mat1 and mat2 shapes cannot be multiplied (1x16 and 3x3)",
        ),
        (
            nn.Conv2d(1, 2, 1),
            IMAGES,
            LABELS,
            "output of the model must have the axes (batch, class); "
            "got shape (1, 2, 1, 3) for one image",
        ),
        (linear(), IMAGES, LABELS[:5], "labels must be one for each of 6 images; got 5"),
        (
            linear(),
            IMAGES,
            LABELS.float(),
            "labels must be of an integer type; got torch.float32",
        ),
        (linear(), IMAGES, LABELS[:, None], "labels must have the axes (batch); got shape (6, 1)"),
        (
            linear(),
            IMAGES,
            LABELS + 1,
            "labels must be from 0 to 2, the classes of the model; got 3 at index 5",
        ),
        (
            linear(),
            IMAGES,
            LABELS - 1,
            "labels must be from 0 to 2, the classes of the model; got -1 at index 0",
        ),
    ],
)
def test_what_cannot_be_scored_is_refused(model, images, labels, message):
    with refused(message):
        train.evaluate(model, images, labels)
