"""Which input values of a transposed convolution reach an output value, and by which taps."""

from __future__ import annotations


def reaching(
    index: int,
    length: int,
    kernel_size: int,
    *,
    stride: int = 1,
    padding: int = 0,
    dilation: int = 1,
) -> list[tuple[int, int]]:
    """List the (input index, tap) pairs on one axis that land on an output index.

    Parameters
    ----------
    index : int
        Of the output value.
    length, kernel_size, stride, padding, dilation : int
        As for `geometry.transposed_length`.

    Returns
    -------
    list of (int, int)
        In the input's order. Both are evenly spaced: the input indices by dilation / g and the taps
        by -stride / g, where g is the greatest common divisor of stride and dilation.

    Examples
    --------
    >>> reaching(4, 7, 3, stride=2)
    [(1, 2), (2, 0)]
    """
    pairs = []
    for tap in range(kernel_size):
        place, rest = divmod(index + padding - dilation * tap, stride)
        if rest == 0 and 0 <= place < length:
            pairs.append((place, tap))
    return pairs[::-1]
