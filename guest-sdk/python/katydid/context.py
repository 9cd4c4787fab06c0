"""Where the scenario is, and what it may ask of the host. Times are seconds."""

from __future__ import annotations

from typing import Any, Optional

from . import host, kept
from .failures import StopUser
from .waits import micros

__all__ = [
    "check",
    "iteration",
    "next_row",
    "now",
    "parameter",
    "row",
    "setup_data",
    "sleep",
    "stop_run",
    "user_id",
]


def check(name: str, ok: object) -> bool:
    """Counts a named assertion, and answers it. A check that fails fails nothing else."""
    ok = bool(ok)
    host.current.check(host.fit(name), ok)
    return ok


def sleep(seconds: float) -> None:
    """Waits, on the host's clock; `time.sleep` is the same. Ends early when the run does."""
    if seconds < 0:
        raise ValueError("sleep length must be non-negative")
    host.current.sleep_us(micros(seconds))


def now() -> float:
    """Seconds since the run began, on the clock that times the requests."""
    return host.current.now_us() / 1e6


def user_id() -> int:
    """The number of this virtual user, from 0, unique in the run. 4294967295 in `setup`, `teardown` and
    `shape`."""
    return host.current.user_id()


def iteration() -> int:
    """The number of this user's iteration, from 0."""
    return host.current.iteration()


def parameter(name: str) -> Optional[str]:
    """What `--param name=value` gave, as text; nothing where it gave none. See `Parameter`."""
    return host.current.parameter(host.fit(name))


def row(name: str) -> Any:
    """The next row of a set of data (`--data name=file`): one value, a list or a dict. When the rows are used
    up, the user ends. Raises `LookupError` where there is no such set.
    """
    row = next_row(name)
    if row is None:
        raise StopUser
    return row


def next_row(name: str) -> Any:
    """The same, but `None` when the rows are used up."""
    row = host.current.row(host.fit(name))
    return None if row is None else row[0]


def setup_data() -> Any:
    """What the `@setup` function answered; `None` where it answered nothing, or there is none. It is read
    anew each time: keep what you need."""
    data = host.current.setup_data()
    return None if data is None else kept.read(data)


def stop_run(reason: str) -> None:
    """Ends the whole run; the program's exit code then says that the scenario did it."""
    host.current.stop_run(host.fit(reason))
