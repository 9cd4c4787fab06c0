"""What there is around a scenario: the host in a component, a `testing.World` in a test, else nobody.

Whoever it is stands in `current` and has the functions of `Host`. Times are microseconds here, as in the
contract; everything else of this package has seconds.
"""

from __future__ import annotations

from typing import Any, Optional, Protocol

__all__ = ["DEBUG", "ERROR", "INFO", "WARN", "Host", "Nobody", "current", "use"]

DEBUG, INFO, WARN, ERROR = range(4)
"""How grave a line of the log is."""


class Host(Protocol):
    """The contract's imports. Texts must be such as UTF-8 can say, numbers such as fit."""

    def call(self, method: str, /, *arguments: Any) -> Any:
        """Calls the target, and answers the value that came back; raises a `Failure`. Arguments that cannot
        be sent are a `Rejected`, counted as every request."""
        ...

    def call_judged(
        self, method: str, arguments: tuple[Any, ...], label: Optional[str], timeout_ms: Optional[int], /
    ) -> Any:
        """Calls the target, and leaves the verdict to the scenario. Answers what the next four functions know
        the call by; raises `Unfit` where the arguments cannot be sent."""
        ...

    def judged_reply(self, judged: Any, /) -> Any:
        """The value that came back; raises a `Failure`. May be asked again."""
        ...

    def judged_pass(self, judged: Any, /) -> None:
        """Counts it as a success."""
        ...

    def judged_fail(self, judged: Any, reason: str, /) -> None:
        """Counts it as a failure."""
        ...

    def judged_drop(self, judged: Any, /) -> None:
        """Lets it go, once: counted by its reply, where it was not judged."""
        ...

    def request_success(self, request_type: str, name: str, time_us: int, length: int, /) -> None:
        """A request of the scenario's own had a good reply."""
        ...

    def request_failure(
        self, request_type: str, name: str, time_us: int, length: int, reason: str, /
    ) -> None:
        """A request of the scenario's own failed."""
        ...

    def counter(self, name: str, add: int, /) -> None:
        """Adds to a sum."""
        ...

    def gauge(self, name: str, value: float, /) -> None:
        """Sets a value that goes up and down."""
        ...

    def rate(self, name: str, hit: bool, /) -> None:
        """Counts whether something held."""
        ...

    def trend(self, name: str, value: int, /) -> None:
        """Records one value of a distribution."""
        ...

    def user_id(self) -> int:
        """The number of this virtual user."""
        ...

    def iteration(self) -> int:
        """The number of this user's iteration."""
        ...

    def parameter(self, name: str, /) -> Optional[str]:
        """A parameter of the run."""
        ...

    def row(self, name: str, /) -> Optional[tuple[Any]]:
        """The next row of a set of data, none when it is used up; raises `LookupError` where there is no such
        set."""
        ...

    def setup_data(self) -> Optional[bytes]:
        """What `setup` answered."""
        ...

    def now_us(self) -> int:
        """Microseconds since the run began."""
        ...

    def random(self) -> int:
        """64 random bits."""
        ...

    def sleep_us(self, us: int, /) -> None:
        """Waits."""
        ...

    def check(self, name: str, ok: bool, /) -> None:
        """Counts a named assertion."""
        ...

    def stop_run(self, reason: str, /) -> None:
        """Ends the whole run."""
        ...

    def log(self, level: int, message: str, /) -> None:
        """Writes one line."""
        ...


class Nobody:
    """Who is there before a run begins, while a scenario is built or imported: anything asked is a
    mistake."""

    def __getattr__(self, name: str) -> Any:
        raise RuntimeError(
            f"`{name}` was asked outside of a run: what a module does at its top level happens once, when "
            "it is built; move it into a task, `on_start` or a `@setup` function"
        )


current: Any = Nobody()


def use(host: Any) -> Any:
    """Makes somebody the current host; answers who it was before."""
    global current
    before, current = current, host
    return before


def fit(text: Any) -> str:
    """The text of anything, such as UTF-8 can say it."""
    text = str(text)
    return text if text.isascii() else text.encode(errors="backslashreplace").decode()
