import pytest
import torch.nn.functional as F
from torch import nn

from convrnn_lab import measure, trace
from convrnn_lab.shapes import passes
from convrnn_lab.shapes.attention import AttentionSizes
from tests.helpers import refused


class Heads(nn.Module):
    """Two heads by PyTorch's function, between two layers."""

    def __init__(self):
        super().__init__()
        self.project = nn.Linear(8, 24)
        self.back = nn.Linear(8, 8)

    def forward(self, x):
        query, key, value = (
            part.unflatten(2, (2, 4)).transpose(1, 2) for part in self.project(x).chunk(3, dim=2)
        )
        mixed = F.scaled_dot_product_attention(query, key, value=value, is_causal=True)
        return self.back(mixed.transpose(1, 2).flatten(2))


def attentions(model, shape):
    done = passes.run_on_shapes(model, shape)
    assert done.failure is None
    return [step for step in done.steps if step.attention is not None]


@pytest.mark.parametrize("training", [True, False])
def test_an_attention_is_one_step_with_its_sizes_and_parameters(training):
    layer = nn.MultiheadAttention(8, 2, batch_first=True).train(training)

    (step,) = passes.run_on_shapes(layer, [(7, 8), (9, 8), (9, 8)]).steps

    assert (step.layer, step.kind, step.unknown) == ("", "attention", [])
    assert step.attention == AttentionSizes(2, 7, 9, 4, 4)
    assert step.parameters == sum(each.numel() for each in layer.parameters())
    assert step.output_shape == (1, 7, 8)


def test_keys_that_the_layer_adds_are_counted_among_its_keys():
    layer = nn.MultiheadAttention(8, 4, batch_first=True, add_bias_kv=True, add_zero_attn=True)

    (step,) = attentions(layer, [(7, 8), (9, 8), (9, 8)])

    assert step.attention == AttentionSizes(4, 7, 11, 2, 2)


@pytest.mark.parametrize("training", [True, False])
@pytest.mark.parametrize("norm_first", [True, False])
def test_the_attention_of_a_transformer_has_a_row_of_its_own(training, norm_first):
    layer = nn.TransformerEncoderLayer(8, 2, 16, batch_first=True, norm_first=norm_first)
    model = nn.TransformerEncoder(layer, 2, enable_nested_tensor=False).train(training)

    found = attentions(model, (5, 8))

    assert [(step.layer, step.kind) for step in found] == [
        ("layers.0.self_attn", "attention"),
        ("layers.1.self_attn", "attention"),
    ]
    assert {step.attention for step in found} == {AttentionSizes(2, 5, 5, 4, 4)}


def test_an_attention_by_the_function_is_a_step_between_the_layers():
    done = passes.run_on_shapes(Heads(), (6, 8))

    kinds = [(step.layer, step.kind) for step in done.steps]
    assert ("", "attention") in kinds
    (step,) = (step for step in done.steps if step.attention)
    assert step.attention == AttentionSizes(2, 6, 6, 4, 4)
    assert step.input_shapes == [(1, 2, 6, 4)] * 3
    assert step.output_shape == (1, 2, 6, 4)
    # Scores, and their sum of values.
    assert step.multiply_adds == 2 * (6 * 6 * 4) * 2
    assert kinds[-1] == ("back", "Linear")


def test_the_row_of_an_attention_that_is_not_reached_is_one_row():
    model = nn.Sequential(nn.Linear(3, 3), nn.TransformerEncoderLayer(8, 2, 16, batch_first=True))

    found = measure.inspect(model, (5, 4))

    rows = {row.layer: row for row in found.rows}
    assert rows["1.self_attn"].kind == "attention"
    assert rows["1.self_attn"].parameters == 4 * 8 * 8 + 4 * 8
    assert "1.self_attn.out_proj" not in rows


def test_a_receptive_field_ends_at_an_attention_by_name():
    reason = "attention reads every step, each as much as the values decide"
    model = nn.TransformerEncoderLayer(8, 2, 16, batch_first=True)

    with refused(f"model must have a receptive field by formula; got layer 'self_attn': {reason}"):
        trace.receptive_field(model, (5, 8))
    with refused(f"model must have a receptive field by formula; got the model: {reason}"):
        trace.receptive_field(Heads(), (5, 8))


def test_an_attention_that_fails_says_so_at_its_step():
    class Failing(nn.Module):
        def forward(self, x):
            return F.scaled_dot_product_attention(x, x[..., :3], x)

    done = passes.run_on_shapes(Failing(), (5, 8))

    assert done.failure
    assert done.steps[-1].output_shape is None
