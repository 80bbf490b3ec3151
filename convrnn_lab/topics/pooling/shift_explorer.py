"""An explorer of what pools and strides make of an image that moves."""

from __future__ import annotations

from functools import lru_cache, partial

from torch import Tensor

from convrnn_lab import checks, data
from convrnn_lab.copied_code import Name, call
from convrnn_lab.drawing import looks
from convrnn_lab.drawing.looks import Seen
from convrnn_lab.drawing.sheet import Sheet
from convrnn_lab.explorer.base import Explorer
from convrnn_lab.explorer.controls import Choice, Slider
from convrnn_lab.explorer.inputs import Inputs
from convrnn_lab.topics.pooling import guides, shift_figure
from convrnn_lab.topics.pooling.shift_trace import (
    Pool,
    ShiftTrace,
    shift_consistency,
    shift_pool,
    shifted,
)

KINDS = {
    "max pool": "max",
    "average pool": "average",
    "strided convolution": "strided convolution",
    "blur pool": "blur",
}
"""What the list offers, and the kind of `trace.shift_pool` that it is."""

_SHOWN = ("photograph", "stripes", "checkerboard")
"""The images that a page holds, beside the one to start with."""

SHIFT_LIMIT = 8
STRIDE_LIMIT = 4

LOOK_LIMIT = 128
"""Pixels along the sides of images of which the outputs of all shifts are sent at once."""


def shift(
    image: object = "photograph",
    *,
    kind: str = "max pool",
    stride: int = 2,
    shift: int = 1,
    kernel: str = "identity",
    image_size: int = 64,
) -> Explorer:
    """Move an image by single pixels, and see what of a layer's output just moves along.

    Borders are circular, so that no border takes part. Sides that the stride does not divide are
    cut.

    Parameters
    ----------
    image : str, path or array
        The image to start with; one of your own stands beside the shipped ones in the list. See
        `data.image`; "stripes" and "checkerboard" show aliasing best.
    kind : str
        One of `KINDS`; see `trace.shift_pool`.
    stride : int
        1 to 4; the windows of the pools are as long.
    shift : int
        0 to 8 pixels to the right.
    kernel : str
        3 × 3 kernel of the strided convolution, one of `data.KERNELS`.
    image_size : int
        Pixels of the longest side that larger images are reduced to, at most 256.

    Returns
    -------
    Explorer

    Raises
    ------
    ValueError
        If a value is out of range, or the image cannot be used.
    """
    checks.integer("image_size", image_size, 1, 256)
    checks.choice("kind", kind, KINDS)
    images = Inputs(image, data.IMAGES, "your image", partial(data.image, size=image_size))
    moving, look = _Moving(images, data.kernel(kernel, 3)), image_size <= LOOK_LIMIT

    def view(image: str, kind: str, stride: int, shift: Seen) -> Sheet:
        amounts = range(SHIFT_LIMIT + 1) if look else [shift]
        steps = moving.steps(image, kind, stride, tuple(amounts))
        read = call(data.image, "data", images.written(image, "image"), size=image_size)
        codes = [_code(read, kernel, steps[0], KINDS[kind], each) for each in amounts]
        return shift_figure.shift(
            *(steps if look else steps[0], kind, shift, moving.consistency(image, stride)),
            code=looks.pick(codes, shift if look else 0),
        )

    return Explorer(
        view,
        {
            "image": Choice("image", images.names, images.start),
            "kind": Choice("kind", tuple(KINDS), kind),
            "stride": Slider("stride", 1, STRIDE_LIMIT, stride),
            "shift": Slider("shift", 0, SHIFT_LIMIT, shift, look=look),
        },
        name="A moving image",
        vary={"image": _SHOWN, "kind": None, "stride": (1, 2, 4)}
        | ({} if look else {"shift": None}),
        scan=("shift",),
        # Its answers are of so many pixels, and of a layer that only drops some.
        guide=guides.SHIFT if (image_size, kernel) == (64, "identity") else (),
    )


class _Moving:
    """Images cut to whole strides, and what their shifts do; the last few are remembered."""

    def __init__(self, images: Inputs, weight: Tensor) -> None:
        self._images, self._weight = images, weight
        self.cut = lru_cache(maxsize=4)(self._cut)
        self.steps = lru_cache(maxsize=4)(self._steps)
        # Nine numbers for each kind, which take milliseconds.
        self.consistency = lru_cache(maxsize=64)(self._consistency)

    def pool(self, kind: str, stride: int) -> Pool:
        return shift_pool(KINDS[kind], stride, weight=self._weight)

    def _cut(self, name: str, stride: int) -> Tensor:
        pixels = self._images(name)
        height, width = (side // stride * stride for side in pixels.shape)
        if not height or not width:
            raise ValueError(f"stride must be at most the image's sides; got {stride}")
        return pixels[:height, :width]

    def _steps(
        self, name: str, kind: str, stride: int, amounts: tuple[int, ...]
    ) -> list[ShiftTrace]:
        pixels = self.cut(name, stride)
        return [shifted(self.pool(kind, stride), pixels, each) for each in amounts]

    def _consistency(self, name: str, stride: int) -> dict[str, Tensor]:
        shifts, pixels = range(SHIFT_LIMIT + 1), self.cut(name, stride)
        return {kind: shift_consistency(self.pool(kind, stride), pixels, shifts) for kind in KINDS}


def _code(read: str, kernel: str, steps: ShiftTrace, kind: str, shift: int) -> str:
    """Write the lines that move the image and run the layer on both."""
    height, width = steps.image.shape
    # Only the strided convolution has a kernel.
    weight = Name(call(data.kernel, "data", kernel, 3)) if kind == "strided convolution" else None
    lines = [
        f"pixels = {read}[:{height}, :{width}]",
        f"pool = {call(shift_pool, 'trace', kind, steps.stride, weight=weight)}",
        f"steps = {call(shifted, 'trace', Name('pool'), Name('pixels'), shift)}",
    ]
    return "\n".join(lines)
