"""The scenario as the host sees it: the contract's exports. Imported only in a component, once, when it is
built.

`componentize-py` runs a module and keeps the memory that it leaves: all that is imported and found out here
is there at once in each instance.
"""

from __future__ import annotations

import gc
import itertools
import os
import sys
import traceback
import types
from typing import Any, Optional

import componentize_py_types  # type: ignore[import-not-found]
import wit_world.exports.katydid_guest as wit  # type: ignore[import-not-found]
from componentize_py_runtime import call_import  # type: ignore[import-not-found]
from componentize_py_types import Err
from wit_world.imports import client, context, data, events, log, metrics  # type: ignore[import-not-found]

from . import crossing, describe, host, kept, nodes, runtime, trace, users
from .client import Client
from .crossing import Ok
from .describe import Class, Mistake, Scenario, place_of
from .failures import (
    Failure,
    Fault,
    Interrupted,
    ProtocolError,
    Rejected,
    StatusError,
    Timeout,
    TransportError,
)
from .hooks import Status, arrivals
from .running import Ended, Next, Running
from .tasks import task
from .waits import Wait

__all__ = ["KatydidGuest", "User", "load"]

crossing.install(componentize_py_types, data)
_CALL = crossing.number(client, client.call, 2)
_CALL_JSON = crossing.number(client, client.call_json, 2)
_UNSAID = crossing.number(client, client.reply, 0)
_REPLY = crossing.number(client, client.Exchange.reply, 1)
_ROW = crossing.number(context, context.row, 1)

_LEVELS = (log.Level.DEBUG, log.Level.INFO, log.Level.WARN, log.Level.ERROR)


def _failure(failure: Any) -> Failure:
    if type(failure) is data.Failure_Fault:
        return Fault(failure.value.code, failure.value.message)
    if type(failure) is data.Failure_Status:
        return StatusError(failure.value)
    if type(failure) is data.Failure_Interrupted:
        return Interrupted()
    return _KINDS[type(failure)](failure.value)


_KINDS: dict[Any, Any] = {
    data.Failure_Timeout: Timeout,
    data.Failure_Transport: TransportError,
    data.Failure_Protocol: ProtocolError,
    data.Failure_Rejected: Rejected,
}


class _Judged:
    """A call that the scenario judges."""

    def __init__(self, exchange: Any) -> None:
        self._exchange = exchange
        self.pass_ = exchange.pass_
        self.fail = exchange.fail

    def reply(self) -> list[Any]:
        reply = call_import(_REPLY, (self._exchange,))
        if type(reply) is Err:
            raise _failure(reply.value) from None
        return reply

    def drop(self) -> None:
        self._exchange.__exit__(None, None, None)


class _Host:
    """The imports of the component."""

    counter = staticmethod(metrics.counter)
    gauge = staticmethod(metrics.gauge)
    rate = staticmethod(metrics.rate)
    trend = staticmethod(metrics.trend)
    user_id = staticmethod(context.user_id)
    iteration = staticmethod(context.iteration)
    parameter = staticmethod(context.parameter)
    setup_data = staticmethod(context.setup_data)
    now_us = staticmethod(context.now_us)
    random = staticmethod(context.random)
    sleep_us = staticmethod(context.sleep_us)
    check = staticmethod(context.check)
    stop_run = staticmethod(context.stop_run)

    @staticmethod
    def call(method: str, arguments: list[Any]) -> list[Any]:
        reply = call_import(_CALL, (method, arguments))
        if type(reply) is Err:
            raise _failure(reply.value) from None
        return reply

    @staticmethod
    def call_json(method: str, arguments: str) -> Optional[str]:
        return call_import(_CALL_JSON, (method, arguments))  # type: ignore[no-any-return]

    @staticmethod
    def unsaid() -> list[Any]:
        reply = call_import(_UNSAID, ())
        if type(reply) is Err:
            raise _failure(reply.value) from None
        return reply

    @staticmethod
    def call_judged(
        method: str, arguments: list[Any], label: Optional[str], timeout_ms: Optional[int]
    ) -> _Judged:
        return _Judged(client.call_judged(method, arguments, client.Options(label, timeout_ms)))

    @staticmethod
    def request_success(request_type: str, name: str, time_us: int, length: int) -> None:
        events.request_success(events.RequestEvent(request_type, name, time_us, length))

    @staticmethod
    def request_failure(request_type: str, name: str, time_us: int, length: int, reason: str) -> None:
        events.request_failure(events.RequestEvent(request_type, name, time_us, length), reason)

    @staticmethod
    def row(name: str) -> Optional[list[Any]]:
        row = call_import(_ROW, (name,))
        if type(row) is Err:
            raise LookupError(row.value) from None
        return row

    @staticmethod
    def log(level: int, message: str) -> None:
        log.write(_LEVELS[level], message)


