"""The small tables of the notebooks say what their sources do."""

import math

import pytest
import torch

from convrnn_lab import data, measure, models, tables, trace
from tests.helpers import refused


def test_the_rules_at_the_edge_are_a_row_each():
    rules = {"down": {"stride": 3}, "ceil": {"stride": 3, "ceil_mode": True}}

    table = tables.edges(torch.arange(1.0, 9.0)[None], "average", 3, rules)

    assert table.loc["down"].tolist() == ["2, 5", "3, 3", 2, 0]
    assert table.loc["ceil"].tolist() == ["2, 5, 7.5", "3, 3, 2", 0, 1]


def test_a_maximum_has_no_divisors():
    table = tables.edges(torch.arange(1.0, 5.0)[None], "max", 2, {"two": {"stride": 2}})

    assert table.loc["two"].tolist() == ["2, 4", "", 0, 0]


def test_consistency_under_a_shift_is_that_of_the_trace():
    image = data.image("digit 3")

    table = tables.shifts(image, 3, range(4))  # 27 of 28 pixels are whole strides

    expected = trace.shift_consistency(trace.shift_pool("max", 3), image[:27, :27], range(4))
    assert table.columns.tolist() == [0, 1, 2, 3]
    assert table.loc["max"].tolist() == expected.tolist()


def test_formula_and_gradient_speak_of_the_same_output():
    table = tables.fields(models.plain_stack(4, 3, dilations=(1, 2)), (3, 64, 48))

    by_formula, by_gradient = table.to_dict(orient="index").values()
    assert by_formula == by_gradient == {"size": (9, 9), "stride": (1, 1), "centre": (31, 23)}


def test_an_impulse_is_forgotten_by_a_small_radius_and_not_by_a_large_one():
    sizes = {"input_size": 1, "hidden_size": 16}
    modules = {
        ("tanh", radius): models.recurrent("RNN", spectral_radius=radius, **sizes)
        for radius in (0.5, 1.5)
    }

    table = tables.forgetting(modules, data.series("impulse", length=64)[:, None], 4)

    assert table.loc[("tanh", 0.5), "change_at_end"] < 1e-15
    assert table.loc[("tanh", 1.5), "change_at_end"] > 0.1


def test_a_forget_bias_keeps_its_sigmoid_to_the_power_of_the_steps():
    small = {"input_size": 1, "hidden_size": 3, "weight_scale": 0.0}
    lstms = {bias: models.recurrent("LSTM", forget_bias=bias, **small) for bias in (0.0, 2.0)}

    table = tables.forget_gates(lstms, 8)

    gate = 1 / (1 + math.exp(-2))
    assert table.loc[0.0].tolist() == pytest.approx([0.5, 0.5**8])
    assert table.loc[2.0].tolist() == pytest.approx([gate, gate**8])


def test_only_an_lstm_has_a_cell_to_forget():
    with refused("modules must be LSTMs; got GRU(1, 2)"):
        tables.forget_gates({"gru": torch.nn.GRU(1, 2)}, 8)


def test_half_lives_are_those_of_the_trace():
    layer = models.recurrent("LSTM", input_size=1, hidden_size=5, forget_bias=1.0)
    noise = data.series("noise", length=64)[None, :, None]

    table = tables.half_lives({1: layer}, noise)

    found = trace.memory_half_life(trace.recurrence(layer, noise))
    assert table.loc[1].tolist() == [found.min(), found.median(), found.max()]


def test_operations_stand_beside_multiply_adds():
    settings = [measure.Setting(kind, length=16, channels=4) for kind in ("LSTM", "GRU")]

    table = tables.operations(settings)

    assert table.loc["GRU", "operations"] > table.loc["LSTM", "operations"]
    assert table.loc["GRU", "multiply_adds"] * 4 == table.loc["LSTM", "multiply_adds"] * 3
