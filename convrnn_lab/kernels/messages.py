"""Requests to the fork server and its answers: each a line of JSON."""

from __future__ import annotations

import dataclasses
import json
from dataclasses import dataclass


@dataclass(frozen=True)
class Request:
    """A kernel to fork.

    Attributes
    ----------
    arguments : list of str
        Of the kernel's command line.
    cwd : str
        Its working folder.
    env : dict
        Its whole environment.
    """

    arguments: list[str]
    cwd: str
    env: dict[str, str]

    def to_line(self) -> bytes:
        """Return it as it is sent."""
        return json.dumps(dataclasses.asdict(self)).encode() + b"\n"

    @classmethod
    def from_line(cls, line: bytes) -> Request:
        """Return what `to_line` was given."""
        return cls(**json.loads(line))


@dataclass(frozen=True)
class Answer:
    """What has become of a request: one of three.

    Attributes
    ----------
    pid : int, optional
        The process of the kernel that was forked.
    status : int, optional
        How the kernel ended; negative for a signal.
    error : str
        Why none was forked.
    """

    pid: int | None = None
    status: int | None = None
    error: str = ""

    def to_line(self) -> bytes:
        """Return it as it is sent."""
        return json.dumps(dataclasses.asdict(self)).encode() + b"\n"

    @classmethod
    def from_line(cls, line: bytes) -> Answer:
        """Return what `to_line` was given."""
        return cls(**json.loads(line))
