"""Everything that can go wrong inside a scenario. Choose what by tag: each class has one of its own."""

import sys
import threading

from katydid import User, tag, task


@tag("raises")
class Raises(User):
    """An exception is a failed iteration with its message and place; the user lives on."""

    sequential = True

    @task
    def error(self):
        self.client.get_time()
        {}["member"]

    @task
    def deep(self):
        def inner(text):
            try:
                int(text)
            except ValueError as error:
                raise RuntimeError("from within") from error

        [inner(text) for text in ["x"]]

    @task
    def leaves(self):
        sys.exit(3)

    @task
    def recurses(self, depth=0):
        return 1 + self.recurses(depth + 1)

    @task
    def hoards(self):
        """Python has no more memory: an exception like others, after which it has some again."""
        kept = []
        while True:
            kept.append(bytes(1 << 20))

    @task
    def threads(self):
        threading.local().x = 1
        open("people.csv")

    @task
    def after(self):
        print("still alive")
        self.stop()


@tag("unmade")
class Unmade(User):
    """Who is not made, or does not start, is tried anew."""

    def __init__(self):
        super().__init__()
        raise ValueError("not made")

    @task
    def never(self):
        pass


@tag("unstarted")
class Unstarted(User):
    def on_start(self):
        self.client.call("no.such.method")

    @task
    def never(self):
        pass


@tag("loops")
class Loops(User):
    """What ends the instance: the user is made anew."""

    @task
    def forever(self):
        while True:
            pass
