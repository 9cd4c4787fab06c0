"""One virtual user at work."""

import datetime
import unittest

import katydid
from katydid import (
    Fault,
    Interrupt,
    MarkovTaskSet,
    SequentialTaskSet,
    StopUser,
    TaskSet,
    User,
    check,
    constant,
    constant_pacing,
    measure,
    metrics,
    task,
)
from katydid.testing import Ended, Next, World


class Journal(User):
    """Keeps a journal of where it has been."""

    def on_start(self):
        self.journal = ["+user"]

    @task
    def outside(self):
        self.journal.append("outside")

    @task
    class Outer(TaskSet):
        def on_start(self):
            self.user.journal.append("+outer")

        @task
        def middle(self):
            self.user.journal.append("middle")

        @task
        class Inner(SequentialTaskSet):
            def on_start(self):
                self.user.journal.append("+inner")

            @task
            def deep(self):
                self.user.journal.append("deep")

            @task
            def out(self):
                self.interrupt()

            def on_stop(self):
                self.user.journal.append("-inner")

        def on_stop(self):
            self.user.journal.append("-outer")

    def on_stop(self):
        self.journal.append("-user")


class Sets(unittest.TestCase):
    def test_sets_are_entered_and_left_with_their_tasks(self):
        rows = [
            (["outside", "outside"], "+user outside outside -user"),
            (["deep"], "+user +outer +inner deep -inner -outer -user"),
            (["deep", "out", "middle"], "+user +outer +inner deep -inner middle -outer -user"),
            (["middle", "outside"], "+user +outer middle -outer outside -user"),
            (["middle", "deep", "middle"], "+user +outer middle +inner deep -inner middle -outer -user"),
        ]
        for tasks, journal in rows:
            with World() as world, self.subTest(tasks=tasks):
                user = world.user(Journal)
                user.on_start()
                for name in tasks:
                    expected = Next.INTERRUPT if name == "out" else Next.PROCEED
                    self.assertIs(user.run_task(name), expected)
                user.on_stop()
                self.assertEqual(" ".join(user.user.journal), journal)

    def test_a_set_that_lets_nobody_in(self):
        class Shy(TaskSet):
            def on_start(self):
                self.user.tries += 1
                if self.user.tries == 1:
                    self.interrupt()
                if self.user.tries == 2:
                    raise ValueError("no")
                if self.user.tries == 3:
                    self.client.nothing()

            @task
            def inside(self):
                pass

            def on_stop(self):
                self.user.left += 1

        class Guest(User):
            tries = 0
            left = 0
            tasks = [Shy]

        with World() as world:
            user = world.user(Guest)
            user.on_start()
            self.assertIs(user.run_task("inside"), Next.INTERRUPT)
            with self.assertRaisesRegex(Ended, "ValueError: no"):
                user.run_task("inside")
            self.assertIs(user.run_task("inside"), Next.PROCEED)
            self.assertIs(user.run_task("inside"), Next.PROCEED)
            self.assertEqual((user.user.tries, user.user.left), (4, 0))
            user.on_stop()
            self.assertEqual(user.user.left, 1)

    def test_a_user_may_have_any_attribute(self):
        class Inner(TaskSet):
            @task
            def look(self):
                self.user.seen = (self.user.user, self.parent.parent is self.user)

        outer = type("Outer", (TaskSet,), {"tasks": [Inner]})
        kind = type("Guest", (User,), {"tasks": [outer], "user": "ada", "parent": "eve"})
        with World() as world:
            user = world.user(kind)
            user.run_task("look")
            self.assertEqual(user.user.seen, ("ada", True))

    def test_an_error_of_leaving_is_told_at_once_and_at_the_end(self):
        class Grumpy(TaskSet):
            @task
            def out(self):
                self.interrupt()

            def on_stop(self):
                raise ValueError("leave me")

        kind = type("Guest", (User,), {"tasks": [Grumpy]})
        with World() as world:
            user = world.user(kind)
            self.assertIs(user.run_task("out"), Next.INTERRUPT)
            self.assertEqual(world.lines[0][0], "error")
            self.assertIn("Grumpy.on_stop: ValueError: leave me", world.lines[0][1])
            with self.assertRaisesRegex(Ended, "Grumpy.on_stop: ValueError: leave me"):
                user.on_stop()

    def test_tasks_by_name(self):
        with World() as world:
            user = world.user(Journal)
            user.run_task("Outer.middle")
            with self.assertRaisesRegex(LookupError, "there is none, only Journal.outside, Outer.middle"):
                user.run_task("nothing")


class Ways(User):
    """Ends its iterations in each way."""

    @task
    def fails(self):
        self.client.out_of_stock()

    @task
    def raises(self):
        try:
            {}["token"]
        except KeyError as error:
            raise RuntimeError("no token") from error

    @task
    def leaves(self):
        raise SystemExit(3)

    @task
    def stops(self):
        self.stop()

    @task
    def interrupts(self):
        raise katydid.Interrupt

    @task
    def prints(self):
        print("not asserted here")


