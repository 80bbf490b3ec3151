import contextlib
import itertools
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import pytest
import torch
from torch import nn

from convrnn_lab import data, explorers, models, trace, train
from convrnn_lab.models import sharing


@contextmanager
def meanwhile(work):
    """Do `work` again and again in another thread, as JupyterLab answers sliders."""
    done = threading.Event()

    def repeat():
        while not done.is_set():
            work()

    with ThreadPoolExecutor(1) as pool:
        found = pool.submit(repeat)
        try:
            yield
        finally:
            done.set()
        found.result()


@pytest.fixture(autouse=True)
def threads_in_quick_turns():
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-5)
    yield
    sys.setswitchinterval(before)


@pytest.fixture
def model():
    return nn.Sequential(nn.Conv1d(1, 3, 3), nn.Dropout(0.5), nn.ReLU(), nn.Conv1d(3, 1, 3))


def test_a_model_is_traced_by_two_threads_as_by_one(model):
    steps = torch.arange(12.0).view(1, 1, 12)
    wanted = trace.layers(model, steps)

    with meanwhile(lambda: trace.receptive_field(model, (1, 12))):
        found = [trace.layers(model, steps) for _ in range(50)]

    assert {each.labels for each in found} == {wanted.labels}
    assert all(torch.equal(each.output, wanted.output) for each in found)
    assert model.training


def test_a_recurrent_layer_is_traced_while_another_thread_runs_it_on_shapes():
    layer = nn.LSTM(1, 4)
    steps = torch.arange(12.0).view(12, 1, 1)
    wanted = trace.recurrence(layer, steps).hidden

    with meanwhile(lambda: trace.layers(layer, steps)):
        found = [trace.recurrence(layer, steps).hidden for _ in range(50)]

    assert all(torch.equal(each, wanted) for each in found)


class Resting(nn.Module):
    """Lets other threads work."""

    def forward(self, x):
        time.sleep(0.001)
        return x


def test_two_trainings_at_once_have_the_random_numbers_of_their_seeds():
    def curve(_):
        task = data.adding(5, 40, seed=0)
        with models.seeded(2):
            layers = nn.Sequential(nn.Flatten(), Resting(), nn.Dropout(0.5), nn.Linear(10, 1))
        return train.fit_sequences(layers, task, epochs=3, seed=4, progress=False).batch_loss

    torch.manual_seed(1)
    before, wanted = torch.get_rng_state(), curve(0)
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(curve, range(12)))

    assert all(each == wanted for each in found)
    assert torch.equal(torch.get_rng_state(), before)


def test_the_generator_is_put_back_to_where_it_was():
    before = torch.get_rng_state()
    with sharing.borrowed_generator(torch.Generator().manual_seed(3).get_state()):
        found = torch.rand(2)

    assert torch.equal(found, torch.rand(2, generator=torch.Generator().manual_seed(3)))
    assert torch.equal(torch.get_rng_state(), before)


def test_two_threads_leave_the_flag_of_one_dnn_as_it_was():
    made = [explorers.convolution("digit 3"), explorers.convolution("digit 4")]

    def walk(explorer):
        for size, stride in 5 * list(itertools.product(range(1, 12), range(1, 5))):
            with contextlib.suppress(ValueError):  # there is no such kernel of one pixel
                explorer.view(**explorer.start | {"kernel_size": size, "stride": stride})

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(walk, made))

    assert torch.backends.mkldnn.enabled
