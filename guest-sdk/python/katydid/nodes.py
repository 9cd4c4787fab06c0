"""The nodes that documents cross the boundary as.

What arrives is made by the runtime, which calls a class of `Node` for each node; and since a node that holds
what it means is of no further use, such a class answers not an object of its own but the bare value. What is
sent must be an object of the class: `sent` makes it.
"""

from __future__ import annotations

from typing import Any

__all__ = [
    "Array",
    "Binary",
    "Boolean",
    "DateTimeText",
    "Double",
    "Int",
    "Long",
    "Member",
    "Members",
    "Nil",
    "Text",
    "received",
    "sent",
]


class Node:
    """One that is sent."""

    __slots__ = ("value",)

    value: Any

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.value!r})"


# To call a type that is written in C is a quarter of calling a function in Python.
class _AsNone(type):
    def __call__(cls) -> None:
        return None


class _AsBool(type):
    __call__: Any = bool


class _AsInt(type):
    __call__: Any = int


class _AsFloat(type):
    __call__: Any = float


class _AsStr(type):
    __call__: Any = str


class _AsBytes(type):
    __call__: Any = bytes


class Nil(Node, metaclass=_AsNone):
    """`<nil/>`."""

    __slots__ = ()


class Boolean(Node, metaclass=_AsBool):
    """`<boolean>`."""

    __slots__ = ()


class Int(Node, metaclass=_AsInt):
    """`<int>`: what fits 32 bits."""

    __slots__ = ()


class Long(Node, metaclass=_AsInt):
    """`<i8>`: what fits 64 bits."""

    __slots__ = ()


class Double(Node, metaclass=_AsFloat):
    """`<double>`."""

    __slots__ = ()


class Text(Node, metaclass=_AsStr):
    """`<string>`."""

    __slots__ = ()


class Binary(Node, metaclass=_AsBytes):
    """`<base64>`."""

    __slots__ = ()


class Member(Node, metaclass=_AsStr):
    """The name of a member; its value follows."""

    __slots__ = ()


class DateTimeText(Node):
    """`<dateTime.iso8601>`, as the text it is."""

    __slots__ = ()

    def __init__(self, value: str) -> None:
        self.value = value


class _Count(int):
    """Of what follows. A number, since those are made without any code in Python."""

    __slots__ = ()

    value = int.real

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.value})"


class Array(_Count):
    """`<array>`: so many values follow."""

    __slots__ = ()


class Members(_Count):
    """`<struct>`: so many members and values follow."""

    __slots__ = ()


def sent(kind: Any, value: Any = None) -> Any:
    """A node to be sent."""
    node = kind.__new__(kind)
    node.value = value
    return node


def received(nodes: list[Any]) -> list[Any]:
    """What becomes of nodes that are sent on their way to whoever receives them."""
    return [type(node)() if type(node) is Nil else type(node)(node.value) for node in nodes]
