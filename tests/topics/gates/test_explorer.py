import math

import numpy as np
import pytest
import torch
from torch import nn

from convrnn_lab import data, explorers, models, trace
from convrnn_lab.drawing import theme
from convrnn_lab.topics.gates.explorer import CELLS, FORGET_BIASES
from tests import copied
from tests.helpers import refused
from tests.sampling import sampled


def facts(figure):
    return dict(figure.facts)


def traces(figure):
    return {each["name"]: each for each in figure.traces}


def test_every_series_cell_bias_and_scale_is_drawn():
    explorer = explorers.gates(length=16, hidden_size=4)
    some = {"length": [16], "hidden_size": [4], "seed": [0], "time": [0, 15], "unit": [3]}
    grid = list(explorer.view.combinations(some))

    for values in sampled(grid, 90):
        state = explorer.view.state(values)
        assert state.content is not None, state.refusal

    assert len(grid) == len(data.SERIES) * len(CELLS) * len(FORGET_BIASES) * 5 * 2


@pytest.mark.parametrize("cell", CELLS)
def test_what_is_drawn_are_the_gates_of_pytorchs_layer(cell):
    explorer = explorers.gates("noise", cell=cell, forget_bias=2, weight_scale=2.0, seed=3)

    figure = explorer.view(**explorer.start | {"time": 20, "unit": 5})

    scope = copied.run(figure.code)
    module, values = scope["module"], scope["values"]
    hidden, _ = module(values[None, :, None])
    drawn = traces(figure)
    shown = {name: torch.from_numpy(each["z"]).T for name, each in drawn.items() if "z" in each}
    assert (shown["hidden state"] - hidden[0]).abs().max() < 1e-6
    for name, gate in scope["run"].gates.items():
        assert torch.equal(shown[name], gate[0, 0, :, 0])
        assert (torch.from_numpy(drawn[f"unit {name}"]["y"]) == gate[0, 0, :, 0, 5]).all()
    keep = "forget" if cell == "LSTM" else "update"
    assert 0.5 < scope["run"].gates[keep].mean() < 1


def test_the_reset_gate_of_a_gru_is_told_in_both_places():
    explorer = explorers.gates("noise", cell="GRU", weight_scale=4.0)
    figure = explorer.view(**explorer.start | {"time": 9, "unit": 2})
    scope = copied.run(figure.code)

    step = scope["run"].step(0, 0, 9, 0, 2)

    weight, bias = scope["module"].weight_hh_l0[2 * 16 + 2], scope["module"].bias_hh_l0[2 * 16 + 2]
    reset = scope["run"].gates["reset"][0, 0, 9, 0]
    given = step.gates["new"].from_input + step.gates["new"].input_bias
    cho = math.tanh(given + (weight @ (reset * step.state_before) + bias).item())
    assert facts(figure)["Cho et al. 2014: reset before W h"].endswith(
        f"= {cho:.3g}".replace("-", "−")
    )
    pytorch = f"= {step.gates['new'].value:.3g}".replace("-", "−")
    assert facts(figure)["New state, PyTorch: reset after W h"].endswith(pytorch)
    assert abs(cho - step.gates["new"].value) > 0.01


@pytest.mark.parametrize(("time", "unit"), [(0, 0), (9, 2), (63, 15)])
def test_the_numbers_of_a_unit_at_a_step_are_those_of_the_trace(time, unit):
    explorer = explorers.gates("noise", weight_scale=4.0, forget_bias=3)
    figure = explorer.view(**explorer.start | {"time": time, "unit": unit})
    scope = copied.run(figure.code)

    step = scope["run"].step(0, 0, time, 0, unit)

    n = theme.number
    f, i, g, o = (n(step.gates[name].value) for name in ("forget", "input", "candidate", "output"))
    said = facts(figure)
    assert said["Forget gate"] == f"σ({n(step.gates['forget'].sum)}) = {f}"
    assert said["Candidate (tanh)"] == f"tanh({n(step.gates['candidate'].sum)}) = {g}"
    assert said["c = f · c before + i · g"] == (
        f"{f} · {n(step.cell_before)} + {i} · {g} = {n(step.cell)}"
    )
    assert said["h = o · tanh c"] == f"{o} · tanh({n(step.cell)}) = {n(step.hidden)}"
    found = scope["shares"]["forget"]
    shares = [
        getattr(found, what)[0, 0, 0, unit].item() for what in ("open", "closed", "saturated")
    ]
    assert said[f"Forget gate, unit {unit}"] == (
        "open {:.0f}\xa0%, closed {:.0f}\xa0%, saturated {:.0f}\xa0%".format(*shares)
    )
    assert f"gate is {f} at step {time}" in figure.title


def test_a_larger_forget_bias_gives_a_longer_memory_on_screen():
    explorer = explorers.gates()

    lives = [
        list(traces(explorer.view(**explorer.start | {"forget_bias": bias}))["half_life"]["y"])
        for bias in (-2, 1, 3)
    ]

    assert [len(each) for each in lives] == [16, 16, 16]
    assert max(lives[0]) == 1
    assert max(lives[0]) < min(lives[1])
    assert max(lives[1]) < min(lives[2])


def test_a_memory_longer_than_the_series_is_marked_and_said():
    explorer = explorers.gates(length=16, hidden_size=4, forget_bias=5)

    figure = explorer.sheet()

    assert list(traces(figure)["beyond"]["x"]) == [0, 1, 2, 3]
    assert facts(figure)["Half-life of unit 0"] == "longer than the series"


