"""A world for unit tests, with plain Python: no host, no target, no waiting.

    class Buyer(User):
        @task
        def buy(self):
            self.left = self.client.buy("tea", 1)["left"]
            check("something is left", self.left > 0)

    with World() as world:
        world.answer("buy", lambda what, n: {"left": 3})
        user = world.user(Buyer)
        user.run_task("buy")
        assert user.user.left == 3
        assert world.checks == [("something is left", True)]

Inside the `with` block, `random` and `time.sleep` are the world's. Its target answers as the test says, its
clock moves only when somebody sleeps, and it keeps a record of everything.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Any, Callable, Iterable, Optional

from . import describe, host, kept, runtime
from .client import refusing
from .failures import Failure, Rejected, Timeout, TransportError
from .running import Ended, Next, Running
from .users import User
from .values import arrived, plain

__all__ = ["Ended", "Next", "Request", "TestUser", "World"]


@dataclass
class Request:
    """What a request came to."""

    request_type: str
    """`xmlrpc` for calls, else what the scenario reported."""
    name: str
    """What it is counted under: the method or the label."""
    method: str
    """What was called; nothing where the scenario only reported the request."""
    arguments: list[Any]
    """The parameters of the call."""
    failure: Optional[str]
    """Its failure in the host's words, as in `fault 4: out of stock` or `judged: too slow`; none where it was
    good."""
    response_time: float
    """How long it took, in the world's seconds or as reported."""


@dataclass
class World:
    """What there is around a scenario. The newest one that was entered is what scenario code sees."""

    parameters: dict[str, str] = field(default_factory=dict)
    """What `--param` gives."""
    rows: dict[str, list[Any]] = field(default_factory=dict)
    """The rows of each set of data."""
    data: Any = None
    """What `@setup` answered."""
    seed: int = 0
    """What determines the randomness."""
    user_id: int = 0
    """The number of the user."""
    requests: list[Request] = field(default_factory=list, init=False)
    """Every request, in the order of counting."""
    checks: list[tuple[str, bool]] = field(default_factory=list, init=False)
    """Every check and what it came to."""
    lines: list[tuple[str, str]] = field(default_factory=list, init=False)
    """Every line of the log: `debug`, `info`, `warn` or `error`, and its text."""
    sleeps: list[float] = field(default_factory=list, init=False)
    """Every pause, in seconds."""
    metrics: list[tuple[str, str, Any]] = field(default_factory=list, init=False)
    """Every figure: `counter`, `gauge`, `rate` or `trend`, its name and its value."""
    stopped: Optional[str] = field(default=None, init=False)
    """Why the scenario ended the run, if it did."""

    def __post_init__(self) -> None:
        self._answers: dict[str, Callable[..., Any]] = {}
        self._now = 0
        self._iteration = 0
        self._drawn = 0
        self._undo: list[Callable[[], None]] = []
        self._rows = {name: iter(rows) for name, rows in self.rows.items()}

    def __enter__(self) -> World:
        before = host.use(_Boundary(self))
        self._undo = [
            lambda: host.use(before) and None,
            runtime.install_random(),
            runtime.install_sleep(),
        ]
        return self

    def __exit__(self, *_: object) -> None:
        while self._undo:
            self._undo.pop()()

    def answer(self, method: str, answer: Any) -> World:
        """What the target answers to a method: a value, a `Failure`, or a function of its parameters, which
        may raise one."""
        self._answers[method] = answer if callable(answer) else lambda *_: answer
        return self

    def advance(self, seconds: float) -> None:
        """Lets time pass at once. An answer that does so is a slow target."""
        self._now += round(seconds * 1e6)

    def calls(self, method: str) -> list[list[Any]]:
        """The parameters of each call of this method."""
        return [request.arguments for request in self.requests if request.method == method]

    def user(self, kind: type[User]) -> TestUser:
        """A virtual user to be driven as the host does it. It has not started yet."""
        return TestUser(self, kind)

    def run_task(self, kind: type[User], task: str) -> Next:
        """One iteration of a fresh user, started before and stopped after."""
        user = self.user(kind)
        user.on_start()
        next_ = user.run_task(task)
        user.on_stop()
        return next_


