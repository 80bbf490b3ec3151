"""Seconds that a call takes: repeated, with their spread."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from statistics import median, quantiles

from torch.utils import benchmark

from convrnn_lab import checks

STEADY = 0.1
"""Largest distance between the quartiles, as a share of the median, that is called steady."""

ENOUGH = 4
"""Fewest repeats that a spread can be told from."""

Clock = Callable[[], float]


@dataclass(frozen=True)
class Timing:
    """Repeated measurements of one call.

    Attributes
    ----------
    label : str
    seconds : tuple of float
        Of one call each; a short call is the mean of a block of calls.
    threads : int
    """

    label: str
    seconds: tuple[float, ...]
    threads: int = 1

    def __post_init__(self) -> None:
        """Refuse what is no measurement."""
        if not self.seconds or not all(each >= 0 for each in self.seconds):
            raise ValueError(
                f"seconds must be one number or more, each at least 0; got {self.seconds}"
            )

    @property
    def median_s(self) -> float:
        """Median in seconds; a mean would follow the slowest repeat."""
        return median(self.seconds)

    @property
    def quartiles_s(self) -> tuple[float, float]:
        """First and third quartile, in seconds."""
        if len(self.seconds) == 1:
            return self.seconds[0], self.seconds[0]
        low, _, high = quantiles(self.seconds, n=4, method="inclusive")
        return low, high

    @property
    def iqr_s(self) -> float:
        """Distance between the quartiles, in seconds."""
        low, high = self.quartiles_s
        return high - low

    @property
    def spread(self) -> float:
        """Distance between the quartiles, as a share of the median."""
        if not self.iqr_s:
            return 0.0
        return self.iqr_s / self.median_s if self.median_s else math.inf

    @property
    def steady(self) -> bool:
        """Whether the spread is small enough, and told by enough repeats, to be relied on."""
        return len(self.seconds) >= ENOUGH and self.iqr_s <= STEADY * self.median_s

    def __add__(self, other: Timing) -> Timing:
        """Return the repeats of both, which must be of the same call."""
        if self.threads != other.threads:
            raise ValueError(
                f"threads must be the same in both; got {self.threads} and {other.threads}"
            )
        return Timing(self.label, self.seconds + other.seconds, self.threads)


def timing(
    call: Callable[[], object],
    *,
    label: str = "",
    threads: int = 1,
    budget_s: float = 0.2,
    repeats: int = ENOUGH,
    clock: Clock | None = None,
) -> Timing:
    """Call `call` again and again for about `budget_s` seconds.

    PyTorch's own timer does it: it warms up, finds out how many calls make a block that is long
    against the clock's own time, waits for a GPU, sets the threads and puts them back.

    Parameters
    ----------
    call : function
        Without arguments; what it returns is dropped.
    label : str
    threads : int
        Of PyTorch's operations, while it is measured.
    budget_s : float
        Seconds; a slow call may take longer, since it is repeated at least `repeats` times.
    repeats : int
    clock : function, optional
        Returns seconds; by default PyTorch's, which knows GPUs.

    Returns
    -------
    Timing

    Raises
    ------
    ValueError
        If a number is out of range, or the call fails.

    Examples
    --------
    >>> timing(lambda: None, budget_s=0.001).threads
    1
    """
    checks.integer("threads", threads, 1)
    checks.integer("repeats", repeats, 1)
    if checks.number("budget_s", budget_s) <= 0:
        raise ValueError(f"budget_s must be over 0; got {budget_s}")
    timer = benchmark.Timer(
        "call()", timer=clock or benchmark.timer, globals={"call": call}, num_threads=threads
    )
    try:
        measured = timer.blocked_autorange(min_run_time=budget_s)
        seconds = measured.times
        while len(seconds) < repeats:
            missing_s = (repeats - len(seconds) - 0.5) * measured.number_per_run * measured.median
            seconds = seconds + timer.blocked_autorange(min_run_time=missing_s).times
    except Exception as error:
        raise failed(error) from error
    return Timing(label, tuple(seconds), threads)


def failed(error: Exception) -> ValueError:
    """Return the refusal of a call that raised `error`."""
    line = (str(error).strip().splitlines() or [""])[0]
    return ValueError(f"call must run; got {type(error).__name__}: {line[:200]}")
