"""Tasks over series that were measured: the sunspots of a year, the demand for power of a day."""

from __future__ import annotations

import torch
from torch import Tensor

from convrnn_lab import checks
from convrnn_lab.data.series import power_days
from convrnn_lab.data.signals import samples
from convrnn_lab.data.tasks import PARTS, Baseline, SequenceTask

LAST_TRAINED_YEAR = 1929
"""Sunspots of later years are for the test."""


_FIRST_YEAR = 1700


def sunspots(part: str = "train", *, length: int = 33) -> SequenceTask:
    """Return windows of the yearly sunspot number, where each step wants the next year's.

    Parameters
    ----------
    part : str
        "train", windows up to 1929 that begin at every year, or "test", the years from 1930 to
        2008 as wanted values, each once and at the last step of a window of its own, whose first
        years may be of the training.
    length : int
        Years in a window, 2 to 200.

    Returns
    -------
    SequenceTask
        One feature, in units of 100 sunspots. In training the first ten steps do not
        count, for lack of a past, unless `length` is under 20.

    Raises
    ------
    ValueError
        If there is no such part, or `length` is out of range.

    Examples
    --------
    >>> sunspots("test").inputs.shape
    torch.Size([79, 33, 1])
    """
    checks.choice("part", part, PARTS)
    checks.integer("length", length, 2, 200)
    values = samples("sunspots") / 100
    trained = LAST_TRAINED_YEAR - _FIRST_YEAR + 1
    windows = values.unfold(0, length + 1, 1)  # (window, year)
    early = trained - length  # windows whose last, wanted year is still of the training
    windows = (windows[:early] if part == "train" else windows[early:]).contiguous()
    inputs, targets = windows[:, :-1, None], windows[:, 1:, None]
    mask = _years_that_count(part, len(windows), length)
    same = persistence_error(inputs, targets, mask)
    usual = constant_error(values[:trained].mean().item(), targets, mask)
    return SequenceTask(
        name="sunspots",
        inputs=inputs,
        targets=targets,
        mask=mask,
        lengths=torch.full((len(windows),), length),
        baselines=(
            Baseline("the same as this year", "mean squared error", same),
            Baseline(f"the mean until {LAST_TRAINED_YEAR}", "mean squared error", usual),
        ),
    )


def _years_that_count(part: str, count: int, length: int) -> Tensor:
    """Return the mask: in the test the last year, in training the years that have a past."""
    mask = torch.ones(count, length, dtype=torch.bool)
    if part == "test":
        mask[:, :-1] = False
    elif length >= 20:
        mask[:, :10] = False
    return mask


def persistence_error(inputs: Tensor, targets: Tensor, mask: Tensor) -> float:
    """Return the mean squared error of answering with the input itself.

    Parameters
    ----------
    inputs, targets : Tensor, shape (batch, time, value)
    mask : Tensor, shape (batch, time), bool
        The steps that count.
    """
    return (inputs - targets)[mask].square().mean().item()


def constant_error(value: float, targets: Tensor, mask: Tensor) -> float:
    """Return the mean squared error of always answering `value`.

    Parameters
    ----------
    targets : Tensor, shape (batch, time, value)
    mask : Tensor, shape (batch, time), bool
        The steps that count.
    """
    return (targets - value)[mask].square().mean().item()


def power_demand(part: str = "train") -> SequenceTask:
    """Return days of Italian power demand, 24 hours, where the last step wants the season.

    Parameters
    ----------
    part : str
        "train" (67 days) or "test" (1,029), as the UCR archive parts them.

    Returns
    -------
    SequenceTask

    Raises
    ------
    ValueError
        If there is no such part.
    """
    days, seasons = power_days(part)
    known = power_days("train")[1]
    likeliest = int(known.bincount().argmax())
    mask = torch.zeros(days.shape, dtype=torch.bool)
    mask[:, -1] = True
    classes = ("winter", "summer")
    share = (seasons == likeliest).float().mean().item()
    return SequenceTask(
        name="power demand",
        inputs=days[..., None],
        targets=seasons[:, None].repeat(1, days.shape[1]),
        mask=mask,
        lengths=torch.full((len(days),), days.shape[1]),
        classes=classes,
        baselines=(Baseline(f"always {classes[likeliest]}", "accuracy", share),),
    )
