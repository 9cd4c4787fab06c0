"""Calls `get_random_number(0, 100)` without a pause and looks at each reply: what a request costs in Python."""

from katydid import User, task


class Flood(User):
    @task
    def get_random_number(self):
        if not isinstance(self.client.get_random_number(0, 100), (int, float)):
            raise ValueError("the reply is no number")
