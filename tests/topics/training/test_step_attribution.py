"""Which steps decide: against autograd and brute force, in float64."""

import pytest
import torch
from hypothesis import given, strategies as st
from torch import nn

from convrnn_lab import models, trace
from tests.helpers import refused
from tests.sampling import examples


class Answering(nn.Module):
    """A recurrent layer and a linear one, with tokens or without."""

    def __init__(self, kind, features, layers, *, batch_first, bidirectional, tokens=0):
        super().__init__()
        self.embedding = nn.Embedding(tokens, features) if tokens else nn.Identity()
        self.layers = getattr(nn, kind)(
            features, 4, layers, batch_first=batch_first, bidirectional=bidirectional
        )
        self.head = nn.Linear(4 * (1 + bidirectional), 3)

    def forward(self, x):
        return self.head(self.layers(self.embedding(x))[0])


def log_probability(model, values, step, target, *, batch_first):
    """Return the score of (1, time, feature), written without the package."""
    hidden = model.layers(values if batch_first else values.transpose(0, 1))[0]
    logits = model.head(hidden if batch_first else hidden.transpose(0, 1))
    return torch.log(torch.softmax(logits[0, step], 0))[target]


@examples(100)
@given(
    kind=st.sampled_from(["RNN", "LSTM", "GRU"]),
    sizes=st.tuples(st.integers(1, 9), st.integers(1, 3), st.integers(1, 2)),
    options=st.fixed_dictionaries(
        {
            "batch_first": st.booleans(),
            "bidirectional": st.booleans(),
            "tokens": st.sampled_from([0, 6]),
        }
    ),
    data=st.data(),
)
def test_the_measures_are_those_of_autograd_and_of_one_run_a_step(kind, sizes, options, data):
    time, features, layers = sizes
    step, target = data.draw(st.integers(0, time - 1)), data.draw(st.integers(0, 2))
    baseline = data.draw(st.sampled_from([0.0, 0.5]))
    batch_first, tokens = options["batch_first"], options["tokens"]
    model = Answering(kind, features, layers, **options).double()
    inputs = torch.randint(tokens, (1, time)) if tokens else torch.randn(1, time, features).double()

    found = trace.step_attribution(
        model,
        inputs if batch_first else inputs.transpose(0, 1),
        target,
        step=step,
        baseline=baseline,
        batch_first=batch_first,
    )

    values = model.embedding(inputs).detach().requires_grad_()
    score = log_probability(model, values, step, target, batch_first=batch_first)
    score.backward()
    falls = []
    for place in range(time):
        occluded = values.detach().clone()
        occluded[0, place] = baseline
        falls.append(
            score - log_probability(model, occluded, step, target, batch_first=batch_first)
        )
    expected = {
        "gradient": values.grad[0].square().sum(1).sqrt(),
        "gradient_times_input": (values.grad[0] * values[0]).sum(1),
        "occlusion": torch.stack(falls),
    }
    for name, value in expected.items():
        torch.testing.assert_close(getattr(found, name), value.detach(), rtol=1e-10, atol=1e-10)
    assert found.score == pytest.approx(float(score.detach()), rel=1e-10)


def test_a_layer_that_reads_forward_gets_nothing_from_later_steps(rng):
    model, _ = models.trained_sequence("adding")

    found = trace.step_attribution(
        model, torch.rand(1, 50, 2, generator=rng), 0, step=20, score="output"
    )

    for values in (found.gradient, found.gradient_times_input, found.occlusion):
        assert values[21:].abs().max() < 1e-6
        assert values[20].abs() > 1e-4


def test_more_steps_than_run_at_once_are_all_occluded(rng):
    model, _ = models.trained_sequence("adding")
    inputs = torch.rand(1, 130, 2, generator=rng)

    found = trace.step_attribution(model, inputs, 0, score="output").occlusion

    without = inputs.clone()
    without[0, 129] = 0
    with torch.no_grad():
        fall = model(inputs)[0, -1, 0] - model(without)[0, -1, 0]
    torch.testing.assert_close(found[129], fall, rtol=1e-4, atol=1e-5)
    assert found.shape == (130,)


def test_a_saturated_unit_has_no_gradient_though_the_step_decides():
    model = nn.Sequential(nn.Linear(1, 1), nn.Tanh())
    with torch.no_grad():
        model[0].weight.fill_(100)
        model[0].bias.zero_()

    found = trace.step_attribution(model, torch.ones(1, 1, 1), 0, score="output")

    assert found.gradient.item() == 0
    assert found.gradient_times_input.item() == 0
    assert found.occlusion.item() == 1


def test_the_model_keeps_its_mode_and_its_gradients():
    model = models.sequence_model("adding").train()

    trace.step_attribution(model, torch.zeros(1, 5, 2), 0)

    assert all(layer.training for layer in model.modules())
    assert all(weight.grad is None for weight in model.parameters())


@pytest.mark.parametrize(
    ("inputs", "options", "message"),
    [
        (
            torch.zeros(5, 2),
            {},
            "inputs must have the axes (batch, time, feature); got shape (5, 2)",
        ),
        (
            torch.zeros(2, 5, 2),
            {},
            "inputs must be one sequence of at least one step; got shape (2, 5, 2)",
        ),
        (
            torch.full((1, 5, 2), torch.nan),
            {},
            "inputs must be finite; got nan at index (0, 0, 0)",
        ),
        (torch.zeros(1, 5, 2), {"step": 5}, "step must be an integer from -5 to 4; got 5"),
        (torch.zeros(1, 5, 2), {"target": 1}, "target must be an integer from 0 to 0; got 1"),
        (
            torch.zeros(1, 5, 2),
            {"score": "loss"},
            "score must be one of log probability, output; got 'loss'",
        ),
        (
            torch.zeros(1, 5, dtype=torch.int64),
            {},
            "model must have one nn.Embedding for inputs of integers; got 0",
        ),
        (
            torch.zeros(1).expand(1, 10_000_000, 2),
            {},
            "occlusion must take at most 2.0 GiB; got shape (64, 10000000, 2), which takes 4.8 GiB",
        ),
    ],
)
def test_what_cannot_be_explained_is_refused(inputs, options, message):
    model = models.sequence_model("adding")

    with refused(message):
        trace.step_attribution(model, inputs, **{"target": 0} | options)


def test_a_token_outside_of_the_embedding_is_refused():
    model = Answering("RNN", 2, 1, batch_first=True, bidirectional=False, tokens=6)

    with refused("inputs, at most, must be an integer from 0 to 5; got 6"):
        trace.step_attribution(model, torch.tensor([[0, 6]]), 0)
