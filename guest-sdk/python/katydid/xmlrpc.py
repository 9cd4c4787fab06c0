"""For who comes from `xmlrpc.client`: `from katydid.xmlrpc import ServerProxy, Fault`.

The proxy calls the target of the run, whatever address it is given; values are Python's own, as with
`use_builtin_types=True`.
"""

from __future__ import annotations

from typing import Any, Optional

from . import running
from .client import Exchange
from .failures import Failure, Fault, ProtocolError

__all__ = ["Error", "Fault", "ProtocolError", "ServerProxy"]

Error = Failure
"""What every failed call raises."""


class ServerProxy:
    """Calls the target of the run: `ServerProxy(self.host).get_time()`.

    To be derived from and wrapped, as load tests do. A call is counted when the next one is made, when the
    iteration ends, or when the wrapper fires an event of the method's name (`katydid.locust.events`): that
    one event then says what came of it, so that nothing is counted twice.
    """

    def __init__(self, uri: Optional[str] = None, **_: Any) -> None:
        """The address, and whatever else `xmlrpc.client` takes, is the run's to know."""

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(f"{type(self).__name__} has no {name}")
        return _Method(name)


class _Method:
    def __init__(self, name: str) -> None:
        self._name = name

    def __getattr__(self, name: str) -> _Method:
        if name.startswith("__"):
            raise AttributeError(f"a method has no {name}")
        return _Method(f"{self._name}.{name}")

    def __call__(self, *arguments: Any) -> Any:
        close()
        exchange = Exchange(self._name, arguments, None, None)
        call = Open(self._name, exchange)
        _OPEN.append(call)
        try:
            return exchange.reply()
        except Failure as failure:
            call.failure = failure
            raise


class Open:
    """A call that has its reply and is not counted yet."""

    def __init__(self, name: str, exchange: Exchange) -> None:
        self.name = name
        self.exchange = exchange
        self.failure: Optional[Failure] = None

    def judge(self, exception: Any) -> None:
        """Counts it, as an event about it says."""
        if exception is None and self.failure is not None:
            self.exchange.pass_()
        elif exception is not None and exception is not self.failure:
            self.exchange.fail(str(exception) or type(exception).__name__)
        else:
            # The reply says the same, and says it better.
            self.exchange.close()


_OPEN: list[Open] = []


def taken(name: str) -> Optional[Open]:
    """The call that an event of this name is about, if there is one that nothing was said of yet."""
    return _OPEN.pop() if _OPEN and _OPEN[-1].name == name else None


def close() -> None:
    """Lets the last call be counted by its reply."""
    while _OPEN:
        _OPEN.pop().exchange.close()


running.BETWEEN.append(close)
