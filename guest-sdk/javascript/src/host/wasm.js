// The host, where this is WebAssembly: the contract's imports, and their failures as classes.

import { client, context, events, lines, metrics } from "katydid:guest/engine";
import { failure } from "../failure.js";

/** Whether the host has called. Before, the module is being built, and there is no host. */
let running = false;

/** Lines that were logged while the module was built, for `describe` to write. */
const waiting = [];

export function begin() {
  running = true;
  callJson = client.callJson;
}

export function flush() {
  for (const [level, line] of waiting.splice(0)) lines.write(level, line);
}

/** The same function, for as long as there is a host. */
function asked(name, call) {
  return (...args) => {
    if (!running) throw outside(name);
    return call(...args);
  };
}

function outside(name) {
  return new Error(
    `${name} asks the host, but code outside of functions runs once, when the scenario is built: ` +
      "call it in a task, in onStart or in setup",
  );
}

/** What a result's error throws is an Error of the binding with the failure inside. */
const carried = (error) => (error.payload === undefined ? error : failure(error.payload));

// The calls that a scenario makes most are spared a function around them.

export function call(method, args) {
  if (!running) throw outside("a call");
  try {
    return client.call(method, args);
  } catch (error) {
    throw carried(error);
  }
}

/** A call whose arguments are JSON, as the reply is; none where it has no such form. */
export let callJson = () => {
  throw outside("a call");
};

/** What came of the last `callJson` that answered none. */
export function unsaid() {
  try {
    return client.reply();
  } catch (error) {
    throw carried(error);
  }
}

export function callJudged(method, args, options) {
  if (!running) throw outside("a call");
  return client.callJudged(method, args, options);
}

export const exchange = {
  reply(judged) {
    try {
      return judged.reply();
    } catch (error) {
      throw carried(error);
    }
  },
  pass: (judged) => judged.pass(),
  fail: (judged, reason) => judged.fail(reason),
  drop: (judged) => judged[Symbol.dispose](),
};

export const requestSuccess = asked("requestSuccess", events.requestSuccess);
export const requestFailure = asked("requestFailure", events.requestFailure);

export const counter = asked("metrics.counter", metrics.counter);
export const gauge = asked("metrics.gauge", metrics.gauge);
export const rate = asked("metrics.rate", metrics.rate);
export const trend = asked("metrics.trend", metrics.trend);

export const userId = asked("userId", context.userId);
export const iteration = asked("iteration", context.iteration);
export const parameter = asked("parameter", context.parameter);
export const row = asked("row", context.row);
export const setupData = asked("setupData", context.setupData);
export const nowUs = asked("now", context.nowUs);
export const random = asked("randomness", context.random);
export const sleepUs = asked("sleep", context.sleepUs);
export const check = asked("check", context.check);
export const stopRun = asked("stopRun", context.stopRun);

export function log(level, line) {
  if (running) lines.write(level, line);
  else waiting.push([level, line]);
}

export const panicking = lines.panicking;
