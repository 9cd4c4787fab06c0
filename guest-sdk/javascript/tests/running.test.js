import assert from "node:assert/strict";
import test from "node:test";
import {
  check,
  choose,
  client,
  events,
  Failure,
  Fault,
  InterruptedFailure,
  interrupt,
  iteration,
  measure,
  metrics,
  nextRow,
  now,
  parameter,
  randomInt,
  ReportedFailure,
  row,
  SequentialTaskSet,
  setupData,
  sleep,
  stopRun,
  stopUser,
  task,
  TaskSet,
  User,
  userId,
} from "katydid";
import { World } from "katydid/testing";

/** What TypeScript's decorators do, which Node does not know. */
function decorate(type, method, decorator) {
  decorator(type.prototype[method], { kind: "method", name: method, static: false, private: false });
}

class Shopper extends User {
  static tasks = { browse: 10, fail: 1, crash: 1, leave: 1, promise: 1 };
  basket = [];

  onStart() {
    this.token = this.client.login("ada");
  }

  browse() {
    this.basket.push(this.client.browse(this.token));
  }

  fail() {
    this.client.nobody();
    throw new Error("not reached");
  }

  crash() {
    null.member;
  }

  leave() {
    stopUser();
  }

  promise() {
    return Promise.resolve();
  }

  waitTime() {
    return this.basket.length / 2;
  }

  onStop() {
    this.client.logout();
  }
}

test("a user's life", () => {
  const world = new World()
    .answer("login", "t-1")
    .answer("browse", (token) => `${token} tea`)
    .answer("logout", null);
  const user = world.user(Shopper);
  user.onStart();
  assert.equal(user.runTask("browse"), "proceed");
  assert.deepEqual([user.user.basket, user.waitTime()], [["t-1 tea"], 0.5]);
  assert.equal(user.runTask("fail"), "proceed", "a failure is data");
  assert.throws(() => user.runTask("crash"), /^Error: TypeError: .*\n  at .*crash.*running\.test\.js/);
  assert.throws(() => user.runTask("promise"), /leave async and await out/);
  assert.equal(user.runTask("leave"), "stop-user");
  user.onStop();
  assert.deepEqual(
    world.requests.map(({ name }) => name),
    ["login", "browse", "nobody", "logout"],
  );
  assert.throws(() => user.runTask("buy"), /there is no task buy, only Shopper\.browse, /);
});

test("who does not get through onStart has not started", () => {
  const rows = [
    [() => client.nobody(), /transport/],
    [
      () => {
        throw new Error("no");
      },
      /Error: no/,
    ],
    [
      () => {
        throw "a text";
      },
      /a text/,
    ],
    [
      () => {
        throw Object.create(null);
      },
      /an object/,
    ],
  ];
  for (const [onStart, message] of rows) {
    class Starts extends User {
      static tasks = { go: 1 };
      onStart() {
        onStart();
      }
      go() {}
    }
    assert.throws(() => new World().user(Starts).onStart(), message);
  }
  class Unmade extends User {
    static tasks = { go: 1 };
    broken = null.member;
    go() {}
  }
  assert.throws(() => new World().user(Unmade).onStart(), /TypeError/);
});

test("a user that has done enough before it began", () => {
  for (const enough of [
    () => stopUser(),
    () => {
      throw new InterruptedFailure();
    },
  ]) {
    class Done extends User {
      static tasks = { go: 1 };
      onStart() {
        enough();
      }
      go() {
        throw new Error("not reached");
      }
    }
    const user = new World().user(Done);
    user.onStart();
    assert.equal(user.runTask("go"), "stop-user");
  }
});

class Inner extends TaskSet {
  static tasks = { look: 1 };
  onStart() {
    this.user.steps.push("enter inner");
  }
  look() {
    this.user.steps.push("look");
    interrupt();
  }
  onStop() {
    this.user.steps.push("leave inner");
    throw new Error("no way out");
  }
}

class Outer extends SequentialTaskSet {
  static sets = [Inner];
  static tasks = { one: 1, closed: 1 };
  onStart() {
    this.user.steps.push("enter outer");
    if (this.user.closed) interrupt();
  }
  one() {
    this.user.steps.push("one");
  }
  closed() {}
  onStop() {
    this.user.steps.push("leave outer");
  }
}

class Walker extends User {
  static sets = [Outer];
  static tasks = { stand: 1 };
  steps = [];
  stand() {
    this.steps.push("stand");
  }
}

test("sets are entered and left", () => {
  const world = new World();
  const user = world.user(Walker);
  const { steps } = user.user;
  user.onStart();
  user.runTask("stand");
  user.runTask("Outer.one");
  assert.equal(user.runTask("look"), "interrupt");
  user.runTask("one");
  user.runTask("look");
  user.runTask("look");
  user.runTask("stand");
  assert.deepEqual(steps, [
    "stand",
    "enter outer",
    "one",
    "enter inner",
    "look",
    "leave inner",
    "one",
    "enter inner",
    "look",
    "leave inner",
    "enter inner",
    "look",
    "leave inner",
    "leave outer",
    "stand",
  ]);
  user.user.closed = true;
  assert.equal(user.runTask("one"), "interrupt", "of a set that was not entered");
  assert.equal(steps.at(-1), "enter outer");
  // The host hears of what went wrong on the way out when the user stops; a person at once.
  assert.match(world.lines[0][1], /^Inner\.onStop: Error: no way out/);
  assert.throws(() => user.onStop(), /Inner\.onStop: Error: no way out/);
  user.onStop();
});

test("a user that stops leaves its sets", () => {
  const user = new World().user(Walker);
  user.runTask("one");
  user.onStop();
  assert.deepEqual(user.user.steps, ["enter outer", "one", "leave outer"]);
});

