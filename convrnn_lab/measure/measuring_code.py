"""The lines of code that measure settings, to be copied: they measure what a figure shows."""

from __future__ import annotations

from dataclasses import asdict

from convrnn_lab.copied_code import Name, call
from convrnn_lab.measure.comparing import ratio
from convrnn_lab.measure.custom_layer import OWN_AXES, own_layer
from convrnn_lab.measure.layer_kinds import OWN, STEPS, Layer, Setting, canonical_setting
from convrnn_lab.measure.timer import timing
from convrnn_lab.measure.workload import prepare


def one_code(setting: Setting, own: Layer | None = None) -> str:
    """Write the lines that measure a setting.

    Parameters
    ----------
    setting : Setting
        What equals a default is left out.
    own : Layer, optional
        What the name "own" stands for; the reader's variable is called `own`.
    """
    return (
        f"work = {_prepared(setting, own)}\n"
        f"found = {_timed('work', setting)}\n"
        "found.median_s, work.count"
    )


def two_code(
    one: Setting,
    two: Setting,
    own: Layer | None = None,
    *,
    names: tuple[str, str] = ("one", "two"),
) -> str:
    """Write the lines that compare two settings: how many times as long the first takes.

    Parameters
    ----------
    one, two : Setting
    own : Layer, optional
    names : (str, str)
        Of the variables.
    """
    first, second = names
    compared = call(ratio, "measure", Name(_timed(first, one)), Name(_timed(second, two)))
    return (
        f"{first} = {_prepared(one, own)}\n"
        f"{second} = {_prepared(two, own)}\n"
        f"found = {compared}\n"
        f"found.value, {first}.count, {second}.count"
    )


def switch_code(before: Setting, after: Setting, share: float) -> str:
    """Write the lines that say how many times as fast a switch makes its work.

    Parameters
    ----------
    before, after : Setting
    share : float
        Calls of `after` that do the work of one of `before`.
    """
    lines = two_code(after, before, names=("after", "before")).splitlines()
    same_work = "" if share == 1 else f".times({share!r})"
    return "\n".join(
        [lines[1], lines[0], f"{lines[2]}{same_work}", "1 / found.value, before.count, after.count"]
    )


def _prepared(setting: Setting, own: Layer | None) -> str:
    written = call(Setting, "measure", **asdict(canonical_setting(setting, own)))
    if setting.layer != OWN or own is None:
        return call(prepare, "measure", Name(written))
    axes = next(name for name, axes in OWN_AXES.items() if axes == own.axes)
    options = {"own_axes": axes} if own.axes == STEPS else {}
    layer = call(own_layer, "measure", Name("own"), **options)
    return call(prepare, "measure", Name(written), Name(layer))


def _timed(work: str, setting: Setting) -> str:
    return call(timing, "measure", Name(f"{work}.call"), threads=setting.threads)
