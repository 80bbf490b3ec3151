"""What goes wrong in a run, as against a wrong argument."""

from __future__ import annotations

from collections.abc import Sequence


class ReportError(Exception):
    """A notebook that was started did not come to its end, or could not be written.

    Attributes
    ----------
    lines : tuple of str
        The last lines of what the failing cell said, if it said more than the message.
    """

    def __init__(self, message: str, lines: Sequence[str] = ()) -> None:
        super().__init__(message)
        self.lines = tuple(lines)


class LostKernelError(ReportError):
    """The kernel, or the process that ran it, was gone: the notebook may not be to blame."""