test("state outlives a version", () => {
  class Keeps extends User {
    static tasks = { go: 1 };
    onStart() {
      this.way = "started";
    }
    go() {}
    saveState() {
      return this.way;
    }
    restoreState(way) {
      this.way = `restored ${way}`;
    }
  }
  const world = new World();
  const [old, young] = [world.user(Keeps), world.user(Keeps)];
  old.onStart();
  young.resume(old.save());
  assert.equal(young.user.way, "restored started");
  old.user.way = undefined;
  assert.equal(old.save(), undefined);
  old.user.way = 1n;
  assert.ok(old.save() instanceof Uint8Array);
  old.user.way = old.user;
  old.user.self = old.user;
  assert.equal(old.save(), undefined);
  assert.match(world.lines[0][1], /^saveState: TypeError/);
});

test("decorators", () => {
  class Decorated extends User {
    plain() {}
    heavy() {}
    old() {}
  }
  decorate(Decorated, "plain", task);
  decorate(Decorated, "heavy", task(7, { tags: ["slow"], name: "a heavy one" }));
  task(2)(Decorated.prototype, "old", Object.getOwnPropertyDescriptor(Decorated.prototype, "old"));
  const world = new World();
  for (const name of ["plain", "a heavy one", "old"]) assert.equal(world.runTask(Decorated, name), "proceed");
  const wrong = [{ kind: "field" }, { kind: "method", static: true }, { kind: "method", private: true }];
  for (const context of wrong) assert.throws(() => task(() => {}, context), /stands before a method/);
});

test("a default function", () => {
  const world = new World({ setupData: { n: 2 } }).answer("echo", (value) => value);
  const seen = [];
  const user = world.user(function walk({ n }) {
    seen.push(client.echo(n), this instanceof User);
  });
  user.runTask("walk");
  assert.deepEqual(seen, [2, true]);
});

test("what a scenario asks and tells", () => {
  const world = new World({
    seed: 7,
    userId: 3,
    parameters: { what: "tea", count: 2 },
    rows: { people: [{ name: "Ada" }] },
    setupData: [1n],
  });
  assert.deepEqual(
    [userId(), iteration(), parameter("what"), parameter("count"), parameter("none")],
    [3, 0, "tea", "2", undefined],
  );
  assert.deepEqual([row("people"), nextRow("people")], [{ name: "Ada" }, undefined]);
  assert.throws(() => row("nobody"), /no set of data "nobody"/);
  class Reads extends User {
    static tasks = { read: 1 };
    read() {
      row("people");
    }
  }
  assert.equal(world.user(Reads).runTask("read"), "stop-user");
  assert.deepEqual(setupData(), [1n]);
  sleep(1.5);
  assert.equal(now(), 1.5);
  assert.throws(() => sleep("1s"), /sleep is a number of seconds, not string/);
  assert.throws(() => sleep(NaN), /not NaN/);

  assert.equal(check("yes", "text"), true);
  assert.equal(check("no", 0), false);
  assert.equal(check("there", { a: 1 }), true);
  assert.equal(check(5, { five: (n) => n === 5, six: (n) => n === 6 }), false);
  assert.deepEqual(world.checks, [
    ["yes", true],
    ["no", false],
    ["there", true],
    ["five", true],
    ["six", false],
  ]);

  metrics.counter("orders");
  metrics.gauge("stock", 4.5);
  metrics.rate("found", 1);
  metrics.trend("basket", 12.4);
  assert.throws(() => metrics.trend("basket", -1), /-1 is no whole number/);
  assert.deepEqual(world.metrics, [
    ["counter", "orders", 1],
    ["gauge", "stock", 4.5],
    ["rate", "found", true],
    ["trend", "basket", 12],
  ]);

  events.requestSuccess({ type: "grpc", name: "a", seconds: 0.5, length: 7 });
  assert.equal(
    measure(
      "grpc",
      "b",
      () => {
        sleep(1);
        return "abc";
      },
      (reply) => reply.length,
    ),
    "abc",
  );
  assert.throws(
    () =>
      measure("grpc", "c", () => {
        throw new Error("no");
      }),
    ReportedFailure,
  );
  assert.deepEqual(world.requests, [
    { type: "grpc", name: "a", error: undefined, seconds: 0.5, length: 7 },
    { type: "grpc", name: "b", error: undefined, seconds: 1, length: 3 },
    { type: "grpc", name: "c", error: "no", seconds: 0, length: 0 },
  ]);

  stopRun();
  assert.match(world.stopped, /enough/);
  assert.ok(new Fault(1, "x") instanceof Failure);
});

test("randomness follows the seed", () => {
  const draw = (options) => {
    const world = new World(options);
    return [randomInt(0, 1e6), randomInt(0, 1e6), choose([]), world.stopped];
  };
  assert.deepEqual(draw({ seed: 1 }), draw({ seed: 1 }));
  assert.notDeepEqual(draw({ seed: 1 }), draw({ seed: 2 }));
  assert.notDeepEqual(draw({ userId: 1 }), draw({ userId: 2 }));
  new World();
  const counts = new Map();
  for (let at = 0; at < 6_000; at++) {
    const die = randomInt(1, 6);
    counts.set(die, (counts.get(die) ?? 0) + 1);
  }
  assert.deepEqual([...counts.keys()].sort(), [1, 2, 3, 4, 5, 6]);
  for (const count of counts.values()) assert.ok(Math.abs(count - 1_000) < 150, `${[...counts]}`);
  assert.ok(["a", "b"].includes(choose(["a", "b"])));
});
