import assert from "node:assert/strict";
import test from "node:test";
import {
  between,
  client,
  constant,
  constantPacing,
  constantThroughput,
  poisson,
  SequentialTaskSet,
  setupData,
  TaskSet,
  User,
} from "katydid";
import { describe, World } from "katydid/testing";
import { scenario } from "../src/scenario.js";

class Inner extends TaskSet {
  static weight = 2;
  static tags = ["deep"];
  static tasks = { look: { tags: ["read"], name: "look around" } };
  look() {}
}

class Outer extends SequentialTaskSet {
  static sets = [Inner];
  static tasks = { one: 1 };
  one() {}
}

class Base extends User {
  static host = "http://127.0.0.1:8877/";
  static tasks = { go: 10 };
  go() {}
}

class Walks extends Base {
  static weight = 3;
  static fixedCount = 2;
  static sets = [Outer];
  static waitTime = between(0.1, 1);
  static tasks = { go: 1, come: 0 };
  come() {}
  saveState() {}
  restoreState() {}
}

class Chained extends User {
  static tasks = { a: 1, b: 1 };
  static transitions = { a: { b: 3, a: 1 }, b: { a: 1 } };
  a() {}
  b() {}
  waitTime() {
    return 1;
  }
}

test("classes in the contract's words", () => {
  const set = (name, more) => ({
    name,
    parent: undefined,
    weight: 1,
    order: "weighted",
    tags: [],
    transitions: [],
    ...more,
  });
  const job = (id, name, set, weight, tags = []) => ({ id, name, set, weight, tags });
  const { hooks, parameters, classes } = describe({ Walks, Chained, Base, Inner, helper: () => {}, number: 1 });
  assert.deepEqual(hooks, { state: true, setup: false, teardown: false, shape: false });
  assert.deepEqual(parameters, []);
  assert.deepEqual(
    classes.map(({ name }) => name),
    ["Walks", "Chained", "Base"],
  );
  assert.deepEqual(classes[0], {
    name: "Walks",
    weight: 3,
    fixedCount: 2,
    host: "http://127.0.0.1:8877/",
    wait: { tag: "between", val: [100_000, 1_000_000] },
    sets: [
      set("Walks"),
      set("Outer", { parent: 0, order: "sequential" }),
      set("Inner", { parent: 1, weight: 2, tags: ["deep"] }),
    ],
    tasks: [job(0, "go", 0, 1), job(1, "come", 0, 0), job(2, "one", 1, 1), job(3, "look around", 2, 1, ["read"])],
  });
  assert.deepEqual(classes[1].sets, [
    set("Chained", {
      order: "transitions",
      transitions: [
        { before: 0, after: 1, weight: 3 },
        { before: 0, after: 0, weight: 1 },
        { before: 1, after: 0, weight: 1 },
      ],
    }),
  ]);
  assert.deepEqual([classes[1].wait, classes[2].wait], [{ tag: "asked" }, { tag: "none" }]);
});

test("pauses", () => {
  const rows = [
    [constant(1.5), { tag: "constant", val: 1_500_000 }],
    [between(0, 0.000_001), { tag: "between", val: [0, 1] }],
    [constantPacing(-1), { tag: "pacing", val: 0 }],
    [constantThroughput(4), { tag: "pacing", val: 250_000 }],
    [constantThroughput(0), { tag: "pacing", val: Number.MAX_SAFE_INTEGER }],
    [poisson(2.5), { tag: "poisson", val: 2_500_000 }],
  ];
  for (const [wait, expected] of rows) assert.deepEqual({ ...wait }, expected);
  assert.throws(() => between(1), /between is a number of seconds, not undefined/);
});

test("a function is a class of one task", () => {
  const options = { host: "http://127.0.0.1:8877/", weight: 2, fixedCount: 5, waitTime: constant(1), tags: ["x"] };
  const [walk] = describe({ default: function walk() {}, options }).classes;
  assert.deepEqual(
    [walk.name, walk.host, walk.weight, walk.fixedCount, walk.wait.val],
    ["walk", options.host, 2, 5, 1_000_000],
  );
  assert.deepEqual([walk.sets[0].tags, walk.tasks[0].name], [["x"], "walk"]);
  // What has no name is called after its file.
  const named = (exported) => scenario(exported, "checkout").describe().classes[0].name;
  assert.equal(named({ default: (() => () => {})() }), "checkout");
  assert.equal(named({ default: (() => class extends Base {})() }), "checkout");
});

test("parameters", () => {
  const parameters = {
    text: { about: "any" },
    count: { default: 3 },
    share: { default: 0.5 },
    big: { default: 2n ** 60n },
    strict: { default: true },
    kind: { kind: "number", default: 3 },
  };
  const row = (name, kind, value, about = "") => ({ name, kind, default: value, about });
  assert.deepEqual(describe({ Base, parameters }).parameters, [
    row("text", "text", undefined, "any"),
    row("count", "integer", "3"),
    row("share", "number", "0.5"),
    row("big", "integer", "1152921504606846976"),
    row("strict", "boolean", "true"),
    row("kind", "number", "3"),
  ]);
});

