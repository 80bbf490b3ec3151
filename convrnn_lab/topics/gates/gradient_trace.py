"""How the gradient fades or grows on its way back through time."""

from __future__ import annotations

import copy
import math
from dataclasses import dataclass
from functools import cached_property

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from convrnn_lab import checks
from convrnn_lab.models import sharing
from convrnn_lab.models.recurrent import spectral_radius_of
from convrnn_lab.models.reference_cells import Written, WrittenGRU, WrittenLSTM, WrittenRNN

_UNROLLED = {nn.RNN, nn.LSTM, nn.GRU, WrittenRNN, WrittenLSTM, WrittenGRU}
"""Layers whose equations are all that they do; one that is derived from them may do more."""
HORIZON = 0.01
"""Share of the largest gradient that the memory horizon ends at."""

_ROWS = 4096
"""Copies of steps that are differentiated at once."""


@dataclass(frozen=True, eq=False)
class GradientTrace:
    """The gradient of one output step to every input step; see `gradient_through_time`.

    Attributes
    ----------
    target : int
        The output step, from 0. A lag is counted back from it.
    jacobian : Tensor, shape (time, output, feature)
        d output_T / d input_t.
    singular_values : Tensor or None, shape (state time, unit)
        Of d h_T / d state_t, largest first, for the states before step 0, 1, ... up to T's own:
        the state time t + 1 is that after step t. Of a bare recurrent module of one layer and
        direction. An LSTM's state is (h, c), any other's h.
    predicted_slope : float or None
        Of a bare RNN: the logarithm of the spectral radius of W_hh. It is exact for a linear RNN
        with a multiple of an orthogonal matrix, and what a linear one tends to with any other; a
        tanh or ReLU only takes away (Pascanu, Mikolov & Bengio 2013, arXiv 1211.5063).
    """

    target: int
    jacobian: Tensor
    singular_values: Tensor | None
    predicted_slope: float | None

    @cached_property
    def norm(self) -> Tensor:
        """Frobenius norm of the Jacobian to each input step, shape (time,)."""
        norms: Tensor = torch.linalg.vector_norm(self.jacobian, dim=(1, 2))
        return norms

    @cached_property
    def state_norm(self) -> Tensor | None:
        """Frobenius norm of d h_T / d state_t, shape (state time,)."""
        if self.singular_values is None:
            return None
        norms: Tensor = torch.linalg.vector_norm(self.singular_values, dim=1)
        return norms

    @property
    def log_norm(self) -> Tensor:
        """Natural logarithm of `norm`; minus infinity where no gradient arrives."""
        return self.norm.log()

    @cached_property
    def total_norm(self) -> Tensor:
        """Frobenius norm of the whole Jacobian, which clipping goes by."""
        norm: Tensor = torch.linalg.vector_norm(self.norm)
        return norm

    @cached_property
    def by_lag(self) -> Tensor:
        """`norm` by lag: that to the input at `target`, one step before, ..., shape (lag,)."""
        return self.norm[: self.target + 1].flip(0)

    @cached_property
    def horizon(self) -> int | None:
        """Lag from which `norm` stays under 1 % of its largest; None if not within the input."""
        norms = self.by_lag
        if not norms.isfinite().all() or norms.max() == 0:
            return None
        reached = int((norms >= HORIZON * norms.max()).nonzero()[-1]) + 1
        return reached if reached < len(norms) else None

    def slope(self, first: int = 0, last: int | None = None) -> float:
        """Fit a line to the logarithm of the norm by least squares, and return its slope per lag.

        Parameters
        ----------
        first, last : int
            Lags to fit, both included; by default to the oldest. Lags with a norm of zero or of
            no finite value are left out; with fewer than two the slope is NaN.

        Returns
        -------
        float
            Below 0 the gradient vanishes, above it explodes.

        Raises
        ------
        ValueError
            If a lag is out of range.
        """
        oldest = self.target
        checks.integer("first", first, 0, oldest)
        last = checks.integer("last", oldest if last is None else last, first, oldest)
        lags = torch.arange(first, last + 1, dtype=torch.float64)
        logs = self.by_lag[first : last + 1].double().cpu().log()
        lags, logs = lags[logs.isfinite()], logs[logs.isfinite()]
        if len(lags) < 2:
            return math.nan
        lags = lags - lags.mean()
        return float(lags @ (logs - logs.mean()) / (lags @ lags))

    def clipped(self, max_norm: float) -> Tensor:
        """Return `norm` as `torch.nn.utils.clip_grad_norm_` would leave it, shape (time,).

        All steps are multiplied with one factor, max_norm / (total norm + 1e-6) where that is
        under 1: a line on a log axis is lowered, and its slope stays.

        Parameters
        ----------
        max_norm : float

        Raises
        ------
        ValueError
            If `max_norm` is no number of at least 0.
        """
        if checks.number("max_norm", max_norm) < 0:
            raise ValueError(f"max_norm must be a number of at least 0; got {max_norm}")
        factor: Tensor = max_norm / (self.total_norm + 1e-6)
        return self.norm * factor.clamp(max=1.0)


