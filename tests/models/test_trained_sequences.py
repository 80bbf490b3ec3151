import math
from dataclasses import replace

import pytest
import torch

from convrnn_lab import data, models, trace, train
from convrnn_lab.models.stored import FOLDER
from tests.helpers import refused

# What torch's version and the processor's instructions may change. The two that read Python's
# own library are tested on the library of the Python that runs, which differs from that of the
# training by some hundred words.
TOLERANCE = {
    "labels": 0.02,
    "characters": 0.05,
    "characters_gru": 0.05,
    "characters_rnn": 0.05,
    "sunspots": 1e-3,
    "adding": 1e-4,
    "copying": 1e-3,
}


@pytest.mark.parametrize("name", models.DESIGNS)
def test_a_shipped_model_scores_what_its_file_says_and_more_than_nothing(name):
    model, about = models.trained_sequence(name)

    scores = train.evaluate_sequences(model, train.RECIPES[name].test())

    metric = "accuracy" if name == "labels" else scores.baselines[0].metric
    assert scores.by(metric) == pytest.approx(float(about[f"test {metric}"]), abs=TOLERANCE[name])
    assert scores.better
    assert not model.training
    stated = [
        float(value) for key, value in about.items() if key.startswith("test ") and "," in key
    ]
    assert len(stated) == len(scores.baselines)
    for each, value in zip(
        sorted(baseline.value for baseline in scores.baselines), sorted(stated), strict=True
    ):
        assert value == pytest.approx(each, abs=0.02)


@pytest.mark.parametrize("name", ["labels", "sunspots", "adding", "copying"])
def test_an_untrained_model_does_not_beat_the_baselines(name):
    task = train.RECIPES[name].test()
    few = replace(task.part(torch.arange(20)), baselines=task.baselines)

    assert not train.evaluate_sequences(models.sequence_model(name), few).better


def test_the_model_of_the_textbooks_has_two_layers_of_128_units():
    model = models.sequence_model("labels")

    sizes = [tuple(weight.shape) for weight in model.parameters()]
    assert sizes[:2] == [(512, 97), (512, 128)]
    assert (512, 128) in sizes[4:6]
    assert model(torch.zeros(1, 9, 97)).shape == (1, 9, 3)
    assert sum(math.prod(size) for size in sizes) == (
        512 * (97 + 128 + 2) + 512 * (128 + 128 + 2) + 3 * (128 + 1)
    )


@pytest.mark.parametrize("cell", ["GRU", "LSTM", "RNN"])
def test_the_models_of_characters_have_the_same_size_with_three_cells(cell):
    name = "characters" if cell == "LSTM" else f"characters_{cell.lower()}"

    model, about = models.trained_sequence(name)

    assert model.recurrent.mode.startswith(cell)
    assert model.recurrent.hidden_size == 128
    assert about["command"] == f"convrnn-lab train {name} --epochs 14 --seed 0"


def test_the_files_are_small():
    files = [FOLDER / f"{name}.safetensors" for name in models.DESIGNS]

    assert sum(file.stat().st_size for file in files) < 1_350_000
    assert max(file.stat().st_size for file in files) < 500_000


@pytest.mark.parametrize("name", ["sunspots", "adding"])
def test_the_stored_epochs_lead_to_the_trained_model(name):
    epochs = models.stored_epochs(name)
    task = train.RECIPES[name].test()
    losses = {
        epoch: train.evaluate_sequences(models.trained_sequence(name, epoch=epoch)[0], task).loss
        for epoch in epochs
    }

    assert epochs == train.RECIPES[name].snapshots
    start = models.sequence_model(name).state_dict()
    for weight, value in models.trained_sequence(name, epoch=0)[0].state_dict().items():
        torch.testing.assert_close(value, start[weight].half().float())
    assert losses[0] > task.baselines[0].value
    end = train.evaluate_sequences(models.trained_sequence(name)[0], task).loss
    assert end < 0.5 * task.baselines[0].value
    if name == "sunspots":  # whose last epoch is kept; of the others the best
        assert end == losses[epochs[-1]]


def test_other_models_have_no_epochs_stored():
    assert models.stored_epochs("copying") == ()
    with refused("epoch must be one of 0, 1, 2, 3, 5, 8, 12, 20, 30, 50, 80, 120, 150; got 4"):
        models.trained_sequence("sunspots", epoch=4)


def test_a_recipe_makes_a_file_that_can_be_read(tmp_path):
    path = tmp_path / "own.safetensors"
    state = torch.random.get_rng_state()

    made = train.reproduce("sunspots", epochs=2, seed=4, progress=False)
    models.save_sequence(made.model, path, made.about, made.history.snapshots)
    found, about = models.trained_sequence("sunspots", path=path)

    assert torch.equal(torch.random.get_rng_state(), state)
    assert about == made.about
    assert about["command"] == "convrnn-lab train sunspots --epochs 2 --seed 4"
    assert models.stored_epochs("sunspots", path=path) == (0, 1, 2)
    score = train.evaluate_sequences(found, train.RECIPES["sunspots"].test())
    assert score.loss == made.scores.loss
    for name, value in found.state_dict().items():
        assert torch.equal(value, made.model.state_dict()[name])


