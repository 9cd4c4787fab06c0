"""Calls, and what comes of them."""

import gc
import unittest

from katydid import Client, Fault, ProtocolError, Rejected, StatusError, Timeout, TransportError, failures
from katydid.testing import World
from katydid.xmlrpc import ServerProxy


def answered(world):
    """What came of each request: its label and its failure."""
    return [(request.name, request.failure) for request in world.requests]


class Calls(unittest.TestCase):
    def test_attributes_are_methods(self):
        client = Client()
        with World() as world:
            for name in ("get_time", "system.listMethods", "a.b.c", "import", "call"):
                world.answer(name, lambda *said: list(said))
            self.assertEqual(client.get_time(), [])
            self.assertEqual(client.system.listMethods(1), [1])
            self.assertEqual(client.a.b.c("x", None), ["x", None])
            self.assertEqual(client.call("import", 2), [2])
            self.assertEqual(client.call("call"), [])
            self.assertEqual(world.calls("a.b.c"), [["x", None]])
        self.assertEqual(repr(client.a.b), "<method a.b>")
        with self.assertRaises(TypeError):
            client.get_time(a=1)
        for object in (client, client.a, client.multicall(), client.multicall().a):
            with self.assertRaises(AttributeError):
                object.__nothing__

    def test_methods_may_have_any_name(self):
        client = Client()
        names = ("a.func", "a.args.x", "a.keywords", "a.b.func", "method", "ž")
        with World() as world:
            for name in names:
                world.answer(name, lambda *said: list(said))
            self.assertEqual(client.a.func(1), [1])
            self.assertEqual(client.a.args.x(), [])
            self.assertEqual(client.a.keywords(2, 3), [2, 3])
            self.assertEqual(client.a.b.func(), [])
            self.assertEqual([client.method(4), client.method(5)], [[4], [5]])
            self.assertEqual([getattr(client, "ž")(), client.call("ž")], [[], []])

    def test_a_method_is_no_method_of_a_class(self):
        class Shop:
            buy = Client().buy

        with World() as world:
            world.answer("buy", lambda *said: list(said))
            self.assertEqual([Shop().buy(1), Shop.buy(2)], [[1], [2]])

    def test_who_wraps_attributes_is_asked_each_time(self):
        asked = []

        class Wrapping(Client):
            def __getattr__(self, name):
                asked.append(name)
                return super().__getattr__(name)

        class Derived(Client):
            def __init__(self):
                self.own = 1

        wrapping, derived = Wrapping(), Derived()
        with World() as world:
            world.answer("f", lambda: 1)
            self.assertEqual([wrapping.f(), wrapping.f(), derived.f(), derived.f(), derived.own], [1] * 5)
        self.assertEqual(asked, ["f", "f"])

    def test_failures_are_told_apart(self):
        rows = [
            (Fault(4, "out of stock"), "fault 4: out of stock", "fault"),
            (StatusError(503), "status 503", "status"),
            (Timeout("first byte"), "timeout: first byte", "timeout"),
            (TransportError("refused"), "transport: refused", "transport"),
            (ProtocolError("no XML"), "protocol: no XML", "protocol"),
            (Rejected("NaN"), "rejected: NaN", "rejected"),
            (failures.Interrupted(), "interrupted", "interrupted"),
            (failures.Reported("no"), "reported: no", "reported"),
        ]
        with World() as world:
            for failure, text, kind in rows:
                world.answer("f", failure)
                with self.subTest(text=text), self.assertRaises(failures.Failure) as caught:
                    Client().f()
                self.assertIs(caught.exception, failure)
                self.assertEqual((str(failure), failure.kind), (text, kind))
            self.assertEqual([failure for _, failure in answered(world)], [text for _, text, _ in rows])
        fault = rows[0][0]
        self.assertEqual((fault.code, fault.message), (4, "out of stock"))
        self.assertEqual((fault.faultCode, fault.faultString), (4, "out of stock"))

    def test_what_cannot_be_written_is_counted_once(self):
        with World() as world:
            with self.assertRaisesRegex(Rejected, "argument 1: a complex"):
                Client().f(1j)
            with self.assertRaisesRegex(Rejected, "argument 2: a complex"):
                Client().request("f", 1, 1j, label="l").reply()
            failures = [failure.split(": a complex")[0] for _, failure in answered(world)]
            self.assertEqual(failures, ["reported: rejected: argument 1", "reported: rejected: argument 2"])
            self.assertEqual([name for name, _ in answered(world)], ["f", "l"])

    def test_each_who_asks_for_a_reply_has_his_own(self):
        with World() as world:
            world.answer("f", [1])
            with Client().request("f") as exchange:
                exchange.reply().append(2)
                self.assertEqual(exchange.reply(), [1])

    def test_an_exchange_that_nobody_has_any_more_is_counted(self):
        with World() as world:
            world.answer("f", 1)
            Client().request("f")
            gc.collect()
            self.assertEqual([request.name for request in world.requests], ["f"])

    def test_outside_of_a_run(self):
        with self.assertRaisesRegex(RuntimeError, "outside of a run"):
            Client().get_time()


