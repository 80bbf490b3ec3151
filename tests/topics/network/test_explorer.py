import random

import plotly.graph_objects as go
import pytest
import torch
from torch import nn

from convrnn_lab import data, explorers, models, trace, train
from convrnn_lab.topics.network.attribution import occlusions
from tests.explorer.wire import Wire
from tests.helpers import refused
from tests.sampling import sampled

DIGITS = data.digits()
CLASSES = tuple("0123456789")


def by_name(figure, name):
    return next(each for each in figure.traces if each["name"] == name)


@pytest.fixture(scope="module")
def model():
    return models.trained_cnn()


def test_every_layer_and_channel_shows_what_torch_gives(model):
    """Layers and channels of the grid; example and position by chance."""
    chance = random.Random(0)
    explorer = explorers.layers(model, DIGITS.test_images[:4], classes=CLASSES)
    outputs = {}
    with torch.no_grad():
        value = DIGITS.test_images[:4]
        for name, layer in model.named_children():
            value = layer(value)
            outputs[name] = value
    grid = list(explorer.view.combinations({"example": ["example 0"], "row": [0], "column": [0]}))
    assert len(grid) == 32 * 3 + 64 * 3 + 1600 + 64 * 2 + 10
    for values in sampled(grid, 120):
        index = chance.randrange(4)
        settled = values | {"example": f"example {index}"}
        for name in ("row", "column"):
            settled[name] = chance.choice(explorer.declared[name].offered(settled))
        expected = outputs[settled["layer"]][index][settled["channel"]]
        figure = explorer.view(**settled)
        if expected.ndim:
            shown = torch.from_numpy(by_name(figure, "map")["z"])
            torch.testing.assert_close(shown, expected)
            chosen = expected[settled["row"], settled["column"]].item()
            assert f"row {settled['row']}, column {settled['column']}" in explorer_text(figure)
        else:
            chosen = expected.item()
            shown = by_name(figure, "units")["y"][settled["channel"]]
            assert shown == pytest.approx(chosen, abs=1e-5)
        fact = float(dict(figure.facts)["Chosen value"].replace("−", "-").replace(",", ""))
        assert fact == pytest.approx(chosen, rel=6e-3, abs=6e-3)


def explorer_text(figure):
    return figure.description


def test_the_region_is_what_the_value_depends_on(model):
    """Pixels outside the outlined region may change without changing the value."""
    chance = random.Random(1)
    images = DIGITS.test_images[:1]
    explorer = explorers.layers(model, images)
    for layer in ("conv1", "pool1", "conv2", "pool2"):
        for _ in range(5):
            values = explorer.start | {"layer": layer}
            for name in ("channel", "row", "column"):
                values[name] = chance.choice(explorer.declared[name].offered(values))
            fact = dict(explorer.view(**values).facts)["It depends on"]
            rows, columns = [
                slice(int(part.split()[1]), int(part.split()[3]) + 1) for part in fact.split(", ")
            ]
            changed = torch.rand(1, 1, 28, 28)
            changed[0, 0, rows, columns] = images[0, 0, rows, columns]
            place = (0, values["channel"], values["row"], values["column"])
            before = trace.layers(model, images)[layer].output[place]
            after = trace.layers(model, changed)[layer].output[place]
            assert before.item() == pytest.approx(after.item(), abs=1e-5)


def test_probabilities_are_those_of_the_model(model):
    explorer = explorers.layers(model, DIGITS.test_images[:3], classes=CLASSES)

    figure = explorer.sheet(example="example 2")

    expected = train.probabilities(model, DIGITS.test_images[2:3])[0]
    shown = torch.from_numpy(by_name(figure, "probability")["y"])
    torch.testing.assert_close(shown, expected, check_dtype=False)
    assert "probability" not in [
        each["name"] for each in explorers.layers(model, DIGITS.test_images[:1]).sheet().traces
    ]


