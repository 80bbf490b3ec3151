"""Which layers take the time: the explorer, with measurements of stated cost."""

import pytest
from torch import nn

from convrnn_lab import checks, explorers, measure, models
from tests import copied
from tests.helpers import refused
from tests.stored import fill_layers, layer_seconds
from tests.topics.timing.looked_at import deep
from tests.topics.timing.test_explorer import facts, traces

NAMES = ("CNN for digits", "two LSTM layers", "two GRU layers")


@pytest.fixture
def explorer():
    made = explorers.layer_times()
    fill_layers(made, NAMES)
    return made


def test_bars_are_the_shares_of_the_whole(explorer):
    sheet = explorer.sheet()
    rows = explorer.rows("CNN for digits", 16)
    taken = [layer_seconds(row, place)[0] for place, row in enumerate(rows)]

    drawn = traces(sheet, 0)
    for way in ("forward", "backward"):
        assert drawn[way]["x"] == pytest.approx([100 * each / sum(taken) for each in taken])
        assert sum(drawn[way]["x"]) == pytest.approx(100)
    counted = [row.multiply_adds for row in rows]
    assert drawn["multiply-adds"]["x"] == pytest.approx(
        [100 * each / sum(counted) for each in counted]
    )
    assert traces(sheet, 1)["kept"]["x"] == [1024 * place / 1000 for place in range(len(rows))]


def test_it_begins_with_the_layer_of_the_most_multiply_adds(explorer):
    assert explorer.values["layer"] == "conv2"
    # 35.684 ms of 41.108: 1 ns for each of 40.448 million, and 10 µs to 110 µs for 11 rows.
    assert explorer.sheet().title == "conv2: 86.9 % of the time, 88.2 % of the multiply-adds"
    assert explorer.sheet().description == (
        "CNN for digits, batch 16: conv2 takes 86.9 % of the time, 88.2 % of the multiply-adds. "
        "conv2 takes most of the time, 86.9 %."
    )


def test_facts_are_those_of_the_layer_that_is_looked_at(explorer):
    said = facts(explorer.sheet(layer="pool1"))

    assert said["Layer"] == "pool1, MaxPool2d"
    assert said["Output"] == "32×13×13"
    assert said["Parameters"] == "0"
    assert said["Multiply-adds"] == "0, 0 % of all"
    assert said["Forward"].startswith("30 µs (quartiles 30 µs to 30 µs), ")
    assert said["Backward"].startswith("60 µs (quartiles 60 µs to 60 µs), ")
    assert said["Memory"] == "2.05 kB kept; 4.1 kB at its peak"
    assert said["Model"] == "CNN for digits; 10 layers; batch 16"
    assert said["Measured"].endswith(" UTC")


def test_a_click_on_a_row_chooses_its_layer(explorer):
    for panel in explorer.sheet().panels:
        assert panel.click == {"y": {"control": "layer", "order": list(range(11))}}
        (outlined,) = panel.shapes
        assert outlined["name"] == "layer"


def test_what_is_outside_all_layers_is_a_row_of_its_own(explorer):
    sheet = explorer.sheet(layer=measure.OUTSIDE)

    assert facts(sheet)["Layer"] == (
        "outside layers; what the model computes itself, and what PyTorch does between layers"
    )
    assert "Output" not in facts(sheet)


def test_every_model_offers_its_own_layers(explorer):
    assert explorer.layers("two GRU layers") == ["recurrent", "head", measure.OUTSIDE]
    for values in explorer.view.combinations():
        assert explorer.view.state(values).content is not None


def test_counts_are_there_before_anything_is_measured(no_reference):
    sheet = explorers.layer_times(model="two LSTM layers", layer="head").sheet()

    assert sheet.title == "head: 0.156 % of the multiply-adds; its time is not measured yet"
    assert list(traces(sheet, 0)) == ["multiply-adds", "names, multiply-adds"]
    assert sheet.panels[1].title == "Kept in memory: not measured yet"
    assert facts(sheet)["Measured"] == "not yet"


