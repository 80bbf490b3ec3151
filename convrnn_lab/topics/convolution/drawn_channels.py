"""A convolution of a colour picture drawn: its channels, what each adds, and the map they make."""

from __future__ import annotations

from convrnn_lab import checks
from convrnn_lab.data.colours import CHANNELS
from convrnn_lab.drawing import looks, window_looks
from convrnn_lab.drawing.looks import Seen
from convrnn_lab.drawing.sheet import Sheet
from convrnn_lab.drawing.words import by, plural
from convrnn_lab.topics.convolution.channels_panels import SeenValue, panels
from convrnn_lab.topics.convolution.seen_channels import COUNTS, SeenChannels


def channels(
    seen: SeenChannels, filter_index: Seen, row: Seen, column: Seen, *, pixels: str
) -> Sheet:
    """Draw a convolution of three channels, and how one value of one map came about.

    Parameters
    ----------
    seen : SeenChannels
    filter_index, row, column : int or Look
        Place of the value in the output.
    pixels : str
        The code that reads the picture.

    Returns
    -------
    Sheet

    Raises
    ------
    ValueError
        If the place lies outside the output.
    """
    place, outputs = (filter_index, row, column), seen.sliding.outputs
    if not looks.has_look(place):
        checks.position(place, (seen.filters, *outputs))
    value = SeenValue(seen, place)
    height, width = seen.sliding.values.shape
    channel_count = len(CHANNELS)
    code = f"pixels = {pixels}  # (channel, height, width)\n{{}}\noutput = layer(pixels[None])[0]"
    return Sheet(
        panels(seen, value),
        title=looks.words(
            f"{channel_count} channels of {height} × {width} in, {{}} maps of {{}} out",
            seen.filters,
            by(outputs),
        ),
        description=looks.words(
            f"{{}} filters of {{}} slide over the red, green and blue of a picture of {height} × "
            f"{width} pixels; filter {{}}, {{}}, has at row {{}}, column {{}} the value {{}}.",
            *(seen.filters, by(seen.sliding.kernel_size), filter_index),
            *(seen.named(filter_index), row, column, value.sum),
        ),
        facts=_facts(seen),
        code=looks.words(code, seen.layer),
    )


def _facts(seen: SeenChannels) -> list[tuple[str, Seen]]:
    taps, filters = seen.size * seen.size, seen.filters
    height, width = seen.sliding.outputs
    products = seen.read * taps
    weights = filters * products
    shape = looks.words("({}, {}, {}, {})", filters, seen.read, seen.size, seen.size)
    total = window_looks.grouped(weights * height * width)
    return [
        ("Output length", "⌊(n + 2·p − k) / s⌋ + 1: length n, padding p, kernel size k, stride s"),
        *_lengths(seen),
        ("Shape of the weights", looks.words("{}: filter, channel read, row, column", shape)),
        (
            "Parameters",
            looks.words(
                "{} filters · {} · {} {} + {} biases = {}",
                *(filters, _channels(seen.read), taps, plural("weight", taps)),
                *(filters, weights + filters),
            ),
        ),
        (
            "Multiply-adds",
            looks.words(
                "{} · {} · {} values · {} {} = {}",
                *(filters, height, width, products, plural("product", products), total),
            ),
        ),
        ("At this size", _compared(taps)),
    ]


def _lengths(seen: SeenChannels) -> list[tuple[str, Seen]]:
    """Write the formula of the output's height and width with their numbers."""
    sliding = seen.sliding
    return [
        (
            name,
            looks.words(
                "⌊({} + 2·{} − {}) / {}⌋ + 1 = {}",
                *(length, sliding.padding[0][0], seen.size, sliding.stride[0], output),
            ),
        )
        for name, length, output in zip(
            ("Output height", "Output width"), sliding.values.shape, sliding.outputs, strict=True
        )
    ]


def _channels(count: Seen) -> Seen:
    return looks.pick(["", "1 channel", "", f"{len(CHANNELS)} channels"], count)


def _compared(taps: Seen) -> Seen:
    """Say how many weights another kind of filters has."""
    channel_count, mixed = len(CHANNELS), COUNTS["pointwise"] * len(CHANNELS)
    return looks.words(
        f"weights for all channels {{}}; depthwise {{}}, then pointwise {mixed}: together {{}}",
        *(taps * mixed, taps * channel_count, taps * channel_count + mixed),
    )
