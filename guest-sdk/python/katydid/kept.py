"""What a scenario keeps beside its users: the answer of `@setup`, and states that outlive an exchange of
modules. Any value that a call may have, as JSON that other languages can read too."""

from __future__ import annotations

import base64
import json
from datetime import datetime
from typing import Any

from .values import DateTime

__all__ = ["read", "written"]

_BINARY, _DATE = "$binary", "$date-time"


def written(value: Any) -> bytes:
    """The value as bytes; raises `TypeError` with what cannot be kept."""
    return json.dumps(value, default=_otherwise, separators=(",", ":")).encode()


def read(data: bytes) -> Any:
    """The value; raises `ValueError` where another language wrote something else."""
    try:
        return json.loads(data, object_hook=_object)
    except ValueError:
        raise ValueError("what was kept is not JSON: another language's version wrote it") from None


def _otherwise(value: Any) -> Any:
    if isinstance(value, (bytes, bytearray, memoryview)):
        return {_BINARY: base64.b64encode(bytes(value)).decode()}
    if isinstance(value, datetime):
        return {_DATE: value.isoformat()}
    raise TypeError(
        f"a value of the type {type(value).__name__} cannot be kept, only such as a call may have"
    )


def _object(members: dict[str, Any]) -> Any:
    if len(members) == 1:
        if _BINARY in members:
            return base64.b64decode(members[_BINARY])
        if _DATE in members:
            text = members[_DATE]
            try:
                return datetime.fromisoformat(text)
            except ValueError:
                return DateTime(text)
    return members
