"""What a scenario does beside its tasks: before and after the run, its load, its parameters."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Callable, Generic, Optional, TypeVar, Union, cast

from . import host

__all__ = ["Parameter", "Status", "arrivals", "setup", "shape", "teardown"]

F = TypeVar("F", bound=Callable[..., Any])
P = TypeVar("P", str, int, float, bool)

HOOK = "_katydid_hook"
"""Where a function notes which hook it is."""


def setup(function: F) -> F:
    """Runs a function once, before the first user exists, with a client. What it answers (any value
    that a call may have) every user reads by `setup_data()`. Where it raises, there is no run.

        @setup
        def log_in(client):
            return {"token": client.login("ada", "secret")}
    """
    return _mark(function, "setup")


def teardown(function: F) -> F:
    """Runs a function once, after the last user has gone, with a client."""
    return _mark(function, "teardown")


def shape(function: F) -> F:
    """Asks a function each second what load there is to be, with a `Status`: it answers a number of users,
    `arrivals(per_second)`, or `None` where the run has done enough.

        @shape
        def stairs(now):
            return 10 * (1 + now.elapsed // 60) if now.elapsed < 600 else None

    It may call nothing of the target's; it stays the same object of the same module while the run goes on.
    """
    return _mark(function, "shape")


def _mark(function: F, hook: str) -> F:
    if not callable(function):
        raise TypeError(f"@{hook} stands before a function, without brackets")
    setattr(function, HOOK, hook)
    return function


@dataclass(frozen=True)
class arrivals:
    """So many iterations begun in each second, whoever is free: what a `@shape` function may answer."""

    per_second: float


@dataclass(frozen=True)
class Status:
    """Where a run is, for a `@shape` function."""

    elapsed: float
    """Seconds since the run began."""
    users: int
    """Users alive."""
    requests: int
    """Requests since the run began."""
    failed: int
    """Those of them that failed."""
    requests_per_second: int
    """Requests of the last second."""
    p95: float
    """95th percentile of the response times of the last second, in seconds."""


DECLARED: list[Parameter[Any]] = []
"""Every parameter that was declared since the program, or the build, began."""

_KINDS = {str: "text", int: "integer", float: "number", bool: "boolean"}


class Parameter(Generic[P]):
    """A parameter of the run, declared at the top level of a module. A run whose value is not of its kind is
    refused before it begins, and so is one that gives what is not declared.

        TENANT = Parameter("tenant", "acme", about="whose data is read")    # a text
        PAGES = Parameter("pages", 10)                                      # a whole number
        TOKEN = Parameter("token", kind=str)                                # must be given

        self.client.search(TENANT.value, PAGES.value)
    """

    def __init__(self, name: str, default: Optional[P] = None, *, kind: Any = None, about: str = "") -> None:
        if kind is None:
            kind = str if default is None else type(default)
        if kind not in _KINDS:
            raise TypeError(f"the parameter {name!r} is a str, an int, a float or a bool, no {kind.__name__}")
        if default is not None and type(default) is not kind:
            raise TypeError(f"the parameter {name!r} is {kind.__name__}, its default {default!r} is not")
        self.name: str = name
        """What `--param name=value` calls it."""
        self.default: Optional[P] = default
        """Its value where the run gives none."""
        self.kind: type[P] = kind
        """What it holds: `str`, `int`, `float` or `bool`."""
        self.about: str = about
        """What it is for, in one line."""
        DECLARED.append(self)

    @property
    def value(self) -> P:
        """What the run gives, or else the default."""
        given = host.current.parameter(self.name)
        if given is None:
            if self.default is None:
                raise LookupError(f"the run gives no parameter {self.name!r}: --param {self.name}=...")
            return self.default
        value: Union[str, int, float, bool] = given
        if self.kind is bool:
            value = given == "true"
        elif self.kind is not str:
            value = self.kind(given)
        return cast(P, value)

    def described(self) -> tuple[str, str, Optional[str], str]:
        """Name, kind, default and purpose, in the contract's words."""
        default = self.default
        text = None if default is None else str(default).lower() if self.kind is bool else str(default)
        return self.name, _KINDS[self.kind], text, self.about

    def __repr__(self) -> str:
        return f"Parameter({self.name!r})"
