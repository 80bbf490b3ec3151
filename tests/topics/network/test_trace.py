import pytest
import torch
import torch.nn.functional as F
from torch import nn
from torch.nn.utils.rnn import PackedSequence, pack_padded_sequence

from convrnn_lab import trace
from tests.helpers import refused


class Branching(nn.Module):
    """Calls a layer twice, nests one, and does some work outside of layers."""

    def __init__(self):
        super().__init__()
        self.first = nn.Conv2d(1, 4, 3, padding=1)
        self.block = nn.Sequential(nn.Conv2d(4, 4, 3, padding=1), nn.ReLU())
        self.last = nn.Linear(64, 3)

    def forward(self, x):
        x = F.relu(self.first(x))
        x = self.block(x) + x
        x = self.block(x)
        return self.last(torch.flatten(x, 1))


@pytest.fixture
def image(rng):
    return torch.randn(2, 1, 4, 4, generator=rng)


def test_layers_stand_in_the_order_of_their_calls(image):
    model = Branching()

    run = trace.layers(model, image)

    assert run.labels == ("first", "block.0", "block.1", "block.0 (2)", "block.1 (2)", "last")
    assert run.unseen == (
        "torch.nn.functional.relu after first",
        "torch.Tensor.add after block.1",
        "torch.flatten after block.1 (2)",
    )
    assert run.failure is None
    assert torch.equal(run.output, model(image))


def test_every_output_is_what_the_layer_makes_of_its_input(image):
    run = trace.layers(Branching(), image)

    for layer in run.layers:
        torch.testing.assert_close(layer.module(*layer.inputs), layer.output)
    assert torch.equal(
        run["block.0 (2)"].inputs[0], run["block.1"].output + F.relu(run["first"].output)
    )


def test_what_is_overwritten_in_place_is_kept(image):
    model = nn.Sequential(
        nn.Conv2d(1, 4, 3),
        nn.ReLU(inplace=True),
        nn.BatchNorm2d(4),
        nn.Hardtanh(inplace=True),
    ).eval()

    run = trace.layers(model, image)

    torch.testing.assert_close(run["0"].output, model[0](image))
    assert (run["0"].output < 0).any()
    for layer in run.layers:
        torch.testing.assert_close(layer.module(layer.inputs[0].clone()), layer.output)


@pytest.mark.parametrize(
    "change",
    [
        lambda x: x.relu_(),
        lambda x: F.relu(x, inplace=True),
        lambda x: F.relu(x, True),
        torch.relu_,
        lambda x: x.__iadd__(1),
        lambda x: torch.add(x, 1, out=x),
        lambda x: x.view(-1).zero_(),
    ],
)
def test_functions_that_overwrite_are_known_by_their_names(image, change):
    class Overwriting(nn.Module):
        def __init__(self):
            super().__init__()
            self.layer = nn.Conv2d(1, 2, 1)

        def forward(self, x):
            x = self.layer(x)
            change(x)
            return x

    model = Overwriting()

    run = trace.layers(model, image)

    assert torch.equal(run["layer"].output, model.layer(image))
    assert not torch.equal(run["layer"].output, run.output)


def test_layers_with_several_outputs_keep_them_all(rng):
    series = torch.randn(2, 5, 3, generator=rng)

    run = trace.layers(nn.LSTM(3, 4, batch_first=True), series)

    (layer,) = run.layers
    assert (layer.name, layer.kind) == ("model", "LSTM")
    assert [tuple(each.shape) for each in layer.outputs] == [(2, 5, 4), (1, 2, 4), (1, 2, 4)]
    assert run.output is None


def test_a_model_that_fails_half_way_shows_the_layers_up_to_there(image):
    model = nn.Sequential(nn.Conv2d(1, 4, 3), nn.ReLU(), nn.Flatten(), nn.Linear(99, 3))

    run = trace.layers(model, image)

    assert run.labels == ("0", "1", "2")
    assert run.output is None
    assert run.failure == (
        "layer 3 (Linear) fails on (2, 16): mat1 and mat2 shapes cannot be multiplied "
        "(2x16 and 99x3); it takes (..., 99 features)"
    )


def test_a_model_that_fails_between_layers_says_where(image):
    class Failing(Branching):
        def forward(self, x):
            return self.first(x).view(7)

    run = trace.layers(Failing(), image)

    assert run.labels == ("first",)
    assert run.failure.startswith("the model itself fails after first: shape '[7]' is invalid")


