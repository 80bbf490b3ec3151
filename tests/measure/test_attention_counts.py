"""The multiply-adds of attention, against a count by hand and PyTorch's own counter."""

import pytest
import torch
import torch.nn.functional as F
from hypothesis import given, strategies as st
from torch import nn
from torch.utils.flop_counter import FlopCounterMode

from convrnn_lab import measure
from tests.sampling import examples

small = st.integers(1, 9)


def by_pytorch(model, *shapes):
    """Count in training mode: of the fused layer of evaluation, PyTorch's counter sees nothing."""
    inputs = [torch.ones(1, *shape) for shape in shapes]
    with FlopCounterMode(display=False) as counter:
        model.train()(*inputs)
    return counter.get_total_flops() // 2  # it counts a multiply-add as two


@examples(60)
@given(
    heads=st.integers(1, 4),
    features=small,
    query=small,
    key=small,
    key_features=small,
    value_features=small,
    bias=st.booleans(),
    added=st.integers(0, 2),
    training=st.booleans(),
)
def test_an_attention_costs_its_projections_and_two_products(
    *, heads, features, query, key, key_features, value_features, bias, added, training
):
    width = heads * features
    sizes = {"kdim": key_features, "vdim": value_features, "bias": bias, "batch_first": True}
    more = {"add_bias_kv": added > 0, "add_zero_attn": added > 1}
    model = nn.MultiheadAttention(width, heads, **sizes, **more).train(training)
    shapes = [(query, width), (key, key_features), (key, value_features)]

    found = measure.cost(model, shapes)

    projections = width * (query * width + key * key_features + key * value_features)
    scores = query * (key + added) * width
    assert found.multiply_adds == projections + 2 * scores + query * width * width
    assert (found.unknown, found.rows[0].kind) == ((), "attention")
    assert found.multiply_adds == by_pytorch(model, *shapes)


@examples(30)
@given(
    heads=st.integers(1, 3),
    features=small,
    hidden=small,
    length=small,
    norm_first=st.booleans(),
    training=st.booleans(),
    device=st.sampled_from(["cpu", "meta"]),
)
def test_a_layer_of_a_transformer_costs_the_same_in_every_mode_and_on_shapes_alone(
    *, heads, features, hidden, length, norm_first, training, device
):
    width = heads * features
    options = {"batch_first": True, "norm_first": norm_first, "device": device}
    model = nn.TransformerEncoderLayer(width, heads, hidden, **options).train(training)

    found = measure.cost(model, (length, width))

    attention = 4 * length * width**2 + 2 * length**2 * width
    assert found["self_attn"].multiply_adds == attention
    assert found.multiply_adds == attention + 2 * length * width * hidden
    if device == "cpu":
        assert found.multiply_adds == by_pytorch(model, (length, width))


class Attending(nn.Module):
    """Calls PyTorch's function."""

    def __init__(self, **options):
        super().__init__()
        self.options = options

    def forward(self, query, key, value):
        return F.scaled_dot_product_attention(query, key, value, **self.options)


@examples(30)
@given(
    heads=small,
    query=small,
    key=small,
    features=small,
    value_features=small,
    causal=st.booleans(),
)
def test_the_function_costs_scores_and_their_sum_of_values(
    *, heads, query, key, features, value_features, causal
):
    shapes = [(heads, query, features), (heads, key, features), (heads, key, value_features)]

    found = measure.cost(Attending(is_causal=causal), shapes)

    # What a mask leaves out is computed all the same.
    assert found.multiply_adds == heads * query * key * (features + value_features)
    assert found.unknown == ()


def test_grouped_queries_meet_as_many_keys_as_there_are_queries():
    shapes = [(8, 5, 4), (2, 7, 4), (2, 7, 6)]

    found = measure.cost(Attending(enable_gqa=True), shapes)

    assert found.multiply_adds == 8 * 5 * 7 * (4 + 6)


class Between(nn.Module):
    def __init__(self):
        super().__init__()
        self.embed = nn.Linear(4, 8)

    def forward(self, x):
        x = self.embed(x)
        return F.scaled_dot_product_attention(x, x, x)


@pytest.mark.parametrize("look", [measure.cost, measure.inspect])
def test_attention_has_a_row_of_its_own_by_name(look):
    layer = nn.TransformerEncoderLayer(8, 2, 16, batch_first=True)

    assert look(layer, (5, 8))["self_attn"].kind == "attention"
    assert look(Between(), (5, 4))["(model)"].kind == "attention"
    assert look(Between(), (5, 4))["(model)"].multiply_adds == 2 * 5 * 5 * 8
    lines = str(look(layer, (5, 8))).splitlines()
    assert lines[1].split()[:2] == ["self_attn", "attention"]
    assert max(map(len, lines)) < 115
