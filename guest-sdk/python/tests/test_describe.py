"""What classes say about themselves."""

import unittest

from katydid import (
    MarkovTaskSet,
    Parameter,
    SequentialTaskSet,
    TaskSet,
    User,
    Wait,
    between,
    constant,
    constant_pacing,
    constant_throughput,
    describe,
    hooks,
    poisson,
    tag,
    task,
    transition,
    transitions,
)
from katydid.describe import Mistake, class_of, scenario_of


def function(self):
    pass


def other(self):
    pass


class Shop(User):
    host = "http://127.0.0.1:8877/"
    wait_time = between(0.1, 1)
    weight = 3
    fixed_count = 2
    tasks = {function: 4}

    @task
    def look(self):
        pass

    @tag("a", "b")
    @task(10)
    @tag("b", "c")
    def buy(self):
        pass

    @task(2)
    @tag("inside")
    class Pay(SequentialTaskSet):
        tasks = [function, other, function]

        @task(5)
        def card(self):
            pass

        @task
        class Deeper(TaskSet):
            tasks = [function, other, function]

    @task(0)
    def never(self):
        pass


class Classes(unittest.TestCase):
    def test_everything_that_a_class_says(self):
        shop = class_of(Shop)
        self.assertEqual((shop.name, shop.weight, shop.fixed_count), ("Shop", 3, 2))
        self.assertEqual(
            (shop.host, shop.wait_time, shop.asks), (Shop.host, Wait("between", 100_000, 1_000_000), False)
        )
        self.assertFalse(shop.keeps_state)
        sets = [(one.name, one.parent, one.weight, one.order.name, one.tags) for one in shop.sets]
        expected = [
            ("Shop", None, 1, "weighted", []),
            ("Pay", 0, 2, "sequential", ["inside"]),
            ("Deeper", 1, 1, "weighted", []),
        ]
        self.assertEqual(sets, expected)
        tasks = [(one.id, one.name, one.set, one.weight, one.tags) for one in shop.tasks]
        expected = [
            (0, "function", 0, 4, []),
            (1, "look", 0, 1, []),
            (2, "buy", 0, 10, ["a", "b", "c"]),
            (3, "never", 0, 0, []),
            (4, "function", 1, 1, []),
            (5, "other", 1, 1, []),
            (6, "function", 1, 1, []),
            (7, "card", 1, 5, []),
            (8, "function", 2, 2, []),
            (9, "other", 2, 1, []),
        ]
        self.assertEqual(tasks, expected)

    def test_what_is_derived(self):
        class Base(User):
            abstract = True

            @task(3)
            def first(self):
                return "base"

            @task
            def second(self):
                pass

        class Derived(Base):
            second = None

            def first(self):
                return "derived"

            @task
            def third(self):
                pass

        derived = class_of(Derived)
        self.assertEqual([(one.name, one.weight) for one in derived.tasks], [("first", 3), ("third", 1)])
        self.assertEqual(derived.tasks[0].run(None), "derived")
        found = scenario_of({"Base": Base, "Derived": Derived, "again": Derived, "User": User})
        self.assertEqual([one.name for one in found.classes], ["Derived"])

    def test_chains(self):
        class Walks(User):
            @transition("b", 3)
            @transition("a")
            @task
            def a(self):
                pass

            @task
            def b(self):
                pass

            @task
            class Inside(MarkovTaskSet):
                @transitions(["d", ("c", 2)])
                @task
                def c(self):
                    pass

                @task
                def d(self):
                    pass

        with self.assertRaisesRegex(Mistake, "Walks.Inside is never entered"):
            class_of(Walks)
        Walks.Inside = None
        walks = class_of(Walks)
        self.assertEqual(walks.sets[0].order.name, "transitions")
        edges = [(one.before, one.after, one.weight) for one in walks.sets[0].transitions]
        self.assertEqual(edges, [(0, 1, 3), (0, 0, 1)])

    def test_waits(self):
        def asked(self):
            return 1

        rows = [
            (None, None, False),
            (constant(1.4), ("constant", 1_400_000, 0), False),
            (constant(0.0000014), ("constant", 1, 0), False),
            (constant(-1), ("constant", 0, 0), False),
            (constant(float("nan")), ("constant", 0, 0), False),
            (constant(float("inf")), ("constant", 2**64 - 1, 0), False),
            (constant_pacing(0.5), ("pacing", 500_000, 0), False),
            (constant_throughput(4), ("pacing", 250_000, 0), False),
            (poisson(2.5), ("poisson", 2_500_000, 0), False),
            (asked, None, True),
        ]
        for wait, known, asks in rows:
            kind = type("Waits", (User,), {"wait_time": wait, "tasks": [function]})
            found = class_of(kind)
            with self.subTest(wait=wait):
                self.assertEqual(found.wait_time, None if known is None else Wait(*known))
                self.assertEqual(found.asks, asks)
        for made in (lambda: between(2, 1), lambda: constant_throughput(0)):
            self.assertRaises(ValueError, made)

    def test_a_set_with_a_wait_of_its_own_is_asked_for(self):
        class Slow(TaskSet):
            wait_time = constant(1)
            tasks = [function]

        kind = type("Waits", (User,), {"wait_time": constant(2), "tasks": [Slow, function]})
        found = class_of(kind)
        self.assertEqual((found.asks, found.wait_time), (True, None))


