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
from typing import Any, Union

__all__ = ["DateTime", "Unfit", "Value", "arrived", "date", "plain"]

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


def plain(arguments: tuple[Any, ...] | list[Any]) -> list[Any]:
    """The arguments of a call as values of no other types than `Value` has, nor of any that are derived from
    those; dates are `DateTime`. Raises `Unfit` with the place of what is none."""
    values: list[Any] = []
    try:
        for argument in arguments:
            values.append(_plain(argument))
    except Unfit as unfit:
        unfit.path = f"argument {len(values) + 1}{unfit.path}"
        raise
    except RecursionError:
        raise Unfit(f"argument {len(values) + 1} is nested too deeply, perhaps within itself") from None
    return values


def _plain(value: Any) -> Any:
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, DateTime):
        return DateTime(_text(str.__str__(value)))
    if isinstance(value, str):
        return _text(str.__str__(value))
    if isinstance(value, int):
        return _int(int(value))
    if isinstance(value, float):
        return float(value)
    if isinstance(value, (bytes, bytearray, memoryview)):
        return bytes(value)
    if isinstance(value, datetime):
        return _date_time(value)
    if isinstance(value, (list, tuple)):
        return _list(value)
    if isinstance(value, dict):
        return {_name(name): _member(name, item) for name, item in dict.items(value)}
    raise Unfit(f"{_a(value)} cannot be written as XML-RPC")


def _list(value: Any) -> list[Any]:
    items: list[Any] = []
    try:
        for item in value:
            items.append(_plain(item))
    except Unfit as unfit:
        unfit.path = f"[{len(items)}]{unfit.path}"
        raise
    return items


def _name(name: Any) -> str:
    if not isinstance(name, str):
        raise Unfit(f"the names of a struct are texts, {_a(name)} is none")
    return _text(str.__str__(name))


def _member(name: Any, item: Any) -> Any:
    try:
        return _plain(item)
    except Unfit as unfit:
        unfit.path = f"[{name!r}]{unfit.path}"
        raise


def _int(value: int) -> int:
    if -0x8000_0000_0000_0000 <= value <= 0x7FFF_FFFF_FFFF_FFFF:
        return value
    raise Unfit(f"an integer of {value.bit_length()} bits does not fit the 64 that XML-RPC has")


def _date_time(value: datetime) -> DateTime:
    if value.tzinfo is not None:
        raise Unfit(
            "a date of XML-RPC has no time zone; say which one is meant by `.astimezone(zone)` and leave "
            "it out by `.replace(tzinfo=None)`"
        )
    day = f"{value.year:04}{value.month:02}{value.day:02}"
    return DateTime(f"{day}T{value.hour:02}:{value.minute:02}:{value.second:02}")


def _text(text: str) -> str:
    """The text, if UTF-8 can say it. Python's strings may hold halves of a surrogate pair, which nobody
    reads."""
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise Unfit(f"a text with half a character (U+{ord(text[error.start]):04X})") from None
    return text


def _a(value: Any) -> str:
    name = type(value).__name__
    return f"{'an' if name[0] in 'aeiouAEIOU' else 'a'} {name}"


def arrived(value: Any) -> Any:
    """What somebody receives to whom a value of `plain` is sent."""
    if isinstance(value, DateTime):
        return date(value)
    if isinstance(value, list):
        return [arrived(item) for item in value]
    if isinstance(value, dict):
        return {name: arrived(item) for name, item in value.items()}
    return value


def date(text: str) -> datetime | DateTime:
    """The value of a `<dateTime.iso8601>`."""
    # The only two forms that say nothing but what a `datetime` without a time zone says: basic and extended.
    if (len(text) == 17 and text[8] == "T") or (len(text) == 19 and text[10] == "T"):
        try:
            read = datetime.fromisoformat(text)
        except ValueError:
            return DateTime(text)
        if read.tzinfo is None and read.microsecond == 0:
            return read
    return DateTime(text)
