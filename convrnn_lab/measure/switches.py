"""What makes a layer faster: one thing changed at a time, before and after."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from convrnn_lab.measure.hardware import machine
from convrnn_lab.measure.layer_kinds import Setting


@dataclass(frozen=True)
class Switch:
    """The same work with one thing changed.

    Attributes
    ----------
    about : str
        What is changed, in words.
    before, after : function
        Take length and channels, and return the setting.
    share : float
        Calls of `after` that do the work of one of `before`: with a batch of 16, a sixteenth.
    slow : bool
        Whether its preparation takes long, so that it is measured only when asked for.
    """

    about: str
    before: Callable[[int, int], Setting]
    after: Callable[[int, int], Setting]
    share: float = 1.0
    slow: bool = False

    def sides(self, length: int, channels: int) -> list[Setting]:
        """Return the settings before and after."""
        return [self.before(length, channels), self.after(length, channels)]


def _of(layer: str, **options: object) -> Callable[[int, int], Setting]:
    return lambda length, channels: Setting(layer, length=length, channels=channels, **options)  # type: ignore[arg-type] # by name


_LONG_KERNEL = 255

SWITCHES: dict[str, Switch] = {
    "larger batch": Switch(
        "16 sequences in one call instead of one, each", _of("GRU"), _of("GRU", batch=16), 1 / 16
    ),
    "fused kernel": Switch(
        "PyTorch's LSTM instead of the equations in a loop", _of("LSTM loop"), _of("LSTM")
    ),
    "larger chunks": Switch(
        "64 steps of a stream at a time instead of 1", _of("LSTM by steps"), _of("LSTM by chunks")
    ),
    "fewer steps": Switch(
        "a convolution of stride 4 before the LSTM", _of("LSTM"), _of("LSTM after stride 4")
    ),
    "packed batch": Switch(
        "16 sequences of different lengths without their padding",
        _of("LSTM padded", batch=16),
        _of("LSTM packed", batch=16),
    ),
    "scan": Switch(
        "a linear recurrence (minGRU) by doubling instead of step by step",
        _of("minGRU loop"),
        _of("minGRU scan"),
    ),
    "FFT": Switch(
        f"a convolution of kernel size {_LONG_KERNEL} by Fourier transform",
        _of("Conv1d", kernel_size=_LONG_KERNEL),
        _of("FFT conv", kernel_size=_LONG_KERNEL),
    ),
    "channels last": Switch(
        "the channels of an image side by side in memory",
        _of("Conv2d", batch=16),
        _of("Conv2d channels last", batch=16),
    ),
    "bfloat16": Switch(
        "numbers of half the bytes in a Conv2d",
        _of("Conv2d", batch=16),
        _of("Conv2d", batch=16, dtype="bfloat16"),
    ),
    "more threads": Switch(
        "all cores instead of one, for a Conv2d",
        _of("Conv2d", batch=16),
        lambda length, channels: Setting(
            "Conv2d", length=length, channels=channels, batch=16, threads=machine().cores
        ),
    ),
    "torch.compile": Switch(
        "the equations of an LSTM in a loop, each step compiled",
        _of("LSTM loop"),
        _of("LSTM loop compiled"),
        slow=True,
    ),
}
"""By name, in the order in which they are shown."""
