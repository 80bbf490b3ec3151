"""Trained models of sequences that ship: what they are, what they learnt and how well."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor, nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

from convrnn_lab import checks
from convrnn_lab.data import ALPHABET, decode, encode, one_hot
from convrnn_lab.models import stored
from convrnn_lab.models.recurrent import SequenceModel, recurrent
from convrnn_lab.models.seeding import seeded


@dataclass(frozen=True)
class Design:
    """What a shipped model is made of: recurrent layers, and a linear layer at every step.

    Attributes
    ----------
    inputs, hidden, outputs : int
        Features of a step, units of each layer, and numbers answered at a step.
    layers : int
    cell : str
        "RNN", "LSTM" or "GRU".
    """

    inputs: int
    hidden: int
    outputs: int
    layers: int = 1
    cell: str = "LSTM"


DESIGNS = {
    "labels": Design(len(ALPHABET), 128, 3, layers=2),
    "characters": Design(len(ALPHABET), 128, len(ALPHABET)),
    "characters_gru": Design(len(ALPHABET), 128, len(ALPHABET), cell="GRU"),
    "characters_rnn": Design(len(ALPHABET), 128, len(ALPHABET), cell="RNN"),
    "sunspots": Design(1, 16, 1),
    "adding": Design(2, 32, 1),
    "copying": Design(10, 96, 9),
}
"""The shipped models by name; what each one is trained on says `train.RECIPES`."""


class PackedModel(SequenceModel):
    """A `SequenceModel` that can be told how long each sequence is.

    The reverse direction then begins at a sequence's own end, not in the zeros behind it, and
    the last step is its own too.

    Examples
    --------
    >>> layers = recurrent("GRU", input_size=1, hidden_size=2, bidirectional=True)
    >>> model = PackedModel(layers, 3)
    >>> model(torch.zeros(2, 5, 1), lengths=torch.tensor([5, 2])).shape
    torch.Size([2, 5, 3])
    """

    def forward(self, x: Tensor, lengths: Tensor | None = None) -> Tensor:
        """Return (batch, time, output) or, of each sequence's last step, (batch, output)."""
        if lengths is None:
            return super().forward(x)
        lengths = lengths.cpu()
        packed = pack_padded_sequence(x, lengths, batch_first=True, enforce_sorted=False)
        hidden, _ = pad_packed_sequence(
            self.recurrent(packed)[0], batch_first=True, total_length=x.shape[1]
        )
        if self.last:
            hidden = hidden[torch.arange(len(x)), lengths - 1]
        answer: Tensor = self.head(hidden)
        return answer


def sequence_model(name: str, *, seed: int = 0) -> SequenceModel:
    """Return a model of `DESIGNS`, untrained.

    The forget gates of an LSTM begin with a bias of 1 (Jozefowicz, Zaremba & Sutskever 2015, An
    empirical exploration of recurrent network architectures).

    Parameters
    ----------
    name : str
        One of `DESIGNS`.
    seed : int
        Of the initial weights.

    Returns
    -------
    SequenceModel
        Gives (batch, time, output) for (batch, time, feature).

    Raises
    ------
    ValueError
        If there is no such model.

    Examples
    --------
    >>> sequence_model("adding")(torch.zeros(1, 50, 2)).shape
    torch.Size([1, 50, 1])
    """
    checks.choice("name", name, DESIGNS)
    checks.integer("seed", seed, 0)
    design = DESIGNS[name]
    layers = recurrent(
        design.cell,
        input_size=design.inputs,
        hidden_size=design.hidden,
        layers=design.layers,
        forget_bias=1.0 if design.cell == "LSTM" else None,
        seed=seed,
    )
    # The layers come with weights of this seed: the next one is for others in the linear layer.
    with seeded(seed + 1):
        return SequenceModel(layers, design.outputs)


