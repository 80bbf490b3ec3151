"""Jupyter's interface for starting kernels, with a fork in place of a new process.

Registered as `NAME`, so that papermill and nbclient do the executing as they always do. Where a
fork is not to be had, the kernel is started in the ordinary way, and `starts` says why.
"""

from __future__ import annotations

import asyncio
import os
import sys
from typing import Any

from jupyter_client.asynchronous.client import AsyncKernelClient
from jupyter_client.provisioning.factory import KernelProvisionerFactory
from jupyter_client.provisioning.local_provisioner import LocalProvisioner

from convrnn_lab.reports import forking

NAME = "convrnn-lab-fork"
FORKED = "forked"

starts: list[str] = []
"""How each kernel of this process was started: `FORKED`, or why it was not."""


def use() -> None:
    """Start the kernels of this process by this provisioner, unless they ask for another."""
    KernelProvisionerFactory.instance().default_provisioner_name = NAME


class ForkProvisioner(LocalProvisioner):
    """Forks kernels of this Python from a zygote; starts others as `LocalProvisioner` does."""

    process: Any = None

    async def launch_kernel(self, cmd: list[str], **kwargs: Any) -> Any:
        """Fork a kernel, or start it."""
        reason = _other_kernel(cmd, self.kernel_spec)
        address = os.environ.get(forking.ADDRESS_VARIABLE)
        if reason is None and not address:
            reason = forking.unforkable() or "no process to fork from was started"
        if reason is None:
            cwd = str(kwargs.get("cwd") or os.getcwd())  # noqa: PTH109 - as text, for the request
            try:
                process = forking.ForkedKernel(str(address), cmd[3:], cwd, kwargs["env"])
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
        if isinstance(self.process, forking.ForkedKernel):
            while self.process.poll() is None:
                await asyncio.sleep(0.002)
        return await super().wait()


class QuickClient(AsyncKernelClient):
    """Does not wait for a fifth of a second, when a kernel is ready, for what else it may say.

    nbclient passes over messages that belong to none of its cells.
    """

    async def get_iopub_msg(self, *_: Any, **options: Any) -> Any:
        """Return the next message; only waiting for a kernel's start asks here."""
        timeout = min(options.get("timeout") or 0.01, 0.01)
        return await self._async_get_iopub_msg(timeout=timeout)


def _other_kernel(cmd: list[str], spec: Any) -> str | None:
    """Return why a fork of this Python is not the kernel that is asked for, or None if it is."""
    if cmd[1:3] == ["-m", "ipykernel_launcher"] and _same(cmd[0]):
        return None
    return f"it asks for the kernel {spec.display_name}"


def _same(python: str) -> bool:
    return python == sys.executable
