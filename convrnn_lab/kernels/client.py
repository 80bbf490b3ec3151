"""Start a fork server, and have it fork kernels: what the side that executes notebooks needs.

See `fork_server` for the other side.
"""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

from convrnn_lab.kernels.messages import Answer, Request

ADDRESS_VARIABLE = "CONVRNN_LAB_FORK_SERVER"
"""Environment variable with the path of the fork server's socket, for the provisioner."""

SOCKETS_VARIABLE = "CONVRNN_LAB_SOCKETS"
"""Environment variable with a folder for the sockets of kernels that is this user's alone."""

FORK_VARIABLE = "CONVRNN_LAB_FORK"
"""Environment variable that is 0 where kernels are to be started one by one, as papermill does."""

_LAUNCH = "from convrnn_lab.kernels import fork_server; fork_server.main()"
_START_S = 120


def unforkable() -> str | None:
    """Return why kernels cannot be forked on this machine, or None if they can."""
    if os.environ.get(FORK_VARIABLE) == "0":
        return f"{FORK_VARIABLE} is 0"
    if not hasattr(os, "fork") or not hasattr(socket, "AF_UNIX"):
        return "this system cannot fork"
    if Path("/dev/nvidiactl").exists() and os.environ.get("CUDA_VISIBLE_DEVICES") not in ("", "-1"):
        return "there is a GPU, which a forked process could not use safely"
    return None


class ForkServer:
    """A fork server of one's own; it ends when this object is closed or its process ends.

    Parameters
    ----------
    folder : str
        For its socket: nobody else may enter it, and its path is short. If this process is
        killed, the fork server removes it.
    environment : dict
        Variables for it, in addition to those of this process.
    """

    def __init__(self, folder: str, environment: Mapping[str, str]) -> None:
        self._folder = folder
        self._environment = dict(environment)
        self._process: subprocess.Popen[bytes] | None = None
        self._started = 0

    @property
    def pid(self) -> int | None:
        """Its process, or None while there is none."""
        return self._process.pid if self._process else None

    @property
    def alive(self) -> bool:
        """Whether the process is there."""
        return self._process is not None and self._process.poll() is None

    @property
    def address(self) -> str:
        """The path of its socket."""
        return f"{self._folder}/server-{self._started}"

    def start(self) -> None:
        """Start the process; `ready` says when it can be asked."""
        self.close()
        self._started += 1  # a socket of its own: the one before may have left its file
        self._process = subprocess.Popen(  # noqa: S603 - our own module
            [sys.executable, "-c", _LAUNCH, self.address],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            env=os.environ | self._environment,
            start_new_session=True,  # Ctrl-C is for those who started it
        )

    def ready(self) -> bool:
        """Wait until it can be asked; False if it has ended instead."""
        until = time.monotonic() + _START_S
        while self.alive and time.monotonic() < until:
            if Path(self.address).exists():
                return True
            time.sleep(0.02)
        return False

    def close(self) -> None:
        """End the process and its kernels."""
        if self._process is not None:
            assert self._process.stdin is not None  # noqa: S101 - it was started with one
            with contextlib.suppress(OSError):  # it may have ended already
                self._process.stdin.write(b".")
                self._process.stdin.flush()
            with contextlib.suppress(OSError):
                self._process.stdin.close()
            try:
                self._process.wait(5)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
            self._process = None


class ForkedKernel:
    """A kernel forked by a fork server, with the face of a `subprocess.Popen`.

    Parameters
    ----------
    address : str
        Of the fork server's socket.
    arguments : sequence of str
        Of the kernel's command line.
    cwd : str
    env : dict
        The kernel's whole environment.

    Raises
    ------
    OSError
        If the fork server is not there or does not fork.
    """

    stdin = stdout = stderr = None

    def __init__(
        self, address: str, arguments: Sequence[str], cwd: str, env: Mapping[str, str]
    ) -> None:
        self.returncode: int | None = None
        self._text = b""
        self._lease = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            self._lease.settimeout(30)
            self._lease.connect(address)
            self._lease.sendall(Request(list(arguments), cwd, dict(env)).to_line())
            answer = self._answer()
        except (OSError, ValueError) as error:
            self._lease.close()
            raise OSError(f"no kernel was forked: {error}") from error
        if answer is None or answer.pid is None:
            self._lease.close()
            reason = answer.error if answer else "the fork server has ended"
            raise OSError(f"no kernel was forked: {reason}")
        self.pid = answer.pid
        self._lease.setblocking(False)

    def _answer(self) -> Answer | None:
        """Return the next message, or None at the end of the fork server."""
        while b"\n" not in self._text:
            part = self._lease.recv(4096)
            if not part:
                return None
            self._text += part
        line, _, self._text = self._text.partition(b"\n")
        return Answer.from_line(line)

    def poll(self) -> int | None:
        """Return how the kernel ended, or None if it has not."""
        if self.returncode is None:
            try:
                answer = self._answer()
            except BlockingIOError:
                return None
            except OSError:
                answer = None
            # Without its fork server, a kernel does not live on.
            ended = answer.status if answer else None
            self.returncode = -signal.SIGKILL if ended is None else ended
            self._lease.close()
        return self.returncode

    def wait(self, timeout: float | None = None) -> int:
        """Wait for the kernel's end."""
        until = None if timeout is None else time.monotonic() + timeout
        while (code := self.poll()) is None:
            if until is not None and time.monotonic() > until:
                raise subprocess.TimeoutExpired("kernel", timeout or 0)
            time.sleep(0.005)
        return code

    def send_signal(self, number: int) -> None:
        """Send a signal to the kernel and to what it has started."""
        if self.poll() is None:
            try:
                os.killpg(self.pid, number)
            except ProcessLookupError:  # in its first moment it has no group yet
                with contextlib.suppress(ProcessLookupError):
                    os.kill(self.pid, number)

    def kill(self) -> None:
        """Kill the kernel and what it has started."""
        self.send_signal(signal.SIGKILL)

    def terminate(self) -> None:
        """Ask the kernel to end."""
        self.send_signal(signal.SIGTERM)
