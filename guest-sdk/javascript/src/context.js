// Where the scenario is, and what it may ask of the host.

import * as host from "#host";
import { fromBytes } from "./state.js";
import { Next } from "./next.js";
import { micros } from "./time.js";

/** Text as the host takes it. */
export const text = (value) => String(value).toWellFormed();

/** Waits. */
export function sleep(seconds) {
  host.sleepUs(micros(seconds, "sleep"));
}

/** Seconds since the run began. */
export function now() {
  return host.nowUs() / 1e6;
}

/** Counts a named assertion, or, as in k6, one for each function of an object: what it says of a value. */
export function check(name, ok) {
  const all = isChecks(ok) ? Object.entries(ok).map(([what, holds]) => [what, holds(name)]) : [[name, ok]];
  for (const [what, held] of all) host.check(text(what), Boolean(held));
  return all.every(([, held]) => held);
}

/** An object of functions, and not one that is there or not. */
function isChecks(ok) {
  if (typeof ok !== "object" || ok === null) return false;
  const members = Object.values(ok);
  return members.length > 0 && members.every((member) => typeof member === "function");
}

export const userId = () => host.userId();

export const iteration = () => host.iteration();

export function stopRun(reason = "the scenario has seen enough") {
  host.stopRun(text(reason));
}

/** The kind of each declared parameter, by its name. */
const kinds = new Map();

export function declared(name, kind) {
  kinds.set(name, kind);
}

/** What `--param name=value` gave, or the default, as its kind says; undefined where there is neither. */
export function parameter(name) {
  const value = host.parameter(text(name));
  if (value === null || value === undefined) return undefined;
  switch (kinds.get(name)) {
    case "integer":
      return Number.isSafeInteger(Number(value)) ? Number(value) : BigInt(value);
    case "number":
      return Number(value);
    case "boolean":
      return value === "true";
    default:
      return value;
  }
}

/** The next row of a set of data; undefined when the set is used up. */
export function nextRow(set) {
  return host.row(text(set));
}

/** The same for users that have nothing to do without one: when the set is used up, this ends the user. */
export function row(set) {
  const next = nextRow(set);
  if (next === undefined) throw new Next("stop-user");
  return next;
}

/** What `setup` answered, read once. */
let setUp;

export function setupData() {
  setUp ??= { data: readSetupData() };
  return setUp.data;
}

function readSetupData() {
  const bytes = host.setupData();
  return bytes === null || bytes === undefined ? undefined : fromBytes(bytes);
}

/** Another world has other data. */
export function forgetSetupData() {
  setUp = undefined;
}

/** A number from 0 up to, but without, 1: of the 64 random bits as many as a double holds. */
export function random() {
  const share = host.random() / 2 ** 64;
  return share < 1 ? share : 0;
}

/** A whole number from `low` to `high`, both included. */
export function randomInt(low, high) {
  return low + Math.floor(random() * (high - low + 1));
}

/** One item, each as likely as the other; undefined of none. */
export function choose(items) {
  return items.length === 0 ? undefined : items[randomInt(0, items.length - 1)];
}
