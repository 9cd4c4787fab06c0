"""Values that JSON says as XML-RPC does: these cross the boundary as text, for less than nodes take.

The functions in C that the module `json` is made of do the work; around them stands what makes them say no
more and nothing else than `values.encode`.
"""

from __future__ import annotations

import re
from json import JSONDecoder
from json.encoder import c_make_encoder, encode_basestring
from typing import Any, NoReturn, Optional

__all__ = ["decode", "encode"]

_MOST_LEVELS = 16
"""Of what is nested: the functions in C recurse. What goes deeper crosses as nodes."""

_SCALARS = frozenset((int, float, str, bool, type(None)))
_LONG = re.compile(r"\d{19}")
"""An integer that may have more than 64 bits."""


def encode(arguments: tuple[Any, ...]) -> Optional[str]:
    """The arguments of a call as JSON, with commas between them; none where they are to cross as nodes."""
    text = ""
    for argument in arguments:
        # What is sent most takes twice as long to make as to find.
        if type(argument) is int and 0 <= argument < _MOST_SMALL:
            text = f"{text},{_SMALL[argument]}" if text else _SMALL[argument]
        else:
            return _encode(arguments)
    return text


_MOST_SMALL = 1_000
_SMALL = [str(number) for number in range(_MOST_SMALL)]


def _encode(arguments: tuple[Any, ...]) -> Optional[str]:
    for argument in arguments:
        if type(argument) not in _SCALARS and not _plain(argument, _MOST_LEVELS):
            return None
    try:
        text = "".join(_written(arguments, 0))[1:-1]
        if not text.isascii():
            # Halves of characters are told by who makes nodes.
            text.encode()
    except ValueError:
        return None
    return None if len(text) > 18 and _LONG.search(text) else text


def _plain(value: Any, levels: int) -> bool:
    kind = type(value)
    if kind is dict:
        # Other names would be made texts.
        if not _NAMES.issuperset(map(type, value)):
            return False
        value = value.values()
    elif kind is not list and kind is not tuple:
        return kind in _SCALARS
    if _SCALARS.issuperset(map(type, value)):
        return True
    return levels > 0 and all(_plain(item, levels - 1) for item in value)


_NAMES = frozenset((str,))


def _unknown(value: Any) -> NoReturn:
    raise ValueError(type(value))


_written: Any = c_make_encoder(None, _unknown, encode_basestring, None, ":", ",", False, False, False)
_read = JSONDecoder().scan_once


def decode(text: str) -> Any:
    """The value of a reply."""
    # Of one that is a number, for half of what it takes to look for anything.
    return int(text) if text.isdecimal() else _read(text, 0)[0]