@pytest.mark.parametrize(
    ("model", "shape"),
    [
        (nn.Sequential(nn.Conv1d(2, 3, 3), nn.ReLU(), nn.AdaptiveAvgPool1d(1)), (2, 2, 20)),
        (nn.Sequential(nn.Conv2d(3, 4, (1, 5), stride=2), nn.BatchNorm2d(4)), (1, 3, 8, 12)),
        (nn.Sequential(nn.Conv3d(1, 2, 3)), (1, 1, 5, 6, 7)),
        (nn.LSTM(4, 5, batch_first=True), (1, 6, 4)),
        (nn.Sequential(nn.Linear(7, 80), nn.Sigmoid(), nn.Linear(80, 1)), (3, 7)),
        (nn.Sequential(nn.Conv2d(1, 70, 1)), (1, 1, 3, 3)),
        (nn.Sequential(nn.ConvTranspose2d(1, 2, 3, stride=2)), (1, 1, 4, 4)),
        (nn.Sequential(nn.Conv2d(1, 2, 3), nn.Flatten(), nn.Linear(5, 2)), (1, 1, 6, 6)),
    ],
)
def test_any_model_is_drawn_at_every_layer(model, shape):
    torch.manual_seed(0)
    explorer = explorers.layers(model, torch.rand(shape))

    for values in sampled(explorer.view.combinations({"row": [0], "column": [0]}), 12):
        for name in ("row", "column"):
            values[name] = explorer.declared[name].offered(values)[-1]
        assert isinstance(explorer.figure(**values), go.Figure)


def test_failures_and_functions_outside_of_layers_are_said():
    class Failing(nn.Module):
        def __init__(self):
            super().__init__()
            self.first = nn.Conv2d(1, 2, 3)
            self.last = nn.Linear(3, 2)

        def forward(self, x):
            return self.last(torch.flatten(torch.relu(self.first(x)), 1))

    figure = explorers.layers(Failing(), torch.rand(1, 1, 5, 5)).sheet()

    facts = dict(figure.facts)
    assert facts["Failed"].startswith("layer last (Linear) fails on (1, 18): mat1 and mat2")
    assert figure.title.endswith(", later the model fails")
    assert facts["Not seen"] == "torch.relu after first; torch.flatten after first"


def test_nan_weights_are_drawn_and_counted():
    model = nn.Sequential(nn.Conv2d(1, 2, 3))
    with torch.no_grad():
        model[0].weight[0] = float("nan")

    figure = explorers.layers(model, torch.rand(1, 1, 5, 5)).sheet(channel=0)

    facts = dict(figure.facts)
    assert facts["NaN or infinite"] == "9 of 18"
    assert facts["Chosen value"] == "NaN"


def test_a_drawn_digit_goes_through_the_model(model):
    explorer = explorers.layers(model, DIGITS.test_images[:1], classes=CLASSES, draw=True)
    wire = Wire(explorer)
    # As large as the field, in black on white.
    ink = nn.functional.interpolate(DIGITS.test_images[5:6], size=(140, 140))[0, 0]

    wire.ask("drawn", (255 * ink).byte().numpy().tobytes(), shape=[140, 140])

    assert explorer.values["example"] == "your drawing"
    said = train.probabilities(model, data.as_digit(ink.numpy())[None, None])[0].argmax()
    assert said == DIGITS.test_labels[5]
    titles = [panel.title for panel in explorer.sheet().panels]
    assert any(title.startswith(f"The model says “{said}”") for title in titles)


def test_every_attribution_is_that_of_captum(model):
    explorer = explorers.attributions(model, DIGITS.test_images[:2], classes=CLASSES)
    image = DIGITS.test_images[1:2]

    grid = explorer.view.combinations({"example": ["example 1"], "occluded": [1, 5, 11]})
    for values in sampled(grid, 12):
        figure = explorer.view(**values)
        answer = values["answer"]
        target = 0
        if answer == "predicted":
            target = int(train.probabilities(model, image)[0].argmax())
        else:
            target = int(answer)
        expected = {
            "Saliency": trace.saliency(model, image, target),
            "Grad-CAM": trace.grad_cam(model, image, target, layer=values["layer"]),
            "Occlusion": trace.occlusion(model, image, target, size=values["occluded"]),
        }
        drawn = {each["name"].split()[0].rstrip(","): each for each in figure.traces}
        for name, map_ in expected.items():
            torch.testing.assert_close(torch.from_numpy(drawn[name]["z"]), map_)


def test_every_cell_of_the_confusion_matrix_shows_its_images(model):
    explorer = explorers.errors(model, DIGITS.test_images, DIGITS.test_labels)
    scores = train.evaluate(model, DIGITS.test_images, DIGITS.test_labels)
    assert explorer.values["true"] != explorer.values["predicted"]
    total = 0

    for values in explorer.view.combinations({"example": [0]}):
        figure = explorer.view(**values)
        count = int(scores.confusion[int(values["true"]), int(values["predicted"])])
        facts = dict(figure.facts)
        assert facts["This cell"].startswith(f"{count} image")
        names = [each["name"] for each in figure.traces]
        assert ("images" in names) == bool(count)
        total += count

    assert total == len(DIGITS.test_labels) == 1000
    (shown,) = (each for each in explorer.sheet().traces if each["name"] == "confusion")
    assert int(shown["text"][3][3]) == scores.confusion[3, 3]


