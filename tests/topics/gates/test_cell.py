"""The cell drawn: what its wires carry, against PyTorch, and what may be asked of it."""

import random

import numpy as np
import pytest
import torch
from hypothesis import given, strategies as st
from torch import nn

from convrnn_lab import explorers
from convrnn_lab.drawing import looks, theme
from convrnn_lab.drawing.look_sums import level
from convrnn_lab.explorer import computed
from convrnn_lab.topics.gates import guides
from convrnn_lab.topics.gates.cell_values import values
from convrnn_lab.topics.gates.wiring import WIRINGS, wiring
from convrnn_lab.topics.recurrence.drawn_run import DrawnRun
from convrnn_lab.topics.recurrence.looked_step import looked_step
from convrnn_lab.topics.recurrence.trace import recurrence
from tests import copied
from tests.explorer.looks import browser_agrees
from tests.helpers import refused
from tests.sampling import SEED, examples, sampled
from tests.topics.recurrence.test_copied_code import chosen

MODULES = {
    "LSTM": nn.LSTM,
    "GRU": nn.GRU,
    "RNN_TANH": nn.RNN,
    "RNN_RELU": lambda *sizes, **options: nn.RNN(*sizes, nonlinearity="relu", **options),
}


@st.composite
def cells(draw):
    """Draw a module of float64, its input, and where it is looked at."""
    mode, units = draw(st.sampled_from([*MODULES])), draw(st.integers(2, 4))
    layers, both = draw(st.integers(1, 2)), draw(st.booleans())
    features, length = draw(st.integers(1, 3)), draw(st.integers(1, 5))
    options = {"bias": draw(st.booleans()), "bidirectional": both, "dtype": torch.float64}
    if mode == "LSTM" and draw(st.booleans()):
        options["proj_size"] = draw(st.integers(1, units - 1))
    torch.manual_seed(draw(st.integers(0, 99)))
    module = MODULES[mode](features, units, layers, **options)
    where = [st.integers(0, each - 1) for each in (layers, 1 + both, length, units)]
    layer, way, time, unit = map(draw, where)
    return module, torch.randn(length, 1, features, dtype=torch.float64), (layer, way, time, unit)


def by_formula(module, given, at):
    """Return what a cell's wires carry, by the formulas of PyTorch's documentation."""
    layer, way, time, unit = at
    below = _outputs(module, given, layer - 1)
    steps = range(time, len(given)) if way else range(time + 1)
    weights = _weights(module, layer, way)
    units, state = module.hidden_size, module.proj_size or module.hidden_size
    h, c = torch.zeros(state, dtype=torch.float64), torch.zeros(units, dtype=torch.float64)
    for step in reversed(steps) if way else steps:
        x, h_before, c_before = below[step], h, c
        read = weights["weight_ih"] @ x
        held = weights["weight_hh"] @ h
        sums_x, sums_h = read + weights["bias_ih"], held + weights["bias_hh"]
        named, h, c = STEPS[module.mode](sums_x, sums_h, h_before, c_before)
        shown = h
        if "weight_hr" in weights:
            h = weights["weight_hr"] @ h
    found = {name: float(each[unit]) for name, each in named.items()}
    order = {"LSTM": ["input", "forget", "candidate", "output"], "GRU": ["reset", "update", "new"]}
    block = {name: place for place, name in enumerate(order.get(module.mode, ["sum"]))}
    parts = {"x": read, "h": held}
    shares = {
        name: {key: float(each[place * units + unit]) for key, each in parts.items()}
        for name, place in block.items()
    }
    before = None if "weight_hr" in weights else float(h_before[unit])
    return found | {"h": float(shown[unit])}, shares, (x, before)


def lstm(sums_x, sums_h, _, c_before):
    i, f, g, o = (sums_x + sums_h).chunk(4)
    sums = {"input sum": i, "forget sum": f, "candidate sum": g, "output sum": o}
    i, f, g, o = i.sigmoid(), f.sigmoid(), g.tanh(), o.sigmoid()
    c = f * c_before + i * g
    gates = {"input": i, "forget": f, "candidate": g, "output": o, "c before": c_before, "c": c}
    shares = {"kept": f * c_before, "new share": i * g, "tanh c": c.tanh()}
    return sums | gates | shares, o * c.tanh(), c


def gru(sums_x, sums_h, h_before, c):
    (rx, zx, nx), (rh, zh, nh) = sums_x.chunk(3), sums_h.chunk(3)
    r, z = (rx + rh).sigmoid(), (zx + zh).sigmoid()
    n = (nx + r * nh).tanh()
    sums = {"reset sum": rx + rh, "update sum": zx + zh, "new sum": nx + r * nh}
    gates = {"reset": r, "update": z, "new": n, "1 − update": 1 - z}
    shares = {"new from x": nx, "new from h": nh, "new share of h": r * nh}
    mixed = {"new share": (1 - z) * n, "kept": z * h_before}
    return sums | gates | shares | mixed, (1 - z) * n + z * h_before, c


