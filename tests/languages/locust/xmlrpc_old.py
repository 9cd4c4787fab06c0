"""A locustfile of Locust's first years (0.x): waits in milliseconds, a `task_set`, and two events. What it
would import from Locust and from `xmlrpclib`, it imports from Katydid."""

import time

from katydid import xmlrpc as xmlrpclib
from katydid.locust import Locust, TaskSet, events, task


class TimedProxy(xmlrpclib.ServerProxy):
    def __getattr__(self, name):
        method = xmlrpclib.ServerProxy.__getattr__(self, name)

        def timed(*arguments, **named):
            began = time.time()
            try:
                answer = method(*arguments, **named)
            except xmlrpclib.Fault as fault:
                took = int((time.time() - began) * 1000)
                events.request_failure.fire(
                    request_type="xmlrpc", name=name, response_time=took, exception=fault
                )
            else:
                took = int((time.time() - began) * 1000)
                events.request_success.fire(
                    request_type="xmlrpc", name=name, response_time=took, response_length=0
                )
                return answer

        return timed


class XmlRpcLocust(Locust):
    """Has no tasks, so that there are no users of this class itself."""

    def __init__(self, *args, **kwargs):
        super(XmlRpcLocust, self).__init__(*args, **kwargs)
        self.client = TimedProxy(self.host)


class ApiUser(XmlRpcLocust):
    host = "http://127.0.0.1:8877/"
    min_wait = 100
    max_wait = 1000

    class task_set(TaskSet):
        @task(10)
        def get_time(self):
            self.client.get_time()

        @task(5)
        def get_random_number(self):
            self.client.get_random_number(0, 100)
