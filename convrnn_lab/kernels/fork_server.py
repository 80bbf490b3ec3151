"""A process that has imported what notebooks import, and forks a kernel from itself when asked.

`client.ForkServer` starts it and holds its standard input open: a process exits when its parent's
pipe closes, and this one kills its kernels first. Who asks for a kernel sends one line of JSON, is
told the kernel's process id, and later how it ended; a kernel lives no longer than the connection
it was asked for on, so whoever is killed leaves none behind.

Before a fork there is one thread and no tensor has been computed: pools of threads would not be
there in the child. Nothing of one kernel is in another: it has its own session, folder,
environment, standard streams and random numbers.
"""

from __future__ import annotations

import contextlib
import gc
import importlib
import os
import selectors
import shutil
import signal
import socket
import sys
from dataclasses import dataclass
from pathlib import Path

from convrnn_lab.kernels import child
from convrnn_lab.kernels.messages import Answer, Request

PRELOADED = (
    "ipykernel.ipkernel",
    "ipykernel.kernelapp",
    "ipykernel.zmqshell",
    "ipykernel.debugger",  # a kernel imports it whether or not somebody debugs
    "IPython.core.debugger",
    "IPython.core.completerlib",
    "IPython.core.oinspect",
    "IPython.extensions.storemagic",
    "tornado.platform.asyncio",
    "zmq.utils.garbage",
    "psutil",
    "sqlite3",
    "torch",
    "numpy.random",
    "PIL.PngImagePlugin",
    "PIL.JpegImagePlugin",
    "plotly.graph_objects",
    "plotly.io",
    "ipywidgets",
    "anywidget",
    "convrnn_lab.data",
    "convrnn_lab.models",
    "convrnn_lab.trace",
    "convrnn_lab.measure",
    "convrnn_lab.train",
    "convrnn_lab.topics.convolution.explorer",
    "convrnn_lab.topics.gates.explorer",
    "convrnn_lab.topics.timing.explorer",
    "convrnn_lab.explorer.page",
    "convrnn_lab.reports.limits",
)
"""What a kernel finds imported; what is missing here, it imports itself.

Not pandas: it loads pyarrow, which starts a thread.
"""


@dataclass
class _Kernel:
    """A forked kernel and the connection that it lives for."""

    pid: int
    lease: socket.socket


def preload() -> None:
    """Import what notebooks import, and what the first figure would import."""
    sys.modules.setdefault("rfc3987_syntax", None)  # type: ignore[arg-type]
    for name in PRELOADED:
        importlib.import_module(name)
    import plotly.graph_objects as go

    go.Figure(go.Scatter(y=[0]), layout={"template": "plotly_white"}).to_json()
    go.Figure(go.Heatmap(z=[[0]]))


def serve(path: str) -> None:
    """Answer requests for kernels on the unix socket `path` until standard input ends."""
    server = _ForkServer(path)
    try:
        server.run()
    finally:
        server.close()


class _ForkServer:
    def __init__(self, path: str) -> None:
        self.listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        mask = os.umask(0o177)  # the socket is its owner's alone, from its first moment
        try:
            self.listener.bind(path)
        finally:
            os.umask(mask)
        self.listener.listen(128)
        self.path = path
        self.wake_in, self.wake_out = os.pipe()
        os.set_blocking(self.wake_in, False)
        os.set_blocking(self.wake_out, False)
        signal.set_wakeup_fd(self.wake_out, warn_on_full_buffer=False)
        signal.signal(signal.SIGCHLD, lambda *_: None)  # the wake-up is what counts
        self.kernels: dict[int, _Kernel] = {}  # by the lease's file descriptor
        self.selector = selectors.DefaultSelector()
        self.selector.register(sys.stdin.fileno(), selectors.EVENT_READ, self._ended)
        self.selector.register(self.listener, selectors.EVENT_READ, self._connected)
        self.selector.register(self.wake_in, selectors.EVENT_READ, self._reap)
        self.running = True
        self.orphaned = False

    def run(self) -> None:
        while self.running:
            for key, _ in self.selector.select():
                key.data(key.fileobj)

    def _ended(self, stdin: int) -> None:
        # A word means that the owner is done; an end without one, that it was killed.
        self.orphaned = not os.read(stdin, 64)
        self.running = False

    def _connected(self, listener: socket.socket) -> None:
        lease, _ = listener.accept()
        self.selector.register(lease, selectors.EVENT_READ, self._asked)

    def _asked(self, lease: socket.socket) -> None:
        """Read a request, or the end of a lease."""
        kernel = self.kernels.get(lease.fileno())
        request = _line(lease) if kernel is None else b""
        if not request:
            self._release(lease)
            return
        if threads() > 1:
            _tell(lease, Answer(error=f"{threads()} threads are running"))
            self._release(lease)
            return
        pid = os.fork()
        if pid == 0:
            self._become_kernel(Request.from_line(request))
        self.kernels[lease.fileno()] = _Kernel(pid, lease)
        _tell(lease, Answer(pid=pid))

    def _release(self, lease: socket.socket) -> None:
        self.selector.unregister(lease)
        kernel = self.kernels.pop(lease.fileno(), None)
        if kernel is not None:
            _kill(kernel.pid)
        lease.close()

    def _reap(self, _pipe: int) -> None:
        while os.read(self.wake_in, 4096) == b"\0" * 4096:
            pass
        while True:
            try:
                pid, status = os.waitpid(-1, os.WNOHANG)
            except ChildProcessError:
                return
            if pid == 0:
                return
            for lease, kernel in list(self.kernels.items()):
                if kernel.pid == pid:
                    del self.kernels[lease]  # its number may be another process's from here on
                    _kill_group(pid)  # what it has started goes with it
                    _tell(kernel.lease, Answer(status=os.waitstatus_to_exitcode(status)))

    def close(self) -> None:
        for kernel in self.kernels.values():
            _kill(kernel.pid)
        if self.orphaned:
            shutil.rmtree(Path(self.path).parent, ignore_errors=True)

    def _become_kernel(self, request: Request) -> None:
        """Leave everything of the fork server behind, and be a kernel until the end."""
        code = 1
        try:
            signal.set_wakeup_fd(-1)
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            self.selector.close()
            self.listener.close()
            for kernel in self.kernels.values():
                kernel.lease.close()
            os.closerange(3, 256)
            child.start(request)
            code = 0
        finally:
            os._exit(code)


def _line(connection: socket.socket) -> bytes:
    """Read one line; a request is one, and its sender waits for the answer."""
    text = b""
    while not text.endswith(b"\n"):
        try:
            part = connection.recv(65536)
        except ConnectionError:  # its sender was killed
            return b""
        if not part:
            return b""
        text += part
    return text


def _tell(connection: socket.socket, answer: Answer) -> None:
    with contextlib.suppress(OSError):  # the asker has gone; its lease ends in the next round
        connection.sendall(answer.to_line())


def threads() -> int:
    """Return how many threads this process has, as far as the system says."""
    tasks = Path("/proc/self/task")
    return len(list(tasks.iterdir())) if tasks.is_dir() else 1


def _kill(pid: int) -> None:
    """Kill a kernel that has not been waited for, so that its number is still its own."""
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)  # in its first moment it has no group yet
    _kill_group(pid)


def _kill_group(pid: int) -> None:
    # macOS calls a group of which all have ended not permitted.
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(pid, signal.SIGKILL)


def main() -> None:
    """Be the fork server of the socket named on the command line."""
    preload()
    gc.collect()
    gc.freeze()  # so that the collector does not copy every page into every kernel
    serve(sys.argv[1])
