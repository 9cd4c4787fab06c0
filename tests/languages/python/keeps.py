"""Counts its calls, over any number of versions of itself, and sees that its state arrives as it was saved."""

from katydid import User, constant, task

VERSION = "v1"
KEPT = {"big": 2**60, "share": 0.5, "text": 'a "ž"\\\n🦗', "list": [True, {"of": []}]}


class Keeper(User):
    wait_time = constant(0.01)

    def on_start(self):
        self.calls = 0
        print(f"{VERSION} began")

    @task
    def count(self):
        self.client.get_random_number(0, 100)
        self.calls += 1

    def save_state(self):
        return {**KEPT, "calls": self.calls, "by": VERSION}

    def restore_state(self, state):
        self.calls, by = state.pop("calls"), state.pop("by")
        if state != KEPT:
            raise ValueError(f"{state} has arrived")
        print(f"{VERSION} goes on after {self.calls}, saved by {by}")

    def on_stop(self):
        print(f"{VERSION} stopped after {self.calls}")
