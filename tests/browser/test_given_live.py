"""What a reader gives in a live notebook: the browser draws at once, and PyTorch confirms."""

import re

import pytest
import torch

from tests.browser.live import HANDLE
from tests.browser.test_given import SOBEL, close, convolved, typed

pytestmark = pytest.mark.browser


def test_pytorch_confirms_an_edited_kernel_and_a_difference_is_a_loud_fault(live_notebook):
    live = live_notebook("00_start", 1)
    live.run(
        "import gc\n"
        "from convrnn_lab.explorers import Explorer\n"
        "made = [e for e in gc.get_objects() if isinstance(e, Explorer)][0]"
    )
    confirmed = live.page.locator(".cl-confirmed")
    shown = live.values(0)
    assert (shown["image"], shown["kernel"]) == ("digit 3", "Sobel x")

    typed(live.page, 1, "0.3")
    confirmed.filter(
        has_text=re.compile(r"^= PyTorch, (within \d+e−\d+|in every digit)$")
    ).wait_for()

    close(
        live.settled(0).trace("output")["z"],
        convolved([[-1.0, 0.3, 1.0], *SOBEL[1:]], stride=int(shown["stride"])),
    )
    live.says("made.error", "None")

    # And a setting that the browser computes; the edit stays.
    live.control("stride").locator(HANDLE).press("ArrowRight")
    confirmed.filter(has_text=re.compile(r"^= PyTorch")).wait_for()
    close(
        live.settled(0).trace("output")["z"],
        convolved([[-1.0, 0.3, 1.0], *SOBEL[1:]], stride=int(shown["stride"]) + 1),
    )
    live.says("made.values['stride']", str(int(shown["stride"]) + 1))

    live.run(
        "from convrnn_lab.explorer import computed\n"
        "right = computed.OPERATIONS['convolution']\n"
        "computed.OPERATIONS['convolution'] = lambda *given: right(*given) + 0.1"
    )
    typed(live.page, 1, "0.4")
    confirmed.filter(has_text="the browser computed output otherwise than PyTorch").wait_for()
    live.says("type(made.error).__name__", "ArithmeticError")
    live.run("computed.OPERATIONS['convolution'] = right; made.error = None")
    assert torch.tensor(live.settled(0).trace("weight")["z"]).shape == (3, 3)
