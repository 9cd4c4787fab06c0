/**
 * What a scenario in AssemblyScript can say and ask. Each iteration that finds something else than it expects fails
 * with what it found. Run it against `katydid target` with the rules of `rules.txt`.
 */
import {
  array, between, binary, boolean, call, check, counter, dateTime, double, fail, FailureKind, gauge, int, interrupt,
  iteration, Kind, log, now, parameter, random, randomInt, rate, register, requestFailure, requestSuccess, sleep,
  stopUser, struct, text, trend, UserClass, userId, Value,
} from "katydid";
export * from "katydid/exports";

function shown(value: Value): string {
  switch (value.kind) {
    case Kind.Boolean:
      return value.int != 0 ? "true" : "false";
    case Kind.Int:
      return value.int.toString();
    case Kind.Double:
      return value.double.toString();
    case Kind.Text:
      return '"' + value.text + '"';
    case Kind.DateTime:
      return "date " + value.text;
    case Kind.Binary: {
      let all = "bytes";
      for (let i = 0; i < value.bytes.length; i++) all += " " + value.bytes[i].toString();
      return all;
    }
    case Kind.Array:
    case Kind.Struct: {
      let all = value.kind == Kind.Array ? "[" : "{";
      for (let i = 0; i < value.items.length; i++) {
        if (value.kind == Kind.Struct) all += value.names[i] + ": ";
        all += shown(value.items[i]) + ", ";
      }
      return all + ".";
    }
    default:
      return "nil";
  }
}

function expect(found: string, wanted: string): bool {
  if (found == wanted) return true;
  fail(found.slice(0, 200) + " in place of " + wanted.slice(0, 200));
  return false;
}

function values(): void {
  let deep = int(1);
  for (let i = 0; i < 100; i++) deep = i % 2 ? struct(["deep"], [deep]) : array([deep]);
  const many: Array<Value> = [];
  for (let i = 0; i < 1000; i++) many.push(struct(["id", "name"], [int(i), text("item " + i.toString())]));
  const sent: Array<Value> = [
    boolean(true), boolean(false), new Value(Kind.Nil), int(0), int(-1), int(i32.MAX_VALUE), int(i32.MIN_VALUE),
    int(2147483648), int(9007199254740993), int(i64.MAX_VALUE), int(i64.MIN_VALUE), double(-0.1), double(1),
    double(f64.MAX_VALUE), text(""), text("žluť 🦗 <&>"), text("katydid ".repeat(131072)), dateTime("19980717T14:08:55"),
    dateTime("yesterday"), binary([0, 127, 255]), binary([]), array([]), struct([], []), array(many), deep,
    struct(["", "<&>"], [array([int(1)]), text("x")]),
  ];
  for (let i = 0; i < sent.length; i++) {
    const reply = call("echo", [sent[i]]);
    if (!reply.ok) return fail(reply.message);
    if (!expect(shown(reply.value), shown(sent[i]))) return;
  }
  expect(shown(call("echo", [int(1), text("two")]).value), '[1, "two", .');
}

function failures(): void {
  const fault = call("no.such.method");
  if (fault.failure != FailureKind.Fault || fault.code != -32601) return fail("no fault");
  const own = call("validator1.countTheEntities", [text("x")]);
  if (!expect(own.code.toString() + " " + own.message, "42 out of luck")) return;
  const status = call("validator1.easyStructTest");
  if (status.failure != FailureKind.Status || status.code != 503) return fail("no status");
  if (call("validator1.manyTypesTest").failure != FailureKind.Transport) return fail("no transport");
  if (call("validator1.nestedStructTest").failure != FailureKind.Protocol) return fail("no protocol");
  if (call("echo", [double(NaN)]).failure != FailureKind.Rejected) return fail("not rejected");
}

let started = false;

function reports(): void {
  if (!started || iteration() != 2) return fail("not the third iteration");
  const before = now();
  sleep(0.02);
  check("slept", now() - before >= 0.015);
  const drawn = randomInt(1, 6);
  check("a die", drawn >= 1 && drawn <= 6 && random() != random());
  log("user " + userId().toString());
  requestSuccess("grpc", "Charge", 0.012, 7);
  requestFailure("grpc", "Charge", 1, "declined");
  counter("orders", 2);
  gauge("stock", 4.5);
  rate("found", true);
  trend("basket", 12);
  const given = parameter("text");
  expect(given ? given : "none", "a=b ž");
}

const all = new UserClass("Everything", true)
  .wait(between(0, 0))
  .fixedCount(1)
  .onStart((): void => {
    started = true;
  })
  .onStop((): void => {
    log("stopped");
  })
  .task("values", 1, values)
  .task("failures", 1, failures)
  .task("reports", 1, reports);
all
  .set("Inner", 1, true)
  .task("look", 1, (): void => {
    log("inside");
  })
  .task("leave", 1, interrupt);
all.set("Last", 1).task("end", 1, stopUser);
register(all);

/** Ends its instance with a message: AssemblyScript cannot catch. The user is made anew. */
register(
  new UserClass("Broken").fixedCount(1).task("throws", 1, (): void => {
    throw new Error("from within");
  }),
);
