import threading

import pytest
import torch
from torch import nn

from convrnn_lab import models

MAKERS = {
    "cnn": lambda: models.cnn(seed=7),
    "LSTM": lambda: models.recurrent("LSTM", input_size=2, hidden_size=5, layers=2, seed=7),
    "orthogonal": lambda: models.recurrent(
        "RNN", input_size=2, hidden_size=5, orthogonal=True, seed=7
    ),
    "identity": lambda: models.recurrent(
        "RNN", input_size=2, hidden_size=5, nonlinearity="identity", seed=7
    ),
    "sequence": lambda: models.sequence_model("sunspots", seed=7),
}


def weights(model):
    return torch.cat([weight.detach().flatten() for weight in model.parameters()])


@pytest.mark.parametrize("make", MAKERS.values(), ids=MAKERS)
def test_weights_are_those_of_the_seed_while_another_thread_draws(make):
    """JupyterLab has sliders answered in another thread than cells."""
    wanted, done = weights(make()), threading.Event()

    def draw():
        while not done.is_set():
            torch.rand(3)
            torch.manual_seed(0)

    thread = threading.Thread(target=draw)
    thread.start()
    try:
        found = [weights(make()) for _ in range(50)]
    finally:
        done.set()
        thread.join()

    assert all(torch.equal(each, wanted) for each in found)


@pytest.mark.parametrize("make", MAKERS.values(), ids=MAKERS)
def test_the_global_generator_is_neither_read_nor_moved(make):
    torch.manual_seed(1)
    first = weights(make())
    after = torch.rand(3)
    torch.manual_seed(2)
    second = weights(make())
    torch.manual_seed(1)

    assert torch.equal(after, torch.rand(3))
    assert torch.equal(first, second)


def test_the_weights_are_those_that_pytorch_draws_from_the_seed():
    with models.seeded(5):
        ours = nn.Sequential(nn.Conv2d(1, 3, 3), nn.Linear(4, 5), nn.GRU(3, 4), nn.Embedding(3, 2))
    torch.manual_seed(5)
    theirs = nn.Sequential(nn.Conv2d(1, 3, 3), nn.Linear(4, 5), nn.GRU(3, 4), nn.Embedding(3, 2))

    assert torch.equal(weights(ours), weights(theirs))


def test_nothing_is_drawn_for_tensors_without_values():
    with models.seeded(5), torch.device("meta"):
        assert nn.Linear(2, 2).weight.is_meta
