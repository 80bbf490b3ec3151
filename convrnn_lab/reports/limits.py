"""An IPython extension that cuts what a cell prints, before it is sent and stored.

A cell that prints a gigabyte would take several of memory in the process that collects it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TextIO

if TYPE_CHECKING:
    from IPython.core.interactiveshell import InteractiveShell

PRINTED_CHARACTERS = 1_000_000
"""What one cell may print, to each of its two streams."""


def load_ipython_extension(shell: InteractiveShell) -> None:
    """Limit the kernel's standard output and its standard error."""
    import sys

    for stream in (sys.stdout, sys.stderr):
        _limit(stream, shell)


def _limit(stream: TextIO, shell: InteractiveShell) -> None:
    write = stream.write
    printed = 0

    def limited(text: str) -> int:
        nonlocal printed
        room, printed = PRINTED_CHARACTERS - printed, printed + len(text)
        if len(text) <= room:
            write(text)
        elif room >= 0:
            write(f"{text[:room]}\n[cut: a cell may print {PRINTED_CHARACTERS:,} characters]\n")
        return len(text)

    def start_again(_cell: object) -> None:
        nonlocal printed
        printed = 0

    stream.write = limited  # type: ignore[method-assign]  # nbclient has no limit of its own
    shell.events.register("pre_run_cell", start_again)
