"""Explorers of the shipped network on the shipped digits, as the notebook makes them."""

from convrnn_lab import data, explorers, models

CLASSES = [str(each) for each in range(10)]


def layers():
    """Return what looks into its layers."""
    images = data.digits().examples()
    return explorers.layers(models.trained_cnn(), images, example="digit 3", classes=CLASSES)


def network():
    """Return the whole network."""
    images = data.digits().examples()
    return explorers.network(models.trained_cnn(), images, example="digit 3", classes=CLASSES)


def attributions():
    """Return what asks for its reasons."""
    images = data.digits().examples()
    return explorers.attributions(models.trained_cnn(), images, example="digit 3")


def errors():
    """Return what counts its errors."""
    digits = data.digits()
    return explorers.errors(models.trained_cnn(), digits.test_images, digits.test_labels)
