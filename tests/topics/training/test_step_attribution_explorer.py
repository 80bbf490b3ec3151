"""Which characters made a prediction: against the trace, PyTorch and the code to be copied."""

import numpy as np
import pytest
import torch
from torch import nn
from torch.nn import functional as F

from convrnn_lab import data, explorers, models, trace
from convrnn_lab.topics.training import guides
from convrnn_lab.topics.training.step_attribution_explorer import SHIPPED, TEXTS
from convrnn_lab.topics.training.text_attribution import METHODS
from tests import copied
from tests.helpers import refused
from tests.sampling import sampled


class Tokens(nn.Module):
    """A model of tokens, untrained."""

    def __init__(self, answers=97, *, both=False):
        super().__init__()
        torch.manual_seed(1)
        self.embedding = nn.Embedding(97, 6)
        self.layers = nn.GRU(6, 8, batch_first=True, bidirectional=both)
        self.head = nn.Linear(8 * (1 + both), answers)

    def forward(self, tokens):
        return self.head(self.layers(self.embedding(tokens))[0])


class LastOnly(nn.Module):
    """A model that answers once."""

    def forward(self, x):
        return x[:, -1]


@pytest.fixture(scope="module")
def shipped():
    return explorers.step_attributions()


def influences(sheet):
    """Return what is drawn behind the text, by model: (model, character)."""
    return np.stack(
        [each["z"].ravel() for each in sheet.traces if each["name"].startswith("influence")]
    )


PLACES = [
    {"example": example, "method": method, "position": position}
    for example in TEXTS
    for method in METHODS
    for position in (1, 20, 47, 59)
]


@pytest.mark.parametrize("place", sampled(PLACES, 10), ids=str)
def test_what_is_drawn_is_what_the_trace_and_the_copied_code_give(shipped, place):
    text, position = TEXTS[place["example"]], place["position"]

    sheet = shipped.sheet(**place)
    drawn = influences(sheet)[:, : len(text)]

    expected = np.stack([each.numpy() for each in copied.run(sheet.code)["values"].values()])
    limit = np.abs(expected).max()
    np.testing.assert_allclose(drawn, expected, atol=limit / 1000, rtol=0)
    assert not drawn[:, position:].any()
    for row, file in zip(expected, SHIPPED.values(), strict=True):
        model, _ = models.trained_sequence(file)
        one_hot = data.one_hot(data.encode(text))[None]
        target = int(model(one_hot)[0, position - 1].argmax())
        one = trace.step_attribution(model, one_hot, target, step=position - 1)
        alone = getattr(one, METHODS[place["method"]])
        np.testing.assert_allclose(row, alone.numpy(), atol=1e-4 * limit)


def test_all_models_are_drawn_on_one_scale(shipped):
    sheet = shipped.sheet(method="gradient × input", position=33)

    edges = [each["zmax"] for each in sheet.traces if each["name"].startswith("influence")]

    assert edges == [pytest.approx(np.abs(influences(sheet)[:, :73]).max())] * 3


@pytest.mark.parametrize("example", sampled(list(TEXTS), 2))
def test_the_facts_of_a_text_are_those_of_pytorch(shipped, example):
    codes = data.encode(TEXTS[example])
    losses, right = [], []
    for name, file in SHIPPED.items():
        with torch.no_grad():
            logits = models.trained_sequence(file)[0](data.one_hot(codes)[None])[0, :-1]
        losses.append(f"{name} {float(F.cross_entropy(logits, codes[1:])):.3g}")
        right.append(f"{name} {int((logits.argmax(1) == codes[1:]).sum())}")

    facts = dict(shipped.sheet(example=example).facts)

    assert facts["Loss on the text"] == ", ".join(losses)
    assert facts[f"Right, of {len(codes) - 1}"] == ", ".join(right)


def test_half_of_the_influence_lies_within_the_distance_that_is_said():
    text = "for x in y:\n    x"
    model = Tokens()
    sheet = explorers.step_attributions({"mine": model}, text=text, method="gradient").sheet()

    found = trace.step_attributions(model, data.encode(text)[None]).gradient
    by_distance = [
        torch.stack([found[step, step - back] for step in range(back, len(text) - 1)]).mean()
        for back in range(len(text) - 1)
    ]
    shares = torch.stack(by_distance) / sum(by_distance)
    half = next(back for back in range(len(shares)) if shares[: back + 1].sum() >= 0.5) + 1

    assert dict(sheet.facts)["Half of the influence within"] == f"mine {half} characters"
    curve, again = [each for each in sheet.traces if each["name"] == "mine"]
    np.testing.assert_allclose(curve["y"], shares.numpy(), rtol=1e-4)
    assert again["y"] is curve["y"]
    (bar,) = [each for each in sheet.traces if each["name"] == "half"]
    assert list(bar["y"]) == [half]


