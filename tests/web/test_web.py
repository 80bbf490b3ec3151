"""The browser's side: its unit tests, and that it is one module without a file beside it."""

import os
import re
import shutil
import subprocess
from collections import Counter
from pathlib import Path

import pytest

from convrnn_lab.explorer import assets

ROOT = Path(__file__).parents[2]
WEB = ROOT / "convrnn_lab" / "explorer" / "web"
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


def test_a_name_is_used_at_the_top_of_one_module_only():
    top = re.compile(r"^(?:export )?(?:async )?(?:function|class|const|let) (\w+)", re.MULTILINE)
    names = [name for path in WEB.glob("*.js") for name in top.findall(path.read_text("utf-8"))]

    assert [name for name, count in Counter(names).items() if count > 1] == []


def test_the_kernels_are_small_as_a_page_carries_them(tmp_path):
    paths = [shutil.copy(path, tmp_path) for path in WEB.glob("kernels*.js")]
    lines = [f'import {{ {path.stem} }} from "./{path.name}";\n' for path in map(Path, paths)]
    (tmp_path / "all.js").write_text("".join(lines), "utf-8")

    text = assets.joined(tmp_path / "all.js")

    assert len(text.encode()) < 25_000
    assert "/**\n" not in text


def test_the_script_of_a_widget_still_exports_what_anywidget_calls():
    assert assets.front_end().rstrip().endswith("export default { render };")


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
