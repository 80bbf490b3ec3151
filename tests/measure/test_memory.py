import os

import pytest
import torch
from torch import nn

from convrnn_lab import measure
from tests.helpers import refused


def test_peak_and_what_is_kept_worked_by_hand():
    def call():
        first = torch.zeros(1000)  # 4,000 bytes
        second = first.neg()  # and 4,000 more
        del first
        return second

    found = measure.memory(call)

    assert (found.peak_bytes, found.kept_bytes, found.allocations) == (8000, 4000, 2)


def test_what_is_dropped_at_once_is_not_kept():
    found = measure.memory(lambda: torch.zeros(500, dtype=torch.float64).sum().item())

    assert found.peak_bytes >= 4000
    assert found.kept_bytes == 0


def test_the_gradient_of_an_lstm_needs_its_gates():
    lstm, x = nn.LSTM(8, 16, batch_first=True), torch.zeros(4, 32, 8)

    with torch.no_grad():
        forward = measure.memory(lambda: lstm(x))
    both = measure.memory(lambda: lstm(x)[0].sum().backward())

    output = 4 * 32 * 16 * 4
    assert forward.peak_bytes >= output
    assert both.peak_bytes > 4 * output


def test_nothing_is_written_to_the_terminal_and_no_variable_stays(capfd, monkeypatch):
    monkeypatch.delenv("KINETO_LOG_LEVEL", raising=False)

    measure.memory(lambda: torch.zeros(3))

    assert capfd.readouterr() == ("", "")
    assert "KINETO_LOG_LEVEL" not in os.environ


def test_a_layer_without_a_fused_kernel_starts_operations_at_each_step():
    x = torch.zeros(1, 50, 4)
    loops, fused = nn.GRU(4, 4, batch_first=True), nn.LSTM(4, 4, batch_first=True)

    each, once = (measure.operations(lambda m=m: m(x)) for m in (loops, fused))

    assert each["tanh"] == 50
    assert each["sigmoid"] == 100
    assert sum(each.values()) > 50 * 8
    longer = torch.zeros(1, 500, 4)
    if torch.backends.mkldnn.is_available():
        assert once == measure.operations(lambda: fused(longer))


def test_a_device_that_is_not_there_is_refused():
    if torch.cuda.is_available():
        pytest.skip("there is a GPU")

    with refused("device must be one of cpu; got 'cuda'"):
        measure.memory(lambda: None, device="cuda")


@pytest.mark.parametrize("measured", [measure.memory, measure.operations])
def test_a_call_that_fails_is_named(measured):
    with refused("call must run; got RuntimeError: no"):
        measured(_fail)


def _fail():
    raise RuntimeError("no")


@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a GPU")
def test_memory_of_a_gpu():
    found = measure.memory(lambda: torch.zeros(1024, device="cuda"), device="cuda")

    assert (found.peak_bytes, found.kept_bytes) == (4096, 4096)
