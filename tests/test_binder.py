"""The Binder environment, held against pyproject.toml and constraints.txt."""

import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
CONDA = {"torch": "pytorch-cpu", "numpy": "numpy", "pillow": "pillow"}


def requirements(*extras):
    listed = [*PROJECT["dependencies"]]
    for extra in extras:
        listed += PROJECT["optional-dependencies"][extra]
    found = {canonicalize_name(each.name): each for each in map(Requirement, listed)}
    found.pop("convrnn-lab", None)
    return found


@pytest.fixture(scope="module")
def pins():
    lines = (ROOT / "constraints.txt").read_text("utf-8").splitlines()
    listed = [Requirement(line) for line in lines if line and not line.startswith("#")]
    return {canonicalize_name(each.name): str(each.specifier).removeprefix("==") for each in listed}


@pytest.fixture(scope="module")
def environment():
    return yaml.safe_load((ROOT / "binder" / "environment.yml").read_text("utf-8"))


def test_everything_the_project_needs_is_pinned_inside_its_range(pins):
    for name, requirement in requirements("lab", "test").items():
        assert requirement.specifier.contains(pins[name]), name


def test_every_pin_is_exact_and_names_no_address(pins):
    assert all(re.fullmatch(r"[\w.]+", version) for version in pins.values())
    assert pins["torch"] == "2.13.0"


def test_binder_has_what_a_notebook_needs_at_the_tested_versions(environment, pins):
    *conda, pip = environment["dependencies"]
    needed = requirements("lab")

    pinned = dict(line.split("==") for line in pip["pip"])

    assert set(pinned) == set(needed) - set(CONDA)
    assert pinned == {name: pins[name] for name in pinned}
    assert f"pytorch-cpu={'.'.join(pins['torch'].split('.')[:2])}.*" in conda
    for name in ("numpy", "pillow"):
        (line,) = [each for each in conda if each.startswith(name)]
        assert Requirement(line).specifier == needed[name].specifier
    assert f"python={PROJECT['requires-python'].removeprefix('>=')}" in conda


def test_the_start_opens_the_first_notebook():
    script = ROOT / "binder" / "start"

    done = subprocess.run([script, "echo", "server"], capture_output=True, text=True, check=True)

    assert done.stdout == "server --ServerApp.default_url=/lab/tree/notebooks/00_start.ipynb\n"
    assert (ROOT / "notebooks" / "00_start.ipynb").exists()


def test_repo2docker_accepts_it_and_adds_the_package_last():
    done = subprocess.run(
        [sys.executable, "-m", "repo2docker", "--no-build", "--debug", "."],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 0, done.stderr
    steps = done.stdout
    assert steps.index("binder/environment.yml") < steps.index("binder/postBuild")
    post = (ROOT / "binder" / "postBuild").read_text("utf-8")
    assert "pip install --no-cache-dir --no-deps ." in post


def test_hooks_use_the_tested_versions(pins):
    hooks = yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text("utf-8"))

    for hook in hooks["repos"][0]["hooks"]:
        for dependency in hook["additional_dependencies"]:
            name, version = dependency.split("==")
            assert pins[name] == version


def test_the_hooks_are_valid():
    command = [sys.executable, "-m", "pre_commit", "validate-config"]

    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
