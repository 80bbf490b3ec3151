import pytest
import torch
from PIL import Image

from convrnn_lab import explorers
from tests import copied
from tests.sampling import sampled
from tests.topics.convolution.rounding import assert_rounded_sums

RAMP = torch.linspace(-1, 1, 12 * 9).reshape(12, 9)


def check(sheet, key, **own):
    """Run what is copied, and see that its layer makes the numbers of the sheet."""
    made = copied.run(sheet.code, **own)

    shown = next(trace for trace in sheet.traces if trace["name"] == "output")[key]
    layer = made["layer"].double()
    values = made["pixels" if key == "z" else "samples"].double()[None, None]
    exact = layer(values)[0, 0].detach()
    bias = layer.state_dict().get("bias", torch.zeros(1)).abs().item()
    for parameter in layer.parameters():
        parameter.data.abs_()
    magnitudes = layer(values.abs())[0, 0].detach()
    products = sum(each.numel() for each in layer.parameters())
    assert_rounded_sums(torch.from_numpy(shown), exact, magnitudes + bias, products)
    torch.testing.assert_close(made["output"].detach(), torch.from_numpy(shown), atol=1e-5, rtol=0)


@pytest.mark.filterwarnings("ignore:Using padding='same' with even kernel")
@pytest.mark.parametrize("make", [explorers.convolution, explorers.convolution1d])
def test_what_is_copied_makes_the_output_of_the_figure(make):
    explorer = make(bias=0.3, seed=4)
    places = {name: [0] for name in ("row", "column", "position")}
    for values in sampled(explorer.view.combinations(places), 40):
        if explorer.view.refusal(values) is None:
            sheet = explorer.view(**values)
            check(sheet, "z" if make is explorers.convolution else "y")


def test_what_is_copied_makes_the_output_of_the_transposed_convolution():
    explorer = explorers.transposed_convolution(row=0, column=0, output_row=0, output_column=0)
    places = {name: [0] for name in ("row", "column", "output_row", "output_column")}
    for values in sampled(explorer.view.combinations(places), 40):
        if explorer.view.refusal(values) is None:
            check(explorer.view(**values), "z")


def test_an_array_of_your_own_is_called_by_its_argument():
    check(explorers.convolution(RAMP, image_size=8).sheet(), "z", image=RAMP)
    check(explorers.transposed_convolution(RAMP).sheet(), "z", image=RAMP)
    check(explorers.convolution1d(RAMP[0], length=5).sheet(), "y", signal=RAMP[0])


def test_a_file_of_your_own_is_read_again(tmp_path):
    Image.linear_gradient("L").save(tmp_path / "own.png")

    check(explorers.convolution(tmp_path / "own.png", padding="same").sheet(), "z")


def test_the_line_of_pytorch_stands_among_what_is_copied():
    code = explorers.convolution1d(padding="causal", bias=0.5).sheet().code

    assert code == (
        'samples = data.signal("ECG")\n'
        "layer = torch.nn.Sequential(\n"
        "    torch.nn.ZeroPad1d((4, 0)),\n"
        "    torch.nn.Conv1d(1, 1, 5),\n"
        ")\n"
        'layer[1].weight.data[:] = data.kernel1d("Gaussian", 5)\n'
        "layer[1].bias.data[:] = 0.5\n"
        "output = layer(samples[None, None])[0, 0]"
    )
