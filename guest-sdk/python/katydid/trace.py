"""What is told of an exception: its message, and where in the scenario's own files it came from."""

from __future__ import annotations

import os
import types
from typing import Optional

from . import host
from .failures import Failure

__all__ = ["SOURCES", "told"]

SOURCES: dict[str, tuple[str, list[str]]] = {}
"""Of each file of the scenario, by the name that code knows it by: the name that people do, and its lines. A
component has no files, so they are kept from when it was built."""

_OWN = os.path.dirname(os.path.abspath(__file__))
_MOST = 5


def told(error: BaseException) -> str:
    """The message with its kind, then where it was raised, in Python's own form: the innermost places, the
    last one last.

        KeyError: 'token'
          File "api_user.py", line 12, in log_in
            self.token = reply["token"]
    """
    lines = [headline(error)]
    cause = error.__cause__
    for _ in range(3):
        if cause is None:
            break
        lines.append(f"  because of {headline(cause)}")
        cause = cause.__cause__
    places = _places(error.__traceback__)
    if len(places) > _MOST:
        lines.append(f"  ... {len(places) - _MOST} calls before")
    for name, line, function in places[-_MOST:]:
        shown, text = SOURCES.get(name, (name, []))
        lines.append(f'  File "{shown}", line {line}, in {function}')
        if 0 < line <= len(text):
            lines.append(f"    {text[line - 1].strip()}")
    return host.fit("\n".join(lines))


def headline(error: BaseException) -> str:
    """Kind and message, as Python ends its tracebacks."""
    try:
        message = str(error)
    except Exception:
        message = "(its message cannot be had)"
    if isinstance(error, Failure):
        return message
    kind = type(error)
    name = kind.__qualname__
    if kind.__module__ not in ("builtins", "__main__") and not kind.__module__.startswith("katydid"):
        name = f"{kind.__module__}.{name}"
    return f"{name}: {message}" if message else name


def _places(traceback: Optional[types.TracebackType]) -> list[tuple[str, int, str]]:
    """Where it passed, without this package's own frames."""
    places = []
    while traceback is not None:
        code = traceback.tb_frame.f_code
        if not code.co_filename.startswith(_OWN):
            places.append((code.co_filename, traceback.tb_lineno or 0, code.co_qualname))
        traceback = traceback.tb_next
    return places
