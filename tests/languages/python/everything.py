"""Everything that a scenario can say and ask. Each iteration that finds something else than it expects fails
with what it found. Run it against `katydid target` with the rules of `rules.txt`, with `--param text='a=b ž'`
and with `--data people=people.csv,per-user`.
"""

import datetime
import enum
import logging
import random
import time
import uuid

from helpers.expect import expect, raised

import katydid
from katydid import (
    DateTime,
    Failure,
    Fault,
    MarkovTaskSet,
    Parameter,
    ProtocolError,
    Rejected,
    Reported,
    SequentialTaskSet,
    StatusError,
    TaskSet,
    Timeout,
    TransportError,
    User,
    check,
    constant,
    measure,
    metrics,
    tag,
    task,
    transition,
    transitions,
)

TEXT = Parameter("text", kind=str, about="any text; must be given")
COUNT = Parameter("count", 3, about="a whole number")
SHARE = Parameter("share", 0.5, about="a number")
WHOLE = Parameter("whole", 2**53 + 1, about="a whole number of 64 bits")
STRICT = Parameter("strict", True, about="true or false")

DATE = datetime.datetime(1998, 7, 17, 14, 8, 55)
SET_UP = {"text": "žluť 🦗", "none": None, "big": 2**62, "bytes": b"\0\xff", "at": DATE, "list": [1, [2]]}

with open("people.csv", encoding="utf-8") as file:
    PEOPLE = file.read().splitlines()
"""What lies beside a scenario can be read while it is built."""


@katydid.setup
def set_up(client):
    expect(client.echo("setup"), "setup")
    print("set up by user", katydid.user_id())
    return SET_UP


@katydid.teardown
def tear_down(client):
    expect(katydid.setup_data(), SET_UP)
    client.echo("teardown")


@tag("values")
class Values(User):
    """Every kind of value there and back."""

    fixed_count = 1
    sequential = True
    wait_time = constant(0)

    @task
    def scalars(self):
        values = [
            True,
            False,
            None,
            0,
            -1,
            2**31 - 1,
            -(2**31),
            2**31,
            -(2**31) - 1,
            2**53 + 1,
            2**63 - 1,
            -(2**63),
        ]
        values += [-0.1, 1.0, -0.0, 5e-324, 1.7976931348623157e308, DATE, DateTime("19980717T14:08:55Z")]
        values += [DateTime("yesterday"), b"", bytes(range(256))]
        for value in values:
            expect(self.client.echo(value), value)

    @task
    def texts(self):
        for text in (
            "",
            "  \t a \n b ",
            "a\r\nb\r",
            "<a href='x'>&amp; ]]> \"</a>",
            "žluťoučký 🦗 кузнечик \U0010fffd",
        ):
            expect(self.client.echo(text), text)

    @task
    def parts(self):
        for value in (
            [],
            [1, "two", [False, []]],
            {},
            {"list": [1, []], "inner": {"<&>": "x", "": 0}, "last": 1.5},
            {"__class__": 1, "self": 2},
        ):
            expect(self.client.echo(value), value)
        expect(self.client.echo(1, "two", None), [1, "two", None])
        expect(self.client.echo(), "")
        expect(self.client.interopEchoTests.echoStructArray([{"a": 1}, {"b": 2}]), [{"a": 1}, {"b": 2}])
        expect("get_time" in self.client.system.listMethods(), True)

    @task
    def otherwise(self):
        """What comes back as something else than it was sent."""
        kind = enum.IntEnum("Kind", {"TEA": 7})
        expect(self.client.echo(kind.TEA), 7)
        expect(self.client.echo((1, (2,))), [1, [2]])
        expect(self.client.echo(bytearray(b"ab")), b"ab")
        expect(self.client.echo(memoryview(b"ab")), b"ab")
        mixed = [{"kind": kind.TEA, "pair": (1, bytearray(b"ab"))}, DATE]
        expect(self.client.echo(mixed, "two"), [[{"kind": 7, "pair": [1, b"ab"]}, DATE], "two"])
        expect(self.client.echo(DateTime("1998-07-17T14:08:55")), DATE)
        expect(self.client.echo(DATE.replace(microsecond=5)), DATE)

    @task
    def large(self):
        text = "katydid " * 131_072
        expect(self.client.echo(text), text)
        deep = 1
        for depth in range(100):
            deep = [deep] if depth % 2 == 0 else {"deep": deep}
        expect(self.client.echo(deep), deep)
        many = [{"id": id, "name": f"item number {id}", "price": id + 0.5} for id in range(1_000)]
        expect(self.client.echo(many), many)

    @task
    def leave(self):
        self.stop()


