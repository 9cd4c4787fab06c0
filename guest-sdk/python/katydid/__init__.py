"""Load scenarios for Katydid in Python, as plain as a locustfile.

    from katydid import User, between, task

    class ApiUser(User):
        host = "http://127.0.0.1:8877/"
        wait_time = between(0.1, 1)

        @task(10)
        def get_time(self):
            self.client.get_time()

        @task(5)
        def get_random_number(self):
            self.client.get_random_number(0, 100)

`katydid run api_user.py -u 10` builds and runs it. The standard library's `random`, `time`, `print` and
`logging` are the host's: its seed, its clock, its log.
"""

from . import events, metrics
from .client import Client, Exchange, Method, Multicall
from .context import check, iteration, next_row, now, parameter, row, setup_data, sleep, stop_run, user_id
from .events import measure
from .failures import (
    Failure,
    Fault,
    Interrupt,
    Interrupted,
    ProtocolError,
    Rejected,
    Reported,
    StatusError,
    StopUser,
    Timeout,
    TransportError,
)
from .hooks import Parameter, Status, arrivals, setup, shape, teardown
from .tasks import MarkovTaskSet, SequentialTaskSet, TaskSet, tag, task, transition, transitions
from .users import User
from .values import DateTime, Value
from .waits import Wait, between, constant, constant_pacing, constant_throughput, poisson

__all__ = [
    "Client",
    "DateTime",
    "Exchange",
    "Failure",
    "Fault",
    "Interrupt",
    "Interrupted",
    "MarkovTaskSet",
    "Method",
    "Multicall",
    "Parameter",
    "ProtocolError",
    "Rejected",
    "Reported",
    "SequentialTaskSet",
    "Status",
    "StatusError",
    "StopUser",
    "TaskSet",
    "Timeout",
    "TransportError",
    "User",
    "Value",
    "Wait",
    "arrivals",
    "between",
    "check",
    "constant",
    "constant_pacing",
    "constant_throughput",
    "events",
    "iteration",
    "measure",
    "metrics",
    "next_row",
    "now",
    "parameter",
    "poisson",
    "row",
    "setup",
    "setup_data",
    "shape",
    "sleep",
    "stop_run",
    "tag",
    "task",
    "teardown",
    "transition",
    "transitions",
    "user_id",
]
