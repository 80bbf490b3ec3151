import pytest
import torch
from torch import nn

from convrnn_lab import figures, trace
from convrnn_lab.topics.gates.seen_step import SeenStep
from convrnn_lab.topics.gates.views import counted
from tests.helpers import refused
from tests.sampling import sampled

close = pytest.approx
"""Of numbers that one of both adds up in float32."""

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
def test_a_step_that_is_looked_at_has_the_numbers_of_the_trace(name):
    run = run_of(name)
    layers, ways, time, batch, _ = run.hidden.shape
    places = [
        (layer, way, t, example, unit)
        for layer in range(layers)
        for way in range(ways)
        for t in range(time)
        for example in range(batch)
        for unit in range(run.module.hidden_size)
    ]

    for layer, way, t, example, unit in sampled(places, 40):
        wanted = run.step(layer, way, t, example, unit)
        whole = counted(run)
        found = SeenStep(
            type(whole)(run, whole.statistics, whole.half_life, layer, way, example), t, unit
        )
        for gate, numbers in wanted.gates.items():
            assert found.values[gate] == close(numbers.value, abs=1e-6)
            given = numbers.from_input + numbers.input_bias
            assert found.from_input(gate) == close(given, abs=1e-5)
            assert found.from_hidden(gate) == close(
                numbers.from_hidden + numbers.hidden_bias, abs=1e-5
            )
            if gate != "new":
                assert found.total(gate) == close(numbers.sum, abs=1e-5)
        assert found.after("hidden state") == close(wanted.hidden, abs=1e-6)
        if wanted.cell is not None:
            assert found.after("cell state") == close(wanted.cell, abs=1e-6)
            assert found.before("cell state") == close(wanted.cell_before, abs=1e-6)
        if wanted.reset_first is not None:
            assert found.before("hidden state") == close(wanted.hidden_before, abs=1e-6)
            other = wanted.reset_first.from_hidden + wanted.gates["new"].hidden_bias
            assert found.from_hidden("new", reset_first=True) == close(other, abs=1e-5)


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
