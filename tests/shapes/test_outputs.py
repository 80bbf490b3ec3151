"""The outputs on shapes that are said without PyTorch's own rules are theirs."""

import pytest
import torch

from convrnn_lab.shapes import outputs

ADDMM = torch.ops.aten.addmm.default
RELU = torch.ops.aten.relu.default


def empty(*shape, dtype=torch.float32):
    return torch.empty(shape, dtype=dtype, device="meta")


@pytest.mark.parametrize(
    ("func", "args"),
    [
        (RELU, (empty(2, 3, 5, 5),)),
        (RELU, (empty(2, 3, 5, 5).to(memory_format=torch.channels_last),)),
        (RELU, (empty(4, dtype=torch.int32),)),
        (RELU, (empty(4, dtype=torch.bool),)),
        (ADDMM, (empty(7), empty(2, 5), empty(5, 7))),
        (ADDMM, tuple(empty(*shape, dtype=torch.float64) for shape in ((7,), (2, 5), (5, 7)))),
        (ADDMM, (empty(2, 7), empty(2, 5), empty(5, 7))),
        (ADDMM, (empty(1), empty(2, 5), empty(5, 7))),
        (ADDMM, (empty(7), empty(2, 5), empty(5, 7, dtype=torch.float64))),
        (torch.ops.aten.tanh.default, (empty(3),)),
    ],
)
def test_an_output_is_pytorchs(func, args):
    found, wanted = outputs.output_of(func, args, {}), func(*args)

    assert (found.shape, found.dtype, found.stride()) == (
        wanted.shape,
        wanted.dtype,
        wanted.stride(),
    )
    assert found.is_meta


@pytest.mark.parametrize(
    ("func", "args"),
    [
        (ADDMM, (empty(7), empty(2, 5), empty(4, 7))),
        (ADDMM, (empty(6), empty(2, 5), empty(5, 7))),
    ],
)
def test_what_pytorch_refuses_is_refused_in_its_words(func, args):
    with pytest.raises(Exception) as wanted:  # noqa: PT011 - whatever PyTorch says
        func(*args)
    with pytest.raises(type(wanted.value)) as found:
        outputs.output_of(func, args, {})

    assert str(found.value) == str(wanted.value)
