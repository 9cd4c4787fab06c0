// Load scenarios for Katydid: see README.md of the SDK.

import {
  hostCall, hostCheck, hostCounter, hostFailure, hostGauge, hostIteration, hostLog, hostNow, hostPanicking,
  hostParameter, hostRandom, hostRate, hostSleep, hostStopRun, hostSuccess, hostTrend, hostUserId, taken, Utf8,
} from "./host";
import { Document, nil, read, Value } from "./value";

export { array, binary, boolean, dateTime, double, int, Kind, nil, struct, text, Value } from "./value";
export { between, constant, pacing, poisson, register, Set, UserClass, Wait } from "./scenario";

/** Why a request has no good reply; the host has counted it. */
export enum FailureKind {
  /** There is a good reply. */
  None = -1,
  Fault,
  Status,
  Timeout,
  Transport,
  Protocol,
  Rejected,
  /** The run is over. */
  Interrupted,
}

/** What came of a call. */
export class Reply {
  constructor(
    public failure: FailureKind,
    /** The value that came back; nil where there is none. */
    public value: Value,
    /** The code of a fault, or an HTTP status. */
    public code: i32 = 0,
    /** What there is to say beside it. */
    public message: string = ""
  ) {}

  /** Whether there is a good reply. */
  get ok(): bool {
    return this.failure == FailureKind.None;
  }
}

const AREA = memory.data(24, 8);

/** Calls a method of the target and waits for the reply. The host times the request and counts it, once. */
export function call(method: string, args: Array<Value> = []): Reply {
  const name = new Utf8(method);
  const document = new Document(args);
  hostCall(name.at, name.length, document.at, document.count, AREA);
  document.free();
  if (load<u8>(AREA) == 0) {
    return new Reply(FailureKind.None, read(load<usize>(AREA, 4), load<i32>(AREA, 8)));
  }
  const kind: FailureKind = load<u8>(AREA, 4);
  const at: usize = load<usize>(AREA, 8);
  switch (kind) {
    case FailureKind.Fault:
      return new Reply(kind, nil(), <i32>at, taken(load<usize>(AREA, 12), load<usize>(AREA, 16)));
    case FailureKind.Status:
      return new Reply(kind, nil(), load<u16>(AREA, 8));
    case FailureKind.Interrupted:
      return new Reply(kind, nil());
    default:
      return new Reply(kind, nil(), 0, taken(at, load<usize>(AREA, 12)));
  }
}

/** What a task wants to happen next. */
export enum Next {
  /** Go on. */
  Proceed,
  /** Leave the innermost set. */
  Interrupt,
  /** This user has done enough. */
  StopUser,
}

/** What the current iteration says of itself. */
export class Iteration {
  next: Next = Next.Proceed;
  error: string | null = null;
}
export let current: Iteration = new Iteration();

export function begin(): Iteration {
  current = new Iteration();
  return current;
}

/** Leaves the innermost set when the task returns; outside of all sets: go on. */
export function interrupt(): void {
  current.next = Next.Interrupt;
}
/** Ends this user when the task returns. */
export function stopUser(): void {
  current.next = Next.StopUser;
}
/** Makes this iteration, or start or stop of a user, a failed one; return after it. */
export function fail(message: string): void {
  current.error = message;
}

/** Counts a named assertion, and answers it. */
export function check(name: string, ok: bool): bool {
  const bytes = new Utf8(name);
  hostCheck(bytes.at, bytes.length, ok ? 1 : 0);
  return ok;
}

/** Waits so many seconds, on the host's clock. Ends early when the run does. */
export function sleep(seconds: f64): void {
  hostSleep(<u64>(max(seconds, 0) * 1e6));
}
/** Seconds since the run began. */
export function now(): f64 {
  return <f64>hostNow() / 1e6;
}
/** The number of this user, from 0. */
export function userId(): u64 {
  return hostUserId();
}
/** The number of this user's iteration, from 0. */
export function iteration(): u64 {
  return hostIteration();
}
/** 64 random bits, determined by the run's seed, the user and the iteration. */
export function random(): u64 {
  return hostRandom();
}
/** A random whole number between the two, both included. */
export function randomInt(least: i32, most: i32): i32 {
  return <i32>(<i64>least + <i64>(hostRandom() % (<u64>(<i64>most - <i64>least) + 1)));
}
/** What `--param name=value` gave, or null. */
export function parameter(name: string): string | null {
  const bytes = new Utf8(name);
  hostParameter(bytes.at, bytes.length, AREA);
  return load<u8>(AREA) == 0 ? null : taken(load<usize>(AREA, 4), load<usize>(AREA, 8));
}
/** Ends the whole run. */
export function stopRun(reason: string): void {
  const bytes = new Utf8(reason);
  hostStopRun(bytes.at, bytes.length);
}

/** How grave a line is. */
export enum Level {
  Debug,
  Info,
  Warn,
  Error,
}
/** Writes a line to the log. */
export function log(message: string, level: Level = Level.Info): void {
  const bytes = new Utf8(message);
  hostLog(level, bytes.at, bytes.length);
}

/** Counts a request that the scenario made and timed itself: its kind, what it is counted under, seconds, bytes. */
export function requestSuccess(kind: string, name: string, seconds: f64, length: u64 = 0): void {
  const a = new Utf8(kind);
  const b = new Utf8(name);
  hostSuccess(a.at, a.length, b.at, b.length, <u64>(seconds * 1e6), length);
}
/** Counts one that failed for this reason. */
export function requestFailure(kind: string, name: string, seconds: f64, reason: string, length: u64 = 0): void {
  const a = new Utf8(kind);
  const b = new Utf8(name);
  const c = new Utf8(reason);
  hostFailure(a.at, a.length, b.at, b.length, <u64>(seconds * 1e6), length, c.at, c.length);
}

/** Adds to a sum of the scenario's own. */
export function counter(name: string, add: u64 = 1): void {
  const bytes = new Utf8(name);
  hostCounter(bytes.at, bytes.length, add);
}
/** Sets a value that goes up and down. */
export function gauge(name: string, value: f64): void {
  const bytes = new Utf8(name);
  hostGauge(bytes.at, bytes.length, value);
}
/** Counts whether something held. */
export function rate(name: string, hit: bool): void {
  const bytes = new Utf8(name);
  hostRate(bytes.at, bytes.length, hit ? 1 : 0);
}
/** Records one value of a distribution. */
export function trend(name: string, value: u64): void {
  const bytes = new Utf8(name);
  hostTrend(bytes.at, bytes.length, value);
}

/** What `throw`, `assert` and the language's own checks end in: the host shows the message and the place. */
export function panicked(message: string | null, file: string | null, line: u32, column: u32): void {
  const said = message ? message : "(no message)";
  const bytes = new Utf8(`${said} at ${file ? file : "?"}:${line}:${column}`);
  hostPanicking(bytes.at, bytes.length);
  unreachable();
}
