"""Tasks over the source of Python's own library, one character a step."""

from __future__ import annotations

import bisect
import functools
from collections.abc import Iterator

import torch
from torch import Tensor

from convrnn_lab import checks
from convrnn_lab.data.labels import KINDS, source_labels
from convrnn_lab.data.series import ALPHABET, LONGEST, encode, one_hot, text
from convrnn_lab.data.tasks import PARTS, Baseline, SequenceTask

TRAINED_TEXTS = (
    *("argparse", "calendar", "configparser", "dataclasses"),
    *("doctest", "random", "statistics", "textwrap"),
)
"""Modules of Python's library whose source is for training."""
TESTED_TEXTS = ("bisect", "csv", "fractions", "heapq", "shlex", "string")
"""Modules of Python's library whose source is for the test."""


def source_code(part: str = "train", *, length: int = 128) -> SequenceTask:
    """Return source snippets of Python's library with a class for each character.

    A piece begins with a line outside of quotes and has as many whole lines as `length` holds, or
    the beginning of a longer line. What is left of that line, or of a string over several lines,
    is passed over. So the label can be known from the characters so far, save for that of a
    prefix such as r before a quote.

    Parameters
    ----------
    part : str
        "train" (the modules of `TRAINED_TEXTS`) or "test" (`TESTED_TEXTS`), in the words of the
        Python that runs.
    length : int
        Characters in a piece at most, 1 to 512.

    Returns
    -------
    SequenceTask
        One feature for each character of `ALPHABET`; the classes are "code", "comment" and
        "string". Shorter pieces end in zeros that do not count.

    Raises
    ------
    ValueError
        If there is no such part, `length` is out of range, or the library has no source here.
    """
    checks.choice("part", part, PARTS)
    checks.integer("length", length, 1, LONGEST)
    pieces = [piece for name in _texts(part) for piece in _pieces(text(name), length)]
    codes, labels, mask = _padded(pieces, length)
    guess = _trained_guess()
    share = (guess[codes] == labels)[mask].float().mean().item()
    return SequenceTask(
        name="source code",
        inputs=one_hot(codes) * mask[..., None],
        targets=labels,
        mask=mask,
        lengths=mask.sum(1),
        classes=KINDS,
        baselines=(
            Baseline("the likeliest label of the character alone", "accuracy", share),
            Baseline("always code", "accuracy", (labels[mask] == 0).float().mean().item()),
        ),
    )


def likeliest_labels(codes: Tensor, labels: Tensor) -> Tensor:
    """Return the most frequent label of each character, 0 where there is none.

    Parameters
    ----------
    codes, labels : Tensor, shape (time,), int64

    Returns
    -------
    Tensor, shape (character,), int64
        One label for each character of `ALPHABET`.
    """
    size = len(ALPHABET)
    counts = (codes * len(KINDS) + labels).bincount(minlength=size * len(KINDS))
    return counts.reshape(size, len(KINDS)).argmax(1)


def characters(part: str = "train", *, length: int = 100) -> SequenceTask:
    """Return snippets of Python's library, where the answer to each character is the next one.

    Parameters
    ----------
    part, length
        As for `source_code`; here the pieces follow one another without a gap.

    Returns
    -------
    SequenceTask
        One feature, and one class, for each character of `ALPHABET`.

    Raises
    ------
    ValueError
        As for `source_code`.
    """
    checks.choice("part", part, PARTS)
    checks.integer("length", length, 1, LONGEST)
    codes = torch.cat([encode(text(name)) for name in _texts(part)])
    windows = codes.unfold(0, length + 1, length).contiguous()
    inputs, targets = windows[:, :-1], windows[:, 1:]
    known = torch.cat([encode(text(name)) for name in TRAINED_TEXTS])
    mask = torch.ones(targets.shape, dtype=torch.bool)
    frequent, pairs = (frequency_cross_entropy(known, windows, order) for order in (0, 1))
    return SequenceTask(
        name="characters",
        inputs=one_hot(inputs),
        targets=targets,
        mask=mask,
        lengths=mask.sum(1),
        classes=tuple(ALPHABET),
        baselines=(
            Baseline("how frequent each character is", "cross-entropy", frequent),
            Baseline("how frequent it is after this one", "cross-entropy", pairs),
        ),
    )


def frequency_cross_entropy(known: Tensor, windows: Tensor, order: int) -> float:
    """Return the cross-entropy of characters under the frequencies of a known text.

    The frequencies have one added to every count, so that none is 0.

    Parameters
    ----------
    known : Tensor, shape (time,), int64
        The text whose characters are counted.
    windows : Tensor, shape (batch, time), int64
        The text that is scored, without the first character of each window.
    order : int
        0 for each character's own frequency, 1 for that after the one before it.

    Returns
    -------
    float
        Mean over the characters, in nats.
    """
    size = len(ALPHABET)
    counts = (known[:-1] * size + known[1:]).bincount(minlength=size**2).reshape(size, size)
    if order == 0:
        counts = known.bincount(minlength=size).expand(size, size)
    logs = (counts + 1).double().log()
    logs = logs - logs.logsumexp(1, keepdim=True)
    return -logs[windows[:, :-1], windows[:, 1:]].mean().item()


@functools.cache
def _trained_guess() -> Tensor:
    sources = [text(name) for name in TRAINED_TEXTS]
    codes, labels = (torch.cat(list(map(each, sources))) for each in (encode, source_labels))
    return likeliest_labels(codes, labels)


def _texts(part: str) -> tuple[str, ...]:
    return TRAINED_TEXTS if part == "train" else TESTED_TEXTS


def _pieces(source: str, length: int) -> Iterator[tuple[Tensor, Tensor]]:
    """Cut source into pieces of whole lines, each with the label of every character."""
    codes, labels = encode(source), source_labels(source)
    ends = [place for place, each in enumerate(source, start=1) if each == "\n"]
    outside = [place for place in ends if labels[place - 1] != 2]  # lines not begun in a string
    begin = 0
    while begin < len(source):
        full = min(begin + length, len(source))
        last = bisect.bisect_right(ends, full)  # the first line's end that does not fit any more
        end = ends[last - 1] if last and ends[last - 1] > begin else full
        yield codes[begin:end], labels[begin:end]
        following = bisect.bisect_left(outside, end)
        begin = outside[following] if following < len(outside) else len(source)


def _padded(pieces: list[tuple[Tensor, Tensor]], length: int) -> tuple[Tensor, Tensor, Tensor]:
    """Return codes, labels and mask, each of shape (piece, `length`), with zeros at the ends."""
    codes, labels = (torch.zeros(len(pieces), length, dtype=torch.int64) for _ in range(2))
    mask = torch.zeros(len(pieces), length, dtype=torch.bool)
    for row, (piece, kinds) in enumerate(pieces):
        codes[row, : len(piece)], labels[row, : len(piece)] = piece, kinds
        mask[row, : len(piece)] = True
    return codes, labels, mask
