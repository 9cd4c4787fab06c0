/**
 * Everything that a scenario can say and ask. Each iteration that finds something else than it expects
 * fails with what it found. The target is `katydid target` with the rules of `rules.txt`; the run has
 * `--param 'text=a=b ž'` and `--data people=people.csv,per-user`.
 */
import {
  check,
  choose,
  client,
  constant,
  DateTime,
  Double,
  events,
  Failure,
  Fault,
  interrupt,
  iteration,
  measure,
  metrics,
  nextRow,
  now,
  parameter,
  randomInt,
  RejectedFailure,
  row,
  SequentialTaskSet,
  setupData,
  sleep,
  StatusFailure,
  stopUser,
  TaskSet,
  TimeoutFailure,
  TransportFailure,
  ProtocolFailure,
  ReportedFailure,
  User,
  userId,
} from "katydid";

export const parameters = {
  text: { about: "any text; must be given" },
  count: { default: 3, about: "a whole number" },
  share: { default: 0.5, about: "a number" },
  whole: { kind: "integer", default: 9007199254740993n, about: "a whole number of 64 bits" },
  strict: { default: true, about: "true or false" },
};

/** What `setup` answers, and every user and `teardown` read. */
const SET_UP = {
  text: "žluť 🦗",
  none: null,
  big: 2n ** 62n,
  bytes: Uint8Array.of(0, 255),
  at: new DateTime("19980717T14:08:55"),
  list: [1, [2]],
};

export function setup() {
  expect(client.echo("setup"), "setup");
  console.info("set up by user", userId());
  return SET_UP;
}

export function teardown(data) {
  expect(data, SET_UP);
  client.echo("teardown");
}

/** Throws where two values differ. */
function expect(found, wanted) {
  const shown = [found, wanted].map(show);
  if (shown[0] !== shown[1]) throw new Error(`${shown[0].slice(0, 200)} in place of ${shown[1].slice(0, 200)}`);
}

function show(value) {
  return (
    JSON.stringify(value, function (key, member) {
      const original = this[key];
      if (typeof original === "bigint") return `bigint ${original}`;
      if (original instanceof Uint8Array) return `bytes ${original}`;
      if (original instanceof DateTime) return `date ${original}`;
      return Object.is(member, -0) ? "-0" : member;
    }) ?? String(value)
  );
}

/** What a call throws, if that is of this class. */
function thrown(type, run) {
  try {
    run();
  } catch (error) {
    if (error instanceof type) return error;
    throw error;
  }
  throw new Error(`no ${type.name}`);
}

/** Every kind of value there and back. */
export class Values extends User {
  static fixedCount = 1;
  static order = "sequential";
  static waitTime = constant(0);
  static tags = ["values"];
  static tasks = { scalars: 1, texts: 1, parts: 1, otherwise: 1, large: 1, leave: 1 };

  scalars() {
    const values = [
      true,
      false,
      null,
      0,
      -1,
      2 ** 31 - 1,
      -(2 ** 31),
      2 ** 31,
      -(2 ** 31) - 1,
      Number.MAX_SAFE_INTEGER,
      Number.MIN_SAFE_INTEGER,
      2n ** 53n,
      -(2n ** 53n) - 1n,
      2n ** 63n - 1n,
      -(2n ** 63n),
      -0.1,
      5e-324,
      1.7976931348623157e308,
      1e300,
      new DateTime("19980717T14:08:55"),
      new Uint8Array(),
      Uint8Array.from({ length: 256 }, (_, byte) => byte),
    ];
    for (const value of values) expect(client.echo(value), value);
  }

  texts() {
    for (const text of [
      "",
      "  \t a \n b ",
      "a\r\nb\r",
      "<a href='x'>&amp; ]]> \"</a>",
      "žluťoučký 🦗 кузнечик \u{10FFFD}",
    ]) {
      expect(client.echo(text), text);
    }
  }

  parts() {
    const values = [
      [],
      [1, "two", [false, []]],
      {},
      { list: [1, []], inner: { "<&>": "x", "": 0 }, last: 1.5 },
      JSON.parse('{"__proto__": 1, "constructor": 2}'),
    ];
    for (const value of values) expect(client.echo(value), value);
    expect(client.echo(1, "two", null), [1, "two", null]);
    expect(client.echo(), "");
    expect(client.interopEchoTests.echoStructArray([{ a: 1 }, { b: 2 }]), [{ a: 1 }, { b: 2 }]);
    expect(client.system.listMethods().includes("get_time"), true);
  }

