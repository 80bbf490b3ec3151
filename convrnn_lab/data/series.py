"""Series over time: made ones, exact and seeded, real ones, text as characters, and your own."""

from __future__ import annotations

import math
import sys
import sysconfig
from importlib import resources
from importlib.abc import SourceLoader
from importlib.machinery import PathFinder
from pathlib import Path

import torch
import torch.nn.functional as F
from torch import Tensor

from convrnn_lab import checks
from convrnn_lab.data import signals

MADE = ("impulse", "step", "sine", "square", "noise")
SERIES = (*MADE, *reversed(signals.SIGNALS), "power demand")
"""Names of the series: five that are made, three that were measured."""

LONGEST = 512
"""Samples that `series` returns at most."""

EVENT = 4
"""The sample, from 0, at which the impulse and the step happen."""

ALPHABET = "\n" + "".join(map(chr, range(32, 127))) + "\N{REPLACEMENT CHARACTER}"
"""The characters of `encode`; the last stands for all others."""

TEXTS = ("heapq", "bisect", "textwrap", "shlex", "string", "calendar")
"""Modules of Python whose source `text` is tried with; any other of them will do."""

_FILES = resources.files("convrnn_lab.data") / "files"


def series(
    source: str | Path | object,
    *,
    length: int = 64,
    start: int = 0,
    frequency: float = 1 / 16,
    seed: int = 0,
    allow_nan: bool = False,
) -> Tensor:
    """Return `length` samples of a made or a measured series.

    The made ones are functions of the sample t, from 0 on, without an end: the impulse is 1 at
    t = 4 and 0 elsewhere; the step is 0 before t = 4, then 1; the sine is sin(2π f t); the square
    is 1 in the first half of each period 1 / f and -1 in the second; the noise is normal, of mean
    0 and variance 1. The others are divided by their largest absolute value, as `signal` does it.

    Parameters
    ----------
    source : str, path or array
        One of `SERIES`, a CSV file with one number a line, or an array or tensor of shape
        (time,). The days of "power demand" follow one another as the archive has them: they
        are no neighbours in the calendar.
    length : int
        Samples to return, 1 to 512.
    start : int
        The first sample returned.
    frequency : float
        Of "sine" and "square", in periods a sample, 0 to 0.5.
    seed : int
        Of "noise".
    allow_nan : bool
        Whether NaN and infinity are handed on, to be shown, and not refused.

    Returns
    -------
    Tensor, shape (time,), float32

    Raises
    ------
    ValueError
        If there is no such series, it has no `length` samples from `start` on, it is not finite
        and `allow_nan` is not set, or a setting is out of range.

    Examples
    --------
    >>> series("square", length=8, frequency=0.25)
    tensor([ 1.,  1., -1., -1.,  1.,  1., -1., -1.])
    """
    checks.integer("length", length, 1, LONGEST)
    checks.integer("start", start, 0)
    checks.integer("seed", seed, 0)
    if not 0 <= checks.number("frequency", frequency) <= 0.5:
        raise ValueError(f"frequency must be 0 to 0.5 periods a sample; got {frequency}")
    if isinstance(source, str) and source in MADE:
        checks.memory("series", (start + length,), 8)
        return _made(source, start, length, frequency, seed)
    whole = _measured(source)
    if start + length > len(whole):
        asked = ("start + length", f"{start} + {length}") if start else ("length", length)
        raise ValueError(
            f"{asked[0]} must be at most the series' {len(whole)} samples; got {asked[1]}"
        )
    if not allow_nan:
        checks.finite("series", whole)
    known = whole[whole.isfinite()].abs()
    # A series of zeros stays one, as does one of NaN.
    return whole[start : start + length] / (known.max() if known.any() else 1)


