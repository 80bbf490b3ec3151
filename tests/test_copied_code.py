import pytest
import torch
from torch import nn

from convrnn_lab import data, models
from convrnn_lab.copied_code import Name, call
from tests import copied


@pytest.mark.parametrize(
    ("written", "wanted"),
    [
        (call(nn.Conv2d, "torch.nn", 1, 2, 3), "torch.nn.Conv2d(1, 2, 3)"),
        (
            call(nn.Conv2d, "torch.nn", 1, 2, 3, stride=1, padding="same"),
            'torch.nn.Conv2d(1, 2, 3, padding="same")',
        ),
        (
            call(nn.LSTM, "torch.nn", 2, 3, batch_first=True, num_layers=1),
            "torch.nn.LSTM(2, 3, batch_first=True)",
        ),
        (
            call(nn.RNN, "torch.nn", 2, 3, nonlinearity="relu"),
            'torch.nn.RNN(2, 3, nonlinearity="relu")',
        ),
        (call(data.series, "data", "noise", seed=1), 'data.series("noise", seed=1)'),
        (call(len, "builtins", Name("x[0]")), "builtins.len(x[0])"),
    ],
)
def test_a_call_leaves_out_what_is_the_default(written, wanted):
    assert written == wanted


def test_a_number_of_another_type_is_no_default():
    assert call(data.series, "data", "noise", seed=False) == 'data.series("noise", seed=False)'


def test_an_argument_that_the_function_does_not_take_is_an_error():
    with pytest.raises(TypeError):
        call(data.series, "data", "noise", sed=1)


def test_what_is_written_makes_the_same():
    code = "layer = " + call(models.recurrent, "models", "GRU", input_size=1, hidden_size=5, seed=3)

    made = copied.run(code + "\nlayer(x)[0]", x=torch.ones(1, 4, 1))

    torch.testing.assert_close(
        made["_"],
        models.recurrent("GRU", input_size=1, hidden_size=5, seed=3)(torch.ones(1, 4, 1))[0],
    )