  /** What comes back as something else than it was sent. */
  otherwise() {
    expect(client.echo(new Double(1)), 1);
    expect(client.interopEchoTests.echoFloat(new Double(1)), 1);
    expect(client.echo(5n), 5);
    expect(client.echo(new Date(Date.UTC(1998, 6, 17, 14, 8, 55))), new DateTime("19980717T14:08:55"));
    expect(client.echo(new DateTime("19980717T14:08:55")).toDate().getTime(), 900684535000);
    expect(client.echo(new Map([["a", 1]])), { a: 1 });
    expect(client.echo({ a: undefined, b: 1 }), { b: 1 });
    expect(client.echo("lone \ud800"), "lone \ufffd");
    expect(client.echo([1, { "lone \ud800": [5n] }]), [1, { "lone \ufffd": [5] }]);
    expect(client.echo(new Proxy({ a: [1] }, {})), { a: [1] });
    const asked = {
      get a() {
        return "told";
      },
    };
    expect(client.echo(asked), { a: "told" });
  }

  large() {
    const text = "katydid ".repeat(131_072);
    expect(client.echo(text), text);
    let deep = 1;
    for (let depth = 0; depth < 100; depth++) deep = depth % 2 === 0 ? [deep] : { deep };
    expect(client.echo(deep), deep);
    const list = Array.from({ length: 1_000 }, (_, id) => ({ id, name: `item number ${id}`, price: id + 0.5 }));
    expect(client.echo(list), list);
  }

  leave() {
    stopUser();
  }
}

/** Every way in which a call fails. */
export class Failures extends User {
  static fixedCount = 1;
  static order = "sequential";
  static tags = ["failures"];
  static tasks = { kinds: 1, data: 1, judged: 1, batch: 1, leave: 1 };

  kinds() {
    const fault = thrown(Fault, () => client["no.such.method"](1));
    expect([fault.code, fault.kind, fault instanceof Failure], [-32601, "fault", true]);
    const own = thrown(Fault, () => client.validator1.countTheEntities("x"));
    expect([own.code, own.message, String(own)], [42, "out of luck", "fault 42: out of luck"]);
    expect(thrown(StatusFailure, () => client.validator1.easyStructTest({})).status, 503);
    const slow = () => client.request("validator1.echoStructTest", [{}], { timeout: 0.2 }).reply();
    expect(thrown(TimeoutFailure, slow).phase, "total");
    thrown(TransportFailure, () => client.validator1.manyTypesTest());
    thrown(ProtocolFailure, () => client.validator1.nestedStructTest({}));
    thrown(RejectedFailure, () => client.echo(NaN));
    thrown(RejectedFailure, () => client.echo(2n ** 63n));
    thrown(RejectedFailure, () => client.echo(() => {}));
    const itself = [];
    itself.push(itself);
    thrown(RejectedFailure, () => client.echo(itself));
  }

  /** A failure that nobody catches ends the iteration, and is no failed one. */
  data() {
    client["no.such.method"]();
    throw new Error("this is not reached");
  }

  judged() {
    const refused = client.request("echo", [false], { label: "refused" });
    expect(refused.reply(), false);
    refused.fail("the answer was no");
    refused.pass(); // A second verdict is ignored.
    const expected = client.request("no.such.method", [], { label: "expected fault" });
    thrown(Fault, () => expected.reply());
    expected.pass();
    client.request("echo", [1], { label: "unjudged good" });
    const bad = client.request("no.such.method", [], { label: "unjudged bad" });
    bad[Symbol.dispose]();
    thrown(RejectedFailure, () => client.request("echo", [NaN], { label: "unjudged rejected" }).reply());
  }

  batch() {
    const calls = client.multicall();
    calls.echo(7);
    calls.system.methodHelp("get_time");
    calls.call("no.such.method", 1);
    const [seven, help, fault] = calls.send();
    expect([seven, typeof help, fault instanceof Fault, fault.code], [7, "string", true, -32601]);
  }

  leave() {
    stopUser();
  }
}

/** What a scenario tells and asks beside its calls. */
export class Reports extends User {
  static fixedCount = 2;
  static tags = ["reports"];
  static tasks = { everything: 1 };

  onStart() {
    this.started = true;
    expect(setupData(), SET_UP);
  }

