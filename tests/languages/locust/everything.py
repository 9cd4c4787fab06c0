"""What else a locustfile may say: weights, fixed counts, sets in order, tags, events, shapes of users. Each
user asserts for itself; whatever does not hold is a failed iteration."""

import logging

from katydid.locust import (
    InterruptTaskSet,
    RescheduleTask,
    SequentialTaskSet,
    StopUser,
    TaskSet,
    User,
    between,
    constant,
    constant_pacing,
    constant_throughput,
    events,
    tag,
    task,
)
from katydid.xmlrpc import ServerProxy

heard = []


@events.request.add_listener
def listen(request_type, name, response_time, exception, **said):
    heard.append((request_type, name, exception))


def beside(user):
    """A task that is listed, not decorated."""
    user.beside += 1


class Shopper(User):
    """Enters a sequence, in which one task comes twice in a row, and leaves it."""

    fixed_count = 1
    wait_time = constant(0.001)

    def on_start(self):
        self.journal = []

    @task
    class Checkout(SequentialTaskSet):
        wait_time = constant_pacing(0.002)

        def on_start(self):
            self.user.journal.append("+")

        @task(2)
        def fill(self):
            self.user.journal.append("fill")
            self.client.echo("fill")
            raise RescheduleTask()

        @tag("money")
        @task
        def pay(self):
            self.user.journal.append("pay")
            raise InterruptTaskSet(reschedule=False)

        def on_stop(self):
            self.user.journal.append("-")
            if self.user.journal.count("-") == 2:
                logging.info("checked out twice")

    @task
    class Look(TaskSet):
        @task
        def look(self):
            assert self.parent is self.user and self.user.environment.host is None
            if self.user.journal.count("-") >= 2:
                raise StopUser()
            self.interrupt()

    def on_stop(self):
        journal = " ".join(self.journal)
        assert journal.replace("+ fill fill pay -", "").strip() == "", journal


class Reporter(User):
    """Reports requests of its own, of calls that were made and of others."""

    fixed_count = 1
    wait_time = between(0.001, 0.002)
    tasks = {beside: 3}
    beside = 0

    @task
    def report(self):
        proxy = ServerProxy("http://elsewhere.example/")
        # Good, and said to be bad.
        assert proxy.echo(1) == 1
        events.request.fire(
            request_type="xmlrpc",
            name="echo",
            response_time=1,
            response_length=0,
            exception=ValueError("not two"),
        )
        # Good, and nothing is said of it.
        proxy.echo(2)
        # Not a call of ours.
        self.environment.events.request_success.fire(
            request_type="grpc", name="Charge", response_time=12, response_length=7
        )
        self.environment.events.request_failure.fire(
            request_type="grpc", name="Charge", response_time=1000, exception=ValueError("declined")
        )
        assert [name for _, name, _ in heard] == ["echo", "Charge", "Charge"], heard
        self.environment.events.request.remove_listener(listen)
        self.stop()


class Weighted(User):
    """A class that others outweigh, which is not fixed."""

    weight = 3
    fixed_count = 0
    wait_time = constant_throughput(1000)
    tasks = [beside, beside]
    beside = 0

    @task
    def leave(self):
        assert self.beside < 100
        self.environment.runner.quit() if self.beside > 1000 else self.stop()
