// The host, where this is no WebAssembly: the world of a test. See `testing.js`.

import { rowOf, valued } from "./nodes.js";

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

/** The newest world, whichever it is then. */
const client = {
  call: (method, nodes) => current().call(method, nodes),
  callJudged: (method, nodes, options) => current().callJudged(method, nodes, options),
};

export const { call, callJudged, reply } = valued(client);
export const pass = (judged) => judged.judge(null);
export const fail = (judged, reason) => judged.judge(`judged: ${reason}`);
export const drop = (judged) => judged.settle();

export const requestSuccess = (event) => current().reported(event, null);
export const requestFailure = (event, reason) => current().reported(event, reason);

export const counter = (name, add) => current().metric("counter", name, add);
export const gauge = (name, value) => current().metric("gauge", name, value);
export const rate = (name, hit) => current().metric("rate", name, hit);
export const trend = (name, value) => current().metric("trend", name, value);

export const userId = () => current().userId;
export const iteration = () => current().iteration;
export const parameter = (name) => current().parameters.get(name) ?? null;
export const row = (set) => rowOf((name) => current().row(name), set);
export const setupData = () => current().setupData;
export const nowUs = () => current().nowUs;
export const random = () => current().random();
export const sleepUs = (us) => current().sleep(us);
export const check = (name, ok) => current().checked(name, ok);
export const stopRun = (reason) => current().stop(reason);

export const log = (level, line) => current().log(level, line);