def test_the_model_is_left_as_it_was(image):
    model = nn.Sequential(nn.Conv2d(1, 2, 3), nn.BatchNorm2d(2), nn.Dropout())
    model[2].eval()
    before = {name: value.clone() for name, value in model.state_dict().items()}

    trace.layers(model, image)

    assert [model.training, model[1].training, model[2].training] == [True, True, False]
    assert all(torch.equal(value, before[name]) for name, value in model.state_dict().items())
    assert not model[0]._forward_hooks
    assert not model[0]._forward_pre_hooks


def test_nan_weights_are_shown_as_such(image):
    model = nn.Sequential(nn.Conv2d(1, 2, 3))
    with torch.no_grad():
        model[0].weight[1] = float("nan")

    output = trace.layers(model, image)["0"].output

    assert not output[:, 0].isnan().any()
    assert output[:, 1].isnan().all()


def test_control_flow_by_values_is_followed_as_it_runs(image):
    class Deciding(Branching):
        def forward(self, x):
            return self.block(self.first(x)) if x.sum() > 0 else self.first(x)

    model = Deciding()

    assert trace.layers(model, image.abs()).labels == ("first", "block.0", "block.1")
    assert trace.layers(model, -image.abs()).labels == ("first",)


def test_bad_arguments_are_refused_in_one_sentence(image):
    with refused("model must be a torch.nn.Module; got 3"):
        trace.layers(3, image)
    with refused("input must be a tensor; got [1.0]"):
        trace.layers(nn.Identity(), [1.0])
    with refused(
        "layer must be one of first, block.0, block.1, block.0 (2), block.1 (2), last; got 'second'"
    ):
        trace.layers(Branching(), image)["second"]


def test_a_huge_run_is_refused_before_memory_is_taken():
    class Counting(nn.Conv2d):
        calls = 0

        def forward(self, x):
            if not x.is_meta:
                Counting.calls += 1
            return super().forward(x)

    image = torch.zeros(1, 1, 1, 1).expand(2, 1, 4000, 4000)
    with refused(
        "input must make outputs of at most 2.0 GiB in all; got shape (2, 1, 4000, 4000), "
        "which makes 7.6 GiB"
    ):
        trace.layers(nn.Sequential(Counting(1, 64, 1)), image)
    assert Counting.calls == 0


class Reader(nn.Module):
    """Hands a recurrent layer its steps as `give` says, and reads the last state."""

    def __init__(self, recurrent, give):
        super().__init__()
        self.recurrent, self.give = recurrent, give
        self.head = nn.Linear(4, 2)

    def forward(self, x):
        output = self.give(self.recurrent, x)[0]
        output = output.data if isinstance(output, PackedSequence) else output
        return self.head(output[..., :4])


def packed(module, x):
    lengths = torch.tensor([3, 7])
    return module(pack_padded_sequence(x, lengths, batch_first=True, enforce_sorted=False))


GIVEN = {
    "plain": lambda module, x: module(x),
    "packed": packed,
    "with a state": lambda module, x: module(x, torch.ones(2, 2, 4)),
    "by name": lambda module, x: module(hx=torch.ones(2, 2, 4), input=x),
}


@pytest.mark.parametrize("give", GIVEN.values(), ids=GIVEN)
def test_a_recurrent_layer_inside_a_model_hands_out_its_gates(rng, give):
    gru = nn.GRU(3, 4, batch_first=True, bidirectional=True)
    steps = torch.randn(2, 7, 3, generator=rng)

    run = trace.layers(Reader(gru, give), steps)

    assert run["head"].gates == {}
    assert run["head"].recurrence is None
    found = run["recurrent"]
    assert found.gates.keys() == {"reset", "update", "new"}
    assert found.gates["new"].shape == (1, 2, 7, 2, 4)
    # The state that the gates lead to is the one that the layer returned.
    torch.testing.assert_close(found.recurrence.state, found.outputs[-1])


def test_an_lstm_in_a_model_has_its_first_state_in_its_gates(rng):
    lstm = nn.LSTM(3, 4, batch_first=True)
    first = torch.ones(1, 2, 4), torch.full((1, 2, 4), 2.0)
    model = Reader(lstm, lambda module, x: module(x, first))

    layer = trace.layers(model, torch.randn(2, 7, 3, generator=rng))["recurrent"]

    assert layer.gates.keys() == {"input", "forget", "candidate", "output"}
    assert torch.equal(layer.recurrence.first_state[1][0], first[1])
    torch.testing.assert_close(layer.recurrence.output, layer.output)