def test_bad_names_and_files_are_refused(tmp_path):
    damaged = tmp_path / "damaged.safetensors"
    damaged.write_bytes(b"no")

    with refused(
        "name must be one of labels, characters, characters_gru, characters_rnn, sunspots, "
        "adding, copying; got 'weather'"
    ):
        models.trained_sequence("weather")
    with pytest.raises(ValueError, match=r"^path must be a file of safetensors; got .+ be read"):
        models.trained_sequence("adding", path=damaged)
    with pytest.raises(
        ValueError, match=r"^path must be a file with the weights of sequence_model\('adding'\)"
    ):
        models.trained_sequence("adding", path=FOLDER / "sunspots.safetensors")


def test_the_model_of_characters_writes_what_its_seed_says():
    model = models.trained_sequence("characters")[0]

    first, again, other = (models.write(model, seed=seed, length=60) for seed in (1, 1, 2))

    assert first == again
    assert first != other
    assert first.startswith("def ")
    assert len(first) == 64
    assert set(first) <= set(data.ALPHABET)


def test_at_temperature_0_the_likeliest_character_is_taken_each_time():
    model = models.trained_sequence("characters")[0]

    text = models.write(model, "import ", length=12, temperature=0)

    # All at once, as in training, gives the same as one character after the other.
    with torch.no_grad():
        answers = model(data.one_hot(data.encode(text))[None])[0].argmax(1)
    assert data.decode(answers[6:-1]) == text[7:]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"prompt": ""}, "prompt must be at least one character; got ''"),
        ({"length": 0}, "length must be an integer from 1 to 10000; got 0"),
        ({"temperature": -1}, "temperature must be from 0 to 10; got -1"),
        ({"temperature": math.nan}, "temperature must be a finite number; got nan"),
    ],
)
def test_what_cannot_be_written_is_refused(options, message):
    with refused(message):
        models.write(models.sequence_model("characters"), **options)


@pytest.mark.parametrize("last", [False, True])
def test_a_packed_model_reads_each_sequence_as_if_it_were_alone(rng, last):
    layers = models.recurrent("LSTM", input_size=3, hidden_size=4, layers=2, bidirectional=True)
    model = models.PackedModel(layers, 2, last=last)
    inputs, lengths = torch.randn(3, 6, 3, generator=rng), torch.tensor([2, 6, 4])

    answers = model(inputs, lengths)

    for row, length in enumerate(lengths.tolist()):
        alone = model(inputs[row : row + 1, :length])[0]
        torch.testing.assert_close(answers[row] if last else answers[row, :length], alone)
    assert not torch.allclose(model(inputs)[0], answers[0])
    torch.testing.assert_close(model(inputs), models.SequenceModel.forward(model, inputs))


def test_a_packed_model_is_trained_on_pieces_of_different_lengths():
    task = data.source_code("test", length=24).part(torch.arange(60))
    layers = models.recurrent("GRU", input_size=97, hidden_size=8, bidirectional=True)
    model = models.PackedModel(layers, 3)
    before = train.evaluate_sequences(model, task)

    train.fit_sequences(model, task, epochs=6, learning_rate=0.02, progress=False)

    after = train.evaluate_sequences(model, task)
    assert after.loss < 0.7 * before.loss
    # What lies behind the end of a sequence does not reach it.
    spoilt = replace(task, inputs=task.inputs + 5.0 * ~task.mask[..., None])
    assert train.evaluate_sequences(model, spoilt).loss == after.loss


def test_units_of_the_model_of_characters_follow_what_notebook_05_says():
    text = data.text("json.decoder")[:4000]
    model, _ = models.trained_sequence("characters")
    states = trace.recurrence(model.recurrent, data.one_hot(data.encode(text))).hidden[-1, 0, :, 0]
    blank = torch.tensor([character == " " for character in text])
    leading = torch.tensor(
        [not text[: place + 1].rpartition("\n")[2].strip() for place in range(len(text))]
    )

    assert torch.corrcoef(torch.stack([states[:, 86], leading.float()]))[0, 1] > 0.8
    assert torch.corrcoef(torch.stack([states[:, 78], blank.float()]))[0, 1] > 0.5


def test_the_model_of_labels_knows_a_hash_within_quotes_from_a_comment():
    written = "def twice(x):  # 'no' string\n    return '# no comment' + x\n"
    model, _ = models.trained_sequence("labels")

    found = model(data.one_hot(data.encode(written))[None])[0].argmax(dim=1)

    assert torch.equal(found, data.source_labels(written))
