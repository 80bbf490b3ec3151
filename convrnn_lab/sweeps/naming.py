"""Names of files made of parameters: safe, unique, and as readable as that allows."""

from __future__ import annotations

import hashlib
import json
import re
import unicodedata
from collections.abc import Mapping

from convrnn_lab.reports.values import Value

_BYTES = 120  # with an ending and the prefix of a temporary file it stays under 255
_PLAIN = frozenset("._+-")
_HASHED = re.compile(r"-[0-9a-f]{10}$")
_RESERVED = frozenset(
    ["con", "prn", "aux", "nul", *(f"{port}{n}" for port in ("com", "lpt") for n in range(1, 10))]
)


def file_name(parameters: Mapping[str, Value], default: str) -> str:
    """Return the name, without an ending, of the files of a report with these parameters.

    It depends on nothing else, so a larger grid keeps the names of a smaller one. Letters and
    digits of every script stay as they are. Where something had to be replaced or cut, and where a
    file system could take two names for one, a part of a hash tells them apart.

    Parameters
    ----------
    parameters : dict
    default : str
        The name where there are no parameters.

    Examples
    --------
    >>> file_name({"hidden": 32, "cell": "LSTM"}, "small")
    'hidden=32,cell=LSTM-3772333c7e'
    >>> file_name({"hidden": 32, "rate": 0.5}, "small")
    'hidden=32,rate=0.5'
    """
    text = ",".join(f"{key}={_shown(value)}" for key, value in parameters.items()) or default
    safe = "".join(_character(each) for each in text)
    cut = safe.encode()[:_BYTES].decode(errors="ignore").rstrip(".")
    if cut == text and _unmistakable(cut) and not any(map(_ambiguous, parameters.values())):
        return cut
    return f"{cut.lstrip('.-') or 'report'}-{_digest(parameters or default)}"


def _unmistakable(name: str) -> bool:
    """Tell whether no file system takes the name for another one, and none of ours looks alike."""
    device = name.split(".", maxsplit=1)[0] in _RESERVED
    lower = name.isascii() and name == name.lower()
    return lower and not device and name[0].isalnum() and not _HASHED.search(name)


def _shown(value: Value) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return unicodedata.normalize("NFC", value) if isinstance(value, str) else str(value)


def _ambiguous(value: Value) -> bool:
    """Tell whether a value is written like another one: the text "5", "true" or "a,b=1"."""
    if isinstance(value, str):
        separators = set(value) & set(",=")
        return not value or bool(separators) or value in ("true", "false", "none") or _number(value)
    return isinstance(value, list)


def _number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def _character(character: str) -> str:
    if character.isalnum() or character in _PLAIN or character in ",=":
        return character
    # Marks belong to the letter before them: without them many scripts cannot be read.
    return character if unicodedata.category(character) in ("Mn", "Mc") else "_"


def _digest(parameters: Mapping[str, Value] | str) -> str:
    text = json.dumps(parameters, ensure_ascii=True, default=str)
    return hashlib.sha256(text.encode()).hexdigest()[:10]