_scenario: Scenario


def load(root: str, main: str, files: dict[str, tuple[str, str]]) -> dict[str, Any]:
    """Imports a scenario, while it is built, and makes it that of this component.

    `root` is where its files are, `main` the name of its file, `files` how a person calls each file who
    builds it, and how one who runs it. Answers what was found: `classes` and which files were `read`, or else an
    `error` with perhaps a `file` and a `line`.
    """
    global _scenario
    shown = {path: name for path, (name, _) in files.items()}
    runtime.install_random()
    runtime.install_sleep()
    sys.path.insert(0, root)
    os.chdir(root)
    name = os.path.splitext(main)[0]
    path = f"{root}/{main}"
    module = types.ModuleType("scenario" if name in sys.modules else name)
    module.__file__ = path
    sys.modules[module.__name__] = module
    read: Optional[set[str]] = set()

    def listen(event: str, arguments: Any) -> None:
        # A hook cannot be taken away again.
        if read is not None and event == "open":
            read.add(os.path.normpath(os.path.join(root, str(arguments[0]))))

    sys.addaudithook(listen)
    try:
        with open(path, "rb") as file:
            exec(compile(file.read(), path, "exec", dont_inherit=True), module.__dict__)
        _scenario = describe.scenario_of(vars(module))
        _description()
    except Mistake as mistake:
        place, line = place_of(mistake.about)
        return {"error": str(mistake), "file": shown.get(place or path, place), "line": line}
    except BaseException as error:
        return {"error": _traceback(error, shown)}
    found = sorted(name for path, (name, _) in files.items() if path in read or path.endswith(".py"))
    read = None
    for path, (_, name) in files.items():
        if path.endswith(".py"):
            with open(path, encoding="utf-8", errors="replace") as source:
                trace.SOURCES[path] = (name, source.read().splitlines())
    runtime.install_output()
    host.use(_Host)
    _warm_up()
    # Nothing of what is here now is garbage: collecting would only make pages private that all instances
    # share.
    gc.collect()
    gc.freeze()
    classes = {one.name: [task.name for task in one.tasks] for one in _scenario.classes}
    return {"classes": classes, "read": found}


def _warm_up() -> None:
    """Carries out what each iteration does. Python makes code faster that it has carried out a few times, and
    writes that into the code: done before memory is kept, it need not be done in each instance anew, in pages
    that instances would share otherwise."""
    global call_import, _scenario
    before = call_import, _scenario
    # No function, as the real one is none of Python's.
    call_import = _Replies()
    _scenario = Scenario([describe.class_of(_Warm)], [], {})  # type: ignore[list-item]
    try:
        for _ in range(20):
            user = User(_Warm.__name__)
            user.on_start(None)
            for _ in range(20):
                user.run_task(0)
            user.on_stop()
    finally:
        call_import, _scenario = before


class _Replies:
    """Answers in place of the host."""

    def __init__(self) -> None:
        said = ("7", '"text"', '{"a":1,"b":2.5}', "[1,[]]", None)
        unsaid = ([nodes.Members(2), "a", 1, "b", b""], [nodes.Array(2), 1, nodes.Array(0)])
        self._said, self._unsaid = itertools.cycle(said), itertools.cycle(unsaid)

    def __call__(self, number: int, parameters: Any) -> Any:
        return next(self._said if number == _CALL_JSON else self._unsaid)


class _Warm(users.User):
    @task
    def call(self) -> None:
        """Calls with every common kind of value."""
        self.client.f()
        self.client.f(1, -1, "text", 0.5)
        self.client.f({"id": 7, "open": True, "names": ["a", None]})
        self.client.call("f", [1, 2])
        self.client.f(b"")


def _traceback(error: BaseException, shown: dict[str, str]) -> str:
    """Python's own words, from the scenario's first line on, with its files as a person calls them."""
    told = traceback.TracebackException.from_exception(error)
    inner: Optional[traceback.TracebackException] = told
    while inner is not None:
        frames = [one for one in inner.stack if not one.filename.startswith(os.path.dirname(__file__))]
        inner.stack = traceback.StackSummary.from_list(
            [
                traceback.FrameSummary(shown.get(f.filename, f.filename), f.lineno, f.name, line=f.line)
                for f in frames
            ]
        )
        if isinstance(error, SyntaxError) and inner is told:
            inner.filename = shown.get(inner.filename or "", inner.filename)
        inner = inner.__cause__ or inner.__context__
    return "".join(told.format()).rstrip()


