"""The explorer of what makes a layer faster, one switch at a time."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from convrnn_lab.drawing.one_of import one_of, place_of
from convrnn_lab.drawing.sheet import Sheet
from convrnn_lab.explorer.controls import Choice, Value, Values
from convrnn_lab.measure.comparing import ratio
from convrnn_lab.measure.layer_kinds import Setting
from convrnn_lab.measure.measuring_code import switch_code
from convrnn_lab.measure.store import Store
from convrnn_lab.measure.switches import SWITCHES, Switch
from convrnn_lab.topics.timing import guides
from convrnn_lab.topics.timing.measuring import Measuring
from convrnn_lab.topics.timing.speed_up_figure import Switched, switches
from convrnn_lab.topics.timing.stamp import stamp_of

LENGTHS = (64, 256, 1024)
CHANNELS = (16, 64)


class SpeedUps(Measuring):
    """What makes a layer faster; see `speed_up`."""

    def settings(self, values: Values) -> list[Setting]:
        """Return both sides of all switches; slow ones only where they are looked at."""
        size = values["length"], values["channels"]
        return [
            side
            for name, switch in SWITCHES.items()
            if not switch.slow or name == values["switch"]
            for side in switch.sides(*size)
        ]

    def _view(self, **values: Value) -> Sheet:
        size = values["length"], values["channels"]
        source = self.source([side for each in SWITCHES.values() for side in each.sides(*size)])
        found = {name: self._switched(each, size, source) for name, each in SWITCHES.items()}
        names = list(SWITCHES)
        place = place_of(values["switch"], names)
        return one_of(lambda each: self._one(found, names[each], size, source), len(names), place)

    def _one(
        self, found: Mapping[str, Switched], name: str, size: tuple[int, int], source: Store
    ) -> Sheet:
        """Draw all switches, and one of them closely."""
        chosen = SWITCHES[name]
        sides = chosen.sides(*size)
        known = found[name].measured or ()
        return switches(
            found,
            name,
            # One side alone says nothing of the switch.
            stamp=stamp_of(
                source,
                self.store,
                [each.date for each in known],
                [each.timing.threads for each in known],
            ),
            notes=self.notes(sides),
            code=switch_code(sides[0], sides[1], chosen.share),
        )

    def _switched(self, switch: Switch, size: tuple[int, int], source: Store) -> Switched:
        before, after = (
            self.curve(each.layer, (each.length,), [each], source).known
            for each in switch.sides(*size)
        )
        if not before or not after:
            return Switched(switch)
        (_, counted_before, one), (_, counted_after, two) = before[0], after[0]
        found = ratio(two.timing, one.timing).times(switch.share)
        return Switched(switch, (counted_before, counted_after), (one, two), found)


def speed_up(
    *,
    switch: str = "fused kernel",
    length: int = 256,
    channels: int = 16,
    store: Store | str | Path | None = None,
) -> SpeedUps:
    """Show what makes a layer faster on this machine, one thing changed at a time.

    Parameters
    ----------
    switch : str
        One of `measure.SWITCHES`, to be looked at closely. One that compiles is measured only
        where it is the one looked at: that takes some ten seconds.
    length, channels : int
        One of `LENGTHS` and of `CHANNELS`.
    store
        See `timing`.

    Returns
    -------
    SpeedUps

    Raises
    ------
    ValueError
        If a value is not offered, or the store cannot be used.
    """
    return SpeedUps(
        {
            "length": Choice("length", LENGTHS, length, ordered=True),
            "channels": Choice("channels", CHANNELS, channels, ordered=True),
            "switch": Choice("switch", tuple(SWITCHES), switch, look=True),
        },
        name="What makes it faster",
        guide=guides.SWITCH,
        store=store,
        swept={"length": (256, 1024), "channels": CHANNELS},
        vary={"length": (256, 1024), "channels": None},
    )
