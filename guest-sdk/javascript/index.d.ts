/**
 * Load scenarios for Katydid in TypeScript and JavaScript. Times are seconds.
 *
 * @example
 * import { between, task, User } from "katydid";
 *
 * export default class ApiUser extends User {
 *   static host = "http://127.0.0.1:8877/";
 *   static waitTime = between(0.1, 1);
 *
 *   @task(10)
 *   getTime() {
 *     this.client.get_time();
 *   }
 * }
 */

/** What a call can carry. Members that are undefined are left out, as in JSON. */
export type Sent =
  | null
  | boolean
  | number
  | bigint
  | string
  | Date
  | DateTime
  | Double
  | Uint8Array
  | ArrayBuffer
  | readonly Sent[]
  | ReadonlyMap<string, Sent>
  | { readonly [member: string]: Sent | undefined };

/** What a reply, or a row of data, can hold. An integer beyond 2^53 is a bigint. */
export type Value =
  null | boolean | number | bigint | string | DateTime | Uint8Array | Value[] | { [member: string]: Value };

/**
 * A date and time of XML-RPC, kept as the text it was: XML-RPC names no time zone. A `Date` that is sent
 * becomes one in UTC.
 */
export class DateTime {
  constructor(text: string);
  /** For example `19980717T14:08:55`. */
  readonly text: string;
  /** The date of this moment, told in UTC. */
  static from(date: Date): DateTime;
  /** The moment, if the target means UTC; an invalid `Date` where the text is none that ISO 8601 knows. */
  toDate(): Date;
  toString(): string;
  toJSON(): string;
}

/** A number that is sent as a `<double>` even where it is whole: `new Double(1)`. */
export class Double {
  constructor(value: number);
  readonly value: number;
  valueOf(): number;
}

/**
 * Calls the target of this user. The host sends each call, times it and counts it exactly once. A call
 * that gets no good reply throws a {@link Failure}.
 *
 * Methods are properties: `client.get_time()`, `client.system.listMethods()`. Those that every object
 * has, and those of {@link Calls}, are reached by {@link Calls.call}. Any name will do, unless `Api`
 * says which methods there are:
 *
 * @example
 * interface Api {
 *   get_random_number(low: number, high: number): number;
 *   system: { listMethods(): string[] };
 * }
 * class ApiUser extends User<Api> {}
 */
export type Client<Api = any> = Calls<Api> & Api;

export interface Calls<Api = any> {
  /** Calls a method by its name. */
  call<Reply = any>(method: string, ...args: Sent[]): Reply;
  /** A client whose calls have a name or a time-out of their own: `client.with({ label: "cold" }).search("tea")`. */
  with(options: RequestOptions): Client<Api>;
  /** A call whose outcome the scenario judges itself (Locust's `catch_response`). It is sent at once. */
  request<Reply = any>(method: string, args?: readonly Sent[], options?: RequestOptions): Exchange<Reply>;
  /** Several calls in one request of the method `system.multicall`. */
  multicall(): Multicall;
}

export interface RequestOptions {
  /** Counts the request under this name in place of the method's. */
  label?: string;
  /** Total time-out of this request, in seconds; the run's own stays the longest. */
  timeout?: number;
}

/**
 * A call whose outcome the scenario judges after it has read the reply. The request is counted when it is
 * passed or failed, or, without a judgement, by its reply: at the end of a `using`, or else when the
 * iteration ends. A second judgement is ignored. A user may hold 100 unjudged ones at a time.
 */
export interface Exchange<Reply = any> extends Disposable {
  /** The reply; throws the {@link Failure} where there is none. May be asked again until it is judged. */
  reply(): Reply;
  /** Counts the request as a success, whatever the reply was. */
  pass(): void;
  /** Counts the request as a failure, for this reason. */
  fail(reason: unknown): void;
}

/** Calls to be sent as one request: `calls.get_time()` adds one, as does {@link call}. */
export interface Multicall {
  /** Adds a call of a method by its name. */
  call(method: string, ...args: Sent[]): void;
  /** Sends them all: one answer for each, in their order; a {@link Fault} is answered, not thrown. */
  send(): any[];
  readonly [method: string]: any;
}

/** Calls the target of this user: the same as `this.client`, for functions that have no `this`. */
export const client: Client;

// Users and tasks

/**
 * A kind of virtual user. Each has an object of its class of its own, in an instance of the module that no
 * other user shares. Every exported class that extends this one and has a task is part of the scenario.
 */