def _wait(one: Class) -> Any:
    if one.asks:
        return wit.WaitTime_Asked()
    wait: Optional[Wait] = one.wait_time
    if wait is None:
        return wit.WaitTime_None_()
    if wait.kind == "between":
        return wit.WaitTime_Between((wait.low, wait.high))
    kinds = {
        "constant": wit.WaitTime_Constant,
        "pacing": wit.WaitTime_Pacing,
        "poisson": wit.WaitTime_Poisson,
    }
    return kinds[wait.kind](wait.low)


def _description() -> Any:
    hooks = wit.Hooks(0)
    if any(one.keeps_state for one in _scenario.classes):
        hooks |= wit.Hooks.STATE
    for name in _scenario.hooks:
        hooks |= wit.Hooks[name.upper()]
    parameters = []
    for parameter in _scenario.parameters:
        name, kind, default, about = parameter.described()
        parameters.append(wit.Parameter(name, wit.ParameterKind[kind.upper()], default, about))
    classes = [
        wit.UserClass(one.name, one.weight, one.fixed_count, one.host, _wait(one), one.sets, one.tasks)
        for one in _scenario.classes
    ]
    return wit.Description(hooks, parameters, classes)


def _hook(name: str) -> Any:
    """What a hook answers; an error as the contract has it."""
    try:
        return _scenario.hooks[name](Client())
    except BaseException as error:
        raise Err(trace.told(error)) from None
    finally:
        _flush()


def _flush() -> None:
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, runtime.Printed):
            stream.end()


class KatydidGuest:
    """The contract's functions. The first call of each instance is one of these, or makes a `User`."""

    def describe(self) -> Any:
        """Asked once, before the run."""
        return _description()

    def setup(self) -> Any:
        """Before the first user exists."""
        answer = _hook("setup")
        try:
            return Ok.of(None if answer is None else kept.written(answer))
        except (TypeError, ValueError) as error:
            raise Err(host.fit(f"what @setup answers: {error}")) from None

    def teardown(self) -> Any:
        """After the last user has gone."""
        _hook("teardown")
        return _DONE

    def shape(self, now: Any) -> Any:
        """Each second, in one instance."""
        status = Status(
            elapsed=now.elapsed_us / 1e6,
            users=now.users,
            requests=now.requests,
            failed=now.failed,
            requests_per_second=now.requests_per_second,
            p95=now.p95_us / 1e6,
        )
        try:
            load = _scenario.hooks["shape"](status)
            if load is None:
                return wit.Load_Stop()
            if isinstance(load, arrivals):
                return wit.Load_Arrivals(float(load.per_second))
            return wit.Load_Users(min(max(int(load), 0), 2**32 - 1))
        except BaseException as error:
            # The contract has no other way to say it: the instance ends with this message.
            log.panicking(trace.told(error))
            raise
        finally:
            _flush()


_DONE = Ok.of(None)

_NEXT = {
    Next.PROCEED: Ok.of(wit.Next_Proceed()),
    Next.INTERRUPT: Ok.of(wit.Next_Interrupt()),
    Next.STOP_USER: Ok.of(wit.Next_StopUser()),
}


class _Nobody:
    """In place of a user whose class there is none of."""

    def __init__(self, class_: str) -> None:
        self._class = class_

    def __getattr__(self, name: str) -> Any:
        raise Err(host.fit(f"there is no user class {self._class!r}"))


class User:
    """The virtual user of this instance."""

    def __init__(self, class_: str) -> None:
        found = [one for one in _scenario.classes if one.name == class_]
        self._running: Any = Running(found[0]) if found else _Nobody(class_)

    def on_start(self, state: Optional[bytes]) -> Any:
        """Before the first iteration."""
        try:
            self._running.start(state)
        except Ended as ended:
            raise Err(str(ended)) from None
        return _DONE

    def run_task(self, task: int) -> Any:
        """One iteration."""
        try:
            return _NEXT[self._running.run_task(task)]
        except Ended as ended:
            raise Err(str(ended)) from None

    def wait_us(self) -> int:
        """The pause before the next one."""
        return self._running.wait_us()

    def save(self) -> Optional[bytes]:
        """For the next version of the module."""
        return self._running.save()

    def on_stop(self) -> Any:
        """After the last iteration."""
        try:
            self._running.stop()
        except Ended as ended:
            raise Err(str(ended)) from None
        return _DONE
