// The host, where this is no WebAssembly: the world of a test. See `testing.js`.

import { encode } from "../codec.js";

/** What a scenario sees; the newest world. Where there is none, a target answers nothing. */
let world = null;

export function enter(newest) {
  world = newest;
}

function current() {
  if (world === null) throw new Error("there is no World: make one before the scenario runs (katydid/testing)");
  return world;
}

// There is always a host here.
export const begin = () => {};
export const flush = () => {};
export const panicking = () => {};

export const call = (method, args) => current().call(method, args);
/** What the last call of `callJson` answered. */
let left;
export function callJson(method, args) {
  left = current().call(method, encode(JSON.parse(`[${args}]`)));
  return null;
}
export const unsaid = () => left;
export const callJudged = (method, args, options) => current().callJudged(method, args, options);
export const exchange = {
  reply: (judged) => judged.reply(),
  pass: (judged) => judged.judge(null),
  fail: (judged, reason) => judged.judge(`judged: ${reason}`),
  drop: (judged) => judged.settle(),
};

export const requestSuccess = (event) => current().reported(event, null);
export const requestFailure = (event, reason) => current().reported(event, reason);

export const counter = (name, add) => current().metric("counter", name, add);
export const gauge = (name, value) => current().metric("gauge", name, value);
export const rate = (name, hit) => current().metric("rate", name, hit);
export const trend = (name, value) => current().metric("trend", name, value);

export const userId = () => current().userId;
export const iteration = () => current().iteration;
export const parameter = (name) => current().parameters.get(name) ?? null;
export const row = (set) => current().row(set);
export const setupData = () => current().setupData;
export const nowUs = () => current().nowUs;
export const random = () => current().random();
export const sleepUs = (us) => current().sleep(us);
export const check = (name, ok) => current().checked(name, ok);
export const stopRun = (reason) => current().stop(reason);

export const log = (level, line) => current().log(level, line);
