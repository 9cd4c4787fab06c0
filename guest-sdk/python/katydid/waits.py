"""The pause between two iterations of a user, in Locust's words and, as there, in seconds."""

from __future__ import annotations

import math
import random
from functools import partial
from typing import Any

from . import host

__all__ = ["Wait", "between", "constant", "constant_pacing", "constant_throughput", "poisson"]


class Wait:
    """A wait time, made by one of this module's functions. The host carries it out.

    Called as a method (`self.wait_time()`), it answers how many seconds it would be now.
    """

    __slots__ = ("kind", "low", "high")

    def __init__(self, kind: str, low: int, high: int = 0) -> None:
        self.kind = kind
        """`constant`, `between`, `pacing` or `poisson`."""
        self.low = low
        """The figure, or the least one, in microseconds."""
        self.high = high
        """The greatest one, where there are two."""

    def __repr__(self) -> str:
        figures = f"{self.low}, {self.high}" if self.kind == "between" else str(self.low)
        return f"Wait({self.kind!r}, {figures})"

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Wait):
            return NotImplemented
        return (self.kind, self.low, self.high) == (other.kind, other.low, other.high)

    def __hash__(self) -> int:
        return hash((self.kind, self.low, self.high))

    def __get__(self, user: Any, owner: Any = None) -> Any:
        return self if user is None else partial(self.seconds, user)

    def seconds(self, user: Any = None) -> float:
        """How long to wait now. Pacing asks the user when its iteration began."""
        if self.kind == "constant":
            return self.low / 1e6
        if self.kind == "between":
            return random.randint(self.low, max(self.low, self.high)) / 1e6
        if self.kind == "poisson":
            return random.expovariate(1e6 / self.low) if self.low else 0.0
        # Noted on the user; a set has one.
        noted = user if hasattr(user, "_iteration_began") else getattr(user, "user", None)
        began = getattr(noted, "_iteration_began", None)
        spent = 0 if began is None else host.current.now_us() - began
        return max(0, self.low - spent) / 1e6


def constant(seconds: float) -> Wait:
    """Always so many seconds."""
    return Wait("constant", micros(seconds))


def between(low: float, high: float) -> Wait:
    """Uniformly between the two, in seconds, both included."""
    if low > high:
        raise ValueError(f"between({low}, {high}): the first is the shorter one; swap them")
    return Wait("between", micros(low), micros(high))


def constant_pacing(seconds: float) -> Wait:
    """An iteration starts so many seconds after the one before it, or at once where that one took longer."""
    return Wait("pacing", micros(seconds))


def constant_throughput(per_second: float) -> Wait:
    """Each user starts at most so many iterations in each second: pacing, said the other way around."""
    if not per_second > 0:
        raise ValueError(f"constant_throughput({per_second}): more than 0 in each second")
    return constant_pacing(1 / per_second)


def poisson(mean: float) -> Wait:
    """At random, so many seconds on average: a user's iterations come like the events of a Poisson
    process."""
    return Wait("poisson", micros(mean))


_MOST = 2**64 - 1


def micros(seconds: float) -> int:
    """Microseconds, rounded, as the contract has them. Less than nothing, and what is no number, is
    nothing."""
    us = seconds * 1e6
    if not us > 0:
        return 0
    return _MOST if math.isinf(us) else min(round(us), _MOST)
