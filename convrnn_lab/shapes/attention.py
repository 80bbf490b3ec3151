"""Attention under its own name, whichever way a model computes it."""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from torch import Tensor, nn
from torch.nn import functional
from torch.overrides import TorchFunctionMode

from convrnn_lab.shapes.operands import Function, Named, Operand, Operands

if TYPE_CHECKING:
    from convrnn_lab.shapes.recorder import Recorder

ATTENTION = "attention"
"""The kind of every row that is an attention."""


@dataclass(frozen=True)
class AttentionSizes:
    """What one attention compares.

    Attributes
    ----------
    heads : int
    query_length, key_length : int
        Steps that ask, and steps that are asked.
    query_features, value_features : int
        Of one head; keys have as many as queries.
    """

    heads: int
    query_length: int
    key_length: int
    query_features: int
    value_features: int


class DotProductAttention(nn.Module):
    """PyTorch's function as a layer: what a model gives it can be given to it again.

    Parameters
    ----------
    **options
        Of ``torch.nn.functional.scaled_dot_product_attention``, but for its tensors.
    """

    def __init__(self, **options: Operand) -> None:
        super().__init__()
        self.options = options

    def forward(
        self, query: Tensor, key: Tensor, value: Tensor, attn_mask: Tensor | None = None
    ) -> Tensor:
        """Return the sums of the values, shape (..., query, feature)."""
        return functional.scaled_dot_product_attention(
            query, key, value, attn_mask=attn_mask, **self.options
        )

    def extra_repr(self) -> str:
        """Write the options that were given."""
        return ", ".join(f"{name}={value}" for name, value in self.options.items())


def kind_of(module: nn.Module) -> str:
    """Return the name of a layer's kind: its class, or "attention".

    Examples
    --------
    >>> kind_of(nn.MultiheadAttention(8, 2)), kind_of(nn.ReLU())
    ('attention', 'ReLU')
    """
    is_attention = isinstance(module, (nn.MultiheadAttention, DotProductAttention))
    return ATTENTION if is_attention else type(module).__name__


def layers_of(model: nn.Module) -> Iterator[tuple[str, nn.Module]]:
    """Yield a model's layers by name: modules that hold no others, and each attention as one.

    Examples
    --------
    >>> [name for name, _ in layers_of(nn.TransformerEncoderLayer(8, 2))][:2]
    ['self_attn', 'linear1']
    """
    attention = ""
    for name, module in model.named_modules():
        if attention and name.startswith(attention):
            continue  # a part of it
        if isinstance(module, nn.MultiheadAttention):
            attention = f"{name}." if name else "out_proj"
            yield name, module
        elif next(module.children(), None) is None:
            yield name, module


class AttentionNamer(TorchFunctionMode):
    """Tells a recorder of every attention, before PyTorch takes it apart.

    Parameters
    ----------
    recorder : Recorder
    """

    def __init__(self, recorder: Recorder) -> None:
        super().__init__()
        self._recorder = recorder

    def __torch_function__(
        self, func: Function, types: object, args: Operands = (), kwargs: Named | None = None
    ) -> Operand:
        """Call `func`, under the name of attention if it is one."""
        del types
        kwargs = kwargs or {}
        sizes = None
        if getattr(func, "__name__", "") == "scaled_dot_product_attention":
            sizes = _sizes_of_product(*query_key_value(args, kwargs))
        elif getattr(func, "__name__", "") == "multi_head_attention_forward":
            sizes = _sizes_of_heads(inspect.signature(func).bind(*args, **kwargs).arguments)
        if sizes is None:
            return func(*args, **kwargs)
        given = query_key_value(args, kwargs)
        return self._recorder.attention(sizes, given, lambda: func(*args, **kwargs))


_OPTIONS = ("query", "key", "value", "attn_mask", "dropout_p", "is_causal")


def as_layer(args: Operands, kwargs: Named) -> tuple[DotProductAttention, tuple[Tensor, ...]]:
    """Return the layer that a call of PyTorch's function is, and the tensors it is given."""
    given = dict(zip(_OPTIONS, args, strict=False)) | kwargs
    tensors = tuple(given.pop(name, None) for name in _OPTIONS[:4])
    return DotProductAttention(**given), tuple(each for each in tensors if each is not None)


def query_key_value(args: Operands, kwargs: Named) -> tuple[Tensor, Tensor, Tensor]:
    """Return the three tensors that an attention is given, however they are handed over."""
    rest = iter(args)
    query, key, value = (
        kwargs[name] if name in kwargs else next(rest) for name in ("query", "key", "value")
    )
    return query, key, value


def _sizes_of_product(query: Tensor, key: Tensor, value: Tensor) -> AttentionSizes | None:
    if min(query.ndim, key.ndim, value.ndim) < 2:
        return None  # it fails by itself
    heads = query.shape[-3] if query.ndim > 3 else 1
    lengths = query.shape[-2], key.shape[-2]
    return AttentionSizes(heads, *lengths, query.shape[-1], value.shape[-1])


def _sizes_of_heads(given: Named) -> AttentionSizes:
    """Return the sizes of PyTorch's own attention, whose steps come first: (time, ..., feature)."""
    added = (given["bias_k"] is not None) + bool(given["add_zero_attn"])
    features = given["embed_dim_to_check"] // given["num_heads"]
    lengths = given["query"].shape[0], given["key"].shape[0] + added
    return AttentionSizes(given["num_heads"], *lengths, features, features)
