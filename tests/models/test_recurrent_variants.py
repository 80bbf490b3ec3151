import pytest
import torch
from hypothesis import given, strategies as st

from convrnn_lab import models
from tests.helpers import refused


def lstm(**options):
    return models.recurrent("LSTM", input_size=3, hidden_size=4, seed=1, **options)


@pytest.mark.parametrize("chunk", [1, 4, 7, 50])
def test_chunks_give_what_one_call_gives(chunk):
    layer, x = lstm(), torch.randn(2, 20, 3)

    torch.testing.assert_close(models.Chunked(layer, chunk)(x), layer(x)[0])


def test_a_chunk_is_at_least_a_step():
    with refused("chunk must be an integer of at least 1; got 0"):
        models.Chunked(lstm(), 0)


def test_a_packed_batch_gives_the_steps_of_its_sequences():
    layer, x = lstm(), torch.randn(4, 12, 3)
    padded, packed = (models.Ragged(layer, packed=each) for each in (False, True))

    whole, steps = padded(x), packed(x)

    lengths = models.Ragged.lengths(4, 12)
    assert lengths == [12, 9, 6, 3]
    assert len(steps) == sum(lengths)
    # Packed steps stand in the order of time, those of one time in the order of the batch.
    wanted = [whole[b, t] for t in range(12) for b in range(4) if t < lengths[b]]
    torch.testing.assert_close(steps, torch.stack(wanted))


def test_a_stride_leaves_a_quarter_of_the_steps():
    assert models.Strided(lstm(), 4)(torch.randn(2, 21, 3)).shape == (2, 5, 4)


@given(st.integers(1, 40), st.integers(0, 99))
def test_a_scan_is_the_loop(time, seed):
    generator = torch.Generator().manual_seed(seed)
    keep, new = (torch.rand(2, time, 3, generator=generator, dtype=torch.float64) for _ in range(2))

    torch.testing.assert_close(models.scanned(keep, new), models.looped(keep, new))


def test_a_recurrence_worked_by_hand():
    keep, new = torch.tensor([0.5, 0.5, 2.0]), torch.tensor([1.0, 1.0, 1.0])

    found = models.scanned(keep[None, :, None], new[None, :, None])

    assert found.flatten().tolist() == [1.0, 1.5, 4.0]


def test_a_mingru_reads_only_its_input_in_its_gates():
    loop, scan = (models.MinGRU(3, 4, scan=each) for each in (False, True))
    scan.load_state_dict(loop.state_dict())
    x = torch.randn(2, 17, 3)

    torch.testing.assert_close(scan(x), loop(x))
    z = torch.sigmoid(loop.update(x[:, 0]))
    torch.testing.assert_close(loop(x)[:, 0], z * loop.candidate(x[:, 0]))


def test_a_compiled_step_is_compiled_once_and_gives_the_same(monkeypatch):
    """What is compiled is the step alone; the compiler itself is PyTorch's."""
    compiled = []
    monkeypatch.setattr(torch, "compile", lambda step: compiled.append(step) or step)
    fast, plain = models.CompiledLSTM(3, 4), models.WrittenLSTM(3, 4)
    fast.load_state_dict(plain.state_dict())
    x = torch.randn(2, 9, 3)

    torch.testing.assert_close(fast(x)[0], plain(x)[0])
    assert len(compiled) == 1
