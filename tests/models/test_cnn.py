import pytest
import torch
from safetensors.torch import save_file
from torch import nn

from convrnn_lab import checks, data, models
from tests.helpers import refused


def parameters(model):
    return sum(weight.numel() for weight in model.parameters())


def test_the_default_has_the_layers_and_weights_of_the_classic():
    model = models.cnn()

    names = " ".join(name for name, _ in model.named_children())
    assert names == "conv1 relu1 pool1 conv2 relu2 pool2 flatten dense1 relu3 dense2"
    # 28 -> 26 -> 13 -> 11 -> 5
    assert parameters(model) == (9 + 1) * 32 + (32 * 9 + 1) * 64 + (64 * 25 + 1) * 64 + 65 * 10
    assert parameters(model) == 121_930


@pytest.mark.parametrize("pooling", models.POOLINGS)
@pytest.mark.parametrize("stride", [1, 2])
@pytest.mark.parametrize("kernel_size", [1, 3, 4])
def test_every_setting_makes_a_model_that_runs(pooling, stride, kernel_size):
    model = models.cnn(
        filters=(3, 4, 5),
        kernel_size=kernel_size,
        stride=stride,
        padding=2,
        pooling=pooling,
        hidden=7,
        classes=6,
        image_size=25,
        channels=2,
    )

    assert model(torch.zeros(2, 2, 25, 25)).shape == (2, 6)
    kinds = {"max": nn.MaxPool2d, "average": nn.AvgPool2d, "none": ()}
    pools = [each for name, each in model.named_children() if name.startswith("pool")]
    assert len(pools) == (0 if pooling == "none" else 3)
    assert all(isinstance(each, kinds[pooling]) for each in pools)


def test_weights_come_from_the_seed_alone():
    torch.manual_seed(5)
    state = torch.random.get_rng_state()

    first, again, other = (models.cnn(seed=seed).dense2.weight for seed in (3, 3, 4))

    assert torch.equal(first, again)
    assert not torch.equal(first, other)
    assert torch.equal(torch.random.get_rng_state(), state)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (
            {"kernel_size": 14},
            "kernel_size must fit the input of conv2; got kernel_size=14 for 7 × 7 pixels",
        ),
        (
            {"kernel_size": 33, "padding": 2},
            "kernel_size must fit the input of conv1; "
            "got kernel_size=33 for 28 × 28 pixels with padding=2",
        ),
        (
            {"pool_size": 9},
            "kernel_size must fit the input of conv2; got kernel_size=3 for 2 × 2 pixels",
        ),
        (
            {"stride": 4},
            "pool_size must fit the input of pool2; got pool_size=2 for 1 × 1 pixels",
        ),
        ({"filters": ()}, "filters must be at least one integer; got ()"),
        ({"filters": (3, 0)}, "filters[1] must be an integer of at least 1; got 0"),
        ({"pooling": "lp"}, "pooling must be one of max, average, none; got 'lp'"),
        ({"hidden": 2.5}, "hidden must be an integer of at least 1; got 2.5"),
        (
            {"image_size": 10**5},
            "weight of dense1 must take at most 2.0 GiB; "
            "got shape (64, 39993600256), which takes 9535.2 GiB",
        ),
    ],
)
def test_a_setting_that_makes_no_model_is_refused(options, message):
    with refused(message):
        models.cnn(**options)


def test_the_shipped_weights_know_the_digits():
    digits, model = data.digits(), models.trained_cnn()

    with torch.no_grad():
        right = model(digits.test_images).argmax(1) == digits.test_labels

    assert not model.training
    assert {weight.dtype for weight in model.parameters()} == {torch.float32}
    assert right.float().mean() >= 0.97
    about = models.about_trained_cnn()
    assert set(about) == {"data", "epochs", "seed", "test accuracy", "command"}
    assert float(about["test accuracy"].split()[0]) == pytest.approx(
        right.float().mean().item(), abs=0.002
    )


def test_saved_weights_are_loaded_to_half_precision(tmp_path):
    model, path = models.cnn(seed=9), tmp_path / "own.safetensors"

    models.save_weights(model, path, {"seed": "9"})

    assert models.about_trained_cnn(path) == {"seed": "9"}
    assert [each.name for each in tmp_path.iterdir()] == ["own.safetensors"]
    for name, value in models.trained_cnn(path).state_dict().items():
        assert torch.equal(value, model.state_dict()[name].half().float())


def test_a_file_that_cannot_be_used_is_refused(tmp_path):
    missing, damaged, foreign = (tmp_path / name for name in "abc")
    models.save_weights(models.cnn(), damaged, {})
    damaged.write_bytes(damaged.read_bytes()[:-100])
    save_file({"weight": torch.zeros(3)}, foreign)
    other = tmp_path / "d"
    models.save_weights(models.cnn(hidden=65), other, {})

    for path in (missing, tmp_path):
        got = checks.shown(str(path))
        with refused(f"path must be a file of safetensors; got {got}, which is not there"):
            models.trained_cnn(path)
    with pytest.raises(ValueError, match=r"^path must be a file .+, which cannot be read \(.+\)$"):
        models.trained_cnn(damaged)
    for path, name, found, wanted in (
        (foreign, "conv1.bias", None, (32,)),
        (other, "dense1.bias", (65,), (64,)),
    ):
        with refused(
            f"path must be a file with the weights of cnn(); got {checks.shown(str(path))}, "
            f"where the shape of {name} is {found}, not {wanted}"
        ):
            models.trained_cnn(path)
