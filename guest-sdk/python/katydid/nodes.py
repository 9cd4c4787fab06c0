"""The nodes that documents cross the boundary as: the contract's own in a component, look-alikes
elsewhere."""

from __future__ import annotations

from dataclasses import dataclass

try:
    from wit_world.imports.data import (  # type: ignore[import-not-found]
        Node_Array as Array,
    )
    from wit_world.imports.data import (
        Node_Binary as Binary,
    )
    from wit_world.imports.data import (
        Node_Boolean as Boolean,
    )
    from wit_world.imports.data import (
        Node_DateTime as DateTimeText,
    )
    from wit_world.imports.data import (
        Node_Double as Double,
    )
    from wit_world.imports.data import (
        Node_Int as Int,
    )
    from wit_world.imports.data import (
        Node_Long as Long,
    )
    from wit_world.imports.data import (
        Node_Member as Member,
    )
    from wit_world.imports.data import (
        Node_Members as Members,
    )
    from wit_world.imports.data import (
        Node_Nil as Nil,
    )
    from wit_world.imports.data import (
        Node_Text as Text,
    )
except ImportError:

    @dataclass
    class Nil:
        """`<nil/>`."""

    @dataclass
    class Boolean:
        """`<boolean>`."""

        value: bool

    @dataclass
    class Int:
        """`<int>`: what fits 32 bits."""

        value: int

    @dataclass
    class Long:
        """`<i8>`: what fits 64 bits."""

        value: int

    @dataclass
    class Double:
        """`<double>`."""

        value: float

    @dataclass
    class Text:
        """`<string>`."""

        value: str

    @dataclass
    class DateTimeText:
        """`<dateTime.iso8601>`, as the text it is."""

        value: str

    @dataclass
    class Binary:
        """`<base64>`."""

        value: bytes

    @dataclass
    class Array:
        """`<array>`: so many values follow."""

        value: int

    @dataclass
    class Members:
        """`<struct>`: so many members and values follow."""

        value: int

    @dataclass
    class Member:
        """The name of a member; its value follows."""

        value: str


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
]