def trained_sequence(
    name: str, *, epoch: int | None = None, path: str | Path | None = None
) -> tuple[SequenceModel, dict[str, str]]:
    """Return a model of `DESIGNS` with trained weights, and what its file says of itself.

    Parameters
    ----------
    name : str
        One of `DESIGNS`.
    epoch : int, optional
        One of `stored_epochs`, for the weights on the way; by default those of the end.
    path : str or path, optional
        A file of ``convrnn-lab train NAME``; by default the one that ships.

    Returns
    -------
    SequenceModel
        Set to evaluation.
    dict of str to str
        The ``command`` that made it, ``data``, ``epochs``, ``seed``, the test's scores and what
        trivial answers score there.

    Raises
    ------
    ValueError
        If there is no such model or epoch, or the file is missing, damaged, or of another model.

    Examples
    --------
    >>> model, about = trained_sequence("adding")
    >>> about["command"]
    'convrnn-lab train adding --epochs 16 --seed 0'
    """
    model, source = sequence_model(name), _source(name, path)
    prefix = ""
    if epoch is not None:
        checks.choice("epoch", epoch, stored_epochs(name, path=path))
        prefix = f"{epoch}/"
    what = f"sequence_model({name!r})"
    model.load_state_dict(stored.read_weights(source, model.state_dict(), what, prefix))
    return model.eval(), stored.about(source)


def stored_epochs(name: str, *, path: str | Path | None = None) -> tuple[int, ...]:
    """Return the epochs whose weights a file holds besides those of the end, in their order.

    Parameters
    ----------
    name, path
        As for `trained_sequence`; 0 is before the training.

    Raises
    ------
    ValueError
        As for `trained_sequence`.

    Examples
    --------
    >>> stored_epochs("adding")[:3]
    (0, 1, 2)
    """
    with stored.opened(_source(name, path)) as file:
        epochs = {key.partition("/")[0] for key in file.keys() if "/" in key}  # noqa: SIM118
    return tuple(sorted(map(int, epochs)))


def save_sequence(
    model: nn.Module,
    path: str | Path,
    about: dict[str, str],
    snapshots: dict[int, dict[str, Tensor]] | None = None,
) -> None:
    """Write the weights of `model` as float16, with those of some epochs on the way.

    Parameters
    ----------
    model : nn.Module
    path : str or path
        A file that is there is replaced.
    about : dict of str to str
        What `trained_sequence` returns with the model.
    snapshots : dict of int to dict, optional
        Weights by epoch, as `train.SequenceHistory` has them.
    """
    kept = {
        f"{epoch}/{name}": value
        for epoch, weights in (snapshots or {}).items()
        for name, value in weights.items()
    }
    stored.write_weights({**model.state_dict(), **kept}, path, about)


def _source(name: str, path: str | Path | None) -> Path:
    checks.choice("name", name, DESIGNS)
    return stored.FOLDER / f"{name}.safetensors" if path is None else Path(path)


@torch.no_grad()
def write(
    model: SequenceModel,
    prompt: str = "def ",
    *,
    length: int = 200,
    temperature: float = 0.7,
    seed: int = 0,
) -> str:
    """Let a model of characters go on with a text.

    Parameters
    ----------
    model : SequenceModel
        Of one feature and one output for each character of `data.ALPHABET`, such as
        ``trained_sequence("characters")``.
    prompt : str
        At least one character, to begin with.
    length : int
        Characters to add, 1 to 10,000.
    temperature : float
        What the logits are divided by, 0 to 10: at 0 the likeliest character is always taken.
    seed : int

    Returns
    -------
    str
        `prompt`, and what the model adds.

    Raises
    ------
    ValueError
        If an argument is out of range.

    Examples
    --------
    >>> write(trained_sequence("characters")[0], "impor", length=1, temperature=0)
    'import'
    """
    checks.integer("length", length, 1, 10_000)
    checks.integer("seed", seed, 0)
    if not 0 <= checks.number("temperature", temperature) <= 10:
        raise ValueError(f"temperature must be from 0 to 10; got {temperature}")
    if not isinstance(prompt, str) or not prompt:
        raise ValueError(f"prompt must be at least one character; got {prompt!r}")
    generator = torch.Generator().manual_seed(seed)
    read, state, added = encode(prompt), None, []
    for _ in range(length):
        hidden, state = model.recurrent(one_hot(read)[None], state)
        logits = model.head(hidden[0, -1])
        if temperature == 0:
            read = logits.argmax()[None]
        else:
            chances = (logits / temperature).softmax(0)
            read = torch.multinomial(chances, 1, generator=generator)
        added.append(read)
    return prompt + decode(torch.cat(added))
