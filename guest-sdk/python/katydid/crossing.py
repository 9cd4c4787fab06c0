"""How values cross the boundary for less than the generated bindings take.

The runtime of `componentize-py` makes each value that it hands to Python, and each result that it is handed, by
calling a class of the bindings, a function in Python every time. It looks these classes up only after the
module of the scenario is there: what stands in their places by then is what it calls.
"""

from __future__ import annotations

from contextvars import ContextVar
from typing import Any, Callable

from . import nodes

__all__ = ["Ok", "install", "number"]


class _AsItIs(type):
    # Nobody ever sets it, so what it answers is the default that it is given: no other function that is
    # written in C answers whatever it is called with.
    __call__: Any = ContextVar("nothing").get


class Ok(metaclass=_AsItIs):
    """A good result. One that is received is the bare value; exports that have a result answer `Ok.of(value)`."""

    __slots__ = ("value",)

    value: Any

    @classmethod
    def of(cls, value: Any) -> Ok:
        """A result that is answered."""
        made = cls.__new__(cls)
        made.value = value
        return made


def install(types: Any, data: Any) -> None:
    """Puts them in the places of the bindings' own."""
    types.Ok = Ok
    data.Node_Array = nodes.Array
    data.Node_Binary = nodes.Binary
    data.Node_Boolean = nodes.Boolean
    data.Node_DateTime = nodes.DateTimeText
    data.Node_Double = nodes.Double
    data.Node_Int = nodes.Int
    data.Node_Long = nodes.Long
    data.Node_Member = nodes.Member
    data.Node_Members = nodes.Members
    data.Node_Nil = nodes.Nil
    data.Node_Text = nodes.Text


class _Asked(Exception):
    """In place of a call."""


def number(module: Any, function: Callable[..., Any], parameters: int) -> int:
    """Which import a function of the bindings calls: those that have a result expect the bindings' own `Ok`."""

    class Asking:
        @staticmethod
        def call_import(number: int, _: Any) -> None:
            raise _Asked(number)

    runtime = module.componentize_py_runtime
    module.componentize_py_runtime = Asking
    try:
        function(*[None] * parameters)
    except _Asked as asked:
        return int(asked.args[0])
    finally:
        module.componentize_py_runtime = runtime
    raise RuntimeError(f"{function} calls no import")
