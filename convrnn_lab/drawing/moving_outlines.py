"""Outlines whose edges are looks: a line across a panel, and a box between values of its axes."""

from __future__ import annotations

from collections.abc import Sequence

from convrnn_lab.drawing import looks, theme
from convrnn_lab.drawing.looks import Seen
from convrnn_lab.drawing.parts import outline
from convrnn_lab.drawing.sheet import Part


def upright(name: str, at: Seen, ends: Sequence[Seen]) -> Part:
    """Return a line that marks one value of the axis across.

    Parameters
    ----------
    name : str
    at : number or Look
    ends : (bottom, top)
        Values of the axis up.
    """
    path = looks.words("M{},{}V{}", at, *ends)
    return outline(name, [], width=1.5) | {"path": path}


def box(
    name: str, across: Sequence[Seen], up: Sequence[Seen], *, fill: str = theme.CLEAR, width: float
) -> Part:
    """Return the outline of a box.

    Parameters
    ----------
    name : str
    across : (left, right)
        Numbers or looks, as `up`.
    up : (one end, the other)
    fill : str
        A colour; by default what lies under it is seen.
    width : float
        Of the line, in pixels.
    """
    (left, right), (begin, end) = across, up
    path = looks.words("M{},{}H{}V{}H{}Z", left, begin, right, end, left)
    return outline(name, [], fill=fill, width=width) | {"path": path}
