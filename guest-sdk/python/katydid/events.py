"""Requests that the scenario made and timed by its own means: they stand in the same statistics."""

from __future__ import annotations

from types import TracebackType
from typing import Optional

from . import host
from .failures import EndIteration, Failure, Interrupt, Reported, StopUser
from .waits import micros

__all__ = ["measure", "request_failure", "request_success"]

_MOST = 2**64 - 1


def request_success(request_type: str, name: str, response_time: float, response_length: int = 0) -> None:
    """Counts a request that had a good reply: its kind (`grpc`), what it is counted under, how long it took
    in seconds, and the length of the reply in bytes."""
    host.current.request_success(
        host.fit(request_type), host.fit(name), micros(response_time), _length(response_length)
    )


def request_failure(
    request_type: str, name: str, response_time: float, response_length: int = 0, reason: object = "failed"
) -> None:
    """Counts a request that failed for this reason."""
    host.current.request_failure(
        host.fit(request_type),
        host.fit(name),
        micros(response_time),
        _length(response_length),
        host.fit(reason),
    )


def _length(length: int) -> int:
    return min(max(int(length), 0), _MOST)


class measure:
    """Times what a block does, and counts it as one request.

        with measure("grpc", "pay.Charge") as request:
            reply = charge(42)
            request.length = len(reply)

    Where the block raises, the request failed, for that reason. Outside the block it is then `Reported`:
    data, as every failed request, and no failed iteration.
    """

    def __init__(self, request_type: str, name: str) -> None:
        self._type = request_type
        self._name = name
        self._began = 0
        self.length: int = 0
        """Length of the reply, in bytes."""

    def __enter__(self) -> measure:
        self._began = host.current.now_us()
        return self

    def __exit__(
        self,
        kind: Optional[type[BaseException]],
        error: Optional[BaseException],
        traceback: Optional[TracebackType],
    ) -> None:
        took = (host.current.now_us() - self._began) / 1e6
        if error is None or isinstance(error, (EndIteration, Interrupt, StopUser)):
            request_success(self._type, self._name, took, self.length)
            return
        reason = str(error) or type(error).__name__
        request_failure(self._type, self._name, took, self.length, reason)
        if isinstance(error, Exception) and not isinstance(error, Failure):
            raise Reported(reason) from error
