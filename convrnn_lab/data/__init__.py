"""Inputs, all of them at hand without a network: images, digits, signals and kernels."""

from convrnn_lab.data.digits import Digits, as_digit, digits, small_digits
from convrnn_lab.data.images import IMAGES, image
from convrnn_lab.data.kernels import KERNELS, KERNELS_1D, kernel, kernel1d
from convrnn_lab.data.signals import SIGNALS, signal

__all__ = [
    "IMAGES",
    "KERNELS",
    "KERNELS_1D",
    "SIGNALS",
    "Digits",
    "as_digit",
    "digits",
    "image",
    "kernel",
    "kernel1d",
    "signal",
    "small_digits",
]
