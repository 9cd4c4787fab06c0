"""A load scenario: who the users are, and what they call."""

from katydid import User, between, check, task


class ApiUser(User):
    host = "http://127.0.0.1:8877/"
    wait_time = between(0.1, 1)

    @task(10)
    def get_time(self):
        self.client.get_time()

    @task(5)
    def get_random_number(self):
        number = self.client.get_random_number(0, 100)
        check("within its bounds", 0 <= number <= 100)
