"""A wheel of this tree, installed where nothing of the tree is to be seen."""

import configparser
import os
import subprocess
import sys
import sysconfig
import zipfile
from pathlib import Path

import nbformat
import pandas as pd
import pytest

from convrnn_lab.reports import notebooks

ROOT = Path(__file__).parents[1]

pytestmark = [pytest.mark.kills, pytest.mark.xdist_group("wheel")]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "pip", "wheel", "--no-deps", "--quiet", "-w", folder, ROOT]
    subprocess.run(command, check=True, capture_output=True)
    (path,) = folder.glob("*.whl")
    return path


@pytest.fixture(scope="module")
def bare(wheel, tmp_path_factory):
    """Return a function that runs a program of an environment with the wheel in it.

    What the package needs is seen there, by a list of paths: in such a list, the line that leads
    this environment to the tree is not read.
    """
    home = tmp_path_factory.mktemp("bare")
    venv = home / "venv"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", venv], check=True)
    (site,) = venv.glob("lib/python*/site-packages")
    (site / "needed.pth").write_text(sysconfig.get_path("purelib"), "utf-8")
    install = ["--python", venv / "bin" / "python", "install", "--no-deps", "--no-index", "--quiet"]
    subprocess.run([sys.executable, "-m", "pip", *install, "--ignore-installed", wheel], check=True)
    names = {"PYTHONPATH", "VIRTUAL_ENV", "PYTEST_CURRENT_TEST"}
    environment = {name: value for name, value in os.environ.items() if name not in names}
    environment["JUPYTER_PATH"] = str(Path(sys.prefix) / "share" / "jupyter")

    def run(program, *arguments):
        command = [venv / "bin" / program, *map(str, arguments)]
        options = {"cwd": home, "env": environment, "capture_output": True, "text": True}
        done = subprocess.run(command, check=False, **options)
        assert done.returncode == 0, done.stderr
        return done.stdout

    run.home, run.site = home, site
    return run


def test_a_wheel_carries_every_file_of_the_package_and_nothing_else(wheel):
    names = set(zipfile.ZipFile(wheel).namelist())

    inside = (ROOT / "convrnn_lab").rglob("*")
    tree = {str(p.relative_to(ROOT)) for p in inside if p.is_file() and p.suffix != ".pyc"}
    shipped = {f"convrnn_lab/notebooks/{path.name}" for path in notebooks.shipped().values()}
    assert tree | shipped == {name for name in names if ".dist-info/" not in name}
    assert {Path(name).suffix for name in tree} >= {".pyi", ".js", ".css", ".safetensors", ".png"}
    assert "convrnn_lab/py.typed" in tree


def test_a_wheel_has_the_command_and_the_way_to_fork_kernels(wheel):
    archive = zipfile.ZipFile(wheel)
    (listed,) = (name for name in archive.namelist() if name.endswith("entry_points.txt"))
    found = configparser.ConfigParser()

    found.read_string(archive.read(listed).decode())

    assert {name: dict(found[name]) for name in found.sections()} == {
        "console_scripts": {"convrnn-lab": "convrnn_lab.cli:main"},
        "jupyter_client.kernel_provisioners": {
            "convrnn-lab-fork": "convrnn_lab.kernels.provisioner:ForkProvisioner"
        },
    }


def test_an_installed_wheel_lists_its_own_notebooks(bare):
    lines = bare("convrnn-lab", "list").splitlines()

    names = [line.split()[0] for line in lines if not line.startswith(" ")]
    assert names == list(notebooks.shipped())
    where = bare("python", "-c", "from convrnn_lab import reports; print(reports.find('cnn').path)")
    assert where == f"{bare.site / 'convrnn_lab' / 'notebooks' / '04_cnn.ipynb'}\n"


def test_an_installed_wheel_makes_reports_by_forked_kernels(bare):
    source = (
        "import convrnn_lab\n"
        "from convrnn_lab import data, explorers, models, reports, trace\n"
        "reports.record('home', convrnn_lab.__file__)\n"
        "weights = models.trained_cnn().parameters()\n"
        "reports.record('weights', sum(each.numel() for each in weights))\n"
        "reports.record('height', trace.convolution(\n"
        "    data.image('digit 3')[None], data.kernel('box', n)[None, None]).output.shape[-2])\n"
        "explorers.convolution(kernel_size=n)"
    )
    cells = [nbformat.v4.new_code_cell(text) for text in ("n: int = 3", source)]
    cells[0].metadata["tags"] = ["parameters"]
    nbformat.write(nbformat.v4.new_notebook(cells=cells), bare.home / "small.ipynb")

    bare("convrnn-lab", "sweep", "small.ipynb", "-g", "n=5", "-q", "-o", "study")

    (row,) = pd.read_parquet(bare.home / "study" / "results.parquet").to_dict("records")
    assert row["home"] == str(bare.site / "convrnn_lab" / "__init__.py")
    assert (row["weights"], row["height"], row["status"]) == (121_930, 24, "done")
    assert row["kernel"] == "forked"
    page = (bare.home / "study" / "reports" / "n=5.html").read_text("utf-8")
    assert "data-page" in page