class TestUser:
    """A virtual user that a test drives as the host would. `Ended` is raised where the host would be told of
    an error: a request that failed is none, except where a user does not get through its `on_start`."""

    __test__ = False

    def __init__(self, world: World, kind: type[User]) -> None:
        described = describe.class_of(kind)
        if described is None:
            raise ValueError(f"{kind.__name__} has no task")
        self._world = world
        self._running = Running(described)
        self._iterations = 0

    @property
    def user(self) -> Any:
        """The user's own object; none before it has started."""
        return self._running.user

    def on_start(self) -> None:
        """What happens before the first iteration."""
        self._running.start()

    def resume(self, state: Any) -> None:
        """What happens in its place where a user of another version has saved this."""
        self._running.start(kept.written(state))

    def save(self) -> Any:
        """The state that a user of the next version would resume; `None` where it would start anew."""
        state = self._running.save()
        return None if state is None else kept.read(state)

    def run_task(self, task: str) -> Next:
        """One iteration. Tasks of a set may be called `Set.task`; the set is entered before."""
        if self._running.user is None:
            self.on_start()
        self._world._iteration = self._iterations
        self._world._drawn = 0
        self._iterations += 1
        return self._running.run_task(self._place(task))

    def wait_time(self) -> float:
        """The pause that the user asks for, in seconds; none where its class knows it."""
        return self._running.wait_us() / 1e6 if self._running.described.asks else 0.0

    def on_stop(self) -> None:
        """What happens after the last iteration: the sets that the user is in are left, then `on_stop`."""
        self._running.stop()

    def _place(self, called: str) -> int:
        described = self._running.described
        full = {task.id: f"{described.sets[task.set].name}.{task.name}" for task in described.tasks}
        fits = [task.id for task in described.tasks if called in (task.name, full[task.id])]
        if len(fits) != 1 and len({full[place] for place in fits}) != 1:
            known = (
                ", ".join(full[place] for place in fits) or f"there is none, only {', '.join(full.values())}"
            )
            raise LookupError(f"which task {called!r}? {known}")
        return fits[0]