  everything() {
    expect([this.started, iteration(), userId() >= 0], [true, 0, true]);
    expect(
      [parameter("count"), parameter("share"), parameter("strict"), parameter("nobody's")],
      [3, 0.5, true, undefined],
    );
    expect([parameter("whole"), parameter("text")], [9007199254740993n, "a=b ž"]);

    expect([check("holds", true), check("does not hold", 0)], [true, false]);
    expect(
      check({ code: 200 }, { "as in k6": ({ code }) => code === 200, "nor this": ({ code }) => code === 404 }),
      false,
    );

    const [before, clock] = [now(), Date.now()];
    sleep(0.05);
    const [slept, ticked] = [now() - before, Date.now() - clock];
    if (!(slept >= 0.05 && slept < 2 && ticked >= 45 && ticked < 2_000))
      throw new Error(`slept ${slept} s, ${ticked} ms`);
    if (!(Date.now() > Date.UTC(2024) && new Date().getTime() - Date.now() <= 0)) throw new Error("no clock");

    const drawn = [Math.random(), Math.random()];
    if (drawn.some((share) => share < 0 || share >= 1) || drawn[0] === drawn[1]) throw new Error(`drew ${drawn}`);
    if (![1, 2].includes(randomInt(1, 2)) || !["a", "b"].includes(choose(["a", "b"]))) throw new Error("out of range");
    // What differs for each user, and is the same for the same seed, is seen in the log.
    console.log("user %d drew %s", userId(), drawn[0]);
    console.debug("debug", { a: [1, 2n, null, undefined], b: new Map([["c", Uint8Array.of(1)]]) });
    console.warn("warn", new Error("not thrown").message);
    console.error("lone \ud800", Symbol("s"));

    const first = row("people");
    expect(first, { name: "Ada", age: "36" });
    expect([row("people"), nextRow("people")], [{ name: "Žofie", age: "7" }, undefined]);
    thrown(Error, () => row("nobody"));

    events.requestSuccess({ type: "grpc", name: "Charge", seconds: 0.012, length: 7 });
    events.requestFailure({ type: "grpc", name: "Charge", seconds: 1 }, "declined");
    expect(
      measure(
        "sql",
        "select",
        () => {
          sleep(0.01);
          return "abc";
        },
        (reply) => reply.length,
      ),
      "abc",
    );
    const reported = thrown(ReportedFailure, () =>
      measure("sql", "broken", () => {
        throw new Error("no table");
      }),
    );
    expect(reported.message, "no table");

    metrics.counter("orders");
    metrics.counter("orders", 2);
    metrics.gauge("stock", 4.5);
    metrics.rate("found", true);
    metrics.trend("basket", 12);

    expect(new TextDecoder().decode(new TextEncoder().encode("žluť 🦗")), "žluť 🦗");
    const uuid = crypto.randomUUID();
    if (!/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/.test(uuid)) throw new Error(uuid);
    const timers = [() => setTimeout(() => {}, 1), () => fetch("http://127.0.0.1/")];
    for (const timer of timers) expect(/there is no \w+ in a scenario/.test(thrown(Error, timer).message), true);
    stopUser();
  }

  onStop() {
    console.info("stopped", this.started);
  }
}

/** Where `Sets` has been, as one text for each step. */
class Inner extends TaskSet {
  static tags = ["inner"];
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
  }
}

class Outer extends SequentialTaskSet {
  static tasks = { one: 1, two: 1 };
  static sets = [Inner];

  onStart() {
    this.user.steps.push("enter outer");
  }

  one() {
    this.user.steps.push("one");
  }

  two() {
    this.user.steps.push("two");
    if (this.user.steps.includes("look")) interrupt();
  }

  onStop() {
    this.user.steps.push("leave outer");
  }
}

/** Nested sets, one in order, and which task follows which. */
export class Sets extends User {
  static fixedCount = 1;
  static order = "sequential";
  static tags = ["sets"];
  static sets = [Outer];
  static tasks = { begin: 1 };
  steps = [];

  begin() {
    if (this.steps.length === 0) return;
    expect(this.steps.join(", "), "enter outer, one, two, enter inner, look, leave inner, one, two, leave outer");
    stopUser();
  }
}

/** A user that walks: one task leads to the next. */
export class Walks extends User {
  static fixedCount = 1;
  static tags = ["sets"];
  static tasks = { first: 1, second: 1, third: 1 };
  static transitions = { first: { second: 1 }, second: { third: 1, first: 0 }, third: { first: 1 } };
  way = "";

  first() {
    this.#step("1");
  }

  second() {
    this.#step("2");
  }

  third() {
    this.#step("3");
  }

  #step(name) {
    this.way += name;
    if (this.way.length < 7) return;
    expect(this.way, "1231231");
    stopUser();
  }

  waitTime() {
    return this.way.length / 1_000;
  }

  saveState() {
    return { way: this.way, big: 2n ** 60n };
  }

  restoreState({ way, big }) {
    expect(big, 2n ** 60n);
    this.way = way;
  }
}
