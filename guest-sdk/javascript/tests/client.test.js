import assert from "node:assert/strict";
import test from "node:test";
import {
  client,
  Failure,
  Fault,
  ProtocolFailure,
  RejectedFailure,
  StatusFailure,
  TimeoutFailure,
  TransportFailure,
  User,
} from "katydid";
import { World } from "katydid/testing";

const outcomes = (world) => world.requests.map(({ name, error }) => [name, error]);

test("each property is a method", () => {
  const world = new World()
    .answer("a", (...args) => args)
    .answer("system.listMethods", ["a"])
    .answer("x.name.call", 1);
  assert.deepEqual(client.a(1, "two", null), [1, "two", null]);
  assert.deepEqual(client.system.listMethods(), ["a"]);
  assert.equal(client.x.name.call(), 1);
  assert.equal(client.call("a", 1)[0], 1);
  assert.equal(client.a, client.a);
  assert.equal(client.then, undefined);
  assert.equal(typeof client.toString, "function");
  assert.equal(`${client}`, "[object Object]");
  assert.deepEqual(
    outcomes(world),
    [["a"], ["system.listMethods"], ["x.name.call"], ["a"]].map(([name]) => [name, undefined]),
  );
});

test("a failure is thrown as its kind", () => {
  const failures = [
    [new Fault(4, "out of stock"), "fault 4: out of stock"],
    [new StatusFailure(503), "status 503"],
    [new TimeoutFailure("first byte"), "timeout: first byte"],
    [new ProtocolFailure("no XML"), "protocol: no XML"],
  ];
  for (const [failure, text] of failures) {
    const world = new World().answer("m", () => {
      throw failure;
    });
    assert.throws(
      () => client.m(),
      (error) => error instanceof Failure && error.constructor === failure.constructor && `${error}` === text,
    );
    assert.deepEqual(outcomes(world), [["m", text]]);
  }
  const fault = new Fault(4, "out of stock");
  assert.deepEqual([fault.code, fault.message, fault.kind, fault.name], [4, "out of stock", "fault", "Fault"]);
  assert.deepEqual([new StatusFailure(503).status, new TimeoutFailure("total").phase], [503, "total"]);
});

test("what has no answer, and what cannot be sent, is counted once", () => {
  const world = new World();
  assert.throws(() => client.nobody(), TransportFailure);
  assert.throws(() => client.m(undefined), RejectedFailure);
  assert.throws(() => client.request("m", [undefined], { label: "l" }).reply(), RejectedFailure);
  assert.deepEqual(outcomes(world), [
    ["nobody", "transport: the test has no answer for nobody"],
    ["m", "rejected: parameter 1 is undefined"],
    ["l", "rejected: parameter 1 is undefined"],
  ]);
});

test("judged calls", () => {
  const world = new World().answer("m", 7).answer("bad", () => {
    throw new Fault(4, "no");
  });
  const passed = client.request("bad", [], { label: "passed" });
  assert.throws(() => passed.reply(), Fault);
  passed.pass();
  passed.fail("too late");
  assert.throws(() => passed.reply(), /was judged/);
  const failed = client.request("m", [1], { timeout: 0.5 });
  assert.deepEqual([failed.reply(), failed.reply()], [7, 7]);
  failed.fail("not seven");
  client.request("bad")[Symbol.dispose]();
  assert.throws(() => client.request("m", [], { timeout: "1s" }), /timeout is a number of seconds, not string/);
  assert.deepEqual(outcomes(world), [
    ["passed", undefined],
    ["m", "judged: not seven"],
    ["bad", "fault 4: no"],
  ]);
});

test("the arguments of a judged call stay the scenario's", () => {
  const world = new World().answer("m", (...args) => args);
  const args = [1, "x", [true]];
  for (const again of [1, 2]) {
    assert.deepEqual(client.request("m", args).reply(), args, `time ${again}`);
    assert.deepEqual(args, [1, "x", [true]]);
  }
  client.m(...args);
  assert.deepEqual(world.calls("m").at(-1), args);
  // Whatever can be iterated over.
  assert.deepEqual(client.request("m", new Set([1, "x"])).reply(), [1, "x"]);
});

test("a name of its own", () => {
  const world = new World().answer("m", (n) => n).answer("a.b", 2);
  const cold = client.with({ label: "cold", timeout: 1 });
  assert.deepEqual([cold.m(1), cold.a.b(), cold.call("m", 3)], [1, 2, 3]);
  assert.throws(() => cold.bad(), TransportFailure);
  assert.deepEqual(
    world.requests.map(({ name, method }) => [name, method]),
    [
      ["cold", "m"],
      ["cold", "a.b"],
      ["cold", "m"],
      ["cold", "bad"],
    ],
  );
});

test("who is not judged when an iteration ends is counted by its reply", () => {
  class Forgets extends User {
    static tasks = { go: 1 };
    go() {
      this.kept = [client.request("m"), client.request("bad")];
      throw new Error("no");
    }
  }
  const world = new World().answer("m", 1);
  const user = world.user(Forgets);
  assert.throws(() => user.runTask("go"), /no/);
  assert.deepEqual(outcomes(world), [
    ["m", undefined],
    ["bad", "transport: the test has no answer for bad"],
  ]);
});

test("several calls in one", () => {
  const answers = [[7], { faultCode: 4, faultString: "no" }, 3];
  const world = new World().answer("system.multicall", () => answers);
  const calls = client.multicall();
  calls.a();
  calls.b.c(1, "x");
  calls.call("d");
  const [seven, fault, broken] = calls.send();
  assert.equal(seven, 7);
  assert.ok(fault instanceof Fault && fault.code === 4);
  assert.ok(broken instanceof ProtocolFailure);
  assert.deepEqual(world.calls("system.multicall")[0][0].slice(1), [
    { methodName: "b.c", params: [1, "x"] },
    { methodName: "d", params: [] },
  ]);
  calls.call("e");
  assert.throws(() => calls.send(), /of 4 calls answered 3 results/);
});