def test_percentages_are_those_of_the_trace():
    explorer = explorers.gates("noise", weight_scale=8.0, hidden_size=8)

    figure = explorer.sheet()

    scope = copied.run(figure.code)
    found = trace.gate_statistics(scope["run"])
    bars = traces(figure)
    for what in ("open", "closed", "saturated"):
        names = list(bars[what]["x"])
        wanted = [getattr(found[name], what).mean().item() for name in names]
        assert list(bars[what]["y"]) == pytest.approx(wanted, abs=1e-4)
        assert max(wanted) > 1


def test_a_step_changes_nothing_but_marks_and_words():
    explorer = explorers.gates()

    one = explorer.view(**explorer.start)
    other = explorer.view(**explorer.start | {"time": 3})

    for before, after in zip(one.traces, other.traces, strict=True):
        for key in ("z", "y"):
            np.testing.assert_array_equal(before.get(key), after.get(key))
    assert one.shapes != other.shapes


@pytest.mark.parametrize(
    "module",
    [
        nn.LSTM(2, 3, 2, bidirectional=True, batch_first=True),
        nn.GRU(2, 3, 2, bidirectional=True, batch_first=True),
        nn.LSTM(2, 5, proj_size=3, batch_first=True),
    ],
    ids=["LSTM", "GRU", "projected"],
)
def test_a_module_is_swept_and_its_gates_drawn(module):
    sequences = torch.randn(2, 7, 2, generator=torch.Generator().manual_seed(0))
    explorer = explorers.gates(module, sequences)
    run = trace.recurrence(module, sequences)

    for values in explorer.view.combinations():
        figure = explorer.view(**values)
        layer, direction = values["layer"], ("forward", "backward").index(values["direction"])
        for name, gate in run.gates.items():
            z = torch.from_numpy(traces(figure)[name]["z"]).T
            assert (z == gate[layer, direction, :, values["example"]]).all()


def test_lines_of_several_features_are_told_apart_by_symbols():
    own = models.trained_sequence("adding")[0].recurrent
    panel = explorers.gates(own, data.adding(50, 3, seed=0).inputs).sheet().panels[-1]

    assert panel.title == "Input over 50 steps: ●\xa0input 0, ■\xa0input 1"
    symbols = [trace["marker"]["symbol"] for trace in panel.traces]
    assert symbols == ["circle", "square"]


def test_all_that_is_looked_at_is_sent_at_once_if_it_is_little():
    """A page had one sequence of the batch, eight steps and eight units."""
    module, sequences = nn.LSTM(2, 3, 2, bidirectional=True), torch.zeros(7, 5, 2)

    explorer = explorers.gates(module, sequences)

    assert not explorer.view.settings
    assert list(explorer.view.looks) == ["example", "layer", "direction", "time", "unit"]


@pytest.mark.parametrize(
    ("layers", "steps", "sequences", "settings"),
    [
        (1, 50, 32, []),
        (1, 50, 33, ["example"]),
        (3, 4000, 2, ["example"]),
        (3, 9000, 2, ["example", "layer", "direction"]),
    ],
)
def test_what_is_too_much_to_be_sent_at_once_is_a_setting(layers, steps, sequences, settings):
    explorer = explorers.gates(nn.GRU(1, 4, layers), torch.zeros(steps, sequences, 1))

    assert list(explorer.view.settings) == settings
    assert explorer.view.state(explorer.start).content is not None


def test_all_units_have_one_scale_for_their_states():
    explorer = explorers.gates("noise", weight_scale=4.0)

    ranges = [
        explorer.view(**explorer.start | {"unit": unit}).panels[1].yaxis["range"]
        for unit in range(16)
    ]

    assert all(each == ranges[0] for each in ranges)


def test_nan_in_a_series_is_shown_and_the_step_said():
    own = torch.sin(torch.arange(16.0))
    own[5] = math.nan

    figure = explorers.gates(own, length=16, hidden_size=4).sheet()

    assert facts(figure)["Not finite"] == "the state, from step 5 on"
    assert facts(figure)["Half-life of unit 0"] == "an unknown time"
    assert figure.title == (
        "LSTM: unit 0 keeps half of what it holds for an unknown time; its forget gate is NaN at "
        "step 8"
    )


def test_a_series_that_is_too_short_is_refused_in_words():
    explorer = explorers.gates(torch.zeros(20), length=16)

    state = explorer.view.state(explorer.start | {"length": 32})

    assert state.content is None
    assert state.refusal == "length must be at most the series' 20 samples; got 32"


@pytest.mark.parametrize(
    ("arguments", "options", "message"),
    [
        ((), {"cell": "RNN"}, "cell must be one of LSTM, GRU; got 'RNN'"),
        ((), {"length": 20}, "length must be one of 16, 32, 64, 128, 256, 512; got 20"),
        ((), {"hidden_size": 5}, "hidden_size must be one of 4, 8, 16, 32, 64; got 5"),
        ((), {"unit": 16}, "unit must be an integer from 0 to 15; got 16"),
        ((), {"time": 64}, "time must be an integer from 0 to 63; got 64"),
        ((nn.GRU(1, 2),), {}, "input must be given for a module; got None"),
        (
            ("sine", torch.zeros(3, 1)),
            {},
            "source must be a module for an input; got 'sine'",
        ),
        (
            (nn.RNN(1, 2), torch.zeros(3, 1)),
            {},
            "trace must be of an LSTM or a GRU, which have gates; got RNN",
        ),
    ],
)
def test_what_is_not_offered_is_refused(arguments, options, message):
    with refused(message):
        explorers.gates(*arguments, **options)
