"""What a module's classes say about themselves, in the contract's shape, and what is wrong with it.

The names of these fields are those of the contract's records: they cross the boundary as they are.
"""

from __future__ import annotations

import enum
from dataclasses import dataclass, field
from typing import Any, Callable, Iterator, Mapping, Optional, Union

from .hooks import DECLARED, HOOK, Parameter
from .tasks import FOLLOWING, MOST, TAGS, TaskSet, weight_of
from .users import User
from .waits import Wait

__all__ = ["Class", "Mistake", "Order", "Scenario", "Set", "Task", "Transition", "class_of", "scenario_of"]

_DEEPEST = 50


class Order(enum.Enum):
    """How the next task of a set is chosen."""

    weighted = 0
    sequential = 1
    transitions = 2


@dataclass
class Transition:
    """How often one task of a set is followed by another."""

    before: int
    after: int
    weight: int


@dataclass
class Set:
    """A set of tasks."""

    name: str
    parent: Optional[int]
    weight: int
    order: Order
    tags: list[str]
    kind: Any
    """The class: the user's for the outermost, else that of a `TaskSet`."""
    transitions: list[Transition] = field(default_factory=list)


@dataclass
class Task:
    """A task of a set."""

    id: int
    name: str
    set: int
    weight: int
    tags: list[str]
    run: Callable[[Any], Any]
    """Called with the user, or the set that it is in."""
    ends: bool = False
    """Whether it is the end of a chain: nothing follows it."""

    @property
    def plain(self) -> bool:
        """Whether it is the user's own, and nothing ends with it."""
        return self.set == 0 and not self.ends


@dataclass
class Class:
    """A user class."""

    name: str
    kind: Any
    """The class itself."""
    weight: int
    fixed_count: Optional[int]
    host: Optional[str]
    wait_time: Optional[Wait]
    """What the host carries out by itself."""
    asks: bool
    """Whether it asks the user instead."""
    keeps_state: bool
    sets: list[Set]
    tasks: list[Task]


@dataclass
class Scenario:
    """Everything of a module."""

    classes: list[Class]
    parameters: list[Parameter[Any]]
    hooks: dict[str, Callable[..., Any]]


class Mistake(Exception):
    """Something that a scenario's author must put right; the object is what it is about."""

    def __init__(self, about: Any, why: str) -> None:
        super().__init__(why)
        self.about = about


def scenario_of(namespace: Mapping[str, Any]) -> Scenario:
    """What a module has; raises the first `Mistake`."""
    kinds: dict[str, Any] = {}
    classes: dict[int, Class] = {}
    for value in namespace.values():
        own = getattr(value, "__dict__", {})
        hook = own.get(HOOK) if callable(value) else None
        if hook is not None and kinds.setdefault(hook, value) is not value:
            raise Mistake(value, f"there are two @{hook} functions")
        if isinstance(value, type) and issubclass(value, User) and id(value) not in classes:
            made = class_of(value) if _is_for_users(value) else None
            if made is not None:
                classes[id(value)] = made
    if not classes:
        raise Mistake(None, "there is no user class: derive one from `katydid.User` and give it a @task")
    names: set[str] = set()
    for one in classes.values():
        if one.name in names:
            raise Mistake(one.kind, f"two user classes are called {one.name}")
        names.add(one.name)
    # Locust has classes for shapes: one object each, which is asked over and over.
    hooks = {hook: kind().asked if isinstance(kind, type) else kind for hook, kind in kinds.items()}
    return Scenario(list(classes.values()), _parameters(), hooks)


def _is_for_users(kind: type[User]) -> bool:
    ours = kind.__module__ == "katydid" or kind.__module__.startswith("katydid.")
    return not ours and not vars(kind).get("abstract", False)


def _parameters() -> list[Parameter[Any]]:
    seen: dict[str, Parameter[Any]] = {}
    for parameter in DECLARED:
        if seen.setdefault(parameter.name, parameter).described() != parameter.described():
            raise Mistake(None, f"the parameter {parameter.name!r} is declared in two ways")
    return list(seen.values())


def class_of(kind: type[User]) -> Optional[Class]:
    """A user class in the contract's shape; none where it has no tasks and may do without."""
    building = _Building(kind)
    order = Order.sequential if kind.sequential else Order.weighted
    building.add_set(kind, kind.__name__, None, 1, order, 0)
    if not building.tasks:
        if getattr(kind, "_MAY_BE_EMPTY", False):
            return None
        cure = "give it a @task, or say `abstract = True` where it is only derived from"
        raise Mistake(kind, f"{kind.__name__} has no task: {cure}")
    host = kind.host
    if host is not None and not isinstance(host, str):
        raise Mistake(kind, f"{kind.__name__}.host is a URL such as 'http://127.0.0.1:8877/', not {host!r}")
    wait, asks = _pause(kind)
    asks = asks or any(_pause(one.kind) != (None, False) for one in building.sets[1:])
    saves, restores = (hasattr(kind, name) for name in ("save_state", "restore_state"))
    if saves != restores:
        missing = "restore_state" if saves else "save_state"
        raise Mistake(kind, f"{kind.__name__} keeps a state by two functions, and has no {missing}")
    return Class(
        name=kind.__name__,
        kind=kind,
        weight=_count(kind, "weight", kind.weight),
        fixed_count=None if kind.fixed_count is None else _count(kind, "fixed_count", kind.fixed_count),
        host=host,
        wait_time=None if asks else wait,
        asks=asks,
        keeps_state=saves,
        sets=building.sets,
        tasks=building.tasks,
    )


