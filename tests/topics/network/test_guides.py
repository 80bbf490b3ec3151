"""The guides through the shipped network: the numbers that they say, and where they are shown."""

import numpy as np
import torch

from convrnn_lab import data, explorers, models
from convrnn_lab.topics.network import guides
from tests.topics.network import of_digits


def facts(sheet):
    return dict(sheet.facts)


def test_the_guide_through_layers_says_what_the_layers_give():
    explorer = of_digits.layers()
    sheets = [explorer.sheet(**step.sets) for step in guides.LAYERS]

    assert sheets[0].title == "conv1: Conv2d gives channel 32 × height 26 × width 26"
    assert facts(sheets[0])["It depends on"] == "rows 20 to 22, columns 11 to 13"
    assert facts(sheets[2])["Zero"] == "8,888 of 21,632 (41 %)"
    assert sheets[3].title == "pool1: MaxPool2d gives channel 32 × height 13 × width 13"
    assert facts(sheets[4])["It depends on"] == "rows 16 to 23, columns 8 to 15"
    assert sheets[5].panels[-1].title == "The model says “3” with 98.6 %"


def test_the_lightest_pixels_of_the_guide_lie_under_the_largest_weight():
    sheet = of_digits.layers().sheet(**guides.LAYERS[1].sets)
    seen, weight = (
        np.array(next(each for each in sheet.traces if each["name"] == name)["z"])
        for name in ("seen", "weight")
    )

    assert round(float(weight.max()), 3) == 0.418
    assert seen.flat[weight.argmax()] == seen.max()


def test_the_guide_through_the_whole_network_says_its_numbers():
    explorer = of_digits.network()
    sheets = [explorer.sheet(**step.sets) for step in guides.NETWORK]

    assert sheets[0].title == "A network of 11 layers · it says “3” with 98.6 %"
    assert sheets[1].title.startswith("conv1 (Conv2d): channel 0 at row 20, column 11 is 0.741 ·")
    assert links(sheets[2]) == 32
    assert links(sheets[3]) == 1
    assert (
        "3  98.6 %" in next(each for each in sheets[4].traces if each["name"] == "answers")["text"]
    )


def links(sheet):
    """Count the lines to the chosen map."""
    return next(each for each in sheet.shapes if each["name"] == "links")["path"].count("M")


def test_the_guide_through_reasons_says_how_far_logits_fall_and_rise():
    explorer = of_digits.attributions()
    sheets = [explorer.sheet(**step.sets) for step in guides.ATTRIBUTIONS]

    assert facts(sheets[0])["Largest fall by occlusion"].startswith("3.02 ")
    assert facts(sheets[1])["Largest fall by occlusion"].startswith("4.48 at row 21")
    assert facts(sheets[3])["Class"] == "5, 0.4 %"
    assert facts(sheets[3])["Largest rise by occlusion"] == "2.77"


def test_the_guide_through_errors_counts_them():
    explorer = of_digits.errors()
    sheets = [explorer.sheet(**step.sets) for step in guides.ERRORS]

    assert sheets[0].title == "974 of 1000 right: accuracy 97.4 %"
    assert facts(sheets[0])["This cell"] == "3 images of “9” taken for “7”"
    assert facts(sheets[1])["This cell"] == "2 images of “7” taken for “9”"
    assert sheets[2].panels[-1].title == "The model says “8” with 98.1 %, it is “2”"


def test_other_models_and_other_pictures_have_no_guide():
    own, shipped, digits = models.cnn(seed=0), models.trained_cnn(), data.digits()
    others = {name: torch.zeros(1, 1, 28, 28) for name in digits.examples()}

    assert not explorers.layers(own, digits.examples(), classes=of_digits.CLASSES).guide
    assert not explorers.layers(shipped, others, classes=of_digits.CLASSES).guide
    assert not explorers.attributions(own, digits.examples()).guide
    assert not explorers.errors(own, digits.test_images, digits.test_labels).guide