class _Boundary:
    """What the host would do, done by a world."""

    def __init__(self, world: World) -> None:
        self._world = world

    def call(self, method: str, /, *arguments: Any) -> Any:
        judged = self._call(method, refusing(method, arguments), None, None)
        judged.drop()
        return judged.reply()

    def call_judged(
        self, method: str, arguments: tuple[Any, ...], label: Optional[str], timeout_ms: Optional[int]
    ) -> _Judged:
        return self._call(method, plain(arguments), label, timeout_ms)

    def judged_reply(self, judged: _Judged) -> Any:
        return judged.reply()

    def judged_pass(self, judged: _Judged) -> None:
        judged.count(None)

    def judged_fail(self, judged: _Judged, reason: str) -> None:
        judged.count(f"judged: {reason}")

    def judged_drop(self, judged: _Judged) -> None:
        judged.drop()

    def _call(
        self, method: str, arguments: list[Any], label: Optional[str], timeout_ms: Optional[int]
    ) -> _Judged:
        world = self._world
        began = world._now
        values = arrived(arguments)
        reply: Any
        try:
            _writable(values)
            if method not in world._answers:
                raise TransportError(f"the test's world has no answer for {method!r}")
            reply = world._answers[method](*values)
            if not isinstance(reply, Failure):
                (reply,) = plain((reply,))
        except Failure as failure:
            reply = failure
        if timeout_ms is not None and world._now - began > timeout_ms * 1000:
            world._now = began + timeout_ms * 1000
            reply = Timeout("total")
        took = (world._now - began) / 1e6
        why = str(reply) if isinstance(reply, Failure) else None
        return _Judged(world, Request("xmlrpc", label or method, method, values, why, took), reply)

    def _report(self, kind: str, name: str, us: int, failure: Optional[str]) -> None:
        self._world.requests.append(Request(kind, name, "", [], failure, us / 1e6))

    def request_success(self, request_type: str, name: str, time_us: int, length: int) -> None:
        self._report(request_type, name, time_us, None)

    def request_failure(self, request_type: str, name: str, time_us: int, length: int, reason: str) -> None:
        self._report(request_type, name, time_us, f"reported: {reason}")

    def counter(self, name: str, add: int) -> None:
        self._world.metrics.append(("counter", name, add))

    def gauge(self, name: str, value: float) -> None:
        self._world.metrics.append(("gauge", name, value))

    def rate(self, name: str, hit: bool) -> None:
        self._world.metrics.append(("rate", name, hit))

    def trend(self, name: str, value: int) -> None:
        self._world.metrics.append(("trend", name, value))

    def user_id(self) -> int:
        return self._world.user_id

    def iteration(self) -> int:
        return self._world._iteration

    def parameter(self, name: str) -> Optional[str]:
        return self._world.parameters.get(name)

    def row(self, name: str) -> Optional[tuple[Any]]:
        if name not in self._world._rows:
            raise LookupError(f"there is no set of data {name!r}")
        nothing: list[Any] = []
        row = next(self._world._rows[name], nothing)
        return None if row is nothing else (arrived(plain((row,))[0]),)

    def setup_data(self) -> Optional[bytes]:
        return None if self._world.data is None else kept.written(self._world.data)

    def now_us(self) -> int:
        return self._world._now

    def random(self) -> int:
        world = self._world
        world._drawn += 1
        mixed = 0
        for key in (world.seed, world.user_id, world._iteration, world._drawn):
            mixed = _mix(((mixed + 0x9E37_79B9_7F4A_7C15) & _MASK) ^ _mix(key & _MASK))
        return mixed

    def sleep_us(self, us: int) -> None:
        self._world.sleeps.append(us / 1e6)
        self._world._now += us

    def check(self, name: str, ok: bool) -> None:
        self._world.checks.append((name, ok))

    def stop_run(self, reason: str) -> None:
        self._world.stopped = self._world.stopped or reason

    def log(self, level: int, message: str) -> None:
        self._world.lines.append((("debug", "info", "warn", "error")[level], message))


class _Judged:
    """A call that is counted when it is judged or let go."""

    def __init__(self, world: World, request: Request, reply: Any) -> None:
        self._world = world
        self._request: Optional[Request] = request
        self._reply = reply

    def reply(self) -> Any:
        if isinstance(self._reply, Failure):
            raise self._reply
        # Whoever changes it changes his own.
        return arrived(self._reply)

    def drop(self) -> None:
        if self._request is not None:
            self.count(self._request.failure)

    def count(self, failure: Optional[str]) -> None:
        request, self._request = self._request, None
        if request is not None:
            request.failure = failure
            self._world.requests.append(request)


def _writable(values: Iterable[Any]) -> None:
    """Refuses what the host would refuse to write."""
    for value in values:
        if isinstance(value, float) and not math.isfinite(value):
            raise Rejected(f"{value} cannot be written as XML-RPC")
        if isinstance(value, (list, dict)):
            _writable(value.values() if isinstance(value, dict) else value)


_MASK = 2**64 - 1


def _mix(z: int) -> int:
    """Steele, Lea and Flood's SplitMix64."""
    z = ((z ^ (z >> 30)) * 0xBF58_476D_1CE4_E5B9) & _MASK
    z = ((z ^ (z >> 27)) * 0x94D0_49BB_1331_11EB) & _MASK
    return z ^ (z >> 31)
