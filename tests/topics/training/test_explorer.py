import math

import plotly.graph_objects as go
import pytest
import torch

from convrnn_lab import data, explorers, figures, measure, models, trace, train
from tests.explorer.wire import Wire
from tests.helpers import REFUSAL, refused
from tests.sampling import sampled

DIGITS = data.digits(test=4800)  # 200 to train on: this is about the explorer


def facts(figure):
    return dict(figure.facts)


def test_every_setting_costs_what_the_model_costs_or_is_refused():
    explorer = explorers.training(DIGITS)
    settings = list(explorer.view.combinations({"epochs": [3], "learning_rate": [0.001]}))
    assert len(settings) > 300

    for values in sampled(settings, 60):
        options = {name: values[name] for name in ("kernel_size", "stride", "padding", "pooling")}
        filters = tuple(map(int, values["filters"].split(" / ")))
        state = explorer.view.state(values)
        model, refusal = None, None
        try:
            with torch.device("meta"):
                model = models.cnn(filters=filters, **options)
        except ValueError as error:
            refusal = str(error)
        assert state.refusal == refusal
        if model is None:
            assert REFUSAL.match(refusal)
            continue
        told = dict(state.content["facts"])
        assert told["Parameters"] == f"{sum(p.numel() for p in model.parameters()):,}"
        adds = measure.cost(model, (1, 28, 28)).multiply_adds
        assert told["Multiply-adds"] == f"{adds:,} for one image"


def test_the_code_names_only_what_is_not_the_default():
    assert explorers.training(DIGITS, seed=0).sheet().code == (
        "model = models.cnn()\n"
        "history = train.fit(model, digits.train_images, digits.train_labels, epochs=3, "
        "learning_rate=0.001, seed=0)\n"
        "scores = train.evaluate(model, digits.test_images, digits.test_labels)"
    )


def test_running_trains_as_train_fit_does():
    explorer = explorers.training(DIGITS, filters="8 / 16", epochs=2, seed=3)
    assert facts(explorer.sheet())["Training"] == "none yet: press Train in a live notebook"

    explorer.run()

    model = models.cnn(filters=(8, 16), seed=3)
    history = train.fit(
        model, DIGITS.train_images, DIGITS.train_labels, epochs=2, seed=3, progress=False
    )
    (done,) = explorer.trained.values()
    assert done.history == history
    scores = train.evaluate(model, DIGITS.test_images, DIGITS.test_labels)
    assert done.scores.accuracy == scores.accuracy
    for name, value in model.state_dict().items():
        assert torch.equal(explorer.model.state_dict()[name], value)
    figure = explorer.sheet()
    assert isinstance(explorer.figure(), go.Figure)
    assert f"= {100 * scores.accuracy:.2f} %" in facts(figure)["Test accuracy"]
    curves = {each["name"]: each for each in figure.traces}
    assert list(curves["batch_loss"]["y"]) == pytest.approx(history.batch_loss)
    assert list(curves["validation_loss"]["y"]) == history.validation_loss


def test_other_settings_stay_untrained_and_are_compared():
    explorer = explorers.training(DIGITS, filters="8 / 16", epochs=1)
    explorer.run()
    explorer.controls["kernel_size"].value = 5
    assert facts(explorer.sheet())["Training"] == "none yet: press Train in a live notebook"

    explorer.run()

    points = next(each for each in explorer.figure().data if each.name == "trained")
    assert len(points.x) == 2
    assert max(points.marker.size) == 14


def test_stopping_half_way_keeps_curves_and_model(monkeypatch):
    monkeypatch.setattr("convrnn_lab.explorer.live.JOB_SECONDS", 1.5)
    clock = iter(range(100_000))
    monkeypatch.setattr("convrnn_lab.explorer.live.time.perf_counter", lambda: next(clock))
    explorer = explorers.training(DIGITS, filters="8 / 16", epochs=15)
    wire = Wire(explorer)
    wire.ask("job", action="start")
    for _ in range(4):
        wire.ask("job", action="continue")
    assert facts(explorer.sheet())["Training"].startswith("running")

    wire.ask("job", action="stop")

    (done,) = explorer.trained.values()
    assert done.history.stopped == "stopped"
    assert 1 <= len(done.history.batch_loss) <= 5
    assert done.scores is not None
    assert explorer.model(DIGITS.test_images[:1]).isfinite().all()
    assert facts(explorer.sheet())["Training"].startswith("stopped")