class Mistakes(unittest.TestCase):
    def test_each_says_what_to_do(self):
        class Empty(TaskSet):
            pass

        class Itself(TaskSet):
            pass

        Itself.tasks = [Itself]

        class Late(SequentialTaskSet):
            tasks = [Empty, function]

        class NoChain(MarkovTaskSet):
            tasks = [function]

        @transition("nowhere")
        def lost(self):
            pass

        rows = [
            ({}, "Made has no task: give it a @task, or say `abstract = True`"),
            (
                {"tasks": [function], "wait_time": 1},
                "Made.wait_time is no wait time: write `wait_time = constant",
            ),
            ({"tasks": [function], "wait_time": "1"}, "Made.wait_time is no wait time"),
            ({"tasks": [function], "host": 7}, "Made.host is a URL"),
            ({"tasks": [function], "weight": 1.5}, "Made.weight is a whole number from 0, not 1.5"),
            ({"tasks": [function], "fixed_count": -1}, "Made.fixed_count is a whole number from 0"),
            ({"tasks": {function: "x"}}, "Made.tasks is a whole number from 0"),
            ({"tasks": [function], "save_state": function}, "has no restore_state"),
            ({"tasks": [function], "restore_state": function}, "has no save_state"),
            ({"tasks": [int]}, "Made.int is a class, but no TaskSet"),
            ({"tasks": [7]}, "is neither a function nor a TaskSet"),
            ({"tasks": [Itself]}, "Itself is inside itself"),
            ({"tasks": [Late]}, "Late.function comes after the set Empty: in a sequence, tasks come first"),
            ({"tasks": [NoChain]}, "NoChain follows transitions, but no task has a @transition"),
            ({"tasks": [lost]}, "Made has no task 'nowhere' to follow, only lost"),
            ({"tasks": [lost], "sequential": True}, "Made has a @transition, but is no MarkovTaskSet"),
        ]
        for members, why in rows:
            with self.subTest(why=why), self.assertRaises(Mistake) as caught:
                class_of(type("Made", (User,), members))
            self.assertIn(why, str(caught.exception))

    def test_decorators(self):
        for made in (
            lambda: task("x"),
            lambda: task(-1),
            lambda: task(1.5),
            lambda: tag(),
            lambda: tag(7),
            lambda: transition("a", -1),
            lambda: hooks.setup(None),
        ):
            self.assertRaises(TypeError, made)

    def test_modules(self):
        one = type("One", (User,), {"tasks": [function]})
        two = type("One", (User,), {"tasks": [function]})

        @hooks.setup
        def first(client):
            pass

        @hooks.setup
        def second(client):
            pass

        rows = [
            ({}, "there is no user class"),
            ({"a": one, "b": two}, "two user classes are called One"),
            ({"a": one, "f": first, "g": second}, "there are two @setup functions"),
        ]
        for namespace, why in rows:
            with self.subTest(why=why), self.assertRaisesRegex(Mistake, why):
                scenario_of(namespace)
        self.assertEqual(scenario_of({"a": one, "f": first, "g": first}).hooks, {"setup": first})

    def test_places(self):
        file, line = describe.place_of(Shop.look)
        self.assertTrue(file.endswith("test_describe.py") and line > 0)
        file, line = describe.place_of(Shop)
        self.assertTrue(file.endswith("test_describe.py") and line > 0)
        self.assertEqual(describe.place_of(None), (None, None))


class Parameters(unittest.TestCase):
    def setUp(self):
        self.before = hooks.DECLARED[:]

    def tearDown(self):
        hooks.DECLARED[:] = self.before

    def test_kinds(self):
        rows = [
            (Parameter("a", "x", about="y"), ("a", "text", "x", "y")),
            (Parameter("b"), ("b", "text", None, "")),
            (Parameter("c", 10), ("c", "integer", "10", "")),
            (Parameter("d", 0.5), ("d", "number", "0.5", "")),
            (Parameter("e", True), ("e", "boolean", "true", "")),
            (Parameter("f", kind=int), ("f", "integer", None, "")),
        ]
        for parameter, described in rows:
            self.assertEqual(parameter.described(), described)
        for made in (lambda: Parameter("x", []), lambda: Parameter("x", 1, kind=float)):
            self.assertRaises(TypeError, made)

    def test_two_of_a_name(self):
        one = type("One", (User,), {"tasks": [function]})
        Parameter("same", 1)
        Parameter("same", 1)
        names = [parameter.name for parameter in scenario_of({"a": one}).parameters]
        self.assertEqual(names.count("same"), 1)
        Parameter("same", 2)
        with self.assertRaisesRegex(Mistake, "'same' is declared in two ways"):
            scenario_of({"a": one})


if __name__ == "__main__":
    unittest.main()
