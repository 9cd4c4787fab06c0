"""Calls to the target. The host sends each call, times it and counts it exactly once."""

from __future__ import annotations

import math
from functools import partial
from types import TracebackType
from typing import Any, Optional, Union

from . import host
from .failures import Failure, Fault, ProtocolError, Rejected
from .values import Unfit, Value, plain

__all__ = ["Client", "Exchange", "Method", "Multicall", "refusing"]

_MULTICALL = "system.multicall"


class Client:
    """Calls the target of this user, as `self.client` of every user and task set.

    Each attribute is a method of the target, dotted ones too:

        self.client.get_time()
        self.client.system.listMethods()

    A call answers the value that came back, or raises a `Failure`: a `Fault`, a `Timeout` and so on. The
    names `call`, `request` and `multicall` are this class's own; methods of such a name, or of one that is no
    name in Python, are called by `call`.
    """

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(f"{type(self).__name__} has no {name}")
        if type(self).__getattr__ is _own_getattr:
            methods = self.__dict__
        else:
            # Kept beside the attributes, not among them: whoever derives from this class and wraps
            # `__getattr__` is asked each time.
            methods = self.__dict__.setdefault("_methods", {})
        method = methods.get(name)
        if method is None:
            method = methods[name] = Method(name)
        return method

    def call(self, method: str, /, *arguments: Any) -> Any:
        """Calls a method by its name and waits for the reply. Counted under that name."""
        return call(method if method.isascii() else host.fit(method), *arguments)

    def request(
        self, method: str, /, *arguments: Any, label: Optional[str] = None, timeout: Optional[float] = None
    ) -> Exchange:
        """A call with a name, a time-out or a verdict of its own (Locust's `catch_response`).

            with self.client.request("search", "tea", label="search, cold", timeout=0.5) as exchange:
                if not exchange.reply():
                    exchange.fail("nothing found")

        It is sent at once. `label` is what it is counted under in place of the method; `timeout` is the
        longest that it may take, in seconds, where the run's own is not shorter. Without a verdict it is
        counted by its reply, at the end of the block.
        """
        return Exchange(method, arguments, label, timeout)

    def multicall(self) -> Multicall:
        """Several calls in one request of the method `system.multicall`:

        calls = self.client.multicall()
        calls.get_time()
        calls.get_random_number(0, 100)
        for answer in calls.send():
            check("no fault inside", not isinstance(answer, Fault))

        """
        return Multicall()

    def __repr__(self) -> str:
        return f"{type(self).__name__}()"


_own_getattr = Client.__getattr__


class Method(partial[Any]):
    """A method of the target: calls it when called, and leads on to methods whose names go on with a dot."""

    # A `partial` is called in half the time that an object with `__call__` is.

    def __new__(cls, name: str) -> Method:
        method = super().__new__(cls, call, host.fit(name))
        method._name = name
        return method

    def __getattr__(self, name: str) -> Method:
        if name.startswith("__"):
            raise AttributeError(f"a method has no {name}")
        method = Method(f"{self._name}.{name}")
        self.__dict__[name] = method
        return method

    # These are the target's names too, whatever a `partial` has by them; and it would be a bound method of
    # whatever class it is an attribute of.
    func = property(lambda self: self.__getattr__("func"))  # type: ignore[assignment]
    args = property(lambda self: self.__getattr__("args"))  # type: ignore[assignment]
    keywords = property(lambda self: self.__getattr__("keywords"))  # type: ignore[assignment]

    def __get__(self, instance: object, owner: Any = None) -> Method:
        return self

    def __repr__(self) -> str:
        return f"<method {self._name}>"


