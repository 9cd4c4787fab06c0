"""A locustfile with what Katydid does not have: each of these lines is told when it is built."""

import requests
from katydid.locust import HttpUser, User, events, task
from locust import between


@events.test_start.add_listener
def begin(environment, **_):
    print(environment.stats)


class Visitor(User):
    stop_timeout = 3

    @task
    def look(self):
        self.environment.runner.user_count += 1
