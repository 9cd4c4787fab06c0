"""Tasks and the sets they belong to."""

from __future__ import annotations

from typing import Any, Callable, ClassVar, Mapping, NoReturn, Optional, TypeVar, Union, overload

from .client import Client
from .failures import Interrupt
from .waits import Wait

__all__ = [
    "MarkovTaskSet",
    "SequentialTaskSet",
    "TaskSet",
    "tag",
    "task",
    "transition",
    "transitions",
]

T = TypeVar("T", bound=Callable[..., Any])

MOST = 2**32 - 1
"""The greatest weight."""
WEIGHT = "_katydid_weight"
"""Where a function or a set notes that it is a task."""
TAGS = "_katydid_tags"
"""Where it notes its tags."""
FOLLOWING = "_katydid_following"
"""Where it notes what follows it, by name."""


@overload
def task(weight: T, /) -> T: ...
@overload
def task(weight: int = 1, /) -> Callable[[T], T]: ...
def task(weight: Any = 1, /) -> Any:
    """Makes a function of a user or a task set one of its tasks, or a class inside it one of its sets.

        @task          # as often as others of the weight 1
        @task(10)      # ten times as often

    What counts is the weight against those beside it; a task of the weight 0 is never chosen.
    """
    if callable(weight):
        return task(1)(weight)
    if type(weight) is not int or not 0 <= weight <= MOST:
        raise TypeError(f"@task({weight!r}): a weight is a whole number from 0, of 32 bits")

    def mark(what: T) -> T:
        setattr(what, WEIGHT, weight)
        return what

    return mark


def tag(*tags: str) -> Callable[[T], T]:
    """Words by which a run may choose among tasks; for a task, or for a set and thereby all tasks in it."""
    if not tags or not all(isinstance(word, str) for word in tags):
        raise TypeError('@tag takes at least one word: @tag("read", "slow")')

    def mark(what: T) -> T:
        own = vars(what).get(TAGS, ())
        setattr(what, TAGS, (*(word for word in tags if word not in own), *own))
        return what

    return mark


def transition(name: str, weight: int = 1) -> Callable[[T], T]:
    """Says that the task of this name may follow, and how often against others that may."""
    return transitions({name: weight})


def transitions(following: Union[Mapping[str, int], list[Any]], /) -> Callable[[T], T]:
    """Says which tasks may follow this one: names with weights, or a list of names, or of such pairs."""
    if not isinstance(following, Mapping):
        following = dict(entry if isinstance(entry, tuple) else (entry, 1) for entry in following)
    for name, weight in following.items():
        if not isinstance(name, str) or type(weight) is not int or not 0 <= weight <= MOST:
            raise TypeError(
                f"a transition to {name!r} of the weight {weight!r}: a name and a whole number from 0"
            )

    def mark(what: T) -> T:
        # Decorators are applied from the last to the first.
        setattr(what, FOLLOWING, {**following, **vars(what).get(FOLLOWING, {})})
        return what

    return mark


class TaskSet:
    """A set of tasks: a user that enters it stays until a task calls `self.interrupt()`.

    As a class inside a user (or another set) with `@task`, or named in its `tasks`. A set is made when a user
    enters it. `on_start` and `on_stop` run when a user enters and leaves it.
    """

    tasks: ClassVar[Any] = ()
    """Tasks beside those with `@task`: functions and sets in a list, or with their weights in a dict."""
    wait_time: ClassVar[Union[Wait, Callable[[Any], float], None]] = None
    """The pause between iterations in this set, where it is not that of the user."""

    ORDER: ClassVar[str] = "weighted"

    def __init__(self, parent: Any) -> None:
        self.parent: Any = parent
        """The set around this one, or the user."""
        self.user: Any = parent.user if isinstance(parent, TaskSet) else parent
        """The user."""

    @property
    def client(self) -> Client:
        """The user's client."""
        return self.user.client

    def on_start(self) -> None:
        """Runs when a user enters the set."""

    def on_stop(self) -> None:
        """Runs when a user leaves the set, or stops in it."""

    def interrupt(self) -> NoReturn:
        """Leaves this set; the one around it goes on."""
        raise Interrupt


class SequentialTaskSet(TaskSet):
    """A set whose tasks are chosen in the order of declaration, over and over; sets inside it after all
    tasks."""

    ORDER = "sequential"


class MarkovTaskSet(TaskSet):
    """A set in which each task says by `@transition` which ones may follow. The first one comes first; after
    one that nothing follows, the set is left."""

    ORDER = "transitions"


def weight_of(what: Any) -> Optional[int]:
    """The weight of what is marked as a task by itself, not by something that it derives from."""
    try:
        return vars(what).get(WEIGHT)
    except TypeError:
        return None
