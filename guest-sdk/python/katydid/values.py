"""Python values to XML-RPC's and back.

| Python | XML-RPC |
|---|---|
| `None` | `<nil/>`, which many servers refuse |
| `bool` | `<boolean>` |
| `int` | `<int>` where it fits 32 bits, else `<i8>`; what does not fit 64 is an error |
| `float` | `<double>`; infinities and NaN are refused by the host |
| `str` | `<string>` |
| `bytes`, `bytearray`, `memoryview` | `<base64>`; read as `bytes` |
| `datetime.datetime`, without a time zone | `<dateTime.iso8601>` |
| `DateTime`, a `str` | `<dateTime.iso8601>`, as it is |
| `list`, `tuple` | `<array>`; read as a `list` |
| `dict` with names that are `str` | `<struct>`; of names that repeat the last wins |
"""

from __future__ import annotations

from datetime import datetime
from itertools import islice
from typing import Any, Union

from .nodes import (
    Array,
    Binary,
    Boolean,
    DateTimeText,
    Double,
    Int,
    Long,
    Member,
    Members,
    Nil,
    Text,
    sent,
)

__all__ = ["DateTime", "Unfit", "Value", "decode", "decode_one", "encode"]

Value = Union[None, bool, int, float, str, bytes, datetime, "DateTime", "list[Any]", "dict[str, Any]"]
"""What a reply may be."""


class DateTime(str):
    """A date that is kept as the text it was, since Python's `datetime` could not give it back unchanged.

    >>> DateTime("19980717T14:08:55Z")
    DateTime('19980717T14:08:55Z')
    """

    __slots__ = ()

    def __repr__(self) -> str:
        return f"DateTime({str.__repr__(self)})"