def test_a_model_of_tokens_is_explained_through_its_embedding():
    compared = {"mine": Tokens(), "other": nn.LSTM(97, 97, batch_first=True)}
    explorer = explorers.step_attributions({"mine": compared["mine"]}, text="{a: 1}", position=3)

    made = copied.run(explorer.sheet().code, compared={"mine": compared["mine"]})

    drawn = influences(explorer.sheet())[:, :6]
    expected = made["values"]["mine"].numpy()
    np.testing.assert_allclose(drawn[0], expected, atol=np.abs(expected).max() / 1000)
    both = explorers.step_attributions(compared, text="{a: 1}", position=3)
    np.testing.assert_array_equal(drawn[0], influences(both.sheet())[0, :6])
    assert not both.guide


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ([{}], "compared must be a dict of 1 to 3 models; got {}"),
        (
            [{"five": Tokens(answers=5)}],
            "compared['five'] must give 97 logits at every step, one for each character of "
            "data.ALPHABET; got 5",
        ),
        (
            [{"both": Tokens(both=True)}],
            "compared['both'] must read from left to right; got an answer at step 0 that depends "
            "on what follows",
        ),
        (
            [{"last": LastOnly()}],
            "model must give logits at every step, (batch, time, class); got shape (1, 97)",
        ),
        (
            [{"narrow": nn.GRU(3, 97, batch_first=True)}],
            "compared['narrow'] must take data.one_hot(data.encode(text))[None] or, with an "
            "nn.Embedding, data.encode(text)[None]; got input.size(-1) must be equal to "
            "input_size. Expected 3, got 97",
        ),
    ],
)
def test_models_that_do_not_read_characters_are_refused(arguments, message):
    with refused(message):
        explorers.step_attributions(*arguments, text="abc")


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"text": "a"}, "text must be 2 to 120 characters; got 'a'"),
        ({"text": "ab", "position": 2}, "position must be an integer from 1 to 1; got 2"),
        (
            {"example": "poem"},
            "example must be one of if and else, brackets, quotes, a name again, two methods; "
            "got 'poem'",
        ),
        (
            {"method": "saliency"},
            "method must be one of gradient, gradient × input, occlusion; got 'saliency'",
        ),
    ],
)
def test_values_that_are_not_offered_are_refused(options, message):
    with refused(message):
        explorers.step_attributions(**options)


def test_the_guide_says_what_the_figure_shows(shipped):
    sheets = [shipped.sheet(**each.sets) for each in guides.STEP_ATTRIBUTIONS]
    facts = [dict(sheet.facts) for sheet in sheets]
    titles = [[panel.title for panel in sheet.panels[:3]] for sheet in sheets]

    assert facts[0]["Most, by occlusion"] == "RNN “i” 1 back, LSTM “i” 1 back, GRU “i” 1 back"
    assert all("“f”" in each and each.endswith("right") for each in titles[0])
    assert titles[1][2] == "GRU: “:” 83 %, right"
    assert facts[1]["Most, by occlusion"].count("“N” 4 back") == 3
    assert np.nanmax(influences(sheets[1])[2]) == pytest.approx(4.73, abs=0.005)
    assert facts[2]["Most, by gradient"] == "RNN “e” 1 back, LSTM “e” 1 back, GRU “N” 4 back"
    assert facts[2]["All three methods name it for"] == "GRU"
    assert [each.split(": ")[1].split()[0] for each in titles[3]] == ["“s”", "“_”", "“(”"]
    assert titles[3][2] == "GRU: “(” 73 %, right"
    assert all("“(”" in each for each in titles[4])
    assert facts[4]["Most, by occlusion"] == "RNN “E” 5 back, LSTM “r” 3 back, GRU “a” 9 back"
    halves = facts[5]["Half of the influence within"]
    assert halves == "RNN 3, LSTM 2, GRU 3 characters"


def test_a_page_holds_all_positions_in_less_than_half_a_megabyte(shipped, tmp_path):
    path = shipped.page(tmp_path / "page.html")

    assert path.stat().st_size < 500_000
