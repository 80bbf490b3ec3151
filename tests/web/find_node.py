"""Find Node for the tests of the browser's code, and install Debian's where there is none."""

import os
import shutil
import subprocess
import sys


def install() -> None:
    """Install Node and npm if they are missing."""
    if shutil.which("node") and shutil.which("npm"):
        return
    if not shutil.which("apt-get"):
        sys.exit("The browser's code is tested in Node 20 or later; please install node and npm.")
    root = [] if os.geteuid() == 0 else ["sudo"]
    environment = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
    for command in (["update"], ["install", "--yes", "nodejs", "npm"]):
        subprocess.run([*root, "apt-get", "--quiet", *command], check=True, env=environment)


if __name__ == "__main__":
    install()
