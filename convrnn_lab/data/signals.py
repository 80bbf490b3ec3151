"""One-dimensional signals: the ones that ship with the package, a CSV file, or an array."""

from __future__ import annotations

from importlib import resources
from pathlib import Path

import torch
from torch import Tensor

from convrnn_lab import checks

SIGNALS = ("ECG", "sunspots")
"""Names of the signals that ship with the package."""

_FILES = resources.files("convrnn_lab.data") / "files"


def signal(source: str | Path | object, *, length: int = 96, start: int = 0) -> Tensor:
    """Return `length` samples of a signal, divided by its largest absolute value.

    Parameters
    ----------
    source : str, path or array
        One of `SIGNALS`, a CSV file with one number a line (a first line of words is passed
        over), or an array or tensor of shape (time,).
    length : int
        Samples to return; a shorter signal is returned whole.
    start : int
        The first sample returned.

    Returns
    -------
    Tensor, shape (time,), float32

    Raises
    ------
    ValueError
        If the file is missing or holds no numbers, or the array is empty, not finite or not
        of one axis.

    Examples
    --------
    >>> signal("sunspots", length=4)
    tensor([0.0263, 0.0578, 0.0841, 0.1209])
    """
    checks.integer("length", length, 1)
    checks.integer("start", start, 0)
    values = samples(source)
    if start >= len(values):
        raise ValueError(f"start must be under the signal's {len(values)} samples; got {start}")
    checks.finite("signal", values)
    largest = values.abs().max()
    # A signal of zeros stays one.
    return values[start : start + length] / (largest if largest > 0 else 1)


def samples(source: str | Path | object, name: str = "signal") -> Tensor:
    """Return all samples of a signal as they are, NaN and infinity among them.

    Parameters
    ----------
    source : str, path or array
        As for `signal`.
    name : str
        What it is called in a refusal.

    Returns
    -------
    Tensor, shape (time,), float32

    Raises
    ------
    ValueError
        If the file is missing or holds no numbers, or the array is empty or not of one axis.
    """
    read = isinstance(source, (str, Path))
    values = _read(str(source), name) if read else _from_array(source, name)
    checks.tensor(name, values, "time")
    if len(values) == 0:
        raise ValueError(f"{name} must have at least one sample; got none")
    if values.is_complex():
        raise ValueError(f"{name} must be real numbers; got {values.dtype}")
    return values.detach().cpu().float()


def _from_array(source: object, name: str) -> Tensor:
    try:
        return torch.as_tensor(source)
    except (TypeError, ValueError, RuntimeError) as error:
        raise ValueError(
            f"{name} must be a name, a path, or an array of numbers; got {checks.shown(source)}"
        ) from error


def _read(source: str, name: str) -> Tensor:
    if source in SIGNALS:
        text = (_FILES / f"{source.lower()}.csv").read_text("utf-8")
    else:
        path = Path(source)
        if not path.is_file():
            raise ValueError(
                f"{name} must be one of {', '.join(SIGNALS)}, or a CSV file; "
                f"got {checks.shown(source)}, which is not there"
            )
        text = path.read_text("utf-8", errors="replace")
    lines = [(place, line.strip().rstrip(",;")) for place, line in enumerate(text.splitlines(), 1)]
    lines = [(place, line) for place, line in lines if line]
    if lines and not _is_number(lines[0][1]):
        lines = lines[1:]  # a heading
    for place, line in lines:
        if not _is_number(line):
            raise ValueError(
                f"{name} must be a file with one number a line; got {checks.shown(source)}, "
                f"where line {place} is {checks.shown(line)}"
            )
    return torch.tensor([float(line) for _, line in lines], dtype=torch.float64)


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True
