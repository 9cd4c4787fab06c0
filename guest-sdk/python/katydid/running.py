"""One virtual user at work: the same code under the host and in tests."""

from __future__ import annotations

import enum
from typing import Any, Callable, Optional

from . import host, kept
from .describe import Class
from .failures import EndIteration, Failure, Interrupt, Interrupted, StopUser
from .tasks import TaskSet
from .trace import told
from .waits import micros

__all__ = ["Ended", "Next", "Running", "between"]


class Next(enum.Enum):
    """What a task wants to happen next."""

    PROCEED = "proceed"
    INTERRUPT = "interrupt"
    STOP_USER = "stop user"

    # An enumeration's own is written in Python.
    __hash__ = object.__hash__


class Ended(Exception):
    """What the host is told of an error: words for a person."""

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


BETWEEN: list[Callable[[], None]] = []
"""What is done after each iteration and hook, whatever came of it: best only what there is reason to do."""


class Running:
    """A virtual user of any class, as its host drives it.

    The host picks tasks, and it keeps to the sets: it names tasks of a set, or of one inside it, until one of
    them answers `interrupt`. Which sets have been entered and left can thus be told from the set of each
    task.
    """

    def __init__(self, described: Class) -> None:
        self.described = described
        self.user: Any = None
        self._entered: list[tuple[int, Any]] = []
        # This user has done enough before its first iteration.
        self._done = False
        # An error of a set's `on_stop`, which has no iteration of its own that could fail.
        self._owed: Optional[str] = None
        # The tasks of most scenarios: what there is to be done around them is nothing.
        self._plain = {} if described.asks else {one.id: one.run for one in described.tasks if one.plain}

    def start(self, state: Optional[bytes] = None) -> None:
        """`on_start`, or, with the state of another version's user, what restores it; raises `Ended`."""
        try:
            # Made here, where whatever it does has an iteration to belong to and its error a reader.
            self.user = self.described.kind.made()
            if state is not None and self.described.keeps_state:
                self.user.restore_state(kept.read(state))
            else:
                self.user.on_start()
        except (StopUser, Interrupted):
            # Interrupted: the run was over before this user began, which is nobody's fault.
            self._done = True
        except (EndIteration, Interrupt):
            pass
        except BaseException as error:
            raise Ended(told(error)) from None
        finally:
            between()

    def run_task(self, task: int) -> Next:
        """One iteration; raises `Ended`."""
        if self._done:
            return Next.STOP_USER
        try:
            run = self._plain.get(task)
            if run is None or self._entered:
                return self._iterate(task)
            run(self.user)
            return Next.PROCEED
        except (EndIteration, Failure):
            # A failure is data: the host has counted that request.
            return Next.PROCEED
        except Interrupt:
            return Next.INTERRUPT
        except StopUser:
            return Next.STOP_USER
        except BaseException as error:
            raise Ended(told(error)) from None
        finally:
            if BETWEEN:
                between()

    def _iterate(self, place: int) -> Next:
        if self.described.asks:
            self.user._iteration_began = host.current.now_us()
        try:
            task = self.described.tasks[place]
        except IndexError:
            raise LookupError(f"there is no task {place}") from None
        leaves = False
        owner = None
        try:
            owner = self.user if not task.set and not self._entered else self._go_to(task.set)
            # The host, too, leaves a chain that is at its end, whatever comes of its last task.
            leaves = task.ends
            task.run(owner)
        except Interrupt:
            # For the host, a set that let nobody in was entered as well.
            leaves = owner is not None
            raise
        except StopUser:
            leaves = False
            raise
        finally:
            if leaves:
                self._leave()
        return Next.PROCEED

    def _go_to(self, place: int) -> Any:
        """Leaves the sets that this one is not in, and enters those that it is in. Where the `on_start` of
        one raises, that one is not entered."""
        path: list[int] = []
        at: Optional[int] = place
        while at:
            path.insert(0, at)
            at = self.described.sets[at].parent
        while [entered for entered, _ in self._entered] != path[: len(self._entered)]:
            self._leave()
        for inner in path[len(self._entered) :]:
            made = self.described.sets[inner].kind(self._innermost())
            made.on_start()
            self._entered.append((inner, made))
        return self._innermost()

    def _innermost(self) -> Any:
        return self._entered[-1][1] if self._entered else self.user

    def _leave(self) -> None:
        """Leaves the innermost set. The host hears of an error when the user stops; a person at once."""
        if not self._entered:
            return
        place, one = self._entered.pop()
        try:
            one.on_stop()
        except (EndIteration, Failure, Interrupt, StopUser):
            pass
        except BaseException as error:
            message = f"{self.described.sets[place].name}.on_stop: {told(error)}"
            host.current.log(host.ERROR, host.fit(message))
            self._owed = self._owed or message

    def wait_us(self) -> int:
        """The pause before the next iteration, in microseconds, where the class leaves it to the user. A
        mistake in it is no pause, and a line of the log."""
        try:
            for _, one in reversed(self._entered):
                if isinstance(one, TaskSet) and type(one).wait_time is not None:
                    return micros(one.wait_time())  # type: ignore[misc]
            wait = self.user.wait_time
            return 0 if wait is None else micros(wait())
        except BaseException as error:
            message = f"{self.described.name}.wait_time: {told(error)}"
            host.current.log(host.ERROR, host.fit(message))
            return 0
        finally:
            between()

    def save(self) -> Optional[bytes]:
        """What a user of another version is to go on with; none where it is rather to start anew."""
        # One that has done enough before its first iteration is to find that out anew.
        if self._done or not self.described.keeps_state:
            return None
        try:
            state = self.user.save_state()
            return None if state is None else kept.written(state)
        except BaseException as error:
            message = f"{self.described.name}.save_state: {told(error)}"
            host.current.log(host.ERROR, host.fit(message))
            return None
        finally:
            between()

    def stop(self) -> None:
        """`on_stop` of the sets that the user is in, then of the class; raises `Ended`."""
        while self._entered:
            self._leave()
        try:
            if self.user is not None:
                self.user.on_stop()
        except (EndIteration, Failure, Interrupt, StopUser):
            pass
        except BaseException as error:
            self._owed = self._owed or told(error)
        finally:
            between()
        owed, self._owed = self._owed, None
        if owed is not None:
            raise Ended(owed)


def between() -> None:
    """Does what is to be done between two iterations."""
    for done in tuple(BETWEEN):
        done()