class Ends(unittest.TestCase):
    def test_how_an_iteration_ends(self):
        with World() as world:
            world.answer("out_of_stock", Fault(4, "out of stock"))
            user = world.user(Ways)
            self.assertIs(user.run_task("fails"), Next.PROCEED)
            self.assertIs(user.run_task("stops"), Next.STOP_USER)
            self.assertIs(user.run_task("interrupts"), Next.INTERRUPT)
            with self.assertRaises(Ended) as caught:
                user.run_task("raises")
            told = str(caught.exception).split("\n")
            self.assertEqual(told[:2], ["RuntimeError: no token", "  because of KeyError: 'token'"])
            self.assertRegex(told[2], r'  File ".*test_running.py", line \d+, in Ways.raises')
            with self.assertRaisesRegex(Ended, "SystemExit: 3"):
                user.run_task("leaves")
            self.assertEqual([request.failure for request in world.requests], ["fault 4: out of stock"])

    def test_starting(self):
        class Starts(User):
            way = None

            def __init__(self):
                super().__init__()
                if self.way == "init":
                    raise ValueError("not made")

            def on_start(self):
                if self.way == "fails":
                    self.client.nothing()
                if self.way == "raises":
                    raise ValueError("no")
                if self.way == "stops":
                    self.stop()
                if self.way == "interrupted":
                    raise katydid.Interrupted

            @task
            def look(self):
                pass

        rows = [
            (None, None, Next.PROCEED),
            ("init", "ValueError: not made", None),
            ("fails", "transport: the test's world", None),
            ("raises", "ValueError: no", None),
            ("stops", None, Next.STOP_USER),
            ("interrupted", None, Next.STOP_USER),
        ]
        for way, error, then in rows:
            with World() as world, self.subTest(way=way):
                Starts.way = way
                user = world.user(Starts)
                if error is not None:
                    self.assertRaisesRegex(Ended, error, user.on_start)
                else:
                    user.on_start()
                    self.assertIs(user.run_task("look"), then)

    def test_stopping(self):
        class Stops(User):
            @task
            def look(self):
                pass

            def on_stop(self):
                if self.way == "raises":
                    raise ValueError("no")
                if self.way == "fails":
                    self.client.nothing()

        for way in ("raises", "fails"):
            with World() as world, self.subTest(way=way):
                Stops.way = way
                user = world.user(Stops)
                user.on_start()
                if way == "raises":
                    self.assertRaisesRegex(Ended, "ValueError: no", user.on_stop)
                else:
                    user.on_stop()


class Waits(unittest.TestCase):
    def test_who_is_asked(self):
        class Slow(TaskSet):
            wait_time = constant(3)

            @task
            class Paced(TaskSet):
                wait_time = constant_pacing(5)

                @task
                def inner(self):
                    katydid.sleep(1)

            @task
            def look(self):
                pass

        class Asked(User):
            tasks = [Slow]

            @task
            def out(self):
                pass

            def wait_time(self):
                return self.seconds

        with World() as world:
            user = world.user(Asked)
            user.on_start()
            user.user.seconds = 0.25
            self.assertEqual(user.wait_time(), 0.25)
            for seconds, waited in ((-1, 0), (float("nan"), 0), (float("inf"), (2**64 - 1) / 1e6)):
                user.user.seconds = seconds
                self.assertEqual(user.wait_time(), waited)
            user.run_task("look")
            self.assertEqual(user.wait_time(), 3)
            user.run_task("inner")
            self.assertEqual(user.wait_time(), 4)
            user.run_task("out")
            user.user.seconds = "x"
            self.assertEqual(user.wait_time(), 0)
            self.assertIn("Asked.wait_time: TypeError", world.lines[0][1])


class States(unittest.TestCase):
    def test_a_state_gets_from_one_version_to_the_next(self):
        class Keeps(User):
            def on_start(self):
                self.token = b"t"

            @task
            def look(self):
                pass

            def save_state(self):
                return self.token

            def restore_state(self, state):
                self.token = state

        date = datetime.datetime(1998, 7, 17, 14, 8, 55)
        rows = ["x", {"a": [1, None, 2**80]}, b"\0\xff", date, {"b": b"", "d": [date]}]
        for state in rows:
            with World() as world, self.subTest(state=state):
                old, new = world.user(Keeps), world.user(Keeps)
                old.on_start()
                old.user.token = state
                new.resume(old.save())
                self.assertEqual((new.user.token, type(new.user.token)), (state, type(state)))
        with World() as world:
            user = world.user(Keeps)
            user.on_start()
            user.user.token = None
            self.assertIsNone(user.save())
            user.user.token = 1j
            self.assertIsNone(user.save())
            self.assertIn("a value of the type complex cannot be kept", world.lines[0][1])
            with self.assertRaisesRegex(Ended, "what was kept is not JSON"):
                world.user(Keeps)._running.start(b"\xff")


