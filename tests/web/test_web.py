"""The browser's side: its unit tests, and that it is one module without a file beside it."""

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from convrnn_lab.explorer import assets

ROOT = Path(__file__).parents[2]
SOURCES = sorted(ROOT.glob("convrnn_lab/**/*.js"))


def node(*arguments, **options):
    """Run Node, or skip the test where there is none; in CI there must be one."""
    found = shutil.which("node")
    if found is None and os.environ.get("CI") == "true":
        pytest.fail("node is not installed; the JavaScript is not tested")
    if found is None:
        pytest.skip("node is not installed; the JavaScript is not tested")
    return subprocess.run(
        [found, *arguments], cwd=ROOT, text=True, capture_output=True, check=False, **options
    )


def test_the_browsers_side_passes_its_unit_tests():
    ended = node("--test", *map(str, sorted(Path(__file__).parent.glob("*.test.js"))))

    assert ended.returncode == 0, ended.stdout[-6000:]


@pytest.mark.parametrize("module", ["explorer", "index of a sweep"])
def test_the_modules_make_one_script_that_runs_without_a_page(module, tmp_path):
    if module == "explorer":
        text = assets.front_end()
    else:
        text = assets.joined(ROOT / "convrnn_lab" / "sweeps" / "index_page.js")
    script = tmp_path / "joined.mjs"
    script.write_text(text, "utf-8")

    ended = node(str(script))

    assert (ended.returncode, ended.stderr) == (0, "")
    assert re.findall(r"^import .*|^export (?!default).*", text, re.MULTILINE) == []


def test_the_script_of_a_widget_still_exports_what_anywidget_calls():
    assert assets.front_end().rstrip().endswith("export default { initialize, render };")


def test_a_missing_node_is_a_skip_and_in_ci_a_failure(monkeypatch):
    monkeypatch.setenv("PATH", "")
    monkeypatch.setenv("CI", "true")
    with pytest.raises(pytest.fail.Exception, match="node is not installed"):
        node("--version")
    monkeypatch.delenv("CI")
    with pytest.raises(pytest.skip.Exception, match="node is not installed"):
        node("--version")


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: path.name)
def test_no_script_makes_markup_of_text_and_all_are_checked_and_short(path):
    text = path.read_text("utf-8")

    assert re.findall(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write", text) == []
    assert text.startswith("// @ts-check\n")
    assert len(text.splitlines()) < 300