def gradient_through_time(
    model: nn.Module,
    input: Tensor,  # noqa: A002 - PyTorch's name for it
    *,
    target: int = -1,
) -> GradientTrace:
    """Measure d output_T / d input_t for every step t, by autograd.

    The norms are exact, over all outputs of the step: the input is run as many times side by side
    as there are outputs, and each copy sends back one of them. The model runs in evaluation mode;
    it is left as it is.

    A gradient that fades over hundreds of steps is too small for a float32. So recurrent layers
    are copied and run in float64; a model of several layers runs in its own type.

    Parameters
    ----------
    model : nn.Module
        nn.RNN, nn.LSTM, nn.GRU, one of `models`' written layers, or a model from (batch, time,
        feature) to (batch, time, output) or, for a single step, (batch, output).
    input : Tensor, shape (time, feature), or with a batch of one where the model has it
    target : int
        The output step T; negative counts from the end.

    Returns
    -------
    GradientTrace

    Raises
    ------
    ValueError
        If shapes do not go together, or the copies would take too much memory.

    Examples
    --------
    >>> layer = nn.RNN(1, 1, bias=False)
    >>> for weight in layer.parameters():
    ...     _ = nn.init.constant_(weight, 0.5)
    >>> gradient_through_time(layer, torch.zeros(3, 1)).norm
    tensor([0.1250, 0.2500, 0.5000], dtype=torch.float64)
    """
    if not isinstance(model, nn.Module):
        raise ValueError(f"model must be a torch.nn.Module; got {checks.shown(model)}")
    steps = _one_sequence(model, input)
    with sharing.in_mode(model), torch.enable_grad():
        outputs, place = _target(model, steps, target)
        model, steps = _in_float64(model, steps)
        units = max(outputs, *(getattr(model, "hidden_size", 1), steps.shape[-1]))
        checks.memory("Jacobian", (len(steps), outputs, units), steps.element_size())
        layer = _written(model)
        found, singular = (None, None) if layer is None else _unrolled(layer, steps[: place + 1])
        if found is None or type(model) not in _UNROLLED:
            found = _by_copies(model, steps, place, outputs)
        else:  # what comes after the target does not reach it
            found = F.pad(found, (0, 0, 0, 0, 0, len(steps) - 1 - place))
        return GradientTrace(place, found, singular, _predicted_slope(layer))


def _by_copies(model: nn.Module, steps: Tensor, place: int, outputs: int) -> Tensor:
    """Return d output_T / d input_t of any model, shape (time, output, feature)."""
    copies = steps.repeat(outputs, 1, 1).requires_grad_()
    answer = _answer(model, copies)
    row = answer[:, place] if answer.ndim == 3 else answer
    (found,) = torch.autograd.grad(row.diagonal().sum(), copies)
    return found.transpose(0, 1)


def _in_float64(model: nn.Module, steps: Tensor) -> tuple[nn.Module, Tensor]:
    """Return a copy of a recurrent layer, and its input, in float64; another model as it is."""
    if not isinstance(model, (nn.RNNBase, Written)) or steps.dtype == torch.float64:
        return model, steps
    return copy.deepcopy(model).double().eval(), steps.double()


def _one_sequence(model: nn.Module, given: Tensor) -> Tensor:
    """Return the input as (time, feature), without its gradient."""
    time_first = isinstance(model, nn.RNNBase) and not model.batch_first
    batched = "time batch feature" if time_first else "batch time feature"
    checks.tensor("input", given, "time feature", batched)
    if given.ndim == 3 and given.shape[1 if time_first else 0] != 1:
        raise ValueError(f"input must be one sequence; got shape {tuple(given.shape)}")
    steps = given.detach().squeeze(1 if time_first else 0) if given.ndim == 3 else given.detach()
    if not steps.is_floating_point() or steps.numel() == 0:
        raise ValueError(
            "input must have at least one step of floating-point numbers; "
            f"got {steps.dtype} of shape {tuple(given.shape)}"
        )
    return steps


