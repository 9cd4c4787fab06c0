// The contract as our own build of QuickJS has it: native functions, which take and answer values. See `engine/`.

import { encode } from "../codec.js";
import { failure } from "../failure.js";
import { DateTime } from "../values.js";

// The name is free again for a scenario.
const native = globalThis.katydid;
delete globalThis.katydid;

export const calls = {
  call: native.call,
  callJudged: (method, args, { label, timeoutMs }) => native.callJudged(method, args, label, timeoutMs),
  reply: native.judgedReply,
  pass: native.judgedPass,
  fail: native.judgedFail,
  drop: native.judgedDrop,
};

export const events = {
  requestSuccess: (event) => native.requestSuccess(...reported(event)),
  requestFailure: (event, reason) => native.requestFailure(...reported(event), reason),
};

const reported = (event) => [event.requestType, event.name, event.responseTimeUs, event.responseLength];

export const metrics = native;
export const context = native;

const LEVELS = ["debug", "info", "warn", "error"];

export const lines = {
  write: (level, line) => native.log(LEVELS.indexOf(level), line),
  panicking: native.panicking,
};

// The contract's cases and flags, in its order.
const HOOKS = ["state", "setup", "teardown", "shape"];
const KINDS = ["text", "integer", "number", "boolean"];
const ORDERS = ["weighted", "sequential", "transitions"];
const WAITS = ["none", "constant", "between", "pacing", "asked", "poisson"];
const LOADS = ["users", "arrivals", "stop"];
const FAILURES = ["fault", "status", "timeout", "transport", "protocol", "rejected", "interrupted"];

/** Hands over the exports; the component has its own. */
export function bound(scenario) {
  native.serve({
    describe: () => described(scenario.describe()),
    setup: scenario.setup,
    teardown: scenario.teardown,
    shape(elapsedUs, users, requests, failed, requestsPerSecond, p95Us) {
      const { tag, val = 0 } = scenario.shape({ elapsedUs, users, requests, failed, requestsPerSecond, p95Us });
      return [LOADS.indexOf(tag), val];
    },
    user: (name) => new scenario.User(name),
    failure: failed,
    date: (text) => new DateTime(text),
    encode,
    plain: Object.prototype,
  });
}

function failed(kind, code, message) {
  const tag = FAILURES[kind];
  return failure({ tag, val: tag === "fault" ? { code, message } : tag === "status" ? code : message });
}

/** Records of the contract as arrays of their fields. */
function described({ hooks, parameters, classes }) {
  return [
    HOOKS.reduce((bits, hook, place) => bits | (Number(Boolean(hooks[hook])) << place), 0),
    parameters.map((one) => [one.name, KINDS.indexOf(one.kind), one.default, one.about]),
    classes.map((one) => [
      one.name,
      one.weight,
      one.fixedCount,
      one.host,
      [WAITS.indexOf(one.wait.tag), ...[one.wait.val ?? 0].flat(), 0],
      one.sets.map((set) => [
        set.name,
        set.parent,
        set.weight,
        ORDERS.indexOf(set.order),
        set.tags,
        set.transitions.map(({ before, after, weight }) => [before, after, weight]),
      ]),
      one.tasks.map((task) => [task.id, task.name, task.set, task.weight, task.tags]),
    ]),
  ];
}