def rnn(bend):
    def step(sums_x, sums_h, _, c):
        h = bend(sums_x + sums_h)
        named = {"sum from x": sums_x, "sum from h": sums_h, "sum sum": sums_x + sums_h, "sum": h}
        return named, h, c

    return step


STEPS = {"LSTM": lstm, "GRU": gru, "RNN_TANH": rnn(torch.tanh), "RNN_RELU": rnn(torch.relu)}


def _weights(module, layer, way):
    end = f"_l{layer}{'_reverse' if way else ''}"
    names = ("weight_ih", "weight_hh", "bias_ih", "bias_hh", "weight_hr")
    none = torch.zeros(len(getattr(module, f"weight_ih{end}")), dtype=torch.float64)
    found = {name: getattr(module, name + end, None) for name in names}
    found = {name: each.detach() for name, each in found.items() if each is not None}
    return {"bias_ih": none, "bias_hh": none} | found


def _outputs(module, given, layer):
    """Return what a layer makes, by PyTorch; of the layer before the first what it is given."""
    if layer < 0:
        return given[:, 0]
    options = {name: getattr(module, name) for name in ("bias", "bidirectional", "proj_size")}
    kind = {name: each for name, each in options.items() if name != "proj_size" or each}
    short = MODULES[module.mode](
        module.input_size, module.hidden_size, layer + 1, dtype=torch.float64, **kind
    )
    short.load_state_dict({name: module.state_dict()[name] for name in short.state_dict()})
    return short(given)[0].detach()[:, 0]


@examples(100)
@given(cells())
def test_every_wire_carries_the_number_of_pytorchs_cell(drawn):
    module, steps, at = drawn
    layer, way, time, unit = at
    wanted, shares, (x, before) = by_formula(module, steps, at)
    run = recurrence(module, steps)
    cell = wiring(module.mode, features=len(x), projected=module.proj_size > 0)
    parts = ["hidden", *(["cell"] if module.mode == "LSTM" else [])]
    step = looked_step(run, DrawnRun(run, (layer, way, 0), parts), time, unit)

    for place, name in enumerate(cell.gates):
        found = values(step, cell, place)

        assert {wire.value for wire in cell.wires} <= found.keys()
        several = {
            "x": float(x[0]) if len(x) == 1 else shares[name]["x"],
            "h before": shares[name]["h"] if before is None else before,
        }
        for key, value in (wanted | several).items():
            assert found[key] == pytest.approx(value, rel=1e-5, abs=1e-6), key
    if not module.proj_size:  # the formulas are PyTorch's
        made = _outputs(module, steps, layer)[time][way * module.hidden_size + unit]
        assert wanted["h"] == pytest.approx(float(made), abs=1e-12)


def labels(sheet):
    return [text for each in sheet.panels[0].traces[1:] for text in each["text"]]


@pytest.mark.parametrize("kind", ["RNN", "LSTM", "GRU"])
def test_the_numbers_stand_at_the_wires_and_in_the_description(kind):
    sheet = explorers.cell("noise", kind=kind).sheet(unit=1, time=9)

    written = labels(sheet)
    scope = copied.run(sheet.code)
    step = scope["step"]
    assert f"h {theme.number(step.hidden)}" in written
    assert f"h before {theme.number(step.hidden_before)}" in written
    assert f"x {theme.number(float(step.x[0]))}" in written
    for name, letter in {"forget": "f", "output": "o", "reset": "r", "new": "n"}.items():
        if name in step.gates:
            assert f"{letter} {theme.number(step.gates[name].value)}" in written
    for text in written:
        if text[0] not in "−0123456789":
            assert text in sheet.description


def test_the_sum_of_the_chosen_gate_is_drawn_with_the_names_of_its_terms():
    sheet = explorers.cell("noise", gate="output").sheet(time=9)

    bars = sheet.panels[1]
    step = copied.run(sheet.code)["step"].gates["output"]
    terms = [step.from_input, step.input_bias, step.from_hidden, step.hidden_bias]
    assert bars.xaxis["ticktext"] == ["W x", "b_ih", "W h", "b_hh", "sum", "value"]
    np.testing.assert_allclose(bars.traces[0]["y"], [*terms, step.sum, step.value], rtol=1e-5)
    assert bars.title == "o, the output gate: σ(W x + b_ih + W h + b_hh)"
    assert sheet.facts[0] == ("▶ The output gate", "σ(W x + b_ih + W h + b_hh)")


def test_the_bend_of_an_rnn_is_the_one_that_it_has():
    relu = nn.RNN(1, 2, nonlinearity="relu")

    sheet = explorers.cell(relu, torch.ones(3, 1)).sheet()

    assert sheet.panels[0].traces[0]["text"] == ["+", "ReLU"]
    assert sheet.facts[0] == ("▶ The new state", "ReLU(W x + b_ih + W h + b_hh)")
    assert explorers.cell(kind="RNN").sheet().panels[0].traces[0]["text"] == ["+", "tanh"]


