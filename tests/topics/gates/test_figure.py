import itertools

import pytest
import torch
from torch import nn

from convrnn_lab import figures, trace
from convrnn_lab.topics.gates.over_time import GatesOverTime
from convrnn_lab.topics.gates.views import counted
from tests.helpers import refused
from tests.sampling import sampled

MODULES = {
    "LSTM": nn.LSTM(2, 3, 2, bidirectional=True),
    "GRU": nn.GRU(2, 3, 2, bidirectional=True, bias=False),
    "projected": nn.LSTM(2, 4, proj_size=2),
    "float64": nn.GRU(2, 3).double(),
}


def run_of(name):
    """Run a module from a state that is not zero."""
    module = MODULES[name]
    ways = 2 if module.bidirectional else 1
    generator = torch.Generator().manual_seed(0)
    options = {"generator": generator, "dtype": module.weight_ih_l0.dtype}
    sizes = [module.proj_size or module.hidden_size, module.hidden_size]
    first = [torch.randn(module.num_layers * ways, 2, size, **options) for size in sizes]
    given = torch.randn(6, 2, 2, **options)
    return trace.recurrence(module, given, first if isinstance(module, nn.LSTM) else first[0])


@pytest.mark.parametrize("name", MODULES)
def test_facts_have_the_numbers_of_the_trace_at_every_place(name):
    run = run_of(name)
    whole = counted(run)
    layers, ways, time, batch, _ = run.hidden.shape
    axes = (layers, ways, time, batch, run.module.hidden_size)
    places = [*itertools.product(*map(range, axes))]

    for layer, way, t, example, unit in sampled(places, 20):
        part = GatesOverTime(run, whole.statistics, whole.half_life, layer, way, example)
        facts = dict(figures.gates(part, t, unit).facts)

        wanted = run.step(layer, way, t, example, unit)
        said = facts["h = o · tanh c" if run.kind == "LSTM" else "h = (1 − z) · n + z · h before"]
        hidden = said.split("; ")[0].rsplit("= ")[-1].replace("−", "-")
        assert float(hidden) == pytest.approx(wanted.hidden, rel=6e-3, abs=1e-6)


@pytest.mark.parametrize(
    ("time", "unit", "message"),
    [
        (6, 0, "time must be an integer from 0 to 5; got 6"),
        (0, 3, "unit must be an integer from 0 to 2; got 3"),
        (0, -1, "unit must be an integer from 0 to 2; got -1"),
    ],
)
def test_a_place_outside_is_refused(time, unit, message):
    with refused(message):
        figures.gates(counted(run_of("GRU")), time, unit)
