"""For locustfiles: `from katydid.locust import User, task, between` in place of `from locust import ...`.

What is here behaves as it does in Locust as far as a scenario can tell; what is not here a build refuses,
with its name and line. Both the words of Locust 2 and those of its first years (`Locust`, `task_set`,
`min_wait`, `max_wait`, `request_success`) are understood.

Calls go through a client of Katydid's: `self.client` of every user, or `ServerProxy` of `katydid.xmlrpc` for
classes of your own. The host times and counts each; an event that is fired under the method's name says what
came of that call and is not counted once more.
"""

from __future__ import annotations

from ..tasks import tag, task, transition, transitions
from ..waits import between, constant, constant_pacing, constant_throughput
from . import exception
from .environment import Environment, EventHook, events
from .exception import InterruptTaskSet, LocustError, RescheduleTask, RescheduleTaskImmediately, StopUser
from .shape import LoadTestShape
from .users import Locust, MarkovTaskSet, SequentialTaskSet, TaskSet, User

__all__ = [
    "Environment",
    "EventHook",
    "InterruptTaskSet",
    "LoadTestShape",
    "Locust",
    "LocustError",
    "MarkovTaskSet",
    "RescheduleTask",
    "RescheduleTaskImmediately",
    "SequentialTaskSet",
    "StopUser",
    "TaskSet",
    "User",
    "between",
    "constant",
    "constant_pacing",
    "constant_throughput",
    "events",
    "exception",
    "tag",
    "task",
    "transition",
    "transitions",
]
