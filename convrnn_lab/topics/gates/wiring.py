"""Where the wires and the operations of a recurrent cell are drawn."""

from __future__ import annotations

from dataclasses import dataclass, replace

Point = tuple[float, float]


@dataclass(frozen=True)
class Wire:
    """A wire with the value that it carries.

    Attributes
    ----------
    value : str
        Which value of the step; see `cell_values.values`.
    points : tuple of (x, y)
        Its corners.
    label : (x, y), optional
        Where its number is written; without, it has none.
    where : str
        On which side of that point, in plotly's words.
    name : str
        Written before the number.
    """

    value: str
    points: tuple[Point, ...]
    label: Point | None = None
    where: str = "top center"
    name: str = ""


@dataclass(frozen=True)
class Wiring:
    """A cell as it is drawn.

    Attributes
    ----------
    gates : dict of str to (x, y)
        The middle of each gate's operation, in the order from left to right.
    nodes : tuple of (sign, x, y)
        The operations.
    wires : tuple of Wire
    """

    gates: dict[str, Point]
    nodes: tuple[tuple[str, float, float], ...]
    wires: tuple[Wire, ...]


HALF = (0.17, 0.2)
"""Half the width and height of an operation."""

HEAD = 0.1, 0.14
"""The length of an arrow head that lies, and of one that stands."""

LEFT, RIGHT = -1.25, 4.5
_BESIDE, _BEFORE, _FROM = "middle right", "middle left", "top right"


def between(wire: Wire, wiring: Wiring) -> tuple[list[Point], list[Point]]:
    """Return the corners of a wire between operations, and those of its arrow head.

    Parameters
    ----------
    wire : Wire
    wiring : Wiring

    Returns
    -------
    corners : list of (x, y)
        From the edge of an operation to the arrow head.
    head : list of (x, y)
        Empty for a wire that ends at another.
    """
    corners = list(wire.points)
    places = {(x, y) for _, x, y in wiring.nodes}
    if corners[0] in places:
        corners[0] = _towards(corners[0], corners[1], HALF)
    if corners[-1] in places:
        tip = _towards(corners[-1], corners[-2], HALF)
    elif corners[-1][0] == RIGHT:
        tip = corners[-1]
    else:
        return corners, []
    corners[-1] = _towards(tip, corners[-2], HEAD)
    (x, y), side = corners[-1], (0.07, 0.1)
    across = (side[0], 0.0) if tip[0] == x else (0.0, side[1])
    return corners, [
        tip,
        (x + across[0], y + across[1]),
        (x - across[0], y - across[1]),
    ]


def _towards(start: Point, other: Point, by: tuple[float, float]) -> Point:
    """Return a point that lies `by` nearer to another, which stands over it or beside it."""
    (x, y), (to_x, to_y) = start, other
    return x + by[0] * _sign(to_x - x), y + by[1] * _sign(to_y - y)


def _sign(value: float) -> int:
    return (value > 0) - (value < 0)


def _read(end: float, join: float = -0.35) -> tuple[Wire, Wire]:
    """Return what the gates read: the state before the step, and the input that joins it."""
    return (
        Wire("h before", ((LEFT, 0), (end, 0)), (LEFT, 0), _FROM, "h before "),
        Wire("x", ((LEFT, -0.6), (join, -0.6), (join, 0)), (LEFT, -0.6), _FROM, "x "),
    )


LSTM = Wiring(
    {"forget": (0, 1), "input": (1, 1), "candidate": (2, 1), "output": (3, 1)},
    (
        *(("σ", 0, 1), ("σ", 1, 1), ("tanh", 2, 1), ("σ", 3, 1)),
        *(("×", 0, 3.4), ("×", 1.5, 2.2), ("+", 1.5, 3.4), ("tanh", 3.6, 2.75), ("×", 3.6, 1.8)),
    ),
    (
        *_read(3),
        *(
            Wire(f"{name} sum", ((x, 0), (x, 1)), (x, 0.4), _BESIDE)
            for x, name in enumerate(("forget", "input", "candidate", "output"))
        ),
        Wire("forget", ((0, 1), (0, 3.4)), (0, 2.2), _BESIDE, "f "),
        Wire("input", ((1, 1), (1, 2.2), (1.5, 2.2)), (1, 1.85), _BEFORE, "i "),
        Wire("candidate", ((2, 1), (2, 2.2), (1.5, 2.2)), (2, 1.85), _BESIDE, "g "),
        Wire("output", ((3, 1), (3, 1.8), (3.6, 1.8)), (3, 1.42), _BEFORE, "o "),
        Wire("c before", ((LEFT, 3.4), (0, 3.4)), (LEFT, 3.4), _FROM, "c before "),
        Wire("kept", ((0, 3.4), (1.5, 3.4)), (0.75, 3.4), name="kept "),
        Wire("new share", ((1.5, 2.2), (1.5, 3.4)), (1.5, 2.8), _BESIDE, "i · g "),
        Wire("c", ((1.5, 3.4), (RIGHT, 3.4)), (2.6, 3.4), name="c "),
        Wire("c", ((3.6, 3.4), (3.6, 2.75))),
        Wire("tanh c", ((3.6, 2.75), (3.6, 1.8)), (3.6, 2.28), _BEFORE, "tanh c "),
        Wire("h", ((3.6, 1.8), (RIGHT, 1.8)), (4.13, 1.8), name="h "),
    ),
)