def test_several_features_and_a_projected_state_are_shown_by_what_the_gate_makes_of_them():
    module = nn.LSTM(2, 5, proj_size=3)
    explorer = explorers.cell(module, torch.ones(7, 2))

    for gate in ("forget", "output"):
        sheet = explorer.sheet(gate=gate)

        step = copied.run(sheet.code, source=module, input=torch.ones(7, 2))["step"]
        own = step.gates[gate]
        assert f"W x {theme.number(own.from_input)}" in labels(sheet)
        assert f"W h {theme.number(own.from_hidden)}" in labels(sheet)
        assert sheet.title.startswith("LSTM, unit 0 at step 3: o · tanh c = ")


@pytest.mark.parametrize("own", ["noise", torch.linspace(-1, 1, 40)], ids=["shipped", "own"])
def test_the_copied_code_makes_the_numbers_that_are_shown(own):
    chance, explorer = random.Random(SEED), explorers.cell(own)
    for _ in sampled(range(30), 8):
        values_ = chosen(explorer, chance)
        sheet = explorer.view(**values_)

        step = copied.run(sheet.code, source=own)["step"]

        assert sheet.title.endswith(f" = {theme.number(step.hidden)}")


@pytest.mark.parametrize("kind", ["RNN", "LSTM", "GRU"])
def test_the_cell_and_its_code_follow_edited_weights(kind, tmp_path):
    view = explorers.cell("noise", kind=kind, length=12, unit=1, time=5).view
    content, chance = view.state(view.start).content, np.random.default_rng(SEED)
    arrays = {}
    for name, look in content["given"].items():
        arrays[name] = look.arguments[1].copy()
        arrays[name].reshape(-1)[chance.integers(arrays[name].size, size=3)] += 1.5
    places = computed.completed(content, arrays) | view.places(view.start)
    shown = {key: content[key] for key in ("panels", "facts", "code", "title", "description")}

    seen = looks.seen(shown, places)

    step = copied.run(seen["code"])["step"]
    assert seen["title"].endswith(f" = {theme.number(step.hidden)}")
    assert seen["title"] != looks.seen(shown, view.places(view.start))["title"]
    browser_agrees(shown, [places], tmp_path)


@pytest.mark.parametrize(
    ("arguments", "options", "said"),
    [
        ((), {"kind": "TCN"}, "kind must be one of RNN, LSTM, GRU; got 'TCN'"),
        ((), {"length": 1}, "length must be an integer from 2 to 64; got 1"),
        ((), {"seed": 10}, "seed must be an integer from 0 to 9; got 10"),
        ((), {"hidden_size": 17}, "hidden_size must be an integer from 1 to 16; got 17"),
        ((), {"time": 32}, "time must be an integer from 0 to 31; got 32"),
        ((), {"unit": 4}, "unit must be an integer from 0 to 3; got 4"),
        (
            (),
            {"gate": "reset"},
            "gate must be one of forget, input, candidate, output; got 'reset'",
        ),
        ((nn.GRU(1, 2),), {}, "input must be given for a module; got None"),
        (
            ("sine", torch.ones(3, 1)),
            {},
            "source must be a module for an input; got 'sine'",
        ),
    ],
)
def test_what_cannot_be_shown_is_refused(arguments, options, said):
    with refused(said):
        explorers.cell(*arguments, **options)


def test_the_gates_stand_evenly_so_that_a_click_finds_them():
    for cell in WIRINGS.values():
        places = [across for across, _ in cell.gates.values()]
        assert np.ptp(np.diff(places)) < 1e-9 if len(places) > 1 else True


def test_a_value_has_one_of_even_levels_of_colour():
    assert [level(each, 1.0, 21) for each in (-9.0, -1.0, 0.0, 0.06, 1.0, np.inf, np.nan)] == [
        *(0, 0, 10, 11, 20, 20, 10)
    ]


def test_the_guide_says_the_numbers_of_the_figure():
    explorer = explorers.cell()
    said = [explorer.sheet(**step.sets).description for step in guides.CELL]

    for place, numbers in enumerate(
        [
            ("c before −0.317", "c −0.323"),
            ("f 0.713", "c before −0.342", "i · g −0.0865", "c −0.33,"),
            ("o 0.681", "c −0.33,", "h −0.217."),
            ("f 0.449",),
            ("z 0.525", "1 − z 0.475"),
        ]
    ):
        assert all(each in said[place] for each in numbers), said[place]
    assert len([sign for sign, *_ in WIRINGS["GRU"].nodes if sign == "σ"]) == 2


def test_the_guide_leads_through_its_own_series_only():
    assert explorers.cell(seed=1).guide == ()
    assert explorers.cell(length=16).guide == ()