def test_measuring_fills_the_store_and_is_not_repeated(tmp_path):
    path = tmp_path / "timings.jsonl"
    explorer = explorers.layer_times(batch=1, store=path)

    explorer.run()
    again = explorers.layer_times(batch=1, store=path)

    found = again.found("CNN for digits", 1)
    assert list(found) == [*models.cnn()._modules, measure.OUTSIDE]
    assert found["conv1"].kept_bytes > 0
    assert found.shares("conv1").both > 0
    assert again.sweep({"batch": [1]}).startswith("0 models measured in ")
    assert set(again.frame().model) == {"CNN for digits"}
    # Older explorers read the same file.
    assert list(measure.Store(path).settings()) == []
    assert measure.Store(path).set_aside is None


def test_a_model_of_one_s_own_is_measured_beside_the_others_and_not_kept(tmp_path):
    path = tmp_path / "timings.jsonl"
    explorer = explorers.layer_times(own={"mine": (nn.LSTM(3, 4), (5, 3))}, batch=1, store=path)

    explorer.run()

    assert explorer.values["model"] == "mine"
    assert explorer.sheet().title.startswith("(model): ")
    assert explorer.found("mine", 1)["(model)"].backward_s > 0
    assert not path.exists()


def test_of_many_layers_those_that_take_most_are_drawn():
    explorer = explorers.layer_times(own={"deep": (deep(), (8,))}, layer="19")
    sheet = explorer.sheet()

    (click,) = [panel.click for panel in sheet.panels if panel.click]
    assert click["y"]["order"] == list(range(14))
    assert sheet.panels[0].shapes == []
    assert facts(sheet)["Not drawn"] == "7 layers, 0 % of the time"
    assert facts(sheet)["Layer"] == "19, Linear"


def test_why_a_model_was_not_measured_is_said():
    class Fails(nn.Linear):
        def forward(self, x):
            if not x.is_meta:
                raise RuntimeError("not today")
            return super().forward(x)

    explorer = explorers.layer_times(own={"fails": (Fails(3, 2), (3,))})
    explorer.run()

    assert facts(explorer.sheet())["Not measured"] == "call must run; got RuntimeError: not today"


@pytest.mark.parametrize("model", NAMES)
def test_the_copied_code_measures_what_is_shown(explorer, model):
    shown = explorer.sheet(model=model, batch=1, layer=explorer.layers(model)[0])

    found = copied.run(shown.code)["_"]

    assert list(found) == explorer.layers(model)
    assert found.batch == 1
    for name, row in found.items():
        assert row.multiply_adds == next(
            each.multiply_adds for each in explorer.rows(model, 1) if each.layer == name
        )


def test_the_copied_code_of_an_own_model_takes_the_reader_s():
    model = nn.Linear(3, 2)
    explorer = explorers.layer_times(own={"mine": (model, (3,))}, batch=1)

    assert explorer.sheet().code == "measure.layer_times(model, (3,))"
    assert list(copied.run(explorer.sheet().code, model=model)["_"]) == explorer.layers("mine")


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"model": "mine"}, f"model must be one of {', '.join(NAMES)}; got 'mine'"),
        ({"batch": 2}, "batch must be one of 1, 16, 64; got 2"),
        (
            {"layer": "conv9"},
            "layer must be one of conv1, relu1, pool1, conv2, relu2, pool2, flatten, dense1, "
            "relu3, dense2, outside layers; got 'conv9'",
        ),
        (
            {"own": {"two GRU layers": (nn.ReLU(), (3,))}},
            f"own must have other names than {', '.join(NAMES)}; got 'two GRU layers'",
        ),
        (
            {"own": {"mine": nn.ReLU()}},
            "own['mine'] must be a module and the sizes of its input; got ReLU()",
        ),
    ],
)
def test_what_is_not_offered_is_refused(options, message):
    with refused(message):
        explorers.layer_times(**options)


def test_a_model_that_does_not_run_on_its_sizes_is_refused_at_once():
    with pytest.raises(ValueError, match=r"^model must run on an input of \(28, 28\); got a "):
        explorers.layer_times(own={"mine": (models.cnn(), (28, 28))})


def test_a_batch_that_takes_too_much_memory_is_refused_with_the_estimate(monkeypatch):
    monkeypatch.setattr(checks, "MEMORY_LIMIT_BYTES", 1024**3 // 10)
    explorer = explorers.layer_times(own={"wide": (nn.Linear(4, 10**6), (4,))}, batch=64)

    explorer.run()

    assert facts(explorer.sheet())["Not measured"] == (
        "memory must be at most 0.1 GiB; got batch=64, which takes about 0.8 GiB"
    )