def _answer(model: nn.Module, copies: Tensor) -> Tensor:
    """Run the model on (batch, time, feature)."""
    time_first = isinstance(model, nn.RNNBase) and not model.batch_first
    answer = model(copies.transpose(0, 1) if time_first else copies)
    answer = answer[0] if isinstance(answer, tuple) else answer
    return answer.transpose(0, 1) if time_first else answer  # type: ignore[no-any-return]


def _target(model: nn.Module, steps: Tensor, target: int) -> tuple[int, int]:
    """Return the count of outputs at a step, and the target as an index from 0."""
    with torch.no_grad():
        try:
            answer = _answer(model, steps[None])
        except (RuntimeError, ValueError) as error:  # PyTorch has both
            reason = " ".join(str(error).split())
            raise ValueError(
                f"input must suit the model; got shape {tuple(steps.shape)}: {reason}"
            ) from error
    if not isinstance(answer, Tensor) or answer.ndim not in (2, 3):
        raise ValueError(
            "model must return (batch, time, output) or (batch, output); got "
            f"{checks.shown(answer)}"
        )
    time = answer.shape[1] if answer.ndim == 3 else len(steps)
    place = checks.integer("target", target, -time, time - 1) % time
    if answer.ndim == 2 and place != time - 1:
        raise ValueError(f"target must be -1 for a model with one output step; got {target}")
    return answer.shape[-1], place


def _written(model: nn.Module) -> Written | None:
    """Return the model as its equations, if it is one layer in one direction."""
    if isinstance(model, Written):
        return model
    if not isinstance(model, (nn.RNN, nn.LSTM, nn.GRU)):
        return None
    plain = model.num_layers == 1 and not model.bidirectional and not model.proj_size
    return Written.from_torch(model) if plain else None


def _unrolled(layer: Written, steps: Tensor) -> tuple[Tensor, Tensor]:
    """Return d h_T / d input_t, and the singular values of d h_T / d state_t, for all steps.

    By the chain rule: each step's own derivatives, of all steps side by side, and their products.
    """
    with torch.no_grad():
        states = layer.states_of(steps[None])
    before = torch.cat([torch.cat(state, dim=1) for state in states[:-1]])  # (time, state)
    to_input, to_state = _of_each_step(layer, steps, before)
    # d h_T / d state_T: h_T is itself, and does not come from the last c.
    products = [torch.eye(layer.hidden_size, before.shape[1]).to(before)]
    for derivative in to_state.flip(0).unbind():
        products.append(products[-1] @ derivative)
    side_by_side = torch.stack(products[::-1])  # (state time, h_T, state)
    return side_by_side[1:] @ to_input, _svd(side_by_side)


def _of_each_step(layer: Written, steps: Tensor, before: Tensor) -> tuple[Tensor, Tensor]:
    """Return d state_(t+1) / d input_t and d state_(t+1) / d state_t, (time, state, ...) both.

    A copy of each step for each number of its state sends that one back; some steps at a time.
    """
    size = before.shape[1]
    found = []
    for some in torch.split(torch.arange(len(steps)), max(1, _ROWS // size)):
        given = [
            each[some].repeat_interleave(size, dim=0).requires_grad_() for each in (steps, before)
        ]
        x, state = given
        after, _ = layer.step(x, state.chunk(layer.states, dim=1))
        chosen = torch.cat(after, dim=1).view(len(some), size, size).diagonal(dim1=1, dim2=2)
        found.append(torch.autograd.grad(chosen.sum(), given))
    inputs, states = (
        torch.cat(each).view(len(steps), size, -1) for each in zip(*found, strict=True)
    )
    return inputs, states


def _svd(matrices: Tensor) -> Tensor:
    """Return singular values, NaN for matrices with NaN or infinity, which have none."""
    fine = matrices.isfinite().all(dim=(1, 2))
    values = matrices.new_full(matrices.shape[:2], torch.nan)
    values[fine] = torch.linalg.svdvals(matrices[fine])
    return values


def _predicted_slope(layer: Written | None) -> float | None:
    if not isinstance(layer, WrittenRNN):
        return None
    radius = spectral_radius_of(layer.weight_hh_l0)
    return math.log(radius) if radius > 0 else -math.inf
