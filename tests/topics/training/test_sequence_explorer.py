import numpy as np
import pytest
import torch

from convrnn_lab import data, explorers, models, trace, train
from convrnn_lab.topics.training import sequence_explorer
from tests.explorer.wire import Wire
from tests.helpers import refused
from tests.sampling import sampled


def facts(figure):
    return dict(figure.facts)


def traces(figure):
    return {each["name"]: each for each in figure.traces}


def task(name, part="test"):
    return sequence_explorer._task(name, part)


@pytest.mark.parametrize("name", sequence_explorer.TASKS)
def test_every_model_has_the_parameters_that_are_told(name):
    explorer = explorers.sequence_training(name)
    some = {"task": [name], "learning_rate": [0.01], "clip": [1.0], "epochs": [1], "seed": [0]}
    some |= {"hidden_size": [8, 32], "forget_bias": [1], "sequence": [0]}
    settings = list(explorer.view.combinations(some))
    assert len(settings) == (24 if name in ("labels", "power demand") else 12)

    for values in sampled(settings, 4):
        state = explorer.view.state(values)
        model = sequence_explorer.build(state.values)
        told = dict(state.content["facts"])["Parameters"]
        assert told == f"{sum(p.numel() for p in model.parameters()):,}"
        given = task(name).inputs[:1]
        assert model(given).shape == (1, given.shape[1], task(name).outputs)


def test_running_trains_as_train_does():
    explorer = explorers.sequence_training(
        "power demand", epochs=2, hidden_size=8, clip=0.1, seed=3
    )
    assert facts(explorer.sheet())["Training"] == "none yet: press Train in a live notebook"

    explorer.run()

    model = sequence_explorer.build(explorer.values)
    history = train.fit_sequences(
        model,
        task("power demand", "train"),
        epochs=2,
        learning_rate=0.01,
        clip=0.1,
        seed=3,
        progress=False,
    )
    (done,) = explorer.trained.values()
    assert done.history == history
    assert done.history.gradient_norm
    scores = train.evaluate_sequences(model, task("power demand"))
    for name, value in model.state_dict().items():
        assert torch.equal(explorer.model.state_dict()[name], value)
    figure = explorer.sheet()
    assert facts(figure)["Test accuracy"] == f"{100 * scores.accuracy:.2f} %"
    shown = traces(figure)
    assert list(shown["batch_loss"]["y"]) == pytest.approx(history.batch_loss)
    assert list(shown["gradient_norm"]["y"]) == pytest.approx(history.gradient_norm)
    chances = scores.answers[:100, -1].softmax(1)[:, 1]
    assert shown["answered probability"]["y"] == pytest.approx(chances.numpy(), abs=1e-6)
    over = sum(norm > 0.1 for norm in history.gradient_norm)
    assert facts(figure)["Clipped to 0.1"].startswith(f"{over} of {len(history.gradient_norm)} ")


def test_trivial_answers_are_drawn_where_the_loss_is():
    explorer = explorers.sequence_training("adding")

    figure = explorer.sheet()

    (level,) = [each for each in figure.shapes if each["name"] == "trivial 0"]
    assert float(level["path"].split(",")[1].split("H")[0]) == pytest.approx(1 / 6)
    assert list(traces(figure)["score"]["x"]) == pytest.approx([1 / 6])
    assert "always 1: 0.167" in traces(figure)["rule"]["text"]


def test_an_lstm_that_learns_the_adding_problem_is_better_than_without():
    explorer = explorers.sequence_training("adding", hidden_size=32, epochs=8)

    explorer.run()

    figure = explorer.sheet()
    assert "better than without learning" in figure.title
    assert "no better" not in figure.title
    shown = traces(figure)
    wrong = np.array(shown["wanted value"]["y"]) - np.array(shown["answered value"]["y"])
    assert (wrong**2).mean() < 1 / 60


def test_probabilities_of_a_sequence_are_the_models():
    explorer = explorers.sequence_training("copy memory", epochs=1, hidden_size=8)
    explorer.run()

    explorer.controls["sequence"].value = 4

    shown = traces(explorer.sheet())
    with torch.no_grad():
        chances = explorer.model(task("copy memory").inputs[4:5])[0].softmax(1)
    assert pytest.approx(chances.numpy(), abs=1e-6) == np.array(shown["probability"]["z"]).T
    assert list(shown["wanted"]["y"]) == task("copy memory").targets[4].tolist()


def test_a_sequence_is_chosen_only_where_each_has_many_answers():
    explorer = explorers.sequence_training("adding", sequence=7)

    assert explorer.values["sequence"] == 0
    assert explorer.view.base["looks"] == [
        {"name": "sequence", "label": "sequence", "low": 0, "high": 0, "relative": False}
    ]
    explorer.controls["task"].value = "copy memory"
    explorer.controls["sequence"].value = 9
    assert "Test sequence 9" in explorer.sheet().panels[2].title


def test_a_sequence_that_ends_early_is_drawn_to_its_end():
    explorer = explorers.sequence_training("labels", sequence=0)
    assert task("labels").lengths[0] == 30

    panel = explorer.sheet().panels[2]

    assert panel.xaxis["range"] == [-0.5, 29.5]
    wanted = panel.traces[1]["y"]
    assert wanted[:30].tolist() == task("labels").targets[0, :30].tolist()
    assert np.isnan(wanted[30:]).all()


