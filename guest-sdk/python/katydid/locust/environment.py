"""Events and the environment, as far as a scenario needs them."""

from __future__ import annotations

from typing import Any, Callable, NoReturn, Optional

from .. import context, xmlrpc
from .. import events as counted

__all__ = ["Environment", "EventHook", "Events", "events"]


class EventHook:
    """Something that is fired and listened to, within one user's instance."""

    def __init__(self) -> None:
        self._listeners: list[Callable[..., Any]] = []

    def add_listener(self, listener: Callable[..., Any]) -> Callable[..., Any]:
        """Calls a function with what is fired; may stand before it as `@events.request.add_listener`."""
        self._listeners.append(listener)
        return listener

    def remove_listener(self, listener: Callable[..., Any]) -> None:
        """Calls it no more."""
        self._listeners.remove(listener)

    def __iadd__(self, listener: Callable[..., Any]) -> EventHook:
        self.add_listener(listener)
        return self

    def __isub__(self, listener: Callable[..., Any]) -> EventHook:
        self.remove_listener(listener)
        return self

    def fire(self, **said: Any) -> None:
        """Tells everybody who listens."""
        for listener in self._listeners:
            listener(**said)


class _Request(EventHook):
    """A request that the scenario made by its own means: it stands in the statistics."""

    def fire(  # type: ignore[override]
        self,
        *,
        request_type: str,
        name: str,
        response_time: Optional[float] = 0,
        response_length: Optional[int] = 0,
        exception: Any = None,
        **said: Any,
    ) -> None:
        """Counts it: once, whether it is a call of ours of that name or anybody else's. Times are
        milliseconds; those of a call of ours are the host's, which are better."""
        call = xmlrpc.taken(name)
        length = response_length or 0
        if call is not None:
            call.judge(exception)
        elif exception is None:
            counted.request_success(request_type, name, (response_time or 0) / 1e3, length)
        else:
            reason = str(exception) or type(exception).__name__
            counted.request_failure(request_type, name, (response_time or 0) / 1e3, length, reason)
        super().fire(
            request_type=request_type,
            name=name,
            response_time=response_time,
            response_length=response_length,
            exception=exception,
            **said,
        )


class _OldSuccess(EventHook):
    """Locust's `request_success` of before 2."""

    def __init__(self, request: _Request) -> None:
        super().__init__()
        self._request = request

    def fire(self, **said: Any) -> None:
        """The same as `request`, without an exception."""
        self._request.fire(**said)
        super().fire(**said)


class _OldFailure(_OldSuccess):
    """Locust's `request_failure` of before 2."""

    def fire(self, **said: Any) -> None:
        """The same as `request`, with an exception."""
        if said.get("exception") is None:
            said["exception"] = "failed"
        super().fire(**said)


class Events:
    """The events that there are."""

    def __init__(self) -> None:
        self.request = _Request()
        self.request_success = _OldSuccess(self.request)
        self.request_failure = _OldFailure(self.request)

    def __getattr__(self, name: str) -> NoReturn:
        raise AttributeError(f"katydid.locust has no events.{name}")


events = Events()
"""The one set of events, as `environment.events` is."""


class _Runner:
    """Who runs the test."""

    def quit(self) -> None:
        """Ends the run."""
        context.stop_run("the locustfile called runner.quit()")


class Environment:
    """What surrounds a user."""

    def __init__(self, host: Optional[str] = None) -> None:
        self.events = events
        self.host = host
        self.runner = _Runner()

    def __getattr__(self, name: str) -> NoReturn:
        raise AttributeError(f"katydid.locust has no environment.{name}")
