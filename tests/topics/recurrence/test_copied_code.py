import random

import pytest
import torch
from torch import nn

from convrnn_lab import data, explorers, models
from convrnn_lab.topics.recurrence.explorer import CELLS
from tests import copied
from tests.sampling import SEED, sampled


def traces(sheet):
    return {each["name"]: each for each in sheet.traces}


def chosen(explorer, chance, **fixed):
    """Return a setting by chance."""
    values = {}
    for name, control in explorer.declared.items():
        offered = control.offered(values)
        values[name] = fixed[name] if name in fixed else chance.choice(offered)
    return values


def states(drawn):
    """Return what a panel of states shows, shape (time, unit), in the order of the units."""
    shown = torch.empty(drawn["z"].shape[::-1])
    shown[:, [int(each) for each in drawn["y"]]] = torch.from_numpy(drawn["z"]).T.float()
    return shown


def assert_shown(sheet, scope):
    """Compare all numbers of a sheet with those of its code."""
    drawn, units, step = traces(sheet), scope["units"], scope["step"]
    torch.testing.assert_close(states(drawn["hidden"]), scope.get("shown", units.hidden))
    assert ("cell" in drawn) == (units.cell is not None)
    path = torch.tensor([drawn["path"]["x"].tolist(), drawn["path"]["y"].tolist()]).T
    torch.testing.assert_close(path.double(), units.path, equal_nan=True, atol=1e-6, rtol=1e-5)
    rows = [[gate.sum, gate.value] for gate in step.gates.values()]
    lens = torch.from_numpy(drawn["lens"]["z"])[:, 4:]
    torch.testing.assert_close(lens, torch.tensor(rows, dtype=torch.float64), atol=1e-6, rtol=1e-5)
    told = dict(sheet.facts)
    weights = sum(each.numel() for each in scope["run"].module.parameters())
    assert told["Parameters"] == f"{weights:,}"


OWN = torch.randn(40, generator=torch.Generator().manual_seed(0))


@pytest.mark.parametrize("own", ["sine", OWN], ids=["shipped", "own"])
def test_hidden_state(own):
    chance = random.Random(SEED)
    explorer = explorers.hidden_state(own, length=30)
    short = {"length": 30, "hidden_size": 5}
    for _ in sampled(range(60), 15):
        values = chosen(explorer, chance, **short, cell=chance.choice(CELLS[:1] + CELLS[2:]))
        sheet = explorer.view(**values)

        scope = copied.run(sheet.code, series=own)

        if values["drawn"] == "less silence":
            place = values["layer"], int(values["shown"] == "backward")
            scope["shown"] = scope["change"][place][:, 0]
        assert_shown(sheet, scope)


def test_the_first_setting_is_four_short_lines():
    assert explorers.hidden_state().sheet().code.splitlines() == [
        'layer = models.recurrent("LSTM", input_size=1, hidden_size=8)',
        'steps = data.series("sine")[:, None]',
        "run = trace.recurrence(layer, steps)",
        "units = trace.units(run)",
        "step = run.step(layer=0, direction=0, batch=0, time=31, unit=0)",
    ]


@pytest.mark.parametrize("own", ["noise", OWN], ids=["shipped", "own"])
def test_side_by_side(own):
    chance = random.Random(SEED)
    explorer = explorers.side_by_side(own, length=20)
    for _ in sampled(range(20), 6):
        sheet = explorer.view(**chosen(explorer, chance, length=20, hidden_size=3))

        scope = copied.run(sheet.code, series=own)

        drawn = traces(sheet)
        for cell, units in zip(CELLS, scope["units"], strict=True):
            torch.testing.assert_close(states(drawn[cell]), units.hidden)


class Tagger(nn.Module):
    def __init__(self):
        super().__init__()
        self.embedding = nn.Embedding(5, 3)
        self.encoder = nn.Sequential(nn.Linear(3, 2), nn.ReLU())
        self.lstm = nn.LSTM(2, 4, 2, bidirectional=True, batch_first=True)
        self.gru = nn.GRU(8, 3, batch_first=True)

    def forward(self, codes):
        hidden, _ = self.lstm(self.encoder(self.embedding(codes)))
        first, state = self.gru(hidden)
        return self.gru(first.repeat(1, 1, 3)[..., :8], state)[0]


CODES = torch.randint(5, (2, 9), generator=torch.Generator().manual_seed(1))


@pytest.mark.parametrize("layer", ["lstm", "gru", "gru (2)"])
def test_a_layer_inside_a_model(layer):
    module, chance = Tagger(), random.Random(SEED)
    explorer = explorers.recurrence(module, CODES, layer=layer)
    for _ in sampled(range(20), 4):
        sheet = explorer.view(**chosen(explorer, chance))

        assert_shown(sheet, copied.run(sheet.code, module=module, input=CODES))


@pytest.mark.parametrize("started", [False, True])
def test_a_module_of_ones_own(started, rng):
    module, chance = nn.GRU(2, 4, 2), random.Random(SEED)
    steps = torch.randn(7, 3, 2, generator=rng)
    state = torch.ones(2, 3, 4) if started else None
    explorer = explorers.recurrence(module, steps, state)
    for _ in sampled(range(20), 4):
        sheet = explorer.view(**chosen(explorer, chance))

        assert_shown(sheet, copied.run(sheet.code, module=module, input=steps, state=state))


def test_a_series_of_the_package():
    module, steps = models.recurrent("LSTM", input_size=1, hidden_size=4), data.series("ECG")
    sheet = explorers.recurrence(module, steps).sheet()

    assert_shown(sheet, copied.run(sheet.code, module=module, input=steps))
