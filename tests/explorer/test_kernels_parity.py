"""The browser's kernels compute what PyTorch computes, and refuse what it refuses."""

import json
import math
import re
import shutil

import numpy as np
import pytest
import torch

from convrnn_lab import models
from tests.explorer.kernel_cases import DRAWS, Case, draw_case
from tests.sampling import LEVEL, SEED
from tests.web.test_web import ROOT, node

pytestmark = pytest.mark.filterwarnings("ignore:Using padding='same' with even kernel lengths")

WEB = ROOT / "convrnn_lab" / "explorer" / "web"
RUNNER = ROOT / "tests" / "web" / "run_kernels.mjs"
COUNT = {"check": 100, "test": 500, "all": 5000}[LEVEL]
TOLERANCE = 1e-5  # largest difference of a tensor, over its largest absolute value


def answers(cases, folder, modules=WEB):
    """Return what the kernels in `modules` answer: tensors by their names, or a refusal."""
    blob = bytearray()

    def wire(value):
        if isinstance(value, dict):
            return {name: wire(each) for name, each in value.items()}
        if not isinstance(value, torch.Tensor):
            return value
        blob.extend(bytes(-len(blob) % 8))
        place = {"shape": list(value.shape), "at": len(blob), "dtype": str(value.dtype)[6:]}
        blob.extend(value.numpy().tobytes())
        return place

    calls = [
        {"kernel": case.kernel, "given": [wire(each) for each in case.given]} for case in cases
    ]
    (folder / "cases.json").write_text(json.dumps(calls), "utf-8")
    (folder / "cases.bin").write_bytes(blob or bytes(8))
    ended = node(str(RUNNER), str(modules), str(folder / "cases"), str(folder / "results"))
    assert ended.returncode == 0, ended.stderr
    numbers = np.fromfile(folder / "results.bin", dtype=np.float32)

    def tensor(found):
        assert found["type"] == "Float32Array"
        return numbers[found["at"] :][: math.prod(found["shape"])].reshape(found["shape"])

    return [
        answer.get("refusal") or {name: tensor(each) for name, each in answer["tensors"].items()}
        for answer in json.loads((folder / "results.json").read_text("utf-8"))
    ]


def expected(case):
    """Return PyTorch's tensors, rounded to single precision, or its error."""
    try:
        return {name: value.float().numpy() for name, value in case.reference().items()}
    except (RuntimeError, ValueError, TypeError, IndexError) as error:
        return f"{type(error).__name__}: {error}"


def relative_error(ours, theirs):
    """Return the largest difference over the largest absolute value; infinite where NaN differs."""
    finite = np.isfinite(theirs)
    alike = ours.shape == theirs.shape and np.array_equal(np.isfinite(ours), finite)
    if not alike or not np.array_equal(ours[~finite], theirs[~finite], equal_nan=True):
        return math.inf
    if not finite.any():
        return 0.0
    difference = float(np.abs(ours[finite].astype(float) - theirs[finite]).max())
    largest = float(np.abs(theirs[finite]).max())
    return difference / largest if largest else (math.inf if difference else 0.0)


def problem(ours, theirs):
    """Say in what an answer of ours differs from PyTorch's; None where they agree."""
    if isinstance(ours, str) and isinstance(theirs, str):
        return None if re.fullmatch(r"Error: [\w ']+ must be .+; got .+", ours) else ours
    if isinstance(ours, str) or isinstance(theirs, str):
        texts = [each if isinstance(each, str) else "computed" for each in (ours, theirs)]
        return f"ours: {texts[0]}; PyTorch: {texts[1]}"
    errors = {
        name: relative_error(ours[name], theirs[name]) if name in ours else math.inf
        for name in theirs
    }
    wrong = {name: error for name, error in errors.items() if not error <= TOLERANCE}
    return f"relative error {wrong}" if wrong else None


def described(case):
    def short(value):
        if isinstance(value, dict):
            return {name: short(each) for name, each in value.items()}
        return tuple(value.shape) if isinstance(value, torch.Tensor) else value

    return f"{case.kernel}{[short(each) for each in case.given]}"


def problems(cases, folder, modules=WEB):
    found = zip(cases, answers(cases, folder, modules), strict=True)
    return [
        f"{described(case)}: {text}"
        for case, ours in found
        if (text := problem(ours, expected(case)))
    ]


def test_kernels_compute_and_refuse_as_pytorch_does(tmp_path):
    kernels = list(DRAWS)
    cases = [draw_case(kernels[place % len(kernels)], SEED, place) for place in range(COUNT)]

    assert problems(cases, tmp_path) == []


PLANTED = [
    ("kernels.js", " a += weight", " a -= weight", "conv2d"),
    (
        "kernels.js",
        "Math.floor(total / 2), Math.ceil",
        "Math.ceil(total / 2), Math.floor",
        "conv1d",
    ),
    ("kernels.js", "wide - 2 * padding[axis]", "wide - padding[axis]", "convTranspose1d"),
    ("kernels.js", "2 * before <= taps", "before <= taps", "maxPool1d"),
    ("kernels.js", "? end - first : inside", "? inside : inside", "avgPool2d"),
    ("kernels_layers.js", "2 * n + 1", "2 * n + 2", "gelu"),
    ("kernels_layers.js", "step > row % rows", "step >= row % rows", "attention"),
    ("kernels_recurrent.js", "direction ? time - 1 - turn", "direction ? turn", "rnn"),
    ("kernels_recurrent.js", "at >= 2 * size &&", "at >= size &&", "lstm"),
    ("kernels_recurrent.js", "reset * fromState", "fromState", "gru"),
]


@pytest.mark.parametrize(("module", "right", "wrong", "kernel"), PLANTED)
def test_a_bug_planted_in_a_kernel_is_found(module, right, wrong, kernel, tmp_path):
    (tmp_path / "package.json").write_text('{"type": "module"}', "utf-8")
    for path in WEB.glob("kernels*.js"):
        shutil.copy(path, tmp_path)
    text = (tmp_path / module).read_text("utf-8")
    assert text.count(right) == 1
    (tmp_path / module).write_text(text.replace(right, wrong), "utf-8")

    assert problems([draw_case(kernel, 0, place) for place in range(150)], tmp_path, tmp_path) != []


def test_every_kernel_is_drawn():
    modules = [WEB / f"kernels{part}.js" for part in ("", "_layers", "_recurrent")]
    texts = [path.read_text("utf-8") for path in modules]

    exported = re.findall(r"^export const (\w+)", "".join(texts), re.MULTILINE)

    assert sorted(exported) == sorted(DRAWS)


LAYERS = {"conv": "conv2d", "relu": "relu", "pool": "maxPool2d", "dense": "linear"}


def test_the_shipped_network_gives_the_same_maps_and_logits(tmp_path):
    values = torch.rand(2, 1, 28, 28, generator=torch.Generator().manual_seed(SEED))
    cases = []
    for name, layer in models.trained_cnn().named_children():
        before, values = values, layer(values).detach()
        kernel = LAYERS.get(name[:-1])
        given = [2] if kernel == "maxPool2d" else [each.detach() for each in layer.parameters()]
        if kernel:
            cases.append(Case(kernel, [before, *given], lambda values=values: {"": values}))

    assert len(cases) == 9
    assert problems(cases, tmp_path) == []
