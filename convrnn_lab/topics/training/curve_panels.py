"""The curves of a training, the panel of its loss, and how it ended in words."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from convrnn_lab.drawing import theme
from convrnn_lab.drawing.parts import axes, guide
from convrnn_lab.drawing.sheet import Panel, Part
from convrnn_lab.train.history import H, History
from convrnn_lab.train.trained import S, Trained

_WIDE = 4
"""From how many times the usual loss on the axis is logarithmic: so the largest is seen too."""

CROSS_ENTROPY = "minus the logarithm of the probability that the right class gets"
"""What a cross-entropy is, where one is shown."""

_NOT_TRAINED = "none yet: press Train in a live notebook"
"""What is said of the training of a setting; a page has no button for it."""


def curve(name: str, x: ArrayLike, y: ArrayLike, colour: str) -> Part:
    """Return a line over batches or epochs."""
    return {
        "type": "scatter",
        "mode": "lines",
        "name": name,
        "x": x,
        "y": y,
        "line": {"color": colour, "width": 1.5},
        "hovertemplate": "%{x}: %{y:.4g}<extra></extra>",
    }


def dots(
    name: str, x: ArrayLike, y: ArrayLike, colour: str, *, symbol: str = "circle", size: int = 8
) -> Part:
    """Return single points over batches or epochs."""
    return {
        "type": "scatter",
        "mode": "markers",
        "name": name,
        "x": x,
        "y": y,
        "marker": {"color": colour, "symbol": symbol, "size": size},
        "hovertemplate": "%{x}: %{y:.4g}<extra></extra>",
    }


def loss_panel(
    history: History, title: str, *, usual: float, share: float, levels: Sequence[float] = ()
) -> Panel:
    """Draw the loss of each batch and of each validation, whole, however far it goes.

    Parameters
    ----------
    history : History
    title : str
        What the loss is.
    usual : float
        What the axis shows at least.
    share : float
        The share of the batches whose loss counts as usual too.
    levels : sequence of float
        Losses of trivial answers, drawn dotted.

    Returns
    -------
    Panel
        Its axis is logarithmic where a loss is far over the usual. A loss that is no finite
        number stands as a cross at the upper edge.
    """
    losses = np.array(history.batch_loss)
    validation = _finite_or_nan(history.validation_loss)
    per_epoch = len(losses) / max(1, len(history.loss))
    ends = [per_epoch * (epoch + 1) for epoch in range(len(validation))]
    count = max(10, len(losses) + 1)
    limits, top = _loss_axis(losses, validation, [usual, *levels], share)
    drawn = axes("batch", [0, count], [])
    drawn["yaxis"] |= limits
    parts = [
        curve("batch_loss", np.arange(1, len(losses) + 1), _float32(losses), theme.INPUT),
        dots("validation_loss", ends, validation, theme.OUTPUT),
    ]
    lost = np.flatnonzero(~np.isfinite(losses)) + 1
    notes = ["dots: validation"] if len(validation) else []
    notes += ["dotted: trivial answers"] if levels else []
    if len(lost):
        notes.append("×: no finite number")
        edge = np.full(len(lost), top)
        parts.append(dots("not_finite", lost, edge, theme.WEIGHT, symbol="x", size=10))
    return Panel(
        title + (f" ({', '.join(notes)})" if notes else ""),
        parts,
        **drawn,
        shapes=[guide(f"trivial {n}", f"M0,{each}H{count}") for n, each in enumerate(levels)],
        size="large",
    )


def _loss_axis(
    losses: NDArray[np.float64],
    validation: NDArray[np.float64],
    shown: Sequence[float],
    share: float,
) -> tuple[Part, float]:
    """Return the axis that shows every finite loss, and its upper edge."""
    batches = losses[np.isfinite(losses)]
    values = np.concatenate([batches, validation[np.isfinite(validation)], shown])
    usual = max([*shown, float(np.quantile(batches, share)) if len(batches) else 0.0])
    largest, positive = float(values.max()), values[values > 0]
    if largest <= _WIDE * usual:
        top = 1.08 * largest
        return {"range": [0, top]}, top
    low, high = np.log10(float(positive.min())) - 0.1, np.log10(largest) + 0.2
    logarithmic = {"type": "log", "exponentformat": "power", "nticks": 6}
    return logarithmic | {"range": [low, high]}, float(10**high)


def _finite_or_nan(values: Sequence[float]) -> NDArray[np.float64]:
    """Return values of which those that cannot be drawn are nan."""
    array = np.array(values, dtype=float)
    return np.where(np.isfinite(array), array, np.nan)


def _float32(values: NDArray[np.float64]) -> NDArray[np.float32]:
    return _finite_or_nan(list(values)).astype(np.float32)


def how_it_went(trained: Trained[H, S] | None) -> list[tuple[str, str]]:
    """Return the facts of a training that any model has.

    Parameters
    ----------
    trained : Trained, optional
    """
    if trained is None:
        return [("Training", _NOT_TRAINED)]
    history = trained.history
    far = f"{history.stopped or 'running'}, {trained.seconds:.1f} s"
    return [("Training", far), *_how_it_ended(history), *_weights_kept(history)]


def _how_it_ended(history: History) -> list[tuple[str, str]]:
    """Return a fact that says in plain words why a training ended early, if it did."""
    if history.stopped.startswith("diverged"):
        reason = (
            "the loss or a weight grew beyond all finite numbers: the steps were too large; "
            "try a smaller learning rate"
        )
        return [("Diverged", reason)]
    if history.stopped.startswith("no better"):
        return [("Stopped early", "the validation loss has not become lower since the best epoch")]
    return []


def _weights_kept(history: History) -> list[tuple[str, str]]:
    """Return the fact of which epoch the weights are, once a training has ended."""
    if not (history.stopped and history.loss):
        return []
    best = history.best_epoch
    return [
        ("Weights kept", f"those of epoch {best}" if best else "those from before the training")
    ]