@tag("failures")
class Failures(User):
    """Every way in which a call fails."""

    fixed_count = 1
    sequential = True

    @task
    def kinds(self):
        client = self.client
        fault = raised(Fault, lambda: client.call("no.such.method", 1))
        expect([fault.code, fault.kind, isinstance(fault, Failure)], [-32601, "fault", True])
        own = raised(Fault, lambda: client.validator1.countTheEntities("x"))
        expect([own.code, own.message, str(own)], [42, "out of luck", "fault 42: out of luck"])
        expect([own.faultCode, own.faultString], [42, "out of luck"])
        expect(raised(StatusError, lambda: client.validator1.easyStructTest({})).status, 503)
        slow = client.request("validator1.echoStructTest", {}, timeout=0.2)
        expect(raised(Timeout, slow.reply).message, "total")
        slow.close()
        raised(TransportError, lambda: client.validator1.manyTypesTest())
        raised(ProtocolError, lambda: client.validator1.nestedStructTest({}))
        raised(Rejected, lambda: client.echo(float("nan")))
        raised(Rejected, lambda: client.echo("\0"))

    @task
    def unfit(self):
        """What cannot be written says where it is."""
        itself = []
        itself.append(itself)
        aware = datetime.datetime(2026, 1, 1, tzinfo=datetime.timezone.utc)
        for value, why in (
            (2**64, "argument 1: an integer of 65 bits does not fit"),
            ([{"price": 1j}], "argument 1[0]['price']: a complex cannot be written"),
            ({7: 1}, "argument 1: the names of a struct are texts, an int is none"),
            ("\ud800", "argument 1: a text with half a character (U+D800)"),
            (aware, "argument 1: a date of XML-RPC has no time zone"),
            (itself, "argument 1 is nested too deeply"),
        ):
            rejected = raised(Rejected, lambda: self.client.echo(value))
            expect(rejected.message[: len(why)], why)

    @task
    def data(self):
        """A failure that nobody catches ends the iteration, and is no failed one."""
        self.client.call("no.such.method")
        raise AssertionError("this is not reached")

    @task
    def judged(self):
        with self.client.request("echo", False, label="refused") as exchange:
            expect(exchange.reply(), False)
            expect(exchange.reply(), False)
            exchange.fail("the answer was no")
            exchange.pass_()  # A second verdict is ignored.
        with self.client.request("no.such.method", label="expected fault") as exchange:
            raised(Fault, exchange.reply)
            exchange.success()
        with self.client.request("echo", 1, label="unjudged good"):
            pass
        self.client.request("no.such.method", label="unjudged bad").close()
        exchange = self.client.request("echo", 1j, label="unjudged rejected")
        raised(Rejected, exchange.reply)
        exchange.fail("it was counted already")

    @task
    def batch(self):
        calls = self.client.multicall()
        calls.echo(7)
        calls.system.methodHelp("get_time")
        calls.add("no.such.method", 1)
        seven, help, fault = calls.send()
        expect([seven, type(help), type(fault), fault.code], [7, str, Fault, -32601])

    @task
    def leave(self):
        self.stop()


