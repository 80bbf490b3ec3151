"""What several tests need."""

import re
import time

import pytest

WAIT_S = 300
"""How long a test waits for what must come: a state, on a machine that may be busy."""


def refused(message):
    """Expect a ``ValueError`` with exactly this text."""
    return pytest.raises(ValueError, match=f"^{re.escape(message)}$")


def wait_for(condition):
    """Wait until `condition` returns something true, and return that."""
    until = time.monotonic() + WAIT_S
    while time.monotonic() < until:
        if found := condition():
            return found
        time.sleep(0.05)
    raise AssertionError(f"it did not happen in {WAIT_S} s")


REFUSAL = re.compile(r"^[\w\[\]' ]+ must .+; got .+$", re.DOTALL)
"""The one form of a refusal."""
