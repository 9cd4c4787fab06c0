"""Locustfiles."""

import unittest

from katydid import Fault, describe, hooks, xmlrpc
from katydid.hooks import Status
from katydid.locust import (
    Environment,
    InterruptTaskSet,
    LoadTestShape,
    Locust,
    RescheduleTask,
    RescheduleTaskImmediately,
    SequentialTaskSet,
    TaskSet,
    User,
    between,
    constant,
    events,
    exception,
    task,
)
from katydid.testing import Next, World


def answered(world):
    return [(request.request_type, request.name, request.failure) for request in world.requests]


class Old(unittest.TestCase):
    def test_waits_in_milliseconds(self):
        def work(self):
            pass

        rows = [
            ({}, (1_000_000, 1_000_000)),
            ({"min_wait": 100, "max_wait": 1000}, (100_000, 1_000_000)),
            ({"min_wait": 500}, (500_000, 1_000_000)),
            ({"max_wait": 3000}, (1_000_000, 3_000_000)),
            ({"min_wait": 5000}, (5_000_000, 5_000_000)),
            ({"min_wait": 1, "wait_time": constant(2)}, (2_000_000, 0)),
        ]
        for members, (low, high) in rows:
            with self.subTest(members=members):
                kind = type("Old", (Locust,), {**members, "tasks": [work]})
                wait = describe.class_of(kind).wait_time
                self.assertEqual((wait.low, wait.high), (low, high))
        kind = type("Old", (Locust,), {"wait_function": lambda self: 250, "tasks": [work]})
        with World() as world:
            user = world.user(kind)
            user.on_start()
            self.assertEqual(user.wait_time(), 0.25)

    def test_a_task_set(self):
        class Base(Locust):
            def __init__(self, *args, **kwargs):
                super(Base, self).__init__(*args, **kwargs)
                self.mine = True

        class ApiUser(Base):
            class task_set(TaskSet):
                min_wait = 10
                max_wait = 10

                @task(3)
                def look(self):
                    assert self.locust is self.user and self.user.mine
                    self.client.look()

        found = describe.scenario_of({"Base": Base, "ApiUser": ApiUser})
        self.assertEqual([one.name for one in found.classes], ["ApiUser"])
        self.assertEqual([one.name for one in found.classes[0].sets], ["ApiUser", "task_set"])
        with World() as world:
            world.answer("look", 1)
            user = world.user(ApiUser)
            user.on_start()
            self.assertIs(user.run_task("look"), Next.PROCEED)
            self.assertEqual(user.wait_time(), 0.01)
            self.assertEqual(world.calls("look"), [[]])

    def test_old_events(self):
        with World() as world:
            heard = []
            listener = lambda **said: heard.append(said["name"])  # noqa: E731
            events.request_success += listener
            events.request_failure.add_listener(listener)
            try:
                events.request_success.fire(request_type="t", name="a", response_time=1500, response_length=3)
                events.request_failure.fire(
                    request_type="t", name="b", response_time=None, exception=ValueError("no")
                )
                events.request_failure.fire(request_type="t", name="c", response_time=1, exception=None)
            finally:
                events.request_success -= listener
                events.request_failure.remove_listener(listener)
            expected = [("t", "a", None), ("t", "b", "reported: no"), ("t", "c", "reported: failed")]
            self.assertEqual(answered(world), expected)
            self.assertEqual(world.requests[0].response_time, 1.5)
            self.assertEqual(heard, ["a", "b", "c"])


