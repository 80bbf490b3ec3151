"""The gradient through time drawn against the lag, for several cells at once."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import numpy as np
from torch import Tensor

from convrnn_lab.drawing import theme
from convrnn_lab.drawing.parts import SYMBOLS, Numbers, axes, curve, empty, outline
from convrnn_lab.drawing.sheet import Axes, Panel, Part, Sheet
from convrnn_lab.topics.gates.gradient_trace import GradientTrace

TOWARDS = ("input", "state")
_FLOOR, _CEILING = -12.0, 12.0
"""Powers of ten that the axes end at."""


def gradients(
    runs: Mapping[str, GradientTrace],
    chosen: str,
    lag: int,
    *,
    towards: str = "input",
    clip: float | None = None,
    fields: Sequence[int] = (),
    layers: int = 0,
    code: str = "",
) -> Sheet:
    """Draw how the gradient fades or grows with the lag.

    Parameters
    ----------
    runs : mapping of str to GradientTrace
        By cell, at most four, of one length; the first is the linear one, whose predicted
        slope is drawn.
    chosen : str
        The cell whose singular values, and gradient clipped, are drawn.
    lag : int
        The lag that is looked at.
    towards : str
        One of `TOWARDS`: what the gradient is taken to.
    clip : float, optional
        The norm that the gradient of `chosen` is clipped to.
    fields : sequence of int
        Receptive fields of a causal convolution of 1, 2, 3, ... dilated layers.
    layers : int
        Which of them is marked; none for 0.
    code : str
        The lines that do the same.

    Returns
    -------
    Sheet
    """
    lines = {name: over_lag(run, towards) for name, run in runs.items()}
    predicted = next(iter(runs.values())).predicted_slope
    field = fields[layers - 1] if layers else 0
    rate = _rate(runs[chosen].slope())
    at = ", ".join(f"{name} {theme.number(float(each[lag]))}" for name, each in lines.items())
    horizons = ", ".join(f"{name} {_horizon(run)}" for name, run in runs.items())
    return Sheet(
        [
            _norms(
                lines,
                predicted,
                lag,
                clipped=_clipped(runs[chosen], chosen, clip),
                what="x" if towards == "input" else "state",
                field=field,
            ),
            _singular(runs[chosen], chosen, lag),
            _horizons(runs, fields),
        ],
        title=f"{chosen}: the gradient is multiplied with {rate} at each step back",
        description=f"Gradient at a lag of {lag}: {at}. Memory horizon in steps: {horizons}.",
        facts=[
            *_facts(runs),
            (f"At a lag of {lag}", at),
            *(_clipped_fact(runs[chosen], chosen, clip) if clip is not None else ()),
            *([("Predicted for linear", f"{_rate(predicted)} a step")] if predicted else ()),
            *([("Causal convolution", _field(field, layers))] if layers else ()),
        ],
        code=code,
    )


def over_lag(run: GradientTrace, towards: str) -> Numbers:
    """Return the norm of the gradient at lags 0, 1, ..., shape (lag,).

    Parameters
    ----------
    run : GradientTrace
    towards : str
        "input" for d h_T / d x_t, or "state" for d h_T / d h_t, of an LSTM d h_T / d (h, c)_t.
    """
    states = run.state_norm
    if towards == "input" or states is None:
        return run.by_lag.numpy()
    # The state after step T is at lag 0, and the state before step 0 is left out.
    return states[1:].flip(0).numpy()


def _norms(
    lines: Mapping[str, Numbers],
    slope: float | None,
    lag: int,
    *,
    clipped: tuple[str, Numbers] | None,
    what: str,
    field: int,
) -> Panel:
    drawn, words = [], []
    for (name, values), colour, (symbol, sign) in zip(
        lines.items(), theme.SERIES, SYMBOLS, strict=False
    ):
        drawn.append(curve(name, _positive(values), colour, symbol))
        words.append(f"{sign} {name}")
    first = next(iter(lines.values()))
    if slope is not None and math.isfinite(slope):
        drawn.append(_predicted(first, slope))
        words.append("dashed: predicted")
    if clipped is not None:
        drawn.append(_dashed("clipped", clipped[1], "dot"))
        words.append(f"dotted: {clipped[0]}, clipped")
    drawn_axes = _log_axes(len(first), [each["y"] for each in drawn])
    low, high = (10**end for end in drawn_axes["yaxis"]["range"])
    shapes = [_at(lag, low, high)]
    if 0 < field <= len(first):
        box = (-0.5, high, field - 0.5, low)
        shapes.append(outline("field", [box], fill=theme.PADDING_FILL, width=0))
    return Panel(
        f"|d h_T / d {what}_t| by lag: {', '.join(words)}",
        drawn,
        **drawn_axes,
        shapes=shapes,
        click={"x": "lag"},
        size="large",
    )


def _predicted(values: Numbers, slope: float) -> Part:
    """Return the line that starts where `values` do and has the slope predicted."""
    logs = math.log(max(values[0], 1e-300)) + slope * np.arange(len(values))
    return _dashed("predicted", np.exp(np.clip(logs, -600, 600)), "dash")


def _clipped(run: GradientTrace, name: str, clip: float | None) -> tuple[str, Numbers] | None:
    if clip is None:
        return None
    return name, _positive(run.clipped(clip)[: run.target + 1].flip(0).numpy())


def _at(lag: int, low: float, high: float) -> Part:
    return outline("lag", [], width=1.5) | {"path": f"M{lag},{low}V{high}"}


def _singular(run: GradientTrace, name: str, lag: int) -> Panel:
    values = run.singular_values
    if values is None:
        return empty(f"{name} has no singular values")
    ordered: Tensor = values[1:].flip(0)
    largest, smallest = _positive(ordered[:, 0].numpy()), _positive(ordered[:, -1].numpy())
    drawn_axes = _log_axes(len(ordered), [largest, smallest])
    low, high = (10**end for end in drawn_axes["yaxis"]["range"])
    return Panel(
        f"{name}, singular values: ● largest, ■ smallest",
        [
            curve("largest", largest, theme.INPUT, "circle"),
            curve("smallest", smallest, theme.OUTPUT, "square"),
        ],
        **drawn_axes,
        shapes=[_at(lag, low, high)],
        click={"x": "lag"},
        size="large",
    )


def _horizons(runs: Mapping[str, GradientTrace], fields: Sequence[int]) -> Panel:
    count = max(run.target + 1 for run in runs.values())
    names = [*runs, *(f"{n} conv" for n in range(1, len(fields) + 1))]
    lengths = [run.horizon or count for run in runs.values()]
    words = ["" if run.horizon else "≥ " for run in runs.values()]
    values = [*lengths, *fields]
    bars = {
        "type": "bar",
        "name": "horizon",
        "orientation": "h",
        "x": values,
        "y": names,
        "text": [f"{word}{each}" for word, each in zip(words, lengths, strict=True)]
        + [str(each) for each in fields],
        "textposition": "outside",
        "cliponaxis": False,
        "marker": {
            "color": [theme.INPUT] * len(runs) + [theme.PADDING] * len(fields),
            "pattern": {"shape": [""] * len(runs) + ["/"] * len(fields)},
        },
        "hovertemplate": "%{y}: %{text} steps<extra></extra>",
    }
    drawn = axes("steps", [0, 1.25 * max(values)], [len(names) - 0.4, -0.6])
    drawn["yaxis"] |= {"type": "category", "nticks": 0, "automargin": True, "dtick": 1}
    return Panel("Memory horizon; receptive field of conv (/)", [bars], **drawn, size="large")


def _log_axes(count: int, rows: Sequence[Numbers]) -> Axes:
    drawn = axes("lag (steps back)", [-1, count], [0, 1])
    values = np.concatenate([np.asarray(row, dtype=float) for row in rows])
    values = values[np.isfinite(values) & (values > 0)]
    logs = np.log10(values) if len(values) else np.zeros(1)
    low, high = max(float(logs.min()), _FLOOR), min(float(logs.max()), _CEILING)
    low, high = min(low, high - 1), high + 0.06 * max(1.0, high - low)
    drawn["yaxis"] |= {
        "type": "log",
        "range": [low - 0.06 * (high - low), high],
        "exponentformat": "power",
        "dtick": max(1, math.ceil((high - low) / 5)),
        "zeroline": False,
    }
    return drawn


def _positive(values: Numbers) -> Numbers:
    """Leave a gap where a log axis has no place: at zero, and where nothing is finite."""
    return np.where(np.isfinite(values) & (values > 0), values, np.nan)


def _dashed(name: str, values: Numbers, dash: str) -> Part:
    drawn = curve(name, values, theme.PADDING, "circle")
    return drawn | {"mode": "lines", "line": {"color": theme.PADDING, "width": 2.5, "dash": dash}}


def _rate(slope: float) -> str:
    return theme.number(math.exp(slope)) if slope < 700 else "∞"


def _horizon(run: GradientTrace) -> str:
    return f"over {run.target}" if run.horizon is None else str(run.horizon)


def _facts(runs: Mapping[str, GradientTrace]) -> list[tuple[str, str]]:
    facts = []
    for name, run in runs.items():
        norms = run.by_lag
        wrong = int((~norms.isfinite()).sum())
        text = f"× {_rate(run.slope())} a step, horizon {_horizon(run)}"
        if wrong:
            text += f", {wrong} lags not finite"
        if int((norms == 0).sum()):
            text += f", zero from a lag of {int((norms > 0).nonzero().max()) + 1}"
        facts.append((name, text))
    return facts


def _clipped_fact(run: GradientTrace, name: str, clip: float) -> list[tuple[str, str]]:
    whole = float(run.norm.square().sum().sqrt())
    factor = min(1.0, clip / (whole + 1e-6)) if math.isfinite(whole) else 0.0
    limit = theme.number(clip)
    if factor == 1:
        return [(f"{name}, clipped to {limit}", f"norm {theme.number(whole)}: left as it is")]
    text = f"norm {theme.number(whole)}, so all lags × {theme.number(factor)}"
    return [(f"{name}, clipped to {limit}", text)]


def _field(size: int, layers: int) -> str:
    dilations = ", ".join(str(2**layer) for layer in range(layers))
    return f"{layers} layers, dilations {dilations}: sees {size} steps, then nothing"
