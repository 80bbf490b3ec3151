import random

import pytest
import torch
from torch import nn

from convrnn_lab import data, explorers
from tests import copied
from tests.sampling import SEED, sampled
from tests.topics.recurrence.test_copied_code import chosen

OWN = torch.randn(70, generator=torch.Generator().manual_seed(0))


def traces(sheet):
    return {each["name"]: each for each in sheet.traces}


def assert_shown(sheet, scope, place, unit):
    """Compare all that a sheet draws of gates with what its code computes."""
    drawn, run = traces(sheet), scope["run"]
    length = run.lengths[place[2]]
    layer, direction, batch = place
    states = {"hidden state": run.hidden} | ({} if run.cell is None else {"cell state": run.cell})
    for name, values in {**run.gates, **states}.items():
        wanted = values[layer, direction, :length, batch]
        torch.testing.assert_close(torch.from_numpy(drawn[name]["z"]).T, wanted)
    for what in ("open", "closed", "saturated"):
        wanted = [
            getattr(scope["shares"][name], what)[place].mean().item() for name in drawn[what]["x"]
        ]
        assert drawn[what]["y"] == pytest.approx(wanted, abs=1e-4)
    lives = torch.from_numpy(drawn["half_life"]["y"])
    wanted = scope["half_life"][place]
    # An infinite one is drawn as a mark of its own.
    torch.testing.assert_close(lives, wanted.where(wanted.isfinite(), torch.nan), equal_nan=True)


@pytest.mark.parametrize("own", ["noise", OWN], ids=["shipped", "own"])
def test_gates(own):
    chance = random.Random(SEED)
    explorer = explorers.gates(own)
    for _ in sampled(range(60), 12):
        values = chosen(explorer, chance, length=chance.choice([16, 64]))
        sheet = explorer.view(**values)

        assert_shown(sheet, copied.run(sheet.code, source=own), (0, 0, 0), values["unit"])


def test_gates_of_a_module():
    module, chance = nn.GRU(2, 3, 2, bidirectional=True, batch_first=True), random.Random(SEED)
    given = torch.randn(2, 7, 2, generator=torch.Generator().manual_seed(0))
    explorer = explorers.gates(module, given)
    for _ in sampled(range(20), 6):
        values = chosen(explorer, chance)
        sheet = explorer.view(**values)

        scope = copied.run(sheet.code, source=module, input=given)

        way = ("forward", "backward").index(values["direction"])
        assert_shown(sheet, scope, (values["layer"], way, values["example"]), values["unit"])


@pytest.mark.parametrize("own", ["noise", "ECG", OWN], ids=["noise", "measured", "own"])
def test_gradient_through_time(own):
    chance = random.Random(SEED)
    explorer = explorers.gradient_through_time(own)
    for _ in sampled(range(60), 10):
        values = chosen(explorer, chance, length=chance.choice([16, 64]), hidden_size=4)
        sheet = explorer.view(**values)

        scope = copied.run(sheet.code, series=own)

        drawn, gradient = traces(sheet), scope["gradient"]
        shown = torch.from_numpy(drawn[values["cell"]]["y"])
        # The state before step 0 is left out of the figure.
        wanted = scope["_"] if values["towards"] == "input" else scope["_"][1:].flip(0)
        torch.testing.assert_close(
            shown, torch.where(wanted > 0, wanted, torch.nan), equal_nan=True
        )
        if values["clip"] != "off":
            clipped = torch.from_numpy(drawn["clipped"]["y"])
            torch.testing.assert_close(clipped, gradient.clipped(values["clip"]).flip(0))
        largest = torch.from_numpy(drawn["largest"]["y"])
        torch.testing.assert_close(largest, gradient.singular_values[1:, 0].flip(0))


def test_the_series_that_is_read_stands_in_the_code():
    """It was data.series("noise") whatever was read."""
    code = explorers.gradient_through_time("ECG").sheet().code

    assert 'values = data.series("ECG")' in code.splitlines()
    assert "ECG" in data.SERIES
