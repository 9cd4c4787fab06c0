/**
 * A world for unit tests of a scenario: plain `node --test`, no host, no target, no waiting.
 *
 * @example
 * const world = new World().answer("get_time", 1.5);
 * world.runTask(ApiUser, "getTime");
 * assert.deepEqual(world.calls("get_time"), [[]]);
 */

import type { Options, User } from "./index.js";

export interface WorldOptions {
  /** What determines the randomness; 0 by default. */
  seed?: number | bigint;
  userId?: number;
  parameters?: { readonly [name: string]: unknown };
  /** Rows of data, by the name of their set. */
  rows?: { readonly [set: string]: readonly unknown[] };
  /** What `setup` answered. */
  setupData?: unknown;
}

/** What a request came to. */
export interface Request {
  /** `xmlrpc` for calls, else what the scenario reported. */
  type: string;
  /** What it is counted under: the method or the label. */
  name: string;
  /** What was called, with which parameters; undefined where the scenario only reported the request. */
  method?: string;
  args?: any[];
  /** Its failure in the host's words, for example `fault 4: out of stock` or `judged: too slow`. */
  error?: string;
  /** How long it took, in the world's time or as reported. */
  seconds: number;
  length?: number;
}

/**
 * What there is around a scenario: a target that answers as the test says, a clock that only moves when
 * somebody sleeps, and a record of everything. The newest world is what a scenario sees.
 */
export class World {
  constructor(options?: WorldOptions);

  /**
   * How the target answers a method: the reply, or a function of the call's parameters, which may throw a
   * `Failure`. What is not answered fails with `transport`.
   */
  answer(method: string, answer: unknown | ((...args: any[]) => unknown)): this;
  /** Lets time pass at once, in seconds. An answer that does so is a slow target. */
  advance(seconds: number): void;

  /** Calls what a scenario exports as `setup`; users and `teardown` are given what it answers. */
  setup(run: () => unknown): void;
  /** Calls what a scenario exports as `teardown`. */
  teardown(run: (data?: any) => void): void;

  /** A virtual user of a class, or of a function and its options. It has not started yet. */
  user<U extends User<any>>(type: new () => U): TestUser<U>;
  user(run: (data?: any) => void, options?: Options): TestUser<User>;
  /** One iteration of a fresh user, started before and stopped after. */
  runTask(type: new () => User<any>, task: string): Next;

  /** The parameters of each call of this method. */
  calls(method: string): any[][];
  /** Every request, in the order of counting. */
  readonly requests: Request[];
  /** Every check and what it came to. */
  readonly checks: [name: string, ok: boolean][];
  /** Every line of the log that the scenario's SDK has written; `console` is Node's own. */
  readonly lines: [level: "debug" | "info" | "warn" | "error", line: string][];
  /** Every figure. */
  readonly metrics: [kind: "counter" | "gauge" | "rate" | "trend", name: string, value: number | boolean][];
  /** Every sleep, in seconds. Each was over at once. */
  readonly sleeps: number[];
  /** Why the scenario ended the run, if it did. */
  readonly stopped: string | undefined;
}

export type Next = "proceed" | "interrupt" | "stop-user";

/** A virtual user that a test drives as the host would. What is thrown is what the host would show. */
export interface TestUser<U> {
  /** The user's own object. */
  readonly user: U;
  onStart(): void;
  /** One iteration of a task, called by its name alone or behind its set's: `Checkout.pay`. */
  runTask(task: string): Next;
  /** The pause that the user asks for, in seconds. */
  waitTime(): number;
  onStop(): void;
  /** What happens in place of `onStop` where another version takes over: the state, as bytes. */
  save(): Uint8Array | undefined;
  /** What happens in place of `onStart` with the state that a user of another version saved. */
  resume(state: Uint8Array): void;
}

/** What a module's exports say of the scenario, as the host reads it; throws every mistake in them. */
export function describe(exported: object): any;
