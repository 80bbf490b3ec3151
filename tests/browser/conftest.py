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
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import sync_playwright

from tests.browser import chromium
from tests.browser.live import PATIENCE_MS, LiveNotebook

NOTEBOOKS = Path(__file__).parents[2] / "notebooks"


@pytest.fixture(scope="session")
def browser():
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium.path(), args=chromium.FLAGS)
        yield browser
        browser.close()


def _opened(
    browser, address, *, width=1300, height=900, scheme="light", offline=False, touch=False
):
    """Open an address in a context of its own; the page keeps what leaves it and what breaks."""
    context = browser.new_context(
        viewport={"width": width, "height": height},
        color_scheme=scheme,
        offline=offline,
        has_touch=touch,
        is_mobile=touch,
    )
    context.set_default_timeout(PATIENCE_MS)
    page = context.new_page()
    page.left, page.faults = [], []
    page.on("request", lambda request: _note_request(page, request.url))
    page.on("pageerror", lambda error: _note_fault(page, error))
    page.goto(address)
    return page


@pytest.fixture
def open_page(browser):
    """Return a function that opens an address; what leaves the machine, or breaks, fails."""
    pages = []

    def open_(address, **options):
        pages.append(_opened(browser, address, **options))
        return pages[-1]

    yield open_
    for page in pages:
        page.context.close()
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
def report(report_of):
    """The report of notebook 01 with its own parameters, run once for all tests."""
    return report_of("01_convolution")


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
        for _ in range(1800):
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
    """A JupyterLab with a copy of the notebooks."""
    folder = tmp_path_factory.mktemp("lab")
    for notebook in NOTEBOOKS.glob("*.ipynb"):
        shutil.copy(notebook, folder)
    settings = folder / "config" / "lab" / "user-settings" / "@jupyterlab" / "apputils-extension"
    settings.mkdir(parents=True)
    (settings / "notification.jupyterlab-settings").write_text(json.dumps({"fetchNews": "false"}))
    options = (*JUPYTER, "--LabApp.expose_app_in_browser=True", f"--ServerApp.root_dir={folder}")
    with server(folder, "jupyterlab", *options) as address:
        yield Lab(address, folder)


@dataclass(frozen=True)
class Lab:
    """A JupyterLab at an address, and the folder that it shows."""

    address: str
    folder: Path

    def of(self, name):
        """Return the address of a notebook, in a workspace of its own."""
        return f"{self.address}/lab/workspaces/{name}/tree/{name}.ipynb?reset"

    def copy(self, name):
        """Return the address of a copy: the same file has the same kernel for all pages."""
        copied = f"{name}-{len(list(self.folder.glob('*.ipynb')))}"
        shutil.copy(NOTEBOOKS / f"{name}.ipynb", self.folder / f"{copied}.ipynb")
        return self.of(copied)


@pytest.fixture
def open_live(open_page, lab):
    """Return a function that opens a notebook and runs it until it has drawn `count` figures.

    It is for tests that kill the kernel or leave something behind; others take `live_notebook`.
    """
    pages = []

    def open_(name, count):
        pages.append(open_page(lab.copy(name)))
        return LiveNotebook(pages[-1], count)

    yield open_
    for page in pages:
        end_kernel(page)


def end_kernel(page):
    """End the kernel of the notebook that a page shows."""
    page.evaluate(
        """async () => {
          const token = document.cookie.match(/_xsrf=([^;]*)/)?.[1] ?? '';
          const id = window.jupyterapp?.shell.currentWidget?.sessionContext.session?.id;
          if (id) await fetch(`/api/sessions/${id}`, {
            method: 'DELETE', headers: {'X-XSRFToken': token},
          });
        }"""
    )


@pytest.fixture(scope="session")
def _opened_notebooks(browser, lab):
    opened = {}
    yield opened
    for live in opened.values():
        live.page.context.close()


@pytest.fixture
def live_notebook(browser, lab, _opened_notebooks):
    """Return a function that gives a notebook in JupyterLab, its controls as at the start.

    It is opened and run once for all tests; only tests that kill or fill it open their own.
    """
    given = []

    def open_(name, count):
        if name not in _opened_notebooks:
            page = _opened(browser, lab.of(name))
            _opened_notebooks[name] = LiveNotebook(page, count)
        else:
            _opened_notebooks[name].start_over()
        given.append(_opened_notebooks[name])
        return given[-1]

    yield open_
    for live in given:
        assert live.page.left == []
        assert live.page.faults == []
