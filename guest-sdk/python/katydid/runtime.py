"""What behaves like the host: `random`, `time.sleep`, `print` and `logging` of the standard library."""

from __future__ import annotations

import io
import logging
import random
import sys
import time
from typing import Any, Callable, Iterable, Optional

from . import context, host
from .running import BETWEEN

__all__ = ["HostRandom", "LogHandler", "Printed", "install_random", "install_sleep", "install_output"]

_Seeded = random.Random
"""Python's own generator, for who seeds one."""


class HostRandom(_Seeded):
    """Draws from the host: determined by the run's seed, the user and the iteration. One that is seeded with
    anything is Python's own from then on."""

    _own = False

    def __new__(cls, *arguments: Any) -> HostRandom:
        # The generator behind it is not to be seeded from anything yet.
        return _Seeded.__new__(cls, 0)  # type: ignore[call-arg]

    def __init__(self, x: Any = None) -> None:
        self.seed(x)

    def seed(self, a: Any = None, version: int = 2) -> None:
        """Python's own numbers from now on; with nothing, the host's."""
        self.gauss_next = None
        # Before a run begins there are none of the host's: modules that draw numbers at their top level get
        # those that the seed 0 of `__new__` makes.
        self._own = a is not None
        if self._own:
            super().seed(a, version)

    def random(self) -> float:
        """A number from 0 to 1, without its end."""
        if self._own or type(host.current) is host.Nobody:
            return super().random()
        # 53 bits are all that a float between 0 and 1 holds.
        return (host.current.random() >> 11) * 2.0**-53

    def getrandbits(self, k: int, /) -> int:
        """A number of so many bits."""
        if self._own or type(host.current) is host.Nobody:
            return super().getrandbits(k)
        if k < 0:
            raise ValueError("number of bits must be non-negative")
        drawn, bits = 0, 0
        while bits < k:
            drawn = drawn << 64 | host.current.random()
            bits += 64
        return drawn >> (bits - k)

    def getstate(self) -> Any:
        """Refused where the numbers are the host's, which keeps no state."""
        if not self._own:
            raise NotImplementedError(
                "the host's random numbers have no state; seed a random.Random of your own"
            )
        return super().getstate()

    def setstate(self, state: Any) -> None:
        """Goes on from a state of one that was seeded."""
        self._own = True
        super().setstate(state)


_NAMES = [
    name
    for name in random.__all__
    if getattr(getattr(random, name), "__self__", None) is getattr(random, "_inst", object())
]
"""The functions of the module `random`, which are methods of one generator."""


def install_random() -> Callable[[], None]:
    """Makes the functions of `random`, and each generator that nobody seeded, draw from the host. Answers how
    to undo it."""
    before = {name: getattr(random, name) for name in (*_NAMES, "Random", "_inst")}
    generator = HostRandom()
    for name in _NAMES:
        setattr(random, name, getattr(generator, name))
    random.Random = HostRandom  # type: ignore[misc]
    setattr(random, "_inst", generator)  # noqa: B010 - no name that a type checker knows

    def undo() -> None:
        for name, value in before.items():
            setattr(random, name, value)

    return undo


def install_sleep() -> Callable[[], None]:
    """Makes `time.sleep` the host's. Answers how to undo it."""
    before = time.sleep

    def sleep(seconds: float, /) -> None:
        if type(host.current) is host.Nobody:
            before(seconds)
        else:
            context.sleep(seconds)

    def undo() -> None:
        time.sleep = before

    time.sleep = sleep  # type: ignore[assignment]
    return undo


class Printed(io.TextIOBase):
    """A stream whose lines are lines of the host's log."""

    def __init__(self, level: int) -> None:
        self._level = level
        self._unfinished = ""

    def writable(self) -> bool:
        """It is."""
        return True

    def write(self, text: str, /) -> int:
        """Writes each whole line, and keeps what has no end yet."""
        if "\n" in text:
            lines = (self._unfinished + text).split("\n")
            self._keep(lines.pop())
            for line in lines:
                if line:
                    host.current.log(self._level, host.fit(line))
        else:
            self._keep(self._unfinished + text)
        return len(text)

    def writelines(self, lines: Iterable[str], /) -> None:  # type: ignore[override]
        """Writes each."""
        for line in lines:
            self.write(line)

    def drop(self) -> None:
        """Forgets what has no end."""
        self._keep("")

    def end(self) -> None:
        """Writes what has no end: the iteration has one."""
        if self._unfinished:
            line = self._unfinished
            self._keep("")
            host.current.log(self._level, host.fit(line))

    def _keep(self, text: str) -> None:
        # Only where there is something to write is anything done after an iteration.
        if text and not self._unfinished:
            BETWEEN.append(self.end)
        elif self._unfinished and not text:
            BETWEEN.remove(self.end)
        self._unfinished = text


_LEVELS = ((logging.ERROR, host.ERROR), (logging.WARNING, host.WARN), (logging.INFO, host.INFO))


class LogHandler(logging.Handler):
    """Writes records to the host's log, which has the time and the place of each line already."""

    def emit(self, record: logging.LogRecord) -> None:
        """Writes one; of several lines, each."""
        try:
            text = self.format(record)
        except Exception:
            self.handleError(record)
            return
        level = next((ours for theirs, ours in _LEVELS if record.levelno >= theirs), host.DEBUG)
        for line in text.split("\n"):
            host.current.log(level, host.fit(line))


def install_output() -> Callable[[], None]:
    """Makes `print` and `logging` write to the host's log. Answers how to undo it."""
    before = (sys.stdout, sys.stderr, logging.basicConfig)
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    out, err = Printed(host.INFO), Printed(host.WARN)
    sys.stdout, sys.stderr = out, err
    handler = LogHandler()
    # Handlers that write to the streams of before would lead nowhere; others are the scenario's business.
    ours = [one for one in handlers if not isinstance(one, logging.StreamHandler)]
    handler.setFormatter(_formatter(handlers))
    root.handlers[:] = [*ours, handler]
    if root.level == logging.WARNING:
        root.setLevel(logging.INFO)

    def basic_config(
        *, level: Any = None, format: Optional[str] = None, force: bool = False, **_: Any
    ) -> None:
        """There is one place to write to, so what is left to say is which lines, and in which form."""
        if level is not None:
            root.setLevel(level)
        if format is not None:
            handler.setFormatter(logging.Formatter(format))

    logging.basicConfig = basic_config  # type: ignore[assignment]

    def undo() -> None:
        sys.stdout, sys.stderr, logging.basicConfig = before
        root.handlers[:] = handlers
        root.setLevel(level)
        for stream in (out, err):
            stream.drop()

    return undo


def _formatter(handlers: list[logging.Handler]) -> Optional[logging.Formatter]:
    """The form that a scenario asked for by `basicConfig` when it was imported."""
    return next((one.formatter for one in handlers if isinstance(one, logging.StreamHandler)), None)