@tag("reports")
class Reports(User):
    """What a scenario tells and asks beside its calls."""

    fixed_count = 2

    def on_start(self):
        self.started = True
        expect(katydid.setup_data(), SET_UP)

    @task
    def everything(self):
        expect([self.started, katydid.iteration(), katydid.user_id() >= 0], [True, 0, True])
        expect([COUNT.value, SHARE.value, STRICT.value, WHOLE.value], [3, 0.5, True, 2**53 + 1])
        expect(
            [TEXT.value, katydid.parameter("text"), katydid.parameter("nobody's")], ["a=b ž", "a=b ž", None]
        )
        expect([check("holds", True), check("does not hold", 0)], [True, False])
        self.clocks()
        self.chance()
        self.lines()
        self.rows()
        self.requests()
        self.stop()

    def clocks(self):
        before, clock, counter = katydid.now(), time.time(), time.perf_counter()
        time.sleep(0.03)
        katydid.sleep(0.02)
        for slept in (katydid.now() - before, time.time() - clock, time.perf_counter() - counter):
            expect(0.045 <= slept < 2, True)
        expect(datetime.datetime.now() > datetime.datetime(2024, 1, 1), True)

    def chance(self):
        drawn = [random.random(), random.random()]
        expect([0 <= share < 1 for share in drawn] + [drawn[0] != drawn[1]], [True, True, True])
        expect([random.randint(1, 2) in (1, 2), random.choice("ab") in "ab"], [True, True])
        expect(random.getrandbits(100) < 2**100, True)
        expect(sorted(random.sample(range(5), 5)), [0, 1, 2, 3, 4])
        own = random.Random(1)
        expect([own.randint(1, 6), random.Random(1).randint(1, 6)], [2, 2])
        expect([uuid.uuid4().version, uuid.uuid4() != uuid.uuid4()], [4, True])
        # What differs for each user, and is the same for the same seed, is seen in the log.
        print("user", katydid.user_id(), "drew", drawn[0])

    def lines(self):
        print("two\nlines", end="")
        print(" and what has no end", end="")
        logging.debug("not shown")
        logging.info("info %d", 1)
        logging.getLogger("shop").warning("warn %s", "ž")
        logging.error("half a character: \ud800")

    def rows(self):
        expect(PEOPLE, ["name,age", "Ada,36", "Žofie,7"])
        expect(katydid.row("people"), {"name": "Ada", "age": "36"})
        expect(
            [katydid.next_row("people"), katydid.next_row("people")], [{"name": "Žofie", "age": "7"}, None]
        )
        raised(katydid.StopUser, lambda: katydid.row("people"))
        raised(LookupError, lambda: katydid.row("nobody"))

    def requests(self):
        katydid.events.request_success("grpc", "Charge", 0.012, 7)
        katydid.events.request_failure("grpc", "Charge", 1, reason="declined")
        with measure("sql", "select") as request:
            time.sleep(0.01)
            request.length = len("abc")
        with raises_reported("no table"), measure("sql", "broken"):
            raise ValueError("no table")
        metrics.counter("orders")
        metrics.counter("orders", 2)
        metrics.gauge("stock", 4.5)
        metrics.rate("found", True)
        metrics.trend("basket", 12)
        raised(ValueError, lambda: metrics.counter("orders", -1))

    def on_stop(self):
        print("stopped", self.started)


class raises_reported:
    def __init__(self, message):
        self.message = message

    def __enter__(self):
        pass

    def __exit__(self, kind, error, traceback):
        expect([type(error), getattr(error, "message", None)], [Reported, self.message])
        return True


@tag("sets")
class Sets(User):
    """Nested sets, one in order: where this user has been, a text for each step."""

    fixed_count = 1
    sequential = True

    def __init__(self):
        super().__init__()
        self.steps = []

    @task
    def begin(self):
        if self.steps:
            expect(
                ", ".join(self.steps),
                "enter outer, one, two, enter inner, look, leave inner, one, two, leave outer",
            )
            self.stop()

    @task
    class Outer(SequentialTaskSet):
        def on_start(self):
            self.user.steps.append("enter outer")

        @task
        def one(self):
            self.user.steps.append("one")

        @task
        def two(self):
            self.user.steps.append("two")
            if "look" in self.user.steps:
                self.interrupt()

        @task
        @tag("inner")
        class Inner(TaskSet):
            wait_time = constant(0.001)

            def on_start(self):
                expect(self.parent.user is self.user, True)
                self.user.steps.append("enter inner")

            @task
            def look(self):
                self.user.steps.append("look")
                self.interrupt()

            @task(0)
            def never(self):
                raise AssertionError("a task of the weight 0 was chosen")

            def on_stop(self):
                self.user.steps.append("leave inner")

        def on_stop(self):
            self.user.steps.append("leave outer")


@tag("sets")
class Walks(User):
    """One task leads to the next."""

    fixed_count = 1

    def __init__(self):
        super().__init__()
        self.way = ""

    @transition("second")
    @task
    def first(self):
        self.step("1")

    @transitions({"third": 1, "first": 0})
    @task
    def second(self):
        self.step("2")

    @transition("first")
    @task
    def third(self):
        self.step("3")

    def step(self, name):
        self.way += name
        if len(self.way) >= 7:
            expect(self.way, "1231231")
            self.stop()

    def wait_time(self):
        return len(self.way) / 1_000

    def save_state(self):
        return {"way": self.way, "big": 2**60}

    def restore_state(self, state):
        expect(state["big"], 2**60)
        self.way = state["way"]


@tag("sets")
class Chains(User):
    """A chain that ends: the user leaves it."""

    fixed_count = 1
    way = ""

    @task
    class Chain(MarkovTaskSet):
        @transition("b")
        @task
        def a(self):
            self.user.way += "a"

        @task
        def b(self):
            self.user.way += "b"

        def on_stop(self):
            self.user.way += "."

    @task
    def out(self):
        self.user = "a user may have any attribute"
        if len(self.way) > 4:
            expect(self.way.replace("ab.", ""), "")
            self.stop()
