"""What a shift of the input does to the output of a layer with a stride."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor

from convrnn_lab import checks

SHIFT_POOLS = ("max", "average", "strided convolution", "blur")
"""The ways to make an image smaller that `shift_pool` returns."""

Pool = Callable[[Tensor], Tensor]


def shift_pool(kind: str, stride: int, *, weight: Tensor | None = None) -> Pool:
    """Return a layer that reduces an image by `stride` and treats its borders as circular.

    Its windows are `stride` long (those of a blur pool's maximum at least 2). With a circular
    border, what a shift does to the output is the stride's doing alone, and no border's.

    Parameters
    ----------
    kind : str
        One of `SHIFT_POOLS`. "blur" is the anti-aliased max pool of Zhang (2019, "Making
        convolutional networks shift-invariant again", arXiv 1904.11486): the maximum at every
        place, then a binomial blur of 2 · `stride` − 1, then every `stride`-th value.
    stride : int
    weight : Tensor, shape (kernel height, kernel width), optional
        Of the strided convolution; the single weight 1 by default, which keeps every `stride`-th
        pixel and drops the others.

    Returns
    -------
    function
        From (batch, channel, height, width) to the same, `stride` times smaller each way.

    Raises
    ------
    ValueError
        If `kind` is unknown or `stride` is under 1.
    """
    checks.choice("kind", kind, SHIFT_POOLS)
    checks.integer("stride", stride, 1)
    if kind == "max":
        return lambda image: F.max_pool2d(_ring(image, 0, stride - 1), stride, stride)
    if kind == "average":
        return lambda image: F.avg_pool2d(_ring(image, 0, stride - 1), stride, stride)
    if kind == "strided convolution":
        kernel = torch.ones(1, 1) if weight is None else weight
        return lambda image: _filtered(image, kernel, stride)
    window = 1 if stride == 1 else max(2, stride)
    row = _binomial(2 * stride - 1)
    blur = row[:, None] * row

    def blurred(image: Tensor) -> Tensor:
        dense = F.max_pool2d(_ring(image, 0, window - 1), window, stride=1)
        return _filtered(dense, blur, stride)

    return blurred


@dataclass(frozen=True, eq=False)
class ShiftTrace:
    """What a layer makes of an image at rest, and of the same image moved.

    Attributes
    ----------
    image, moved_image : Tensor, shape (height, width)
    output, moved_output : Tensor, shape (output height, output width)
        Of the image at rest, and of the moved one.
    expected : Tensor, of the same shape, float64
        `output` moved by as much as the image was: what a layer gives that moves along.
    stride : int
        Pixels per output value.
    """

    image: Tensor
    moved_image: Tensor
    output: Tensor
    moved_output: Tensor
    expected: Tensor
    stride: int

    @property
    def difference(self) -> Tensor:
        """`moved_output` without `expected`, float64."""
        return self.moved_output.double() - self.expected

    @property
    def consistency(self) -> float:
        """How far the output moves along; see `shift_consistency`."""
        a, b = self.expected, self.moved_output.double()
        mean = (a.mean() + b.mean()) / 2
        energy = (a - mean).square().sum() + (b - mean).square().sum()
        # Two equal constants differ by rounding only, which is no energy.
        if energy <= 1e-12 * a.numel():
            return 1.0
        return float(1 - (a - b).square().sum() / energy)


def shifted(pool: Pool, image: Tensor, shift: int) -> ShiftTrace:
    """Run a layer on an image and on the image moved right by `shift` pixels, circularly.

    Parameters
    ----------
    pool : function
        From (batch, channel, height, width) to the same, smaller by a whole number.
    image : Tensor, shape (height, width)
    shift : int

    Returns
    -------
    ShiftTrace

    Raises
    ------
    ValueError
        If the output's width does not divide the image's.
    """
    checks.tensor("image", image, "height width")
    checks.integer("shift", shift, -(2**31))
    output = pool(image[None, None])[0, 0]
    if image.shape[1] % output.shape[1]:
        raise ValueError(
            f"image must be a whole number of times as wide as the output; got {image.shape[1]} "
            f"pixels for {output.shape[1]} values"
        )
    stride = image.shape[1] // output.shape[1]
    moved_image = image.roll(shift, 1)
    moved_output = pool(moved_image[None, None])[0, 0]
    expected = moved(output.double(), shift, stride)
    return ShiftTrace(image, moved_image, output, moved_output, expected, stride)


def shift_consistency(pool: Pool, image: Tensor, shifts: Sequence[int]) -> Tensor:
    """Say how far a layer's output moves along when its input moves.

    The image is moved right by each of `shifts` pixels, circularly. Were the layer indifferent to
    where the image lies, its output would move by shift / stride values. So the output of the image
    at rest, moved by that much, is a (a fraction by Fourier interpolation, which is exact for a
    signal without aliasing); it is compared with b, the output of the moved image::

        consistency = 1 − |a − b|² / (|a − m|² + |b − m|²),   m the mean over both

    1 says that the output just moves along, 0 that the two have nothing in common, −1 that they
    are opposite. It is 1 for a stride of 1 and for shifts by whole strides; two constant outputs
    that are equal have 1 as well.

    Parameters
    ----------
    pool, image
        See `shifted`.
    shifts : sequence of int
        In pixels, to the right.

    Returns
    -------
    Tensor, shape (shift,), float64

    Raises
    ------
    ValueError
        If the output's width does not divide the image's.

    Examples
    --------
    >>> board = torch.tensor([[0.0, 1.0], [1.0, 0.0]]).tile(4, 4)
    >>> shift_consistency(shift_pool("strided convolution", 2), board, [0, 1, 2])
    tensor([ 1., -1.,  1.], dtype=torch.float64)
    """
    found = [shifted(pool, image, shift).consistency for shift in shifts]
    return torch.tensor(found, dtype=torch.float64)


def moved(values: Tensor, shift: int, stride: int) -> Tensor:
    """Move rows right by `shift` / `stride` values, circularly.

    A fraction of a value is moved by Fourier interpolation.

    Parameters
    ----------
    values : Tensor, shape (height, width)
    shift : int
    stride : int

    Returns
    -------
    Tensor, of the same shape

    Examples
    --------
    >>> moved(torch.tensor([[1.0, 2.0, 3.0]]), 4, 2)
    tensor([[2., 3., 1.]])
    """
    whole, part = divmod(shift, stride)
    # Whole steps without a Fourier transform: so they are exact.
    values = values.roll(whole, 1)
    if part == 0:
        return values
    width = values.shape[1]
    frequency = torch.arange(width // 2 + 1, dtype=values.dtype) / width
    turn = torch.polar(torch.ones_like(frequency), -2 * torch.pi * frequency * part / stride)
    shifted: Tensor = torch.fft.irfft(torch.fft.rfft(values) * turn, n=width)
    return shifted


def _ring(image: Tensor, before: int, after: int) -> Tensor:
    """Continue an image at its ends with what stands at the opposite ones."""
    height, width = image.shape[-2:]
    rows = torch.arange(-before, height + after) % height
    columns = torch.arange(-before, width + after) % width
    return image[..., rows, :][..., columns]


def _filtered(image: Tensor, weight: Tensor, stride: int) -> Tensor:
    """Convolve circularly with a square kernel whose centre lies on the first pixel first."""
    before = (weight.shape[0] - 1) // 2
    padded = _ring(image, before, weight.shape[0] - 1 - before)
    return F.conv2d(padded, weight[None, None].to(image.dtype), stride=stride)


def _binomial(size: int) -> Tensor:
    """Return a row of Pascal's triangle, divided by its sum."""
    row = torch.ones(1)
    for _ in range(size - 1):
        row = F.pad(row, (1, 0)) + F.pad(row, (0, 1))
    return row / row.sum()