test("every mistake is told at once", () => {
  class Set extends TaskSet {
    static weight = -1;
    static tasks = { nothing: 1 };
  }
  class Wrong extends User {
    static wait_time = between(1, 2);
    static waitTime = 5;
    static tasks = { go: 1.5, wait: 1 };
    static sets = [Set, 7];
    static transitions = { go: { fly: 1 } };
    async go() {}
    *wait() {}
    saveState() {}
    on_start() {}
  }
  const exported = { Wrong, parameters: { a: { kind: "int" } }, setup: async () => 1, options: {} };
  const rows = [
    "Wrong.wait_time: it is called waitTime here",
    "Wrong.on_start: it is called onStart here",
    "Wrong.go is async",
    "Wrong.wait is a generator",
    "Wrong.go: its weight is a whole number from 0 to 2147483647, not 1.5",
    "Set.weight is a whole",
    "Set.nothing is no function",
    "Wrong.sets holds number",
    "Wrong.transitions names fly, which is no task of it",
    "Wrong.saveState comes with restoreState",
    "Wrong.waitTime is made by constant, between",
    "its kind is text, integer, number or boolean",
    "setup is async",
    "options are those of a default function",
  ];
  assert.throws(
    () => describe(exported),
    (error) => {
      for (const row of rows) assert.ok(error.message.includes(row), `${row}\n\n${error.message}`);
      return true;
    },
  );
  const one = [
    [{}, /exports no user/],
    [{ A: class A extends User {} }, /exports no user/],
    [{ default: class A extends User {} }, /A has no task/],
    [{ default: Inner }, /Inner is a set of tasks/],
    [
      {
        Base,
        Other: class Base extends User {
          static tasks = { go: 1 };
          go() {}
        },
      },
      /user class Base is exported twice/,
    ],
    [
      { default: () => {}, options: { vus: 1, stages: [], fixed_count: 1 } },
      /-u .*options\.stages is not known.*fixedCount here/s,
    ],
    [{ default: async () => {} }, /async/],
    [
      {
        A: class A extends Base {
          static order = "random";
        },
      },
      /order is "weighted" or "sequential", not "random"/,
    ],
    [
      {
        A: class A extends Base {
          static waitTime = between(2, 1);
        },
      },
      /lower number first/,
    ],
    [
      {
        A: class A extends Base {
          static tags = "x";
        },
      },
      /tags are a list of texts/,
    ],
  ];
  for (const [exported, message] of one) assert.throws(() => describe(exported), message);
});

test("the hooks of a module", () => {
  const said = [];
  const exported = {
    default: function walk(data) {
      said.push(data, setupData() === data);
    },
    setup: () => ({ token: client.login("ada"), when: new Date(5) }),
    teardown(data) {
      said.push(data);
      throw new Error("no way out");
    },
    shape: ({ elapsed, p95 }) => ({ arrivals: elapsed + p95 }),
  };
  const world = new World().answer("login", "t-1");
  const { setup, teardown, shape, describe, User } = scenario(exported);
  assert.deepEqual(describe().hooks, { state: false, setup: true, teardown: true, shape: true });
  world.setupData = setup();
  const user = new User("walk");
  assert.equal(user.onStart(null), undefined);
  assert.equal(user.runTask(0), undefined);
  assert.throws(
    () => teardown(),
    (thrown) => /^Error: no way out\n/.test(thrown),
  );
  const data = { token: "t-1", when: new Date(5) };
  assert.deepEqual(said, [data, true, data]);
  const status = { elapsedUs: 1_500_000, users: 1, requests: 2, failed: 0, requestsPerSecond: 1, p95Us: 500_000 };
  assert.deepEqual(shape(status), { tag: "arrivals", val: 2 });
  const failing = scenario({ ...exported, setup: () => client.nobody() });
  assert.throws(failing.setup, (thrown) => thrown.startsWith("transport: "));
});

test("what shape may answer", () => {
  const rows = [
    [3, { tag: "users", val: 3 }],
    [{ users: 2.4 }, { tag: "users", val: 2 }],
    [{ arrivals: 0.5 }, { tag: "arrivals", val: 0.5 }],
    ["stop", { tag: "stop" }],
    [undefined, /shape answers/],
    [{ arrivals: NaN }, /shape answers/],
    [-1, /shape answers/],
    ["more", /shape answers/],
  ];
  for (const [answer, expected] of rows) {
    const shape = () => scenario({ Base, shape: () => answer }).shape({});
    if (expected instanceof RegExp) assert.throws(shape, expected);
    else assert.deepEqual(shape(), expected);
  }
});