class Exchange:
    """A call whose outcome the scenario judges after it has read the reply, made by `Client.request`.

    The request is counted when it is passed or failed, or else by its reply when the `with` block ends. Times
    are those of the exchange: thinking about the verdict costs the target nothing.
    """

    def __init__(
        self, method: str, arguments: tuple[Any, ...], label: Optional[str], timeout: Optional[float]
    ) -> None:
        self._host = host.current
        self._judged: Any = None
        self._failure: Optional[Failure] = None
        label = None if label is None else host.fit(label)
        ms = None if timeout is None else _milliseconds(timeout)
        try:
            self._judged = self._host.call_judged(host.fit(method), arguments, label, ms)
        except Unfit as unfit:
            # The host never sees it: counted as rejected, whatever the verdict.
            self._failure = _refused(method if label is None else label, unfit)

    def reply(self) -> Any:
        """The value that came back; raises a `Failure` where there is none. May be asked again."""
        if self._failure is not None:
            raise self._failure
        if self._judged is None:
            raise RuntimeError("the request was judged, or its block has ended: read the reply before")
        return self._host.judged_reply(self._judged)

    def pass_(self) -> None:
        """Counts the request as a success, whatever the reply was."""
        judged, self._judged = self._judged, None
        if judged is not None:
            self._host.judged_pass(judged)
            self._host.judged_drop(judged)

    def fail(self, reason: object) -> None:
        """Counts the request as a failure, for this reason."""
        judged, self._judged = self._judged, None
        if judged is not None:
            self._host.judged_fail(judged, host.fit(reason))
            self._host.judged_drop(judged)

    success = pass_
    """`pass_`, as Locust calls it."""
    failure = fail
    """`fail`, as Locust calls it."""

    def close(self) -> None:
        """Lets the request go: counted by its reply, where it was not judged. `with` does it."""
        judged, self._judged = self._judged, None
        if judged is not None:
            self._host.judged_drop(judged)

    def __del__(self) -> None:
        self.close()

    def __enter__(self) -> Exchange:
        return self

    def __exit__(
        self,
        kind: Optional[type[BaseException]],
        error: Optional[BaseException],
        traceback: Optional[TracebackType],
    ) -> None:
        self.close()


class Multicall:
    """Calls that are sent as one request of the method `system.multicall`, made by `Client.multicall`.

    The names `add` and `send` are this class's own.
    """

    def __init__(self) -> None:
        self._calls: list[dict[str, Any]] = []

    def __getattr__(self, name: str) -> _Inner:
        if name.startswith("__"):
            raise AttributeError(f"a multicall has no {name}")
        return _Inner(self, name)

    def add(self, method: str, /, *arguments: Any) -> Multicall:
        """Adds a call by the name of its method."""
        self._calls.append({"methodName": method, "params": list(arguments)})
        return self

    def __len__(self) -> int:
        return len(self._calls)

    def send(self) -> list[Union[Value, Failure]]:
        """Sends them all, and waits: one answer for each call, in their order; a `Fault` where it failed.

        Raises a `Failure` where the request itself has no good reply. The request is counted once; the calls
        in it are counted beside it, by method and fault.
        """
        answers = call(_MULTICALL, self._calls)
        if not isinstance(answers, list):
            raise ProtocolError(f"{_MULTICALL} of {len(self)} calls answered no array")
        if len(answers) != len(self):
            raise ProtocolError(f"{_MULTICALL} of {len(self)} calls answered {len(answers)} results")
        return [_answer(answer) for answer in answers]


class _Inner:
    """A call to be added."""

    def __init__(self, calls: Multicall, name: str) -> None:
        self._calls = calls
        self._name = name

    def __call__(self, *arguments: Any) -> None:
        self._calls.add(self._name, *arguments)

    def __getattr__(self, name: str) -> _Inner:
        if name.startswith("__"):
            raise AttributeError(f"a call has no {name}")
        return _Inner(self._calls, f"{self._name}.{name}")


def _answer(answer: Any) -> Any:
    """An array of the one result, or a struct with a fault."""
    if isinstance(answer, list) and len(answer) == 1:
        return answer[0]
    if isinstance(answer, dict) and type(answer.get("faultCode")) is int:
        message = answer.get("faultString")
        return Fault(answer["faultCode"], message if isinstance(message, str) else "")
    return ProtocolError("neither a result nor a fault")


def call(method: str, /, *arguments: Any) -> Any:
    """Calls a method of the target, whose name UTF-8 can say."""
    return host.current.call(method, *arguments)


def refusing(method: str, arguments: tuple[Any, ...]) -> list[Any]:
    """The arguments of a call as `plain` has them; where they cannot be, a request that was refused is
    counted."""
    try:
        return plain(arguments)
    except Unfit as unfit:
        raise _refused(method, unfit) from None


def _refused(name: str, unfit: Unfit) -> Rejected:
    """A call that cannot be written as XML-RPC. The host never sees it, so it is told here: each call is
    counted once."""
    rejected = Rejected(str(unfit))
    host.current.request_failure("xmlrpc", host.fit(name), 0, 0, host.fit(rejected))
    return rejected


def _milliseconds(seconds: float) -> int:
    """Rounded up, so that a short time-out is not none."""
    return min(max(math.ceil(seconds * 1e3), 1), 2**32 - 1)