class Judged(unittest.TestCase):
    def test_verdicts(self):
        request = Client().request
        with World() as world:
            world.answer("good", 1).answer("bad", Fault(4, "no"))
            with request("good") as exchange:
                self.assertEqual((exchange.reply(), exchange.reply()), (1, 1))
            with request("good", label="refused") as exchange:
                exchange.fail("too few")
                exchange.pass_()
                with self.assertRaisesRegex(RuntimeError, "read the reply before"):
                    exchange.reply()
            with request("bad", label="expected") as exchange:
                self.assertRaises(Fault, exchange.reply)
                exchange.success()
            request("bad", label="closed").close()
            with self.assertRaises(Fault), request("bad", label="raised") as exchange:
                exchange.reply()
            with request("good", label="half \ud800") as exchange:
                exchange.failure("\ud800")
            expected = [
                ("good", None),
                ("refused", "judged: too few"),
                ("expected", None),
                ("closed", "fault 4: no"),
                ("raised", "fault 4: no"),
                ("half \\ud800", "judged: \\ud800"),
            ]
            self.assertEqual(answered(world), expected)

    def test_time_outs(self):
        with World() as world:
            world.answer("slow", lambda: world.advance(0.3))
            self.assertIsNone(Client().request("slow", timeout=0.5).reply())
            with self.assertRaises(Timeout):
                Client().request("slow", timeout=0.2).reply()


class Batches(unittest.TestCase):
    def test_each_call_has_its_answer(self):
        fault = {"faultCode": 4, "faultString": "no"}
        with World() as world:
            world.answer("system.multicall", [[7], fault, 3, [1, 2], {"faultCode": "x"}])
            calls = Client().multicall()
            calls.a()
            calls.b.c(1, "x")
            calls.add("d").add("e").add("f")
            self.assertEqual(len(calls), 5)
            seven, fault, *odd = calls.send()
            self.assertEqual((seven, fault.code, fault.message), (7, 4, "no"))
            self.assertEqual([type(answer) for answer in odd], [ProtocolError] * 3)
            sent = world.calls("system.multicall")[0][0]
            self.assertEqual(sent[1], {"methodName": "b.c", "params": [1, "x"]})

    def test_other_answers(self):
        for answer, why in ((1, "answered no array"), ([], "of 1 calls answered 0 results")):
            with World() as world, self.subTest(answer=answer):
                world.answer("system.multicall", answer)
                with self.assertRaisesRegex(ProtocolError, why):
                    Client().multicall().add("a").send()


class Proxies(unittest.TestCase):
    def test_a_proxy_is_one_of_the_target(self):
        with World() as world:
            world.answer("system.listMethods", ["a"]).answer("bad", Fault(1, "no"))
            proxy = ServerProxy("http://elsewhere/", allow_none=True)
            self.assertEqual(proxy.system.listMethods(), ["a"])
            with self.assertRaises(Fault):
                proxy.bad()
            # The last one is counted when the next is made, or the iteration ends.
            self.assertEqual(answered(world), [("system.listMethods", None)])
            proxy.system.listMethods()
            self.assertEqual(answered(world)[1], ("bad", "fault 1: no"))

    def tearDown(self):
        from katydid import xmlrpc

        with World():
            xmlrpc.close()


if __name__ == "__main__":
    unittest.main()
