"""The scenario as the host sees it: the contract's exports. Imported only in a component, once, when it is
built.

`componentize-py` runs a module and keeps the memory that it leaves: all that is imported and found out here
is there at once in each instance.
"""

from __future__ import annotations

import gc
import itertools
import os
import random
import sys
import traceback
import types
from typing import Any, Optional

from . import _native, describe, host, kept, runtime, trace, users  # type: ignore[attr-defined]
from .client import Client, refusing
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
from .values import DateTime, date, plain
from .waits import Wait

__all__ = ["load"]


def _failure(kind: int, code: int, message: str) -> Failure:
    """A failure of the contract, by its place among them."""
    failure = _FAILURES[kind](code, message)
    # It has nothing to do with an exception that a scenario is just about to handle.
    failure.__suppress_context__ = True
    return failure


_FAILURES: tuple[Any, ...] = (
    Fault,
    lambda code, _: StatusError(code),
    lambda _, message: Timeout(message),
    lambda _, message: TransportError(message),
    lambda _, message: ProtocolError(message),
    lambda _, message: Rejected(message),
    lambda *_: Interrupted(),
)


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
    host.use(_native)
    # Whatever numbers were drawn or seeded until here, users get the host's.
    random.seed()
    _serve()
    _warm_up()
    # Nothing of what is here now is garbage: collecting would only make pages private that all instances
    # share.
    gc.collect()
    gc.freeze()
    classes = {one.name: [task.name for task in one.tasks] for one in _scenario.classes}
    return {"classes": classes, "read": found}


def _serve() -> None:
    """Gives the native part what it calls."""
    _native.serve(
        types.SimpleNamespace(
            describe=_description,
            setup=_setup,
            teardown=_teardown,
            shape=_shape,
            user=_user,
            interrupt=Next.INTERRUPT,
            stop_user=Next.STOP_USER,
            ended=Ended,
            failure=_failure,
            date=date,
            date_time=DateTime,
            plain=plain,
            refusing=refusing,
            told=trace.told,
        )
    )


def _warm_up() -> None:
    """Carries out what each iteration does. Python makes code faster that it has carried out a few times, and
    writes that into the code: done before memory is kept, it need not be done in each instance anew, in pages
    that instances would share otherwise."""
    described = describe.class_of(_Warm)
    if described is None:
        raise AssertionError("it has a task")
    _native.rehearse(itertools.cycle((7, "text", {"a": 1, "b": 2.5}, [1, []], None)).__next__)
    try:
        for _ in range(20):
            user = Running(described)
            user.start(None)
            for _ in range(20):
                user.run_task(0)
            user.stop()
    finally:
        _native.rehearse(None)


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


_WAITS = ("none", "constant", "between", "pacing", "asked", "poisson")
_HOOKS = ("state", "setup", "teardown", "shape")
_KINDS = ("text", "integer", "number", "boolean")
"""The contract's cases and flags, in its order."""


def _wait(one: Class) -> tuple[int, int, int]:
    wait: Optional[Wait] = one.wait_time
    if one.asks or wait is None:
        return _WAITS.index("asked" if one.asks else "none"), 0, 0
    return _WAITS.index(wait.kind), wait.low, wait.high


def _class(one: Class) -> tuple[Any, ...]:
    sets = tuple(
        (
            each.name,
            each.parent,
            each.weight,
            each.order.value,
            tuple(each.tags),
            tuple((one.before, one.after, one.weight) for one in each.transitions),
        )
        for each in one.sets
    )
    tasks = tuple((each.id, each.name, each.set, each.weight, tuple(each.tags)) for each in one.tasks)
    return one.name, one.weight, one.fixed_count, one.host, _wait(one), sets, tasks


def _description() -> tuple[Any, ...]:
    """Records of the contract as tuples of their fields. Asked once, before the run."""
    hooks = list(_scenario.hooks)
    if any(one.keeps_state for one in _scenario.classes):
        hooks.append("state")
    parameters = []
    for parameter in _scenario.parameters:
        name, kind, default, about = parameter.described()
        parameters.append((name, _KINDS.index(kind), default, about))
    return (
        sum(1 << _HOOKS.index(hook) for hook in hooks),
        tuple(parameters),
        tuple(_class(one) for one in _scenario.classes),
    )


def _hook(name: str) -> Any:
    """What a hook answers; an error as the contract has it."""
    try:
        return _scenario.hooks[name](Client())
    except BaseException as error:
        raise Ended(trace.told(error)) from None
    finally:
        _flush()


def _flush() -> None:
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, runtime.Printed):
            stream.end()


def _setup() -> Optional[bytes]:
    """Before the first user exists."""
    answer = _hook("setup")
    try:
        return None if answer is None else kept.written(answer)
    except (TypeError, ValueError) as error:
        raise Ended(host.fit(f"what @setup answers: {error}")) from None


def _teardown() -> None:
    """After the last user has gone."""
    _hook("teardown")


def _shape(
    elapsed_us: int, users: int, requests: int, failed: int, requests_per_second: int, p95_us: int
) -> tuple[int, float]:
    """Each second, in one instance."""
    status = Status(elapsed_us / 1e6, users, requests, failed, requests_per_second, p95_us / 1e6)
    try:
        load = _scenario.hooks["shape"](status)
        if load is None:
            return _STOP, 0
        if isinstance(load, arrivals):
            return _ARRIVALS, float(load.per_second)
        return _USERS, min(max(int(load), 0), 2**32 - 1)
    finally:
        _flush()


_USERS, _ARRIVALS, _STOP = range(3)
"""The contract's cases of a load."""


def _user(class_: str) -> Any:
    """The virtual user of this instance, with the contract's functions as those of `Running` are."""
    for one in _scenario.classes:
        if one.name == class_:
            return Running(one)
    return _Nobody(class_)


class _Nobody(Running):
    """In place of a user whose class there is none of."""

    def __init__(self, class_: str) -> None:
        self._class = class_

    def start(self, state: Optional[bytes] = None) -> None:
        raise Ended(host.fit(f"there is no user class {self._class!r}"))

    def stop(self) -> None:
        pass
