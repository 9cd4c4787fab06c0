// The host, where this is WebAssembly: the contract's imports, once there is somebody to ask.

import { calls, context, events, lines, metrics } from "katydid:guest/engine";

/** Whether the host has called. Before, the module is being built, and there is no host. */
let running = false;

/** Lines that were logged while the module was built, for `describe` to write. */
const waiting = [];

export function begin() {
  running = true;
  call = calls.call;
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

// The call that a scenario makes most is spared a function around it.
export let call = () => {
  throw outside("a call");
};

export const callJudged = asked("a call", calls.callJudged);
export const { reply, pass, fail, drop } = calls;

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
