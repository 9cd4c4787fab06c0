"""A load that the scenario says itself: two users, then three, then enough."""

import katydid
from katydid import User, task


class Shaped(User):
    @task
    def look(self):
        self.client.get_time()


@katydid.shape
def load(now):
    figures = (now.elapsed, now.users, now.requests, now.failed, now.requests_per_second, now.p95)
    if not all(figure >= 0 for figure in figures):
        raise ValueError("a figure is missing")
    if now.elapsed < 2:
        return 2
    return 3 if now.elapsed < 4 else None
