"""Jupyter's interface for starting kernels, with a fork in place of a new process.

Registered as `NAME`, so that papermill and nbclient do the executing as they always do. Where a
fork is not to be had, the kernel is started in the ordinary way, and `starts` says why.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import queue
import sys
import time
from typing import Any

import zmq
from jupyter_client.asynchronous.client import AsyncKernelClient
from jupyter_client.connect import KernelConnectionInfo
from jupyter_client.kernelspec import KernelSpec
from jupyter_client.provisioning.factory import KernelProvisionerFactory
from jupyter_client.provisioning.local_provisioner import LocalProvisioner

from convrnn_lab.kernels import client

NAME = "convrnn-lab-fork"
FORKED = "forked"

starts: list[str] = []
"""How each kernel of this process was started: `FORKED`, or why it was not."""


def use() -> None:
    """Start the kernels of this process by this provisioner, unless they ask for another."""
    KernelProvisionerFactory.instance().default_provisioner_name = NAME


class ForkProvisioner(LocalProvisioner):
    """Forks kernels of this Python from a fork server; starts others as `LocalProvisioner` does."""

    # Any: the class above has either kind of process here, and untyped options.
    process: Any = None

    async def launch_kernel(self, cmd: list[str], **kwargs: Any) -> KernelConnectionInfo:
        """Fork a kernel, or start it."""
        reason = _other_kernel(cmd, self.kernel_spec)
        address = os.environ.get(client.ADDRESS_VARIABLE)
        if reason is None and not address:
            reason = client.unforkable() or "no process to fork from was started"
        if reason is None:
            cwd = str(kwargs.get("cwd") or os.getcwd())  # noqa: PTH109 - as text, for the request
            try:
                process = client.ForkedKernel(str(address), cmd[3:], cwd, kwargs["env"])
            except OSError as error:
                reason = str(error)
            else:
                starts.append(FORKED)
                self.process, self.pid, self.pgid = process, process.pid, process.pid
                self.cwd = cwd
                return self.connection_info
        starts.append(reason)
        return await super().launch_kernel(cmd, **kwargs)

    async def wait(self) -> int | None:
        """Wait for the kernel's end; a forked one is gone in milliseconds, not in tenths."""
        if isinstance(self.process, client.ForkedKernel):
            while self.process.poll() is None:
                await asyncio.sleep(0.002)
        return await super().wait()


class QuickClient(AsyncKernelClient):
    """Is ready as soon as its kernel is.

    It looks for the kernel's sockets every few milliseconds. A first message may be published
    before the subscription has arrived: it asks again after milliseconds, where the class above
    waits for a fifth of a second, and for another fifth for what else the kernel may say; nbclient
    passes over messages that belong to none of its cells.
    """

    # Any: the options are traits of the class above.
    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.context.setsockopt(zmq.RECONNECT_IVL, 3)  # milliseconds

    async def wait_for_ready(self, timeout: float | None = None) -> None:
        """Wait until the kernel answers, and what it publishes arrives.

        Raises
        ------
        RuntimeError
            If it has died, or does not answer in `timeout` seconds.
        """
        until = time.monotonic() + (timeout or 60)
        while True:
            self.kernel_info()
            with contextlib.suppress(queue.Empty):
                reply = await self.shell_channel.get_msg(timeout=1)
                if reply["msg_type"] == "kernel_info_reply":
                    await self.iopub_channel.get_msg(timeout=0.02)
                    self._handle_kernel_info_reply(reply)
                    return
            if not await self.is_alive():
                raise RuntimeError("it died before it was ready")
            if time.monotonic() > until:
                raise RuntimeError(f"it was not ready after {timeout} s")


def _other_kernel(cmd: list[str], spec: KernelSpec) -> str | None:
    """Return why a fork of this Python is not the kernel that is asked for, or None if it is."""
    if cmd[1:3] == ["-m", "ipykernel_launcher"] and _same(cmd[0]):
        return None
    return f"it asks for the kernel {spec.display_name}"


def _same(python: str) -> bool:
    return python == sys.executable
