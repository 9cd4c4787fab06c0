"""`ApiUser` in Python: what `scripts/wat/api_user.wat` does, written with the SDK."""

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
