"""Runs the code that a figure offers, as somebody who copied it does."""

import ast

import torch

from convrnn_lab import data, explorers, measure, models, trace, train

NAMES = {
    "torch": torch,
    "data": data,
    "explorers": explorers,
    "measure": measure,
    "models": models,
    "trace": trace,
    "train": train,
}
"""What the reader of a notebook has imported."""


def run(code, **own):
    """Execute the lines; return their variables, and the value of a last expression as "_".

    `own` is the reader's data, by the names under which it was given to the explorer.
    """
    scope = NAMES | own
    tree = ast.parse(code)
    last = tree.body.pop() if isinstance(tree.body[-1], ast.Expr) else None
    exec(compile(tree, "<copied>", "exec"), scope)
    if last is not None:
        scope["_"] = eval(compile(ast.Expression(last.value), "<copied>", "eval"), scope)
    return scope
