"""Find a Chromium for the tests, and install one where there is none: `python -m` this module."""

import os
import shutil
import subprocess
import sys

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")

FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
"""No service of the browser's maker is asked for anything while it is tested."""


def path():
    """Return the path of a browser on this machine, or None, which means Playwright's own."""
    return next((found for found in map(shutil.which, NAMES) if found), None)


def install():
    """Install a browser if there is none: Debian's as a package, else Playwright's."""
    if path():
        return
    if shutil.which("apt-get"):
        root = [] if os.geteuid() == 0 else ["sudo"]
        environment = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
        for command in (["update"], ["install", "--yes", "chromium"]):
            subprocess.run([*root, "apt-get", "--quiet", *command], check=True, env=environment)
    else:
        subprocess.run([sys.executable, "-m", "playwright", "install", "chromium"], check=True)


if __name__ == "__main__":
    install()
