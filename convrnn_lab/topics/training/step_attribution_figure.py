"""A text drawn several times: by how much each character made what a model predicts."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from convrnn_lab.drawing import looks, theme
from convrnn_lab.drawing.looks import Seen
from convrnn_lab.drawing.parts import SYMBOLS, axes, distinct_lines, heatmap, limit, outline
from convrnn_lab.drawing.sheet import Panel, Part, Sheet, folded
from convrnn_lab.drawing.typed_looks import cut
from convrnn_lab.topics.training.line_panels import SIGNS, sign
from convrnn_lab.topics.training.text_attribution import METHODS, TextAttributions, half_distances

_COLUMNS = 20
_SHOWN = 5
_FAR = 20  # characters back that the curve reaches
_BITS = 10  # of the largest influence on a prediction, that are drawn


def step_attributions(
    read: TextAttributions,
    shares: NDArray[np.float64],
    method: Seen,
    position: Seen,
    *,
    texts: int = 1,
    code: Seen = "",
) -> Sheet:
    """Draw by how much each character of a text made the prediction at one position.

    Parameters
    ----------
    read : TextAttributions
    shares : array, shape (method, model, distance - 1)
        As `shares_by_distance` returns them.
    method : int or Look
        The place of a method in `METHODS`.
    position : int or Look
        Of the character that is predicted, from 1.
    texts : int
        How many the shares are of.
    code : str or Look
        The lines that give what is drawn.

    Returns
    -------
    Sheet
    """
    step = position - 1
    rows = looks.take(_short(read.values), method, step)
    predicted, strongest = _predicted(read), _strongest(read)
    panels = [
        _text_panel(read, place, rows, position, looks.pick(predicted[place], step))
        for place in range(len(read.names))
    ]
    here = looks.pick(list(map(sign, read.text[1:])), step)
    named = looks.pick(list(METHODS), method)
    return Sheet(
        [
            *panels,
            *folded("Next character", _next_panels(read, step)),
            *folded("Influence by distance", _distances(read.names, shares, method, texts)),
        ],
        title=looks.words("“{}” comes next, and {}", here, looks.pick(_expected_by(read), step)),
        description=looks.words(
            f"Position {{}} of {len(read.text)}, where “{{}}” stands. {{}} By {{}}, it comes most "
            "from: {}.",
            *(position, here, looks.pick(_sentences(read, predicted), step), named),
            looks.pick([looks.pick(each, step) for each in strongest], method),
        ),
        facts=[
            *(
                (f"Most, by {name}", looks.pick(each, step))
                for name, each in zip(METHODS, strongest, strict=True)
            ),
            ("All three methods name it for", looks.pick(_agreed(read), step)),
            *_whole(read, shares, method),
        ],
        code=code,
    )


def _text_panel(
    read: TextAttributions, place: int, rows: Seen, position: Seen, predicted: Seen
) -> Panel:
    """Return the panel of the text with the influence on one model's prediction."""
    name, count = read.names[place], len(read.text)
    height = -(-count // _COLUMNS)
    drawn = axes("", [-0.5, _COLUMNS - 0.5], [height - 0.5, -0.5])
    for axis in (drawn["xaxis"], drawn["yaxis"]):
        axis |= {"visible": False}
    edge = limit(rows)
    values = looks.in_rows([looks.take(rows, place)], _COLUMNS)
    box = outline(
        "predicted",
        [(-0.5, -0.5, 0.5, 0.5)],
        moved=(position % _COLUMNS, position // _COLUMNS),
    )
    return Panel(
        looks.words("{}: {}", name, predicted),
        [_letters(name, cut([*map(sign, read.text)], _COLUMNS), values, edge)],
        **drawn,
        shapes=[box],
        scale=(theme.TWO_SIDED, -edge, edge),
        click={
            "grid": {
                "control": "position",
                "columns": _COLUMNS,
                "pitch": [1, 1],
                "count": count,
            }
        },
    )


def _letters(name: str, signs: Seen, values: Seen, edge: Seen) -> Part:
    """Return one cell a character."""
    return heatmap(f"influence, {name}", values, theme.TWO_SIDED, -edge, edge) | {
        "text": signs,
        "texttemplate": "%{text}",
        "textfont": {"size": 12, "family": "monospace"},
        "hovertemplate": "“%{text}”: %{z:.3f}<extra></extra>",
    }


def _next_panels(read: TextAttributions, step: Seen) -> list[Panel]:
    """Return what each model holds for the likeliest next characters."""
    order = np.argsort(-read.chances, axis=2, kind="stable")[..., :_SHOWN]
    chances = np.take_along_axis(read.chances, order, axis=2)
    around = axes("next character", [-0.6, _SHOWN - 0.4], [0, 1.15])
    around["xaxis"] |= {"type": "category", "tickfont": {"size": 12}}
    around["yaxis"] |= {"tickformat": ".0%"}
    return [
        Panel(
            looks.words("{}: next character", name),
            [
                {
                    "type": "bar",
                    "name": f"next, {name}",
                    "x": looks.pick([[SIGNS[code] for code in row] for row in order[place]], step),
                    "y": looks.take(chances[place], step),
                    "marker": {"color": theme.OUTPUT},
                    "texttemplate": "%{y:.0%}",
                    "textposition": "outside",
                    "cliponaxis": False,
                    "hovertemplate": "“%{x}”: %{y:.1%}<extra></extra>",
                }
            ],
            **around,
        )
        for place, name in enumerate(read.names)
    ]


def _distances(
    names: Sequence[str], shares: NDArray[np.float64], method: Seen, texts: int
) -> list[Panel]:
    """Return how the influence falls with the distance, and within which distance half of it is."""
    far = min(_FAR, shares.shape[2])
    near = np.ascontiguousarray(shares[..., :far], dtype=np.float32)
    symbols = [f"{mark}\xa0{name}" for name, (_, mark) in zip(names, SYMBOLS, strict=False)]
    over = f"{texts} texts" if texts > 1 else "the text"
    least = float(near[near > 0].min(initial=1.0))
    top = float(near.max())
    scales: dict[str, Part] = {
        f"{', '.join(symbols)}: share, all of {over}": {"range": [0, 1.05 * top]},
        "The same on a log axis": {
            "type": "log",
            "range": [math.log10(0.8 * least), math.log10(1.3 * top)],
        },
    }
    lines, _ = distinct_lines(
        {name: looks.take(near, method, place) for place, name in enumerate(names)}
    )
    for each in lines:
        each |= {"x0": 1, "hovertemplate": f"{each['name']}, %{{x}} back: %{{y:.1%}}"}
    panels = []
    for title, scale in scales.items():
        around = axes("characters back", [0.5, far + 0.5], [])
        around["yaxis"] |= scale | {"tickformat": "~%"}
        panels.append(Panel(title, lines, **around))
    return [*panels, _halves(names, half_distances(shares), method)]


def _halves(names: Sequence[str], halves: NDArray[np.intp], method: Seen) -> Panel:
    """Return within how many characters half of the influence lies, a bar for each model."""
    bar = {
        "type": "bar",
        "name": "half",
        "x": list(names),
        "y": looks.take(halves.astype(np.float32), method),
        "marker": {"color": theme.WEIGHT},
        "texttemplate": "%{y:.0f}",
        "textposition": "outside",
        "cliponaxis": False,
        "hovertemplate": "%{x}: %{y:.0f} characters<extra></extra>",
    }
    around = axes("model", [-0.6, len(names) - 0.4], [0, 1.25 * float(halves.max())])
    around["xaxis"] |= {"type": "category"}
    return Panel("Half of it within … characters", [bar], **around)


def _predicted(read: TextAttributions) -> list[list[str]]:
    """Write what each model predicts at each position, as in "“e” 83 %, right"."""
    shares = read.chances.max(axis=2)
    return [
        [
            f"“{SIGNS[code]}” {share:.0%}, {'right' if right else 'wrong'}".replace("%", " %")
            for code, share, right in zip(codes, chances, rights, strict=True)
        ]
        for codes, chances, rights in zip(read.predicted, shares, read.right, strict=True)
    ]


def _strongest(read: TextAttributions) -> list[list[str]]:
    """Write from which character a prediction comes most, by method and position."""
    signs = [*map(sign, read.text)]
    return [
        [
            ", ".join(
                f"{name} “{signs[place - back]}” {back} back"
                for name, back in zip(read.names, backs, strict=True)
            )
            for place, backs in enumerate(each, start=1)
        ]
        for each in read.back
    ]


def _agreed(read: TextAttributions) -> list[str]:
    """Write for which models all methods name the same character, at each position."""
    same = (read.back == read.back[0]).all(axis=0)
    return [
        ", ".join(name for name, agrees in zip(read.names, row, strict=True) if agrees)
        or "no model"
        for row in same
    ]


def _expected_by(read: TextAttributions) -> list[str]:
    """Write which models are right, at each position."""
    written = []
    for rights in read.right.T:
        names = [name for name, right in zip(read.names, rights, strict=True) if right]
        verb = "expects" if len(names) == 1 else "expect"
        written.append(f"{' and '.join(names) if len(names) < 3 else ', '.join(names)} {verb} it")
    return [each if each.strip() != "expect it" else "no model expects it" for each in written]


def _sentences(read: TextAttributions, predicted: list[list[str]]) -> list[str]:
    """Write what all models predict, in one sentence a position."""
    pairs = [
        [f"{name} {each}" for each in row] for name, row in zip(read.names, predicted, strict=True)
    ]
    return ["; ".join(each) + "." for each in zip(*pairs, strict=True)]


def _whole(
    read: TextAttributions, shares: NDArray[np.float64], method: Seen
) -> list[tuple[str, Seen]]:
    """Return the facts that are the same at every position."""

    def listed(values: Sequence[object]) -> str:
        return ", ".join(f"{name} {each}" for name, each in zip(read.names, values, strict=True))

    count = len(read.text) - 1
    halves = [f"{listed(each.tolist())} characters" for each in half_distances(shares)]
    return [
        (f"Right, of {count}", listed(read.right.sum(axis=1).tolist())),
        ("Loss on the text", listed([theme.number(each) for each in read.losses])),
        ("Half of the influence within", looks.pick(halves, method)),
    ]


def _short(values: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return values with fewer digits, since a page holds thousands of them.

    Each is off by at most 1/1000 of the largest influence on the same prediction.
    """
    _, exponent = np.frexp(np.abs(values).max(axis=(2, 3), keepdims=True))
    drawn = np.ldexp(np.round(np.ldexp(values, _BITS - exponent)), exponent - _BITS)
    return np.ascontiguousarray(drawn, dtype=np.float32)
