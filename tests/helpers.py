"""What several tests need."""

import re

import pytest


def refused(message):
    """Expect a ``ValueError`` with exactly this text."""
    return pytest.raises(ValueError, match=f"^{re.escape(message)}$")


REFUSAL = re.compile(r"^[\w\[\]' ]+ must .+; got .+$", re.DOTALL)
"""The one form of a refusal."""