export abstract class User<Api = any> {
  /** The URL of its target; a run may override it. */
  static host?: string;
  /** Its share of the users, against the other classes; 1 by default. */
  static weight?: number;
  /** So many users exactly, counted before the weights are looked at. */
  static fixedCount?: number;
  /** The pause between two iterations; none by default. For one that depends on something, see the method. */
  static waitTime?: Wait;
  /** How the next task is chosen: by weight, or in the order of declaration. */
  static order?: Order;
  /** Tasks by name, where no decorator marks them: the weight, or more. */
  static tasks?: Tasks;
  /** Sets of tasks inside this class. In an order, they come behind its tasks. */
  static sets?: readonly TaskSetClass[];
  /** By which task each one is followed, and how often: a Markov chain that begins with the first task. */
  static transitions?: Transitions;
  /** Words by which a run may choose among tasks. */
  static tags?: readonly string[];

  readonly client: Client<Api>;

  /** Runs before the first iteration. Who does not get through it is tried anew, on a fresh user. */
  onStart?(): void;
  /** Runs after the last iteration. */
  onStop?(): void;
  /** The pause before the next iteration. */
  waitTime?(): number;
  /**
   * What a user of another version of the scenario is to go on with, when it takes over while the run goes
   * on; in place of `onStop`. Anything that JSON holds, and bigint, Uint8Array, Date, DateTime. With
   * undefined the user stops and starts anew.
   */
  saveState?(): unknown;
  /** Goes on with what another version has saved; in place of `onStart`. Comes with `saveState`. */
  restoreState?(state: any): void;
}

/**
 * A set of tasks inside a class or another set: a user that enters it stays until a task calls
 * {@link interrupt}. Each time it is entered there is a new object.
 */
export abstract class TaskSet<U extends User<any> = User> {
  /** How often it is entered, against its siblings and the tasks beside it; 1 by default. */
  static weight?: number;
  static order?: Order;
  static tasks?: Tasks;
  static sets?: readonly TaskSetClass[];
  static transitions?: Transitions;
  static tags?: readonly string[];

  constructor(user: U);
  /** Who is in it. */
  readonly user: U;
  readonly client: U["client"];
  /** Runs when the user enters. */
  onStart?(): void;
  /** Runs when the user leaves, or stops. */
  onStop?(): void;
}

/** A set whose tasks run in the order of declaration. */
export abstract class SequentialTaskSet<U extends User<any> = User> extends TaskSet<U> {}

export type TaskSetClass = new (user: any) => TaskSet<any>;

export type Order = "weighted" | "sequential";

/** How often a task is chosen, against those beside it; 0: never. */
export type Weight = number;

export interface TaskOptions {
  /** Words by which a run may choose among tasks. */
  tags?: readonly string[];
  /** Its name for people, in place of the method's. */
  name?: string;
}

export interface Tasks {
  readonly [method: string]: Weight | (TaskOptions & { weight?: Weight });
}

export interface Transitions {
  readonly [before: string]: { readonly [after: string]: Weight };
}

type TaskMethod = (this: any) => void;

/** Marks a method as a task: `@task`, `@task(10)`, `@task(10, { tags: ["read"] })`. */
export function task(method: TaskMethod, context: ClassMethodDecoratorContext): void;
export function task(
  weight?: Weight,
  options?: TaskOptions,
): (method: TaskMethod, context: ClassMethodDecoratorContext) => void;

/**
 * Leaves the innermost task set; outside of all sets it only ends the iteration. It is thrown, and so
 * reaches the host from however deep a function.
 */
export function interrupt(): never;

/** This user has done enough: it ends with `onStop` and is not replaced. */
export function stopUser(): never;

/** Ends the whole run; the program's exit code then says that the scenario did it. */
export function stopRun(reason?: string): void;

// Pauses between iterations

/** A pause, made by the functions below. */
export interface Wait {
  readonly tag: string;
  readonly val: number | readonly number[];
}

/** Always so long. */
export function constant(seconds: number): Wait;
/** Uniformly between the two, both included. */
export function between(low: number, high: number): Wait;
/** An iteration starts so long after the one before it started, or at once where that one took longer. */
export function constantPacing(seconds: number): Wait;
/** Each user starts at most so many iterations in each second. */
export function constantThroughput(perSecond: number): Wait;
/** At random, so long on average: as between the arrivals of a Poisson process. */
export function poisson(mean: number): Wait;

// Failures

/**
 * Why a request has no good reply. The host has counted it by the time that a scenario sees this: a failure
 * is data. Thrown out of a task it ends the iteration, but makes it no failed one, as any other error does.
 */
export abstract class Failure extends Error {
  readonly kind: "fault" | "status" | "timeout" | "transport" | "protocol" | "rejected" | "interrupted" | "reported";
  /** In the host's words, for example `fault 4: out of stock`. */
  toString(): string;
}

/** The target answered a fault; the message is its `faultString`. */
export class Fault extends Failure {
  constructor(code: number, message: string);
  /** `faultCode`. */
  readonly code: number;
}

/** The target answered an HTTP status other than 200. */
export class StatusFailure extends Failure {
  constructor(status: number);
  readonly status: number;
}

