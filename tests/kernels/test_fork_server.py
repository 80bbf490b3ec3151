"""The process that kernels are forked from, and its client."""

import json
import os
import signal
import stat
import tempfile
from pathlib import Path

import psutil
import pytest

from convrnn_lab.kernels import client
from convrnn_lab.reports import executing
from tests.helpers import WAIT_S, wait_for

if not hasattr(os, "fork"):
    pytest.skip("this system cannot fork", allow_module_level=True)


@pytest.fixture(scope="module")
def server():
    with tempfile.TemporaryDirectory(prefix="cl-") as folder:
        server = client.ForkServer(folder, executing.KERNEL_ENVIRONMENT)
        server.start()
        assert server.ready()
        yield server
        server.close()


@pytest.fixture
def kernel(server, tmp_path):
    """Return a function that forks a kernel, which nobody will talk to."""
    kernels = []

    def fork(**changes):
        options = {"cwd": str(tmp_path), "env": dict(os.environ)} | changes
        arguments = ["-f", str(tmp_path / f"{len(kernels)}.json")]
        kernels.append(client.ForkedKernel(server.address, arguments, **options))
        return kernels[-1]

    yield fork
    for each in kernels:
        each.kill()
        each.wait(WAIT_S)


def test_nobody_else_may_ask_for_a_kernel(server):
    socket = Path(server.address)

    assert stat.S_IMODE(socket.stat().st_mode) == 0o600
    assert stat.S_IMODE(socket.parent.stat().st_mode) == 0o700


def test_it_has_one_thread_when_it_forks(server):
    assert psutil.Process(server.pid).num_threads() == 1


def test_a_kernel_is_a_process_of_its_own(server, kernel, tmp_path):
    one, other = kernel(), kernel(env={**os.environ, "MINE": "x"})

    assert len({one.pid, other.pid, server.pid, os.getpid()}) == 4
    # Whichever of them is the first to write where it can be reached.
    for number in (0, 1):
        file = tmp_path / f"{number}.json"
        wait_for(lambda file=file: file.exists() and file.stat().st_size > 0)
    process = psutil.Process(one.pid)
    assert process.cwd() == str(tmp_path)
    assert os.getsid(one.pid) == os.getpgid(one.pid) == one.pid
    assert json.loads((tmp_path / "0.json").read_text("utf-8"))["key"]
    inherited = [
        each for each in process.net_connections(kind="unix") if each.laddr == server.address
    ]
    assert inherited == []


@pytest.mark.kills
def test_how_a_kernel_ended_is_told(kernel):
    one, other = kernel(), kernel()
    assert one.poll() is None

    one.kill()
    other.send_signal(signal.SIGUSR1)

    assert one.wait(WAIT_S) == -signal.SIGKILL
    assert other.wait(WAIT_S) == -signal.SIGUSR1


@pytest.mark.kills
def test_a_kernel_ends_with_the_connection_it_was_asked_for_on(kernel):
    one = kernel()

    one._lease.close()

    wait_for(lambda: not psutil.pid_exists(one.pid))
    one.returncode = 0


def test_a_folder_that_is_not_there_ends_the_kernel(kernel):
    assert kernel(cwd="/no/such/folder").wait(WAIT_S) == 1


@pytest.mark.kills
def test_kernels_end_with_the_fork_server_and_another_can_be_started(tmp_path):
    with tempfile.TemporaryDirectory(prefix="cl-") as folder:
        server = client.ForkServer(folder, executing.KERNEL_ENVIRONMENT)
        server.start()
        assert server.ready()
        first = server.address
        options = {"cwd": str(tmp_path), "env": dict(os.environ)}
        kernel = client.ForkedKernel(first, ["-f", str(tmp_path / "k.json")], **options)

        os.kill(server.pid, signal.SIGKILL)

        assert kernel.wait(WAIT_S) == -signal.SIGKILL
        wait_for(lambda: not psutil.pid_exists(kernel.pid))
        assert not server.ready()
        with pytest.raises(OSError, match=r"^no kernel was forked: "):
            client.ForkedKernel(first, [], **options)
        server.close()


def test_where_there_is_a_gpu_kernels_are_not_forked(monkeypatch):
    monkeypatch.delenv("CUDA_VISIBLE_DEVICES", raising=False)
    monkeypatch.setattr(Path, "exists", lambda path: str(path) == "/dev/nvidiactl")

    assert client.unforkable() == "there is a GPU, which a forked process could not use safely"
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "")
    assert client.unforkable() is None