def _count(kind: Any, name: str, value: Any) -> int:
    if type(value) is not int or not 0 <= value <= MOST:
        raise Mistake(kind, f"{kind.__name__}.{name} is a whole number from 0, not {value!r}")
    return value


def _pause(kind: Any) -> tuple[Optional[Wait], bool]:
    """The wait time of a class, or that its own function is to be asked."""
    wait = kind.wait_time
    if wait is None or isinstance(wait, Wait):
        return wait, False
    if callable(wait):
        return None, True
    cure = f"write `wait_time = constant({wait!r})`" if isinstance(wait, (int, float)) else "see `between`"
    raise Mistake(kind, f"{kind.__name__}.wait_time is no wait time: {cure}")


class _Building:
    """The sets and tasks of one class, as they are found."""

    def __init__(self, kind: type[User]) -> None:
        self.kind = kind
        self.sets: list[Set] = []
        self.tasks: list[Task] = []

    def add_set(
        self, kind: Any, name: str, parent: Optional[int], weight: int, order: Order, depth: int
    ) -> None:
        if depth > _DEEPEST:
            raise Mistake(kind, f"{kind.__name__} is inside itself")
        place = len(self.sets)
        own = Set(name, parent, weight, order, [str(tag) for tag in vars(kind).get(TAGS, ())], kind)
        self.sets.append(own)
        repeats = getattr(kind, "_REPEATS", False) and order is Order.sequential
        inner: list[tuple[str, Any, int]] = []
        following: list[tuple[int, Any]] = []
        for name, what, weight in _members(kind, order):
            times, weight = (weight, 1) if repeats and weight > 0 else (1, weight)
            if isinstance(what, type):
                inner.extend([(name, what, weight)] * times)
                continue
            if inner and order is Order.sequential:
                why = f"{name} comes after the set {inner[0][0]}: in a sequence, tasks come first, then sets"
                raise Mistake(what, f"{kind.__name__}.{why}")
            if FOLLOWING in getattr(what, "__dict__", {}):
                following.append((len(self.tasks), what))
            for _ in range(times):
                tags = [str(tag) for tag in getattr(what, TAGS, ())]
                self.tasks.append(Task(len(self.tasks), name, place, weight, tags, what))
        self._follow(own, place, following)
        for name, what, weight in inner:
            if own.order is Order.transitions:
                raise Mistake(
                    what, f"{kind.__name__}.{name} is never entered: {kind.__name__} follows transitions"
                )
            self.add_set(what, name, place, weight, Order[what.ORDER], depth + 1)

    def _follow(self, own: Set, place: int, following: list[tuple[int, Any]]) -> None:
        """Which task follows which."""
        kind = own.kind
        if not following:
            if own.order is Order.transitions:
                raise Mistake(kind, f"{kind.__name__} follows transitions, but no task has a @transition")
            return
        if isinstance(kind, type) and issubclass(kind, User) and own.order is Order.weighted:
            own.order = Order.transitions
        if own.order is not Order.transitions:
            raise Mistake(following[0][1], f"{kind.__name__} has a @transition, but is no MarkovTaskSet")
        ids = {task.name: task.id for task in self.tasks if task.set == place}
        for before, what in following:
            for name, weight in getattr(what, FOLLOWING).items():
                if name not in ids:
                    known = ", ".join(ids)
                    raise Mistake(what, f"{kind.__name__} has no task {name!r} to follow, only {known}")
                own.transitions.append(Transition(before, ids[name], weight))
        leading = {one.before for one in own.transitions if one.weight > 0}
        for task in self.tasks:
            if task.set == place:
                task.ends = task.id not in leading


def _members(kind: Any, order: Order) -> Iterator[tuple[str, Any, int]]:
    """The tasks and sets of a class, with names and weights: those of its `tasks` first."""
    yield from _listed(kind, order)
    marked: dict[str, int] = {}
    for base in reversed(kind.__mro__):
        for name, value in vars(base).items():
            weight = weight_of(value)
            if weight is not None:
                marked[name] = weight
    for name, weight in marked.items():
        # What overrides a task is one as well; `None` takes it away.
        what = getattr(kind, name)
        if what is not None:
            yield _checked(kind, name, what, weight)


def _listed(kind: Any, order: Order) -> Iterator[tuple[str, Any, int]]:
    listed: Any = kind.tasks
    if isinstance(listed, Mapping):
        weights = [(what, _count(kind, "tasks", weight)) for what, weight in listed.items()]
    elif order is Order.sequential:
        weights = [(what, 1) for what in listed]
    else:
        # What is named twice is chosen twice as often.
        unique = list({id(what): what for what in listed}.values())
        weights = [(what, sum(1 for one in listed if one is what)) for what in unique]
    for what, weight in weights:
        yield _checked(kind, getattr(what, "__name__", "?"), what, weight)


def _checked(kind: Any, name: str, what: Any, weight: int) -> tuple[str, Any, int]:
    if isinstance(what, type):
        if not issubclass(what, TaskSet):
            raise Mistake(kind, f"{kind.__name__}.{name} is a class, but no TaskSet")
    elif not callable(what):
        raise Mistake(kind, f"{kind.__name__}.{name} is neither a function nor a TaskSet")
    return name, what, weight


def place_of(about: Union[type, Callable[..., Any], None]) -> tuple[Optional[str], Optional[int]]:
    """File and line of what a mistake is about, where they are known."""
    code = getattr(about, "__code__", None)
    if code is not None:
        return code.co_filename, code.co_firstlineno
    line = getattr(about, "__firstlineno__", None)
    for value in vars(about).values() if isinstance(about, type) else ():
        code = getattr(value, "__code__", None)
        if code is not None:
            return code.co_filename, line or code.co_firstlineno
    return None, line
