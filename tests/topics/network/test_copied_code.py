"""What a figure offers to be copied gives what it shows."""

import pytest
import torch
from torch import nn

from convrnn_lab import data, explorers, models
from tests import copied
from tests.sampling import sampled

DIGITS = data.digits()


def number(text):
    return float(text.replace("−", "-").replace(",", ""))


class Hybrid(nn.Module):
    def __init__(self, *, batch_first):
        super().__init__()
        self.filters = nn.Conv1d(2, 5, 3)
        self.memory = nn.GRU(5, 4, batch_first=batch_first)
        self.head = nn.Linear(4, 3)
        self.order = (0, 2, 1) if batch_first else (2, 0, 1)

    def forward(self, x):
        return self.head(self.memory(self.filters(x).permute(self.order))[0])


MODELS = {
    "cnn": (models.trained_cnn(), DIGITS.test_images[:3]),
    "batch first": (Hybrid(batch_first=True), torch.randn(2, 2, 9)),
    "time first": (Hybrid(batch_first=False), torch.randn(2, 2, 9)),
    "recurrent": (nn.LSTM(3, 4), torch.randn(6, 2, 3)),
    "volume": (nn.Conv3d(1, 2, 3), torch.randn(2, 1, 5, 6, 7)),
    "by name": (models.trained_cnn(), {'an "eight"': DIGITS.test_images[4:5]}),
}


@pytest.mark.parametrize("name", MODELS)
def test_lines_of_a_layer_give_the_chosen_value(name):
    model, given = MODELS[name]
    explorer = explorers.layers(model, given)
    settings = [
        explorer.start | {"example": example, "layer": layer}
        for example in explorer.declared["example"].offered({})
        for layer in explorer.declared["layer"].offered({})
    ]

    for values in sampled(settings, 6):
        for control in ("channel", "row", "column"):
            values[control] = sampled(explorer.declared[control].offered(values), 2)[-1]
        sheet = explorer.sheet(**values)
        found = copied.run(sheet.code, model=model, input=given)["_"]
        assert found.ndim == 0
        shown = number(dict(sheet.facts)["Chosen value"])
        assert found.item() == pytest.approx(shown, rel=6e-3, abs=6e-3)


def test_lines_of_attributions_give_the_maps():
    model, images = MODELS["cnn"]
    explorer = explorers.attributions(model, images)

    grid = explorer.view.combinations({"occluded": [1, 5], "answer": ["predicted", "3"]})
    for values in sampled(grid, 4):
        sheet = explorer.view(**values)
        made = copied.run(sheet.code, model=model, images=images)
        drawn = {each["name"].split()[0].rstrip(","): each for each in sheet.traces}
        for name, title in (("gradient", "Saliency"), ("cam", "Grad-CAM"), ("fall", "Occlusion")):
            torch.testing.assert_close(torch.from_numpy(drawn[title]["z"]), made[name])


def test_lines_of_errors_give_the_cell_and_the_answer():
    model, images, labels = models.trained_cnn(), DIGITS.test_images[:200], DIGITS.test_labels[:200]
    explorer = explorers.errors(model, images, labels)

    for values in sampled(explorer.view.combinations({"example": [0, 2]}), 8):
        sheet = explorer.view(**values)
        made = copied.run(sheet.code, model=model, images=images, labels=labels)
        count = int(dict(sheet.facts)["This cell"].split()[0])
        assert int(made["count"]) == count
        if count:
            bars = next(each for each in sheet.traces if each["name"] == "probability")
            torch.testing.assert_close(torch.from_numpy(bars["y"]), made["_"])