def test_pages_hold_several_layers(model, tmp_path):
    path = explorers.layers(model, DIGITS.test_images[:3]).page(tmp_path / "layers.html")

    assert path.stat().st_size < 4_000_000


@pytest.mark.parametrize(
    ("arguments", "options", "message"),
    [
        (
            (nn.Sequential(nn.Linear(3, 2)), torch.zeros(1, 3)),
            {"classes": ["a"]},
            "classes must have one name for each output of the model; got 1 for (1, 2)",
        ),
        (
            (nn.Sequential(nn.Linear(3, 2)), torch.zeros(1, 3)),
            {"draw": True},
            "draw must be of models for grey images of 28 × 28; got inputs of shape (1, 3)",
        ),
        (
            (nn.Identity(), torch.tensor(1.0)),
            {},
            "input must have a batch axis and at least one example; got shape ()",
        ),
        ((nn.Identity(), 3), {}, "input must be a tensor, or tensors by name; got 3"),
        (
            (nn.Identity(), {"a": torch.zeros(2, 3)}),
            {},
            "input['a'] must be a tensor with a batch axis of one; got shape (2, 3)",
        ),
        (
            (nn.Identity(), {"a": torch.zeros(1, 3), "b": torch.zeros(1, 4)}),
            {},
            "input must be tensors of one shape; got [(1, 3), (1, 4)]",
        ),
        (
            (nn.Sequential(nn.Linear(3, 2)), torch.zeros(1, 3)),
            {"layer": "1"},
            "layer must be one of 0; got '1'",
        ),
        (
            (nn.Sequential(nn.Linear(3, 2)), torch.zeros(1, 3)),
            {"channel": 2},
            "channel must be an integer from 0 to 1; got 2",
        ),
        (
            (nn.Sequential(nn.Linear(4, 2)), torch.zeros(1, 3)),
            {},
            "model must have a layer that runs; got layer 0 (Linear) fails on (1, 3): mat1 and "
            "mat2 shapes cannot be multiplied (1x3 and 4x2); it takes (..., 4 features)",
        ),
    ],
)
def test_what_cannot_be_looked_into_is_refused_in_one_sentence(arguments, options, message):
    with refused(message):
        explorers.layers(*arguments, **options)


def test_classifiers_are_checked(model):
    with refused("classes must have 10 names; got 2"):
        explorers.attributions(model, DIGITS.test_images[:1], classes=["a", "b"])
    with refused("classes must have 10 names; got 2"):
        explorers.errors(model, DIGITS.test_images[:5], DIGITS.test_labels[:5], classes=["a", "b"])
    with refused("model must have a Conv2d for Grad-CAM; got the layers 0 (Flatten), 1 (Linear)"):
        dense = nn.Sequential(nn.Flatten(), nn.Linear(784, 10))
        explorers.attributions(dense, DIGITS.test_images[:1])


def test_the_place_stays_where_it_is_in_the_picture(model):
    """In a small map it is not pushed into the corner, which is often black."""
    explorer = explorers.layers(model, DIGITS.test_images[:1], layer="conv1", row=13, column=20)

    explorer.controls["layer"].value = "pool2"
    small = explorer.values["row"], explorer.values["column"]
    shown = explorer.sheet(layer="pool1")
    explorer.controls["layer"].value = "conv1"

    assert small == (2, 3)
    assert "at row 6, column 9" in shown.description
    # As near to the first place as a map of 5 x 5 can tell.
    assert (explorer.values["row"], explorer.values["column"]) == (13, 18)


def test_the_strongest_values_stand_by_size_under_their_numbers():
    model = nn.Linear(3, 3, bias=False)
    with torch.no_grad():
        model.weight.copy_(torch.diag(torch.tensor([1.0, -3.0, 2.0])))

    sheet = explorers.layers(model, torch.ones(1, 3)).sheet()

    assert by_name(sheet, "strongest")["x"] == ["1", "2", "0"]
    assert by_name(sheet, "strongest")["y"].tolist() == [-3.0, 2.0, 1.0]


def test_maps_of_all_classes_in_one_run_are_those_of_each(model):
    image = DIGITS.test_images[:1]

    together = occlusions(model, image, size=11)

    for target in sampled(range(10), 3):
        alone = trace.occlusion(model, image, target, size=11)
        torch.testing.assert_close(together[target], alone)


def test_a_place_that_is_named_is_kept(model):
    explorer = explorers.layers(model, DIGITS.test_images[:1], layer="conv1", row=13, column=20)

    assert "at row 4, column 3" in explorer.sheet(layer="pool2", row=4).description