class Beside(unittest.TestCase):
    def test_what_else_there_is(self):
        rows = {"users": [{"name": "Ada"}, 7]}
        with World(parameters={"tenant": "acme"}, rows=rows, data={"token": 1}, user_id=3) as world:
            self.assertEqual((katydid.user_id(), katydid.iteration(), katydid.now()), (3, 0, 0))
            self.assertEqual((katydid.parameter("tenant"), katydid.parameter("x")), ("acme", None))
            self.assertEqual((katydid.row("users"), katydid.row("users")), ({"name": "Ada"}, 7))
            self.assertIsNone(katydid.next_row("users"))
            self.assertRaises(StopUser, katydid.row, "users")
            self.assertRaises(LookupError, katydid.row, "nobody")
            self.assertEqual(katydid.setup_data(), {"token": 1})
            self.assertEqual((check("a", 1), check("b", [])), (True, False))
            katydid.sleep(0.5)
            self.assertRaises(ValueError, katydid.sleep, -1)
            katydid.stop_run("enough")
            katydid.stop_run("too late")
            self.assertEqual(world.checks, [("a", True), ("b", False)])
            self.assertEqual((world.sleeps, katydid.now(), world.stopped), ([0.5], 0.5, "enough"))

    def test_parameters(self):
        before = katydid.hooks.DECLARED[:]
        text = katydid.Parameter("text", kind=str)
        figures = [katydid.Parameter("n", 1), katydid.Parameter("x", 0.5), katydid.Parameter("b", False)]
        katydid.hooks.DECLARED[:] = before
        with World():
            self.assertEqual([one.value for one in figures], [1, 0.5, False])
            with self.assertRaisesRegex(LookupError, "--param text="):
                text.value
        with World(parameters={"n": "7", "x": "1", "b": "true", "text": "y"}):
            self.assertEqual([one.value for one in (*figures, text)], [7, 1.0, True, "y"])

    def test_metrics(self):
        with World() as world:
            metrics.counter("a")
            metrics.counter("a", 2)
            metrics.gauge("b", 1)
            metrics.rate("c", [])
            metrics.trend("d", 1.6)
            figures = [("counter", "a", 1), ("counter", "a", 2), ("gauge", "b", 1.0), ("rate", "c", False)]
            self.assertEqual(world.metrics, [*figures, ("trend", "d", 2)])
            for made in (lambda: metrics.counter("a", -1), lambda: metrics.trend("d", 2**64)):
                self.assertRaises(ValueError, made)

    def test_requests_of_its_own(self):
        def failing(error):
            with measure("sql", "bad"):
                raise error

        with World() as world:
            with measure("sql", "good") as request:
                world.advance(0.25)
                request.length = -1
            with self.assertRaisesRegex(katydid.Reported, "reported: no") as caught:
                failing(ValueError("no"))
            self.assertEqual(str(caught.exception.__cause__), "no")
            self.assertRaises(Fault, failing, Fault(1, "x"))
            self.assertRaises(StopUser, failing, StopUser())
            self.assertRaises(katydid.Reported, failing, ValueError())
            katydid.events.request_success("grpc", "a", 0.5, 7)
            katydid.events.request_failure("grpc", "b", 1, reason="declined")
            said = [(request.name, request.failure, request.response_time) for request in world.requests]
            expected = [
                ("good", None, 0.25),
                ("bad", "reported: no", 0),
                ("bad", "reported: fault 1: x", 0),
                ("bad", None, 0),
                ("bad", "reported: ValueError", 0),
                ("a", None, 0.5),
                ("b", "reported: declined", 1),
            ]
            self.assertEqual(said, expected)


class Chains(unittest.TestCase):
    def test_a_chain_is_a_set(self):
        class Chain(MarkovTaskSet):
            @katydid.transition("b")
            @task
            def a(self):
                self.user.way += "a"

            @katydid.transition("a", 0)
            @task
            def b(self):
                self.user.way += "b"
                raise (ValueError, StopUser, Interrupt, Fault(1, ""))[self.user.raises]

            def on_stop(self):
                self.user.way += "."

        kind = type("Walker", (User,), {"tasks": [Chain], "way": "", "raises": 0})
        with World() as world:
            user = world.user(kind)
            user.run_task("a")
            self.assertRaises(Ended, user.run_task, "b")
            user.user.raises = 1
            for name, next_ in (("a", Next.PROCEED), ("b", Next.STOP_USER)):
                self.assertIs(user.run_task(name), next_)
            self.assertEqual(user.user.way, "ab.ab")
            for raises, next_ in ((2, Next.INTERRUPT), (3, Next.PROCEED)):
                user.user.raises = raises
                self.assertIs(user.run_task("b"), next_)
            self.assertEqual(user.user.way, "ab.abb.b.")
            user.on_stop()
            self.assertEqual(user.user.way, "ab.abb.b.")


if __name__ == "__main__":
    unittest.main()
