"""An explorer of a convolution of a colour picture: several channels, several filters."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache, partial

import numpy as np
import torch
from torch import Tensor

from convrnn_lab import checks, data
from convrnn_lab.copied_code import call
from convrnn_lab.data.colours import CHANNELS
from convrnn_lab.drawing import looks, window_looks
from convrnn_lab.drawing.looks import Seen
from convrnn_lab.drawing.sheet import Sheet
from convrnn_lab.explorer.base import Explorer
from convrnn_lab.explorer.computed import plain_kernels
from convrnn_lab.explorer.controls import Choice, Control, Slider, Values
from convrnn_lab.explorer.inputs import Inputs
from convrnn_lab.topics.convolution import drawn_channels, guides, trace
from convrnn_lab.topics.convolution.seen_channels import COUNTS, SIZES, SeenChannels, apart, widened
from convrnn_lab.topics.convolution.seen_convolution import SeenConvolution
from convrnn_lab.topics.convolution.sliding_explorer import sliding_explorer

STRIDE_LIMIT = 3


def channels(
    image: object = "china",
    *,
    filters: str = "all channels",
    kernel_size: int = 3,
    stride: int = 1,
    padding: int = 0,
    filter: int = 0,  # noqa: A002 - the control's name, and the field's word for it
    row: int | None = None,
    column: int | None = None,
    image_size: int = 64,
) -> Explorer:
    """Slide filters over the red, green and blue of a picture, and take one value apart.

    Parameters
    ----------
    image : str, path or array
        The picture to start with; one of your own stands beside the shipped ones in the list. See
        `data.colour_image`.
    filters : str
        One of `data.FILTERS`.
    kernel_size, stride : int
        1 to 5, and 1 only where `filters` are pointwise; 1 to 3.
    padding : int
        0 to `kernel_size` - 1.
    filter : int
        The filter that is looked at.
    row, column : int, optional
        Of the output value; by default one over much contrast, near the middle.
    image_size : int
        Pixels of the longest side that larger pictures are reduced to, at most 128.

    Returns
    -------
    Explorer

    Raises
    ------
    ValueError
        If a value is out of range, the picture cannot be used, or the setting makes no convolution.
    """
    checks.integer("image_size", image_size, 1, 128)
    load = partial(data.colour_image, size=image_size)
    pictures = Inputs(image, data.COLOUR_IMAGES, "your picture", load)
    seen = _Settings(pictures)

    def draw(name: str, place: Sequence[Seen], settings: Values) -> Sheet:
        read = call(data.colour_image, "data", pictures.written(name, "image"), size=image_size)
        return seen.sheet(name, (settings["filter"], *place), settings, read)

    grey = Inputs(image, data.COLOUR_IMAGES, "your picture", lambda own: load(own).mean(0))
    return sliding_explorer(
        grey,
        _controls(filters, kernel_size, stride, padding, filter),
        (row, column),
        draw=draw,
        output_length=_output_length,
        name="Convolution of several channels",
        vary={"image": None},
        guide=guides.CHANNELS if image_size == 64 else (),  # its answers are of 64 pixels
    )


def _controls(
    filters: str, kernel_size: int, stride: int, padding: int, chosen: int
) -> dict[str, Control]:
    return {
        "filters": Choice("filters", data.FILTERS, filters, look=True, computed=True),
        "kernel_size": Slider("kernel size", 1, _largest, kernel_size, look=True, computed=True),
        "stride": Slider("stride", 1, STRIDE_LIMIT, stride, look=True, computed=True),
        "padding": Choice("padding", _paddings, padding, ordered=True, look=True, computed=True),
        "filter": Slider("filter", 0, _last_filter, chosen, look=True),
    }


def _paddings(before: Values) -> Seen:
    lists = [list(range(size)) for size in range(1, max(SIZES.values()) + 1)]
    return looks.pick(lists, before["kernel_size"] - 1)


def _largest(before: Values) -> Seen:
    return looks.pick(SIZES, before["filters"])


def _last_filter(before: Values) -> Seen:
    return looks.pick(COUNTS, before["filters"]) - 1


def _output_length(length: int, settings: Values) -> Seen:
    """Count the output values on an axis of `length`."""
    padding = settings["padding"]
    sliding = (settings["kernel_size"], settings["stride"], (padding, padding))
    return window_looks.output_length(length, *sliding, 1)


class _Settings:
    """From settings to the sheet.

    Parameters
    ----------
    pictures : Inputs
        Of shape (channel, height, width).
    """

    def __init__(self, pictures: Inputs) -> None:
        self._pictures = pictures
        # Stepping through the output moves the window only, and the convolution is the same.
        self._remembered = lru_cache(maxsize=4)(self._computed)

    def sheet(self, name: str, place: Sequence[Seen], settings: Values, read: str) -> Sheet:
        """Return what is drawn of a picture and settings, which may be looks."""
        kind, *rest = (settings[each] for each in ("filters", "kernel_size", "stride", "padding"))
        sliding = (*rest, 1)
        pictures = self._pictures(name)
        window = SeenConvolution.of_looks(pictures[0].numpy(), None, 0.0, *sliding)
        is_moved = looks.has_look([kind, *rest])
        computed = None if is_moved else self._remembered(name, kind, *rest)
        seen = SeenChannels(pictures.numpy(), kind, window, computed)
        sheet = drawn_channels.channels(seen, *place, pixels=read)
        refusal = window_looks.no_window(list(window.values.shape), *sliding) if is_moved else ""
        return replace(sheet, refusal=refusal)

    def _computed(
        self, name: str, kind: str, size: int, stride: int, padding: int
    ) -> tuple[np.ndarray, np.ndarray]:
        """Return the maps, and what each channel adds to each."""
        pictures, bias = self._pictures(name), data.colour_filters(kind, size)[1]

        def convolved(weight: np.ndarray, add: Tensor | None, groups: int) -> np.ndarray:
            with plain_kernels():
                steps = trace.convolution(
                    pictures,
                    torch.from_numpy(weight),
                    add,
                    stride=stride,
                    padding=padding,
                    groups=groups,
                )
            output: np.ndarray = steps.output.numpy()
            return output

        parts = convolved(apart(kind, size), None, len(CHANNELS))
        return convolved(widened(kind, size), bias, 1), parts
