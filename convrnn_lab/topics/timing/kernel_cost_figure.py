"""What a kernel's size and a stride cost a convolution, direct and by FFT."""

from __future__ import annotations

from collections.abc import Sequence

from convrnn_lab.drawing import looks, theme
from convrnn_lab.drawing.looks import Seen
from convrnn_lab.drawing.sheet import Sheet, folded
from convrnn_lab.measure.curves import Comparison, Curve, compare
from convrnn_lab.topics.timing.curve_panels import Look, products_panel, seconds_panel
from convrnn_lab.topics.timing.figure import describe, facts_of, title_of, verdict
from convrnn_lab.topics.timing.stamp import Fact, Stamp


def kernels(
    found: Comparison,
    sizes: Sequence[Curve],
    strides: Curve,
    *,
    stride: Seen,
    axes: int,
    work: str,
    stamp: Stamp,
    notes: Sequence[Fact] = (),
    code: Seen = "",
) -> Sheet:
    """Draw what a convolution costs over its kernel size, and over its stride.

    Parameters
    ----------
    found : Comparison
        Of direct and FFT, at the kernel size that is looked at.
    sizes : sequence of Curve
        The two over kernel size.
    strides : Curve
        The direct one over stride.
    stride : int or Look
        Which is looked at.
    axes : int
        1 or 2, of the input.
    work : str
    stamp, notes, code
        See `timing`.

    Returns
    -------
    Sheet
    """
    marked = looks.pick({each: each for each in strides.sizes}, stride)
    by_size = Look(
        (found.one, found.two), found.size, "kernel size", "", "kernel_size", stamp.short
    )
    by_stride = Look((strides.name,), marked, "stride", " over stride", "stride", stamp.short)
    title = title_of(found, work, "taps" if axes == 1 else f"× {found.size} taps", where=stamp.mark)
    saved = looks.pick({each: _stride_words(strides, each, axes) for each in strides.sizes}, stride)
    return Sheet(
        [
            *(draw(sizes, by_size) for draw in (seconds_panel, products_panel)),
            *folded(
                "Stride", [draw([strides], by_stride) for draw in (seconds_panel, products_panel)]
            ),
        ],
        title=title,
        description=looks.words(f"{describe(found, work, stamp.mark)} {{}}", saved),
        facts=[
            *(fact for curve in sizes for fact in facts_of(curve, found, what="kernel size")),
            *verdict(found),
            ("Stride", saved),
            *notes,
            *stamp.facts,
        ],
        code=code,
    )


def _stride_words(strides: Curve, stride: int, axes: int) -> str:
    """Say what a stride saves, and what it should by the counts."""
    if stride == 1:
        return "1; move it to see what it saves"
    found = _against_first(strides, stride)
    share = f"1/{stride}{'²' if axes == 2 else ''}"
    if found.ratio is None:
        return f"{stride} leaves about {share} of the multiply-adds; its time is not measured yet"
    steady = "" if found.ratio.steady else ", unsteady"
    counted = "" if found.counted is None else theme.number(found.counted)
    return (
        f"{stride} leaves {counted} of the multiply-adds (about {share}) and "
        f"{theme.number(found.ratio.value)} of the time "
        f"(95 %: {theme.number(found.ratio.low)} to {theme.number(found.ratio.high)}{steady})"
    )


def _against_first(strides: Curve, stride: int) -> Comparison:
    """Compare one stride with stride 1."""
    place = strides.sizes.index(stride)
    alone, first = (
        Curve(strides.name, (stride,), strides.counts[i : i + 1], strides.measured[i : i + 1])
        for i in (place, 0)
    )
    return compare(alone, first, stride)