def _made(name: str, start: int, length: int, frequency: float, seed: int) -> Tensor:
    if name == "noise":  # all of it from 0 on, so that a sample does not depend on `start`
        generator = torch.Generator().manual_seed(seed)
        # PyTorch draws normal numbers by the 16; of the last, broken lot it draws all anew.
        drawn = torch.randn(-(-(start + length) // 16) * 16, generator=generator)
        return drawn[start : start + length].clone()
    times = torch.arange(start, start + length, dtype=torch.float64)
    periods = times * frequency
    if name == "impulse":
        values = times == EVENT
    elif name == "step":
        values = times >= EVENT
    elif name == "sine":
        # Counted from the nearest half period, where a sine is zero and not a rounding off it.
        half = (2 * periods).round()
        values = torch.sin(math.pi * (2 * periods - half)) * (1 - 2 * (half % 2))
    else:
        # 49 × 1/98 and its like fall a rounding short of half a period.
        values = 1 - 2 * ((2 * periods + 1e-9).floor() % 2)
    return values.float()


def _measured(source: object) -> Tensor:
    if isinstance(source, str) and source == "power demand":
        return torch.cat([days.flatten() for days, _ in map(power_days, ("train", "test"))])
    if isinstance(source, str) and source not in SERIES and not Path(source).is_file():
        raise ValueError(
            f"series must be one of {', '.join(SERIES)}, or a CSV file; "
            f"got {checks.shown(source)}, which is not there"
        )
    return signals.samples(source, "series")


def power_days(part: str) -> tuple[Tensor, Tensor]:
    """Return days of Italian power demand, and whether each is of winter or of summer.

    Parameters
    ----------
    part : str
        "train" (67 days) or "test" (1,029 days), as the UCR archive parts them.

    Returns
    -------
    Tensor, shape (batch, time), float32
        24 hours, scaled to mean 0 and standard deviation 1 day by day.
    Tensor, shape (batch,), int64
        0 for winter (October to March), 1 for summer.

    Raises
    ------
    ValueError
        If there is no such part.
    """
    checks.choice("part", part, ("train", "test"))
    lines = (_FILES / "power.csv").read_text("utf-8").splitlines()[1:]
    rows = [line.split(",") for line in lines if line.startswith(part)]
    days = torch.tensor([[float(value) for value in row[2:]] for row in rows])
    return days, torch.tensor([int(row[1] == "summer") for row in rows])


def text(source: str | Path) -> str:
    """Return the source of a module of Python's own library, or a text file.

    The library's source is there wherever Python is, in the words of that version.

    Parameters
    ----------
    source : str or path
        A module such as those of `TEXTS`, or a file in UTF-8.

    Returns
    -------
    str

    Raises
    ------
    ValueError
        If there is neither a file nor a module of the library with a source in Python of that
        name, or it is empty.

    Examples
    --------
    >>> text("heapq").splitlines()[0]
    '\"\"\"Heap queue algorithm (a.k.a. priority queue).'
    """
    found = _library(str(source))
    if found is None and Path(source).is_file():
        found = Path(source).read_text("utf-8", errors="replace")
    if not found:
        raise ValueError(
            "text must be a module of Python's library that is written in Python, or a file "
            f"that is not empty; got {checks.shown(str(source))}"
        )
    return found


def _library(name: str) -> str | None:
    """Return the source of a module of Python's own library, without importing anything."""
    if name.partition(".")[0] not in sys.stdlib_module_names:
        return None
    places, source = [sysconfig.get_path("stdlib")], None
    for part in name.split("."):
        # Not `importlib.util`, which knows some modules only as compiled into Python.
        spec = PathFinder.find_spec(part, places)
        if spec is None or not isinstance(spec.loader, SourceLoader):
            return None
        places, source = spec.submodule_search_locations or [], spec.loader.get_source(part)
    return source


def encode(characters: str) -> Tensor:
    r"""Return the place of each character in `ALPHABET`; a character that it lacks is its last.

    Returns
    -------
    Tensor, shape (time,), int64

    Examples
    --------
    >>> encode("\n !~é").tolist()
    [0, 1, 2, 95, 96]
    """
    places = {character: place for place, character in enumerate(ALPHABET)}
    return torch.tensor([places.get(each, len(ALPHABET) - 1) for each in characters]).long()


def decode(codes: Tensor) -> str:
    """Return the characters of `codes`, the reverse of `encode`.

    Parameters
    ----------
    codes : Tensor, shape (time,), int64

    Returns
    -------
    str

    Raises
    ------
    ValueError
        If a code is no place in `ALPHABET`.

    Examples
    --------
    >>> decode(encode("x = 1"))
    'x = 1'
    """
    checks.tensor("codes", codes, "time")
    last = len(ALPHABET) - 1
    return "".join(ALPHABET[checks.integer("codes", code, 0, last)] for code in codes.tolist())


def one_hot(codes: Tensor) -> Tensor:
    """Return characters as vectors with a single 1.

    Parameters
    ----------
    codes : Tensor, shape (..., time), int64
        As `encode` returns them.

    Returns
    -------
    Tensor, shape (..., time, feature), float32
        One feature for each character of `ALPHABET`.
    """
    return F.one_hot(codes, len(ALPHABET)).float()
