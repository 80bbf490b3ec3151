"""What a child of the fork server does, to be a kernel of its own."""

from __future__ import annotations

import ctypes
import gc
import os
import random
import signal
import sys

from convrnn_lab.kernels.messages import Request

_DIE_WITH_PARENT = 1  # PR_SET_PDEATHSIG


def start(request: Request) -> None:
    """Be a kernel until it ends: in a session, a folder and an environment of its own."""
    parent = os.getppid()
    os.setsid()
    _die_with(parent)
    os.chdir(request.cwd)
    os.environ.clear()
    os.environ.update(request.env)
    os.environ["JPY_PARENT_PID"] = str(parent)  # where the system does not kill, ipykernel looks
    _open_streams()
    _reseed()
    gc.unfreeze()
    from ipykernel.kernelapp import IPKernelApp

    IPKernelApp.launch_instance(argv=request.arguments)


def _die_with(parent: int) -> None:
    """Ask Linux to kill this process when the fork server is gone, however it went."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_DIE_WITH_PARENT, signal.SIGKILL)
        if os.getppid() != parent:
            os._exit(1)


def _open_streams() -> None:
    """Give the kernel an empty standard input; the fork server's is a line to its owner."""
    nothing = os.open(os.devnull, os.O_RDWR)
    for stream in (0, 1, 2):
        os.dup2(nothing, stream)
    if nothing > 2:
        os.close(nothing)


def _reseed() -> None:
    """Draw new seeds, as a new process does; a fork would repeat its parent's random numbers."""
    import numpy as np
    import torch

    random.seed()
    np.random.seed()  # noqa: NPY002 - the global generator is what a fork copies
    torch.default_generator.seed()
