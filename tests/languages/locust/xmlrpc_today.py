"""A locustfile of Locust 2 that talks XML-RPC by a client of its own, which times each call and fires an
event. What it would import from Locust and from `xmlrpc.client`, it imports from Katydid."""

import time

from katydid.locust import User, between, task
from katydid.xmlrpc import Fault, ServerProxy


class TimedProxy(ServerProxy):
    """A proxy whose calls are events."""

    def __init__(self, uri, request):
        super().__init__(uri)
        self._request = request

    def __getattr__(self, name):
        method = super().__getattr__(name)

        def timed(*arguments):
            began = time.perf_counter()
            answer = error = None
            try:
                answer = method(*arguments)
            except Fault as fault:
                error = fault
            self._request.fire(
                request_type="xmlrpc",
                name=name,
                response_time=(time.perf_counter() - began) * 1000,
                response_length=0,
                response=answer,
                context={},
                exception=error,
            )
            return answer

        return timed


class XmlRpcUser(User):
    """Who derives from this has a proxy of the target."""

    abstract = True

    def __init__(self, environment):
        super().__init__(environment)
        self.client = TimedProxy(self.host, environment.events.request)


class ApiUser(XmlRpcUser):
    host = "http://127.0.0.1:8877/"
    wait_time = between(0.1, 1)

    @task(10)
    def get_time(self):
        self.client.get_time()

    @task(5)
    def get_random_number(self):
        self.client.get_random_number(0, 100)
