"""Inputs, all of them at hand without a network: images, digits, signals, series, and tasks."""

from convrnn_lab.data.colours import COLOUR_IMAGES, FILTERS, colour_filters, colour_image
from convrnn_lab.data.digits import Digits, as_digit, digits, small_digits
from convrnn_lab.data.images import IMAGES, image
from convrnn_lab.data.kernels import KERNELS, KERNELS_1D, kernel, kernel1d
from convrnn_lab.data.labels import source_labels
from convrnn_lab.data.measured_tasks import power_demand, sunspots
from convrnn_lab.data.series import ALPHABET, SERIES, TEXTS, decode, encode, one_hot, series, text
from convrnn_lab.data.signals import SIGNALS, signal
from convrnn_lab.data.tasks import Baseline, SequenceTask, adding, copy_memory
from convrnn_lab.data.text_tasks import characters, source_code

__all__ = [
    "ALPHABET",
    "COLOUR_IMAGES",
    "FILTERS",
    "IMAGES",
    "KERNELS",
    "KERNELS_1D",
    "SERIES",
    "SIGNALS",
    "TEXTS",
    "Baseline",
    "Digits",
    "SequenceTask",
    "adding",
    "as_digit",
    "characters",
    "colour_filters",
    "colour_image",
    "copy_memory",
    "decode",
    "digits",
    "encode",
    "image",
    "kernel",
    "kernel1d",
    "one_hot",
    "power_demand",
    "series",
    "signal",
    "small_digits",
    "source_code",
    "source_labels",
    "sunspots",
    "text",
]