GRU = Wiring(
    {"reset": (0, 1), "new": (1.2, 1.9), "update": (2.4, 1)},
    (
        *(("σ", 0, 1), ("×", 0.6, 1), ("+", 1.2, 1), ("tanh", 1.2, 1.9), ("σ", 2.4, 1)),
        *(("1 −", 1.8, 2.0), ("×", 1.2, 2.75), ("×", 2.4, 3.6), ("+", 3.2, 3.6)),
    ),
    (
        *_read(2.4),
        Wire("reset sum", ((0, 0), (0, 1)), (0, 0.4), _BESIDE),
        Wire("new from h", ((0.6, 0), (0.6, 1)), (0.6, 0.4), _BESIDE),
        Wire("new from x", ((1.2, 0), (1.2, 1)), (1.2, 0.4), _BESIDE),
        Wire("update sum", ((2.4, 0), (2.4, 1)), (2.4, 0.4), _BESIDE),
        Wire("reset", ((0, 1), (0.6, 1)), (0.32, 1.24), name="r "),
        Wire("new share of h", ((0.6, 1), (1.2, 1)), (0.9, 1.16)),
        Wire("new sum", ((1.2, 1), (1.2, 1.9)), (1.2, 1.42), _BESIDE),
        Wire("new", ((1.2, 1.9), (1.2, 2.75)), (1.2, 2.28), _BEFORE, "n "),
        Wire("update", ((2.4, 1), (2.4, 3.6)), (2.4, 2.6), _BESIDE, "z "),
        Wire("update", ((2.4, 2.0), (1.8, 2.0))),
        Wire("1 − update", ((1.8, 2.0), (1.8, 2.75), (1.2, 2.75)), (1.97, 2.77), name="1 − z "),
        Wire(
            "new share",
            ((1.2, 2.75), (1.2, 3.15), (3.2, 3.15), (3.2, 3.6)),
            (1.78, 3.17),
            name="(1 − z) n ",
        ),
        Wire("h before", ((LEFT, 3.6), (2.4, 3.6)), (LEFT, 3.6), _FROM, "h before "),
        Wire("kept", ((2.4, 3.6), (3.2, 3.6)), (2.8, 3.8), name="z · h before "),
        Wire("h", ((3.2, 3.6), (RIGHT, 3.6)), (3.95, 3.6), name="h "),
    ),
)

RNN = Wiring(
    {"sum": (1.8, 1.6)},
    (("+", 0.4, 1.6), ("tanh", 1.8, 1.6)),
    (
        Wire("x", ((LEFT, -0.2), (0.4, -0.2), (0.4, 1.6)), (LEFT, -0.2), _FROM, "x "),
        Wire("sum from x", ((0.4, -0.2), (0.4, 1.6)), (0.4, 0.7), _BESIDE, "W x + b_ih "),
        Wire("h before", ((LEFT, 3.4), (0.4, 3.4), (0.4, 1.6)), (LEFT, 3.4), _FROM, "h before "),
        Wire("sum from h", ((0.4, 3.4), (0.4, 1.6)), (0.4, 2.5), _BESIDE, "W h + b_hh "),
        Wire("sum sum", ((0.4, 1.6), (1.8, 1.6)), (1.1, 1.6), name="sum "),
        Wire("h", ((1.8, 1.6), (RIGHT, 1.6)), (3.0, 1.6), name="h "),
    ),
)

WIRINGS = {
    "LSTM": LSTM,
    "GRU": GRU,
    "RNN_TANH": RNN,
    "RNN_RELU": replace(RNN, nodes=(RNN.nodes[0], ("ReLU", 1.8, 1.6))),
}
"""By the mode of PyTorch's module."""


def wiring(mode: str, *, features: int = 1, projected: bool = False) -> Wiring:
    """Return how a cell is drawn.

    Parameters
    ----------
    mode : str
        Of PyTorch's module.
    features : int
        Of the input. Several do not fit on a wire: it has what the chosen gate makes of them.
    projected : bool
        Whether the state is projected: then the wires of the units' states are its as well.
    """
    drawn = WIRINGS[mode]
    names = {"x": "W x "} if features > 1 else {}
    if projected:
        names |= {"h before": "W h ", "h": "o · tanh c "}
    wires = tuple(replace(each, name=names.get(each.value, each.name)) for each in drawn.wires)
    return replace(drawn, wires=wires)