def test_an_rnn_has_states_and_no_gates():
    layer = trace.layers(nn.RNN(1, 2), torch.zeros(5, 1))["model"]

    assert layer.gates == {}
    assert layer.recurrence.hidden.shape == (1, 1, 5, 1, 2)


def test_a_run_is_a_mapping_of_its_layers(image):
    run = trace.layers(Branching(), image)

    assert list(run) == list(run.labels) == list(run.keys())
    assert len(run) == 6
    assert "block.0 (2)" in run
    assert "nothing" not in run
    assert [label for label, layer in run.items() if layer.kind == "Linear"] == ["last"]
    assert run.get("first") is run["first"]
    assert run.get("nothing") is None
    assert run == run  # noqa: PLR0124 - and not by comparing tensors
    assert {run: 1}[run] == 1


def test_a_run_prints_as_a_table_of_its_layers(rng):
    model = nn.Sequential(nn.LSTM(3, 4, batch_first=True))

    run = trace.layers(model, torch.randn(2, 5, 3, generator=rng))

    assert repr(run).splitlines() == [
        "layer  kind  output axes           output  parameters",
        "0      LSTM  batch, time, feature   2×5×4         144",
        "Input: 2 × 5 × 3 (batch, time, feature).",
    ]
    assert run._repr_html_().count("<tr>") == 2


def test_a_table_says_what_is_shared_outside_of_layers_and_failing(image):
    class Failing(Branching):
        def forward(self, x):
            return self.first(self.first(x).relu()[:, :1]).view(7)

    written = repr(trace.layers(Failing(), image))

    assert "first (2)  Conv2d  batch, channel, height, width  2×4×4×4      shared" in written
    assert (
        "Outside of layers: torch.Tensor.relu after first; torch.Tensor.__getitem__ after first."
        in written
    )
    assert "Then the model itself fails after first (2): shape '[7]' is invalid" in written
    assert "tensor(" not in written


def test_an_attention_by_the_function_is_a_layer_with_its_inputs(rng):
    class Attending(nn.Module):
        def __init__(self):
            super().__init__()
            self.inner = nn.Module()
            self.inner.forward = lambda x: F.scaled_dot_product_attention(x, x, x, is_causal=True)
            self.inner.part = nn.Identity()  # so that it holds a layer, and is none

        def forward(self, x):
            return self.inner(x) + F.scaled_dot_product_attention(x, key=x, value=x)

    run = trace.layers(Attending(), torch.randn(2, 5, 4, generator=rng))

    assert run.labels == ("inner.attention", "attention")
    assert run.unseen == ("torch.Tensor.add after attention",)
    for layer in run.values():
        assert layer.kind == "attention"
        torch.testing.assert_close(layer.module(*layer.inputs), layer.output)


@pytest.mark.parametrize("training", [True, False])
def test_an_attention_layer_is_one_layer_in_every_mode(rng, training):
    layer = nn.TransformerEncoderLayer(4, 2, 8, batch_first=True).train(training)
    steps = torch.randn(2, 5, 4, generator=rng)

    run = trace.layers(layer, steps)

    found = run["self_attn"]
    assert found.kind == "attention"
    assert not any("attention" in each for each in run.unseen)
    expected = layer.eval().self_attn(steps, steps, steps, need_weights=False)[0]
    torch.testing.assert_close(found.output, expected)


@pytest.mark.parametrize(
    ("layer", "wanted"),
    [
        (nn.Conv2d(5, 2, 1), "(batch, 5 channels, height, width)"),
        (nn.BatchNorm2d(5), "(batch, 5 channels, height, width)"),
        (nn.GRU(5, 2, batch_first=True), "(batch, time, 5 features)"),
        (nn.LSTM(1, 2), "(time, batch, 1 feature)"),
        (nn.Linear(5, 2), "(..., 5 features)"),
    ],
)
def test_a_failing_layer_says_what_it_takes(image, layer, wanted):
    run = trace.layers(nn.Sequential(nn.Conv2d(1, 4, 3, padding=1), layer), image)

    assert run.failure.startswith(f"layer 1 ({type(layer).__name__}) fails on (2, 4, 4, 4): ")
    assert run.failure.endswith(f"; it takes {wanted}")