class Today(unittest.TestCase):
    def test_an_environment(self):
        class Visitor(User):
            host = "http://127.0.0.1/"
            fixed_count = 0

            def __init__(self, environment):
                super().__init__(environment)
                self.before = environment

            @task
            def quits(self):
                assert self.environment is self.before and self.environment.host == Visitor.host
                assert self.environment.events is events
                self.environment.runner.quit()
                raise RescheduleTask

            @task
            def waits(self):
                self.wait()

            wait_time = constant(2)

        self.assertIsNone(describe.class_of(Visitor).fixed_count)
        with World() as world:
            self.assertIs(world.run_task(Visitor, "quits"), Next.PROCEED)
            self.assertEqual(world.stopped, "the locustfile called runner.quit()")
            self.assertIs(world.run_task(Visitor, "waits"), Next.PROCEED)
            self.assertEqual(world.sleeps, [2])
        for ask in (lambda: Environment().stats, lambda: events.test_start):
            with self.assertRaisesRegex(AttributeError, "katydid.locust has no"):
                ask()
        self.assertTrue(issubclass(RescheduleTaskImmediately, exception.RescheduleTask))

    def test_sequences_repeat_by_weight(self):
        class Order(SequentialTaskSet):
            wait_time = between(1, 1)

            @task(2)
            def twice(self):
                self.wait()

            @task
            def once(self):
                raise InterruptTaskSet(reschedule=False)

            @task(0)
            def never(self):
                pass

        kind = type("Visitor", (User,), {"tasks": [Order]})
        found = describe.class_of(kind)
        expected = [("twice", 1), ("twice", 1), ("once", 1), ("never", 0)]
        self.assertEqual([(one.name, one.weight) for one in found.tasks], expected)
        with World() as world:
            user = world.user(kind)
            self.assertIs(user.run_task("twice"), Next.PROCEED)
            self.assertEqual(world.sleeps, [1])
            self.assertIs(user.run_task("once"), Next.INTERRUPT)

    def test_an_event_about_a_call_is_its_verdict(self):
        class Wrapped(xmlrpc.ServerProxy):
            def __getattr__(self, name):
                method = super().__getattr__(name)

                def call(*arguments, error=None, label=name):
                    answer = None
                    try:
                        answer = method(*arguments)
                    except Fault as fault:
                        error = error or fault
                    if error == "nothing":
                        error = None
                    events.request.fire(request_type="xmlrpc", name=label, response_time=1, exception=error)
                    return answer

                return call

        with World() as world:
            world.answer("good", 7).answer("bad", Fault(4, "no"))
            proxy = Wrapped("http://127.0.0.1/")
            self.assertEqual(proxy.good(), 7)
            proxy.bad()
            proxy.good(error=ValueError("not eight"))
            proxy.bad(error="nothing")
            proxy.good(label="other")
            xmlrpc.close()
            events.request.fire(request_type="grpc", name="good", response_time=1)
            expected = [
                ("xmlrpc", "good", None),
                ("xmlrpc", "bad", "fault 4: no"),
                ("xmlrpc", "good", "judged: not eight"),
                ("xmlrpc", "bad", None),
                ("xmlrpc", "other", None),
                ("xmlrpc", "good", None),
                ("grpc", "good", None),
            ]
            self.assertEqual(answered(world), expected)

    def test_an_iteration_ends_with_its_last_call_counted(self):
        class Visitor(User):
            @task
            def look(self):
                xmlrpc.ServerProxy("").look()

        with World() as world:
            world.answer("look", 1)
            world.run_task(Visitor, "look")
            self.assertEqual(answered(world), [("xmlrpc", "look", None)])


class Shapes(unittest.TestCase):
    def test_a_shape_is_asked_each_second(self):
        class Stairs(LoadTestShape):
            def tick(self):
                assert self.get_current_user_count() == 3
                if self.get_run_time() < 3:
                    return 10, 4
                return (2, 100) if self.get_run_time() < 5 else None

        class Visitor(User):
            @task
            def look(self):
                pass

        found = describe.scenario_of({"Stairs": Stairs, "Visitor": Visitor, "LoadTestShape": LoadTestShape})
        asked = found.hooks["shape"]
        loads = [asked(Status(elapsed, 3, 0, 0, 0, 0.0)) for elapsed in range(6)]
        self.assertEqual(loads, [4, 8, 10, 2, 2, None])
        self.assertIn(hooks.HOOK, vars(Stairs))

        class Classes(LoadTestShape):
            def tick(self):
                return 1, 1, [Visitor]

        with self.assertRaisesRegex(ValueError, "classes of users cannot be chosen"):
            Classes().asked(Status(0, 0, 0, 0, 0, 0.0))
        self.assertRaises(NotImplementedError, LoadTestShape().tick)


if __name__ == "__main__":
    unittest.main()