class Unfit(TypeError):
    """A value that cannot be written as XML-RPC."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why
        self.path = ""

    def __str__(self) -> str:
        return f"{self.path}: {self.why}" if self.path else self.why


def encode(arguments: tuple[Any, ...] | list[Any]) -> list[Any]:
    """The arguments of a call, as nodes in document order. Raises `Unfit` with the place of what is none."""
    nodes: list[Any] = []
    place = 0
    try:
        for argument in arguments:
            _write(argument, nodes)
            place += 1
    except Unfit as unfit:
        unfit.path = f"argument {place + 1}{unfit.path}"
        raise
    except RecursionError:
        raise Unfit(f"argument {place + 1} is nested too deeply, perhaps within itself") from None
    return nodes


_NIL = sent(Nil)
_TRUE = sent(Boolean, True)
_FALSE = sent(Boolean, False)

# Not `sent`, in the following: what makes nodes is what takes long here.
_new = object.__new__


def _write(value: Any, nodes: list[Any]) -> None:
    kind = type(value)
    if kind is str:
        node = _new(Text)
        node.value = value if value.isascii() else _text(value)
        nodes.append(node)
    elif kind is int:
        _write_int(value, nodes)
    elif kind is dict:
        nodes.append(Members(len(value)))
        for name, item in value.items():
            nodes.append(_MEMBERS.get(name) or _member(name))
            try:
                _write(item, nodes)
            except Unfit as unfit:
                unfit.path = f"[{name!r}]{unfit.path}"
                raise
    elif kind is list or kind is tuple:
        nodes.append(Array(len(value)))
        place = 0
        try:
            for item in value:
                _write(item, nodes)
                place += 1
        except Unfit as unfit:
            unfit.path = f"[{place}]{unfit.path}"
            raise
    elif kind is float:
        node = _new(Double)
        node.value = value
        nodes.append(node)
    elif value is None:
        nodes.append(_NIL)
    elif value is True:
        nodes.append(_TRUE)
    elif value is False:
        nodes.append(_FALSE)
    elif kind is bytes:
        nodes.append(sent(Binary, value))
    else:
        _write_rare(value, nodes)


def _write_int(value: int, nodes: list[Any]) -> None:
    if -0x8000_0000 <= value <= 0x7FFF_FFFF:
        node = _new(Int)
    elif -0x8000_0000_0000_0000 <= value <= 0x7FFF_FFFF_FFFF_FFFF:
        node = _new(Long)
    else:
        raise Unfit(f"an integer of {value.bit_length()} bits does not fit the 64 that XML-RPC has")
    node.value = value
    nodes.append(node)


def _write_rare(value: Any, nodes: list[Any]) -> None:
    """What is seldom sent: dates, and what is derived from the common types."""
    if isinstance(value, datetime):
        if value.tzinfo is not None:
            raise Unfit(
                "a date of XML-RPC has no time zone; say which one is meant by `.astimezone(zone)` and leave "
                "it out by `.replace(tzinfo=None)`"
            )
        text = f"{value.year:04}{value.month:02}{value.day:02}"
        nodes.append(DateTimeText(f"{text}T{value.hour:02}:{value.minute:02}:{value.second:02}"))
    elif isinstance(value, DateTime):
        nodes.append(DateTimeText(_text(str(value))))
    elif isinstance(value, (bytearray, memoryview, bytes)):
        nodes.append(sent(Binary, bytes(value)))
    elif isinstance(value, str):
        _write(str.__str__(value), nodes)
    elif isinstance(value, int):
        _write(int(value), nodes)
    elif isinstance(value, float):
        _write(float(value), nodes)
    elif isinstance(value, (list, tuple)):
        _write(list(value), nodes)
    elif isinstance(value, dict):
        _write(dict(value), nodes)
    else:
        raise Unfit(f"{_a(value)} cannot be written as XML-RPC")


def _text(text: str) -> str:
    """The text, if UTF-8 can say it. Python's strings may hold halves of a surrogate pair, which nobody
    reads."""
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise Unfit(f"a text with half a character (U+{ord(text[error.start]):04X})") from None
    return text


_MEMBERS: dict[Any, Member] = {}
"""Names that were sent before: a scenario has few, and sends them often."""
_MOST_MEMBERS = 1_000


def _member(name: Any) -> Member:
    if not isinstance(name, str):
        raise Unfit(f"the names of a struct are texts, {_a(name)} is none")
    name = _text(str.__str__(name))
    if len(_MEMBERS) >= _MOST_MEMBERS:
        _MEMBERS.clear()
    member = _MEMBERS[name] = sent(Member, name)
    return member


def _a(value: Any) -> str:
    name = type(value).__name__
    return f"{'an' if name[0] in 'aeiouAEIOU' else 'a'} {name}"


def decode(nodes: list[Any]) -> list[Any]:
    """The values of a document that arrived."""
    rest = iter(nodes)
    try:
        return [_read(node, rest) if type(node) in _MORE else node for node in rest]
    except StopIteration:
        raise ValueError("the document ends too early") from None


def decode_one(nodes: list[Any]) -> Any:
    """The value of a document of one."""
    # As `_read` has it, at once: a struct that holds no more than scalars.
    first = nodes[0] if nodes else None
    if type(first) is Members and len(nodes) == 2 * first + 1 and _MORE.isdisjoint(map(type, nodes[2::2])):
        return dict(zip(nodes[1::2], nodes[2::2]))
    (value,) = decode(nodes)
    return value


_MORE = frozenset((Array, Members, DateTimeText))
"""Nodes that are not the value that they mean."""


def _read(node: Any, rest: Any) -> Any:
    if type(node) is Array:
        values = [_read(item, rest) if type(item) in _MORE else item for item in islice(rest, node)]
        if len(values) < node:
            raise StopIteration
        return values
    if type(node) is Members:
        members = {}
        for _ in range(node):
            name = next(rest)
            item = next(rest)
            members[name] = _read(item, rest) if type(item) in _MORE else item
        return members
    return _date(node.value)


def _date(text: str) -> datetime | DateTime:
    # The only two forms that say nothing but what a `datetime` without a time zone says: basic and extended.
    if (len(text) == 17 and text[8] == "T") or (len(text) == 19 and text[10] == "T"):
        try:
            date = datetime.fromisoformat(text)
        except ValueError:
            return DateTime(text)
        if date.tzinfo is None and date.microsecond == 0:
            return date
    return DateTime(text)
