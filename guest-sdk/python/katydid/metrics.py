"""Figures of the scenario's own: they stand in the statistics by name, beside the requests."""

from __future__ import annotations

from . import host

__all__ = ["counter", "gauge", "rate", "trend"]

_MOST = 2**64 - 1


def counter(name: str, add: int = 1) -> None:
    """Adds to a sum; never less than nothing."""
    host.current.counter(host.fit(name), _whole("counter", name, add))


def gauge(name: str, value: float) -> None:
    """Sets a value that goes up and down: the latest, the least and the most are kept."""
    host.current.gauge(host.fit(name), float(value))


def rate(name: str, hit: object) -> None:
    """Counts whether something held: the statistics show the share."""
    host.current.rate(host.fit(name), bool(hit))


def trend(name: str, value: float) -> None:
    """Records one value of a distribution, in a unit of your own; rounded, from 0."""
    host.current.trend(host.fit(name), _whole("trend", name, round(value)))


def _whole(kind: str, name: str, value: int) -> int:
    value = int(value)
    if not 0 <= value <= _MOST:
        raise ValueError(f"the {kind} {name!r} takes whole numbers from 0, of 64 bits; {value} is none")
    return value
