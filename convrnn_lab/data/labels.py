"""What each character of Python source is: code, a comment, or text in quotes."""

from __future__ import annotations

import io
import tokenize

import torch
from torch import Tensor

KINDS = ("code", "comment", "string")
"""The labels, by their number."""

_OPENING = {"FSTRING_START", "TSTRING_START"}  # strings with fields, from Python 3.12 on
_CLOSING = {"FSTRING_END", "TSTRING_END"}


def source_labels(source: str) -> Tensor:
    r"""Label every character of Python source by what Python's own tokenizer says of it.

    A string counts from its prefix to its last quote, fields between braces within it too.

    Parameters
    ----------
    source : str

    Returns
    -------
    Tensor, shape (time,), int64
        Places in `KINDS`.

    Raises
    ------
    ValueError
        If the tokenizer cannot read the source.

    Examples
    --------
    >>> source_labels("x = 'a'  # b").tolist()
    [0, 0, 0, 0, 2, 2, 2, 0, 0, 1, 1, 1]
    """
    # Not `splitlines`, which parts lines at form feeds as well: the tokenizer does not.
    lines = io.StringIO(source, newline="").readlines()
    starts = [0]
    for line in lines:
        starts.append(starts[-1] + len(line))
    labels, opened = torch.zeros(len(source), dtype=torch.int64), []
    try:
        for token in tokenize.generate_tokens(iter(lines).__next__):
            kind = tokenize.tok_name[token.type]
            if kind in _OPENING:
                opened.append(token.start)
            elif kind in {"STRING", "COMMENT"} | _CLOSING:
                (row, column), (last_row, last_column) = token.start, token.end
                if kind in _CLOSING:
                    row, column = opened.pop()
                begin, end = starts[row - 1] + column, starts[last_row - 1] + last_column
                # A comment between the braces of a string belongs to the string.
                labels[begin:end] = 1 if kind == "COMMENT" else 2
    except (tokenize.TokenError, SyntaxError) as error:
        raise ValueError(f"source must be Python's; got one where {error}") from error
    return labels