def test_a_learning_rate_that_is_too_large_is_said_and_keeps_good_weights():
    explorer = explorers.training(DIGITS, filters="8 / 16", learning_rate=1.0, epochs=15)
    untrained = models.cnn(filters=(8, 16))

    explorer.run()

    (done,) = explorer.trained.values()
    assert done.history.stopped == "no better for 3 epochs"
    assert done.history.best_epoch == 0
    for name, value in untrained.state_dict().items():
        assert torch.equal(explorer.model.state_dict()[name], value)
    assert facts(explorer.sheet())["Weights kept"] == "those from before the training"


def test_an_exploding_loss_is_seen_whole():
    explorer = explorers.training(DIGITS, filters="8 / 16", learning_rate=1.0, epochs=2)
    explorer.run()
    (done,) = explorer.trained.values()
    assert max(done.history.batch_loss) > 100

    panel = explorer.sheet().panels[0]

    low, high = panel.yaxis["range"]
    assert panel.yaxis["type"] == "log"
    shown = done.history.batch_loss + done.history.validation_loss
    assert 10**low < min(shown)
    assert max(shown) < 10**high


def test_a_loss_without_a_finite_number_is_marked_and_said():
    history = train.History([2.0, 5.0, math.nan], stopped="diverged at epoch 1, batch 3")
    cost, field = explorer_parts()

    sheet = figures.training(cost, field, "", figures.Trained("", history), [])

    crosses = next(each for each in sheet.traces if each["name"] == "not_finite")
    assert list(crosses["x"]) == [3]
    assert "×: no finite number" in sheet.panels[0].title
    assert facts(sheet)["Diverged"].startswith("the loss or a weight grew beyond all finite")


def explorer_parts():
    model = models.cnn()
    field = trace.receptive_field(model[:6], (1, 28, 28))
    return measure.cost(model, (1, 28, 28)), field


@pytest.mark.parametrize(
    ("epochs", "told"),
    [
        (1, "after 1 epoch"),
        (3, "after 3 epochs"),
        (
            4,
            "after 4 epochs, or earlier: after 3 epochs in a row without a lower validation loss",
        ),
    ],
)
def test_an_early_end_is_told_only_where_there_is_time_for_one(epochs, told):
    assert facts(explorers.training(DIGITS, epochs=epochs).sheet())["Ends"] == told


def test_cross_entropy_and_macro_f1_are_explained_where_they_are_shown():
    explorer = explorers.training(DIGITS, filters="8 / 16", epochs=1)
    explorer.run()

    told = facts(explorer.sheet())

    assert told["Cross-entropy"].startswith("minus the logarithm of the probability")
    assert "the mean of the digits' F1" in told["Macro F1"]


def test_a_model_that_was_not_trained_is_refused():
    explorer = explorers.training(DIGITS)

    with pytest.raises(ValueError, match=r"^model must be trained first, .*; got Explorer\("):
        _ = explorer.model


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"filters": "1"}, "filters must be one of 8 / 16, 16 / 32, 32 / 64; got '1'"),
        ({"kernel_size": 8}, "kernel_size must be an integer from 1 to 7; got 8"),
        (
            {"learning_rate": 0.5},
            "learning_rate must be one of 0.0001, 0.0003, 0.001, 0.003, 0.01, 0.1, 1.0; got 0.5",
        ),
        ({"epochs": 0}, "epochs must be an integer from 1 to 15; got 0"),
        ({"seed": -1}, "seed must be an integer of at least 0; got -1"),
        ({"padding": 2}, "padding must be an integer from 0 to 1; got 2"),
        (
            {"kernel_size": 5, "stride": 3},
            "kernel_size must fit the input of conv2; got kernel_size=5 for 4 × 4 pixels",
        ),
    ],
)
def test_a_start_that_makes_no_model_is_refused(options, message):
    with refused(message):
        explorers.training(DIGITS, **options)
