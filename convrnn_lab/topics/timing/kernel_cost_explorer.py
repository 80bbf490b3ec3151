"""The explorer of what a kernel's size and a stride cost, direct and by FFT."""

from __future__ import annotations

from pathlib import Path

from convrnn_lab.drawing import looks
from convrnn_lab.drawing.sheet import Sheet
from convrnn_lab.explorer.controls import Choice, Value, Values
from convrnn_lab.measure.curves import Curve, compare
from convrnn_lab.measure.layer_kinds import Setting
from convrnn_lab.measure.measuring_code import two_code
from convrnn_lab.measure.store import Store
from convrnn_lab.topics.timing import guides
from convrnn_lab.topics.timing.kernel_cost_figure import kernels
from convrnn_lab.topics.timing.measuring import Measuring

INPUTS = {"1-D, 4,096 samples": (1, 4096), "2-D, 64 × 64 pixels": (2, 4096)}
KERNEL_SIZES = {
    1: (3, 7, 15, 31, 63, 127, 255, 511, 1023),
    2: (1, 3, 5, 7, 9, 11, 15, 21, 31),
}
_ALL_SIZES = tuple(sorted({size for sizes in KERNEL_SIZES.values() for size in sizes}))
STRIDES = (1, 2, 4, 8)
CHANNELS = (1, 4, 16)
BATCHES = (1, 4, 16)
WORKS = ("forward", "forward + backward")


class KernelCosts(Measuring):
    """A convolution over kernel size and stride; see `kernel_cost`."""

    def settings(self, values: Values) -> list[Setting]:
        """Return what has to be measured: both ways at all kernel sizes, and all strides."""
        (direct, fourier), strides = self.compared(values)
        return [*direct, *fourier, *strides]

    def compared(self, values: Values) -> tuple[tuple[list[Setting], list[Setting]], list[Setting]]:
        """Return (direct, by FFT) over all kernel sizes, and the direct one over all strides."""
        axes, length = INPUTS[values["input"]]
        shared = {name: values[name] for name in ("work", "channels", "batch")}
        names = ("Conv1d", "FFT conv") if axes == 1 else ("Conv2d", "FFT conv 2d")
        direct, fourier = (
            [
                Setting(name, length=length, kernel_size=size, **shared)
                for size in KERNEL_SIZES[axes]
            ]
            for name in names
        )
        size = values["kernel_size"]
        strides = [
            Setting(names[0], length=length, kernel_size=size, stride=each, **shared)
            for each in STRIDES
        ]
        return (direct, fourier), strides

    def _view(self, **values: Value) -> Sheet:
        axes, _ = INPUTS[values["input"]]
        (direct, fourier), strides = self.compared(values)

        source = self.source([*direct, *fourier, *strides])

        def make() -> list[Curve]:
            sizes = KERNEL_SIZES[axes]
            return [
                *(self.curve(each[0].layer, sizes, each, source) for each in (direct, fourier)),
                self.curve(strides[0].layer, STRIDES, strides, source),
            ]

        curves = self.remembered(tuple(v for k, v in values.items() if k != "stride"), make)
        sizes, over = curves[:2], curves[2]
        at = KERNEL_SIZES[axes].index(values["kernel_size"])
        return kernels(
            compare(sizes[0], sizes[1], values["kernel_size"]),
            sizes,
            over,
            stride=values["stride"],
            axes=axes,
            work=values["work"],
            stamp=self.stamp([*sizes, over], source),
            notes=self.notes([*direct, *fourier, *strides]),
            code=looks.pick(
                {each.stride: self._code(direct[at], fourier[at], each) for each in strides},
                values["stride"],
            ),
        )

    @staticmethod
    def _code(direct: Setting, fourier: Setting, strided: Setting) -> str:
        """Write the comparison by kernel size and, where there is a stride, with that of 1."""
        lines = two_code(direct, fourier, names=("direct", "fourier"))
        if strided.stride == 1:
            return lines
        known = lines.splitlines()
        more = two_code(strided, direct, names=("strided", "direct")).splitlines()
        return "\n".join([*known, *(line for line in more if line not in known)])


def kernel_cost(
    *,
    input: str = "2-D, 64 × 64 pixels",  # noqa: A002 - what the control is called
    work: str = "forward",
    channels: int = 4,
    batch: int = 1,
    kernel_size: int = 15,
    stride: int = 1,
    store: Store | str | Path | None = None,
) -> KernelCosts:
    """Show what a kernel's size and a stride cost a convolution, and when FFT is worth it.

    Parameters
    ----------
    input : str
        One of `INPUTS`.
    work : str
        "forward" or "forward + backward".
    channels, batch : int
        One of `CHANNELS` and of `BATCHES`.
    kernel_size : int
        One of `KERNEL_SIZES` of that input.
    stride : int
        One of `STRIDES`.
    store
        See `timing`.

    Returns
    -------
    KernelCosts

    Raises
    ------
    ValueError
        If a value is not offered, or the store cannot be used.
    """
    return KernelCosts(
        {
            "input": Choice("input", tuple(INPUTS), input),
            "work": Choice("work", WORKS, work),
            "kernel_size": Choice(
                "kernel size",
                lambda before: KERNEL_SIZES[INPUTS[before["input"]][0]],
                kernel_size,
                ordered=True,
            ),
            "channels": Choice("channels", CHANNELS, channels, ordered=True),
            "batch": Choice("batch", BATCHES, batch, ordered=True),
            "stride": Choice("stride", STRIDES, stride, ordered=True, look=True),
        },
        name="Kernel size and stride",
        guide=guides.KERNEL,
        store=store,
        swept={"input": tuple(INPUTS), "kernel_size": _ALL_SIZES},
        vary={"input": None, "kernel_size": _ALL_SIZES, "channels": None, "batch": None},
    )