/** A time-out struck. */
export class TimeoutFailure extends Failure {
  constructor(phase: string);
  /** `connect`, `first byte` or `total`. */
  readonly phase: string;
}

/** The connection could not be made, or broke. */
export class TransportFailure extends Failure {
  constructor(message: string);
}

/** The reply was not HTTP, or not XML-RPC. */
export class ProtocolFailure extends Failure {
  constructor(message: string);
}

/** The call was not sent: it cannot be written as XML-RPC, or breaks a limit. */
export class RejectedFailure extends Failure {
  constructor(message: string);
}

/** The run ended while the request was under way. */
export class InterruptedFailure extends Failure {
  constructor();
}

/** A request of the scenario's own failed, see {@link measure}. */
export class ReportedFailure extends Failure {
  constructor(message: string);
}

// What a scenario asks and tells

/** Several assertions of one value, as in k6: `check(reply, { "is a number": (n) => typeof n === "number" })`. */
export function check<T>(value: T, checks: { readonly [name: string]: (value: T) => unknown }): boolean;
/** Counts a named assertion, and answers it. A check that fails fails nothing else. */
export function check(name: string, ok: unknown): boolean;

/** Waits. Ends early when the run does. */
export function sleep(seconds: number): void;
/** Seconds since the run began, on the clock that times the requests. */
export function now(): number;

/** A whole number from `low` to `high`, both included. Like `Math.random()` it follows the run's seed. */
export function randomInt(low: number, high: number): number;
/** One item, each as likely as the other; undefined of none. */
export function choose<T>(items: readonly T[]): T | undefined;

/** The number of this virtual user, from 0, unique in the run. */
export function userId(): number;
/** The number of this user's iteration, from 0. */
export function iteration(): number;

/** A parameter that the scenario reads: what it exports as `parameters` is an object of these. */
export interface Parameter {
  /** What it holds; that of the default, or else `text`. */
  kind?: "text" | "integer" | "number" | "boolean";
  /** Its value where the run gives none; a parameter without one must be given. */
  default?: string | number | bigint | boolean;
  /** What it is for, in one line. */
  about?: string;
}

export interface Parameters {
  readonly [name: string]: Parameter;
}

/** What `--param name=value` gave, or the default, of the kind that the scenario declares, or else a text. */
export function parameter<T = any>(name: string): T;

/** The next row of a set of data (`--data name=file`). When the set is used up, this ends the user. */
export function row<T = any>(set: string): T;
/** The next row; undefined when the set is used up. */
export function nextRow<T = any>(set: string): T | undefined;

/** What `setup` answered. */
export function setupData<T = any>(): T;

/** Requests that the scenario made and timed by its own means. Each is exactly one. */
export const events: {
  requestSuccess(event: RequestEvent): void;
  requestFailure(event: RequestEvent, reason: unknown): void;
};

export interface RequestEvent {
  /** What kind of request, for example `grpc`. */
  type: string;
  /** What it is counted under. */
  name: string;
  /** How long it took. */
  seconds: number;
  /** Length of the reply, in bytes. */
  length?: number;
}

/**
 * Carries out a request of the scenario's own, times it and counts it. What it throws becomes a
 * {@link ReportedFailure}.
 */
export function measure<T>(type: string, name: string, request: () => T, length?: (reply: T) => number): T;

/** Figures of the scenario's own, by name. */
export const metrics: {
  /** Adds to a sum. */
  counter(name: string, add?: number): void;
  /** Sets a value that goes up and down. */
  gauge(name: string, value: number): void;
  /** Counts whether something held. */
  rate(name: string, hit: unknown): void;
  /** Records one value of a distribution, a whole number in a unit of the scenario's own. */
  trend(name: string, value: number): void;
};

// What a scenario may export beside its users

/** Options of a default function, in place of a class: `export const options: Options = { host: ... }`. */
export interface Options {
  host?: string;
  weight?: number;
  fixedCount?: number;
  waitTime?: Wait;
  tags?: readonly string[];
}

/** Where a run is: what `export function shape(now: Status): Load` is given, once a second. */
export interface Status {
  /** Since the run began. */
  elapsed: number;
  /** Users alive. */
  users: number;
  /** Requests since the run began. */
  requests: number;
  /** Those of them that failed. */
  failed: number;
  /** Requests of the last second. */
  requestsPerSecond: number;
  /** 95th percentile of the response times of the last second. */
  p95: number;
}

/** What load there is to be: so many users, so many iterations begun in each second, or none any more. */
export type Load = number | { users: number } | { arrivals: number } | "stop";

declare global {
  // What `using` needs, for who has no newer library of types; the same there.
  interface SymbolConstructor {
    readonly dispose: unique symbol;
  }
  interface Disposable {
    [Symbol.dispose](): void;
  }
}