def test_stopping_half_way_keeps_curves_and_model(monkeypatch):
    monkeypatch.setattr("convrnn_lab.explorer.live.JOB_SECONDS", 1.5)
    clock = iter(range(100_000))
    monkeypatch.setattr("convrnn_lab.explorer.live.time.perf_counter", lambda: next(clock))
    explorer = explorers.sequence_training("sunspots", hidden_size=8, epochs=30)
    wire = Wire(explorer)
    wire.ask("job", action="start")
    for _ in range(4):
        wire.ask("job", action="continue")
    assert facts(explorer.sheet())["Training"].startswith("running")

    wire.ask("job", action="stop")

    (done,) = explorer.trained.values()
    assert 1 <= len(done.history.batch_loss) <= 5
    assert done.scores is not None
    assert facts(explorer.sheet())["Training"].startswith("stopped")


def test_answers_that_may_not_look_ahead_are_read_forward_only():
    explorer = explorers.sequence_training("labels", direction="both")

    explorer.controls["task"].value = "characters"

    assert explorer.values["direction"] == "forward"


@pytest.mark.parametrize(
    ("options", "alive"),
    [
        ({"cell": "LSTM", "layers": 2}, True),
        ({"cell": "GRU"}, True),
        ({"cell": "GRU", "layers": 2}, False),
        ({"cell": "RNN"}, False),
    ],
)
def test_the_forget_bias_can_be_moved_only_where_it_means_something(options, alive):
    explorer = explorers.sequence_training(forget_bias=3, **options)

    assert explorer.values["forget_bias"] == (3 if alive else 1)
    assert explorer.controls["forget_bias"].disabled is not alive
    explorer.controls["cell"].value = "LSTM"
    assert not explorer.controls["forget_bias"].disabled


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (
            {"task": "chess"},
            "task must be one of sunspots, adding, copy memory, power demand, labels, characters; "
            "got 'chess'",
        ),
        ({"cell": "CNN"}, "cell must be one of RNN, LSTM, GRU; got 'CNN'"),
        ({"direction": "both"}, "direction must be one of forward; got 'both'"),
        ({"layers": 3}, "layers must be an integer from 1 to 2; got 3"),
        ({"epochs": 31}, "epochs must be an integer from 1 to 30; got 31"),
        ({"clip": 0.0}, "clip must be one of 0.1, 1.0, 10.0, off; got 0.0"),
        ({"sequence": 10}, "sequence must be an integer from 0 to 9; got 10"),
    ],
)
def test_what_is_not_offered_is_refused(options, message):
    with refused(message):
        explorers.sequence_training(**options)


def test_a_model_that_was_not_trained_is_refused():
    with pytest.raises(ValueError, match=r"^model must be trained first, .*; got .*Explorer\("):
        _ = explorers.sequence_training().model


@pytest.mark.parametrize("name", ["sunspots", "adding"])
def test_states_are_those_of_the_stored_epochs(name):
    explorer = explorers.state_over_training(name)
    test = train.RECIPES[name].test()

    for epoch in models.stored_epochs(name):
        shown = traces(explorer.view(epoch=epoch, sequence=2, unit=5))
        model, _ = models.trained_sequence(name, epoch=epoch)
        with torch.no_grad():
            hidden = model.recurrent(test.inputs[2:3])[0][0]
            answers = model(test.inputs[2:3])[0, :, 0]
        assert pytest.approx(hidden.numpy(), abs=1e-6) == shown["hidden"]["z"].T
        assert shown["now"]["y"] == pytest.approx(hidden[:, 5].numpy(), abs=1e-6)
        assert shown["answered"]["y"] == pytest.approx(answers.numpy(), abs=1e-5)


def test_the_loss_falls_over_the_stored_epochs():
    explorer = explorers.state_over_training("adding")

    losses = traces(explorer.sheet())["loss"]["y"]

    assert len(losses) == len(models.stored_epochs("adding"))
    assert losses[-1] < losses[0] / 100


def test_a_model_without_stored_epochs_is_refused():
    with refused("name must be of a model with stored epochs; got 'characters'"):
        explorers.state_over_training("characters")


def test_a_text_is_coloured_by_the_state_after_each_character():
    text = "def first(self):\n    return <self>\n"
    explorer = explorers.writing(text, unit=7, length=40, seed=2)

    figure = explorer.sheet()

    model, _ = models.trained_sequence("characters")
    whole = models.write(model, text, length=40, temperature=0.7, seed=2)
    assert facts(figure)["It writes"] == repr(whole[len(text) :])
    hidden = trace.recurrence(model.recurrent, data.one_hot(data.encode(whole))).hidden
    shown = np.array(traces(figure)["state"]["z"]).ravel()
    assert shown[: len(whole)] == pytest.approx(hidden[0, 0, :, 0, 7].numpy(), abs=1e-6)
    assert np.isnan(shown[len(whole) :]).all()
    signs = "".join("".join(row) for row in traces(figure)["state"]["text"])
    assert signs[: len(text)] == "def·first(self):↵····return·‹self›↵"


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"text": ""}, "text must be 1 to 1000 characters; got ''"),
        ({"length": 501}, "length must be an integer from 1 to 500; got 501"),
        ({"temperature": 3.0}, "temperature must be one of 0.2, 0.5, 0.7, 1.0; got 3.0"),
    ],
)
def test_a_text_that_cannot_be_written_on_is_refused(options, message):
    with refused(message):
        explorers.writing(**options)


def test_other_settings_of_the_same_task_are_compared():
    explorer = explorers.sequence_training("power demand", hidden_size=8, epochs=1)
    explorer.run()
    explorer.controls["hidden_size"].value = 16
    explorer.run()
    explorer.controls["task"].value = "sunspots"
    explorer.controls["task"].value = "power demand"

    shown = traces(explorer.sheet())

    first, second = (done.scores.accuracy for done in explorer.trained.values())
    assert list(shown["score"]["x"])[-2:] == pytest.approx([first, second])
    assert shown["rule"]["text"][-2].startswith("power demand: LSTM, 8 units, 1 layer")
    assert shown["rule"]["text"][-1].startswith("this model")
