import contextlib
import json
import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

import pytest
from playwright.sync_api import sync_playwright

from convrnn_lab import reports
from tests.browser import chromium
from tests.browser.live import LiveNotebook

NOTEBOOKS = Path(__file__).parents[2] / "notebooks"


@pytest.fixture(scope="session")
def browser():
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium.path(), args=chromium.FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def open_page(browser):
    """Return a function that opens an address; what leaves the machine, or breaks, fails."""
    contexts = []

    def open_(address, *, width=1300, height=900, scheme="light", offline=False):
        context = browser.new_context(
            viewport={"width": width, "height": height}, color_scheme=scheme, offline=offline
        )
        page = context.new_page()
        page.left, page.faults = [], []
        page.on("request", lambda request: _note_request(page, request.url))
        page.on("pageerror", lambda error: _note_fault(page, error))
        contexts.append((context, page))
        page.goto(address)
        return page

    yield open_
    for context, page in contexts:
        context.close()
        assert page.left == []
        assert page.faults == []


def _note_fault(page, error):
    # JupyterLab has faults of its own; scripts of widgets run from blobs, those of pages inline.
    if page.url.startswith("file:") or "blob:" in (error.stack or ""):
        page.faults.append(error.stack)


def _note_request(page, url):
    # Voila asks for its icon font whatever the notebook is.
    if url.startswith(("http", "ws")) and "//127.0.0.1:" not in url and "fontawesome" not in url:
        page.left.append(url)


@pytest.fixture(scope="session")
def report(tmp_path_factory):
    """The report of notebook 01 with its own parameters, run once for all tests."""
    return reports.run("01_convolution", output=tmp_path_factory.mktemp("report"))


@contextlib.contextmanager
def server(folder, *command):
    """Start a Jupyter server on a free port of this machine, and end it with all its kernels."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    as_root = hasattr(os, "geteuid") and os.geteuid() == 0
    root = ["--allow-root"] if as_root and command[0] != "voila" else []
    environment = os.environ | {
        "JUPYTER_CONFIG_DIR": str(folder / "config"),
        "JUPYTER_DATA_DIR": str(folder / "data"),
        "JUPYTER_PLATFORM_DIRS": "0",
        "IPYTHONDIR": str(folder / "ipython"),
    }
    with (folder / "server.log").open("w") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", *command, "--no-browser", f"--port={port}", *root],
            cwd=folder,
            env=environment,
            stdout=log,
            stderr=subprocess.STDOUT,
        )
    address = f"http://127.0.0.1:{port}"
    try:
        for _ in range(600):
            if process.poll() is not None:
                pytest.fail((folder / "server.log").read_text())
            with contextlib.suppress(urllib.error.URLError, ConnectionError):
                urllib.request.urlopen(address, timeout=20).close()
                break
            time.sleep(0.1)
        yield address
    finally:
        process.terminate()
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


JUPYTER = ("--ip=127.0.0.1", "--IdentityProvider.token=", "--ServerApp.open_browser=False")


@pytest.fixture(scope="session")
def lab(tmp_path_factory):
    """The address of a JupyterLab with a copy of the notebooks."""
    folder = tmp_path_factory.mktemp("lab")
    for notebook in NOTEBOOKS.glob("*.ipynb"):
        shutil.copy(notebook, folder)
    settings = folder / "config" / "lab" / "user-settings" / "@jupyterlab" / "apputils-extension"
    settings.mkdir(parents=True)
    (settings / "notification.jupyterlab-settings").write_text(json.dumps({"fetchNews": "false"}))
    options = (*JUPYTER, "--LabApp.expose_app_in_browser=True", f"--ServerApp.root_dir={folder}")
    with server(folder, "jupyterlab", *options) as address:
        yield address


@pytest.fixture
def open_live(open_page, lab):
    """Return a function that opens a notebook and runs it until it has drawn `count` figures."""
    pages = []

    def open_(name, count):
        page = open_page(f"{lab}/lab/workspaces/test/tree/{name}.ipynb?reset")
        pages.append(page)
        return LiveNotebook(page, count)

    yield open_
    # Each test has a kernel of its own.
    for page in pages:
        page.evaluate(
            """fetch('/api/sessions').then(answer => answer.json()).then(sessions =>
                 Promise.all(sessions.map(({id}) => fetch(`/api/sessions/${id}`, {
                   method: 'DELETE',
                   headers: {'X-XSRFToken': document.cookie.match(/_xsrf=([^;]*)/)?.[1] ?? ''},
                 }))))"""
        )
