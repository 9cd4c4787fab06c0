"""Users and task sets in Locust's words, of today and of its first years."""

from __future__ import annotations

import time
from typing import Any, ClassVar, NoReturn, Optional

from .. import tasks, users
from ..waits import between
from .environment import Environment
from .exception import InterruptTaskSet

__all__ = ["Locust", "MarkovTaskSet", "SequentialTaskSet", "TaskSet", "User"]


def _wait_of_old(kind: Any) -> None:
    """Makes `min_wait` and `max_wait`, or `wait_function`, all in milliseconds, a wait time, where a class
    says them and no `wait_time`."""
    own = vars(kind)
    if "wait_time" in own:
        return
    if "wait_function" in own:
        function = kind.wait_function
        kind.wait_time = lambda self: function(self) / 1e3
    elif "min_wait" in own or "max_wait" in own:
        low = getattr(kind, "min_wait", None)
        high = getattr(kind, "max_wait", None)
        low = 1000 if low is None else low
        kind.wait_time = between(low / 1e3, max(low, 1000 if high is None else high) / 1e3)


class User(users.User):
    """A virtual user."""

    abstract = True
    _MAY_BE_EMPTY: ClassVar[bool] = True

    def __init_subclass__(cls, **given: Any) -> None:
        super().__init_subclass__(**given)
        if cls.fixed_count == 0:
            # In Locust: not fixed at all.
            cls.fixed_count = None

    def __init__(self, environment: Optional[Environment] = None) -> None:
        super().__init__()
        self.environment = Environment(self.host) if environment is None else environment

    @classmethod
    def made(cls) -> User:
        """A user, as whoever carries it out makes it."""
        return cls(Environment(cls.host))

    def wait(self) -> None:
        """Waits as long as between two tasks."""
        _wait(self)

    def stop(self, force: bool = False) -> NoReturn:
        """Ends this user."""
        super().stop()


class Locust(User):
    """A virtual user in the words of Locust's first years."""

    abstract = True
    wait_time: ClassVar[Any] = between(1, 1)

    def __init_subclass__(cls, **given: Any) -> None:
        super().__init_subclass__(**given)
        _wait_of_old(cls)
        if "task_set" in vars(cls):
            cls.tasks = [cls.task_set]  # type: ignore[attr-defined]

    @classmethod
    def made(cls) -> User:
        """A user; these were made without anything."""
        return cls()


class TaskSet(tasks.TaskSet):
    """A set of tasks."""

    def __init_subclass__(cls, **given: Any) -> None:
        super().__init_subclass__(**given)
        _wait_of_old(cls)

    @property
    def locust(self) -> Any:
        """The user, as it was called once."""
        return self.user

    def interrupt(self, reschedule: bool = True) -> NoReturn:
        """Leaves this set; the one around it goes on."""
        raise InterruptTaskSet(reschedule)

    def wait(self) -> None:
        """Waits as long as between two tasks."""
        _wait(self if type(self).wait_time is not None else self.user)


class SequentialTaskSet(TaskSet, tasks.SequentialTaskSet):
    """A set whose tasks are chosen in the order of declaration; one of the weight 3 three times in a row."""

    ORDER = "sequential"
    _REPEATS: ClassVar[bool] = True


class MarkovTaskSet(TaskSet, tasks.MarkovTaskSet):
    """A set in which each task says which ones may follow."""

    ORDER = "transitions"


def _wait(one: Any) -> None:
    wait = one.wait_time
    if wait is not None:
        time.sleep(wait())
