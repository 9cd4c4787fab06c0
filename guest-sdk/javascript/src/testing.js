// A world for unit tests: plain `node --test`, no WebAssembly, no target, no waiting.

import { enter } from "#host";
import { decode, encode } from "./codec.js";
import { forgetSetupData, setupData } from "./context.js";
import { classOf, describeClass, Mistakes } from "./describe.js";
import { Failure, failure, told } from "./failure.js";
import { over, Running } from "./running.js";
import { scenario } from "./scenario.js";
import { toBytes } from "./state.js";
import { micros } from "./time.js";
import { User } from "./user.js";

/** What there is around a scenario; the newest one is what a scenario sees. */
export class World {
  userId = 0;
  iteration = 0;
  nowUs = 0;
  parameters = new Map();
  setupData = null;
  /** Every request, in the order of counting. */
  requests = [];
  /** Every check and what it came to, as `[name, ok]`. */
  checks = [];
  /** Every line of the log, as `[level, line]`. */
  lines = [];
  /** Every figure, as `[kind, name, value]`. */
  metrics = [];
  /** Every sleep, in seconds. Each was over at once. */
  sleeps = [];
  /** Why the scenario ended the run, if it did. */
  stopped;
  #answers = new Map();
  #rows = new Map();
  #drawn = 0n;
  #seed;

  constructor({ seed = 0, userId = 0, parameters = {}, rows = {}, setupData } = {}) {
    this.#seed = BigInt(seed);
    this.userId = userId;
    for (const [name, value] of Object.entries(parameters)) this.parameters.set(name, String(value));
    for (const [set, values] of Object.entries(rows)) this.#rows.set(set, [...values]);
    if (setupData !== undefined) this.setupData = toBytes(setupData);
    forgetSetupData();
    enter(this);
  }

  /** How the target answers a method: a function of the call's parameters, or the reply itself. */
  answer(method, answer) {
    this.#answers.set(method, typeof answer === "function" ? answer : () => answer);
    return this;
  }

  /** Lets time pass at once, in seconds. An answer that does so is a slow target. */
  advance(seconds) {
    this.nowUs += micros(seconds, "advance");
  }

  /** The parameters of each call of this method. */
  calls(method) {
    return this.requests.filter((request) => request.method === method).map(({ args }) => args);
  }

  /** Calls what a scenario exports as `setup`; users and `teardown` are given what it answers. */
  setup(run) {
    const data = over(run(), "setup");
    this.setupData = data === undefined ? null : toBytes(data);
    forgetSetupData();
  }

  /** Calls what a scenario exports as `teardown`. */
  teardown(run) {
    over(run(setupData()), "teardown");
  }

  /** A virtual user of a class, or of a function and its options, driven as the host does it. */
  user(type, options) {
    return new TestUser(this, type, options);
  }

  /** One iteration of a fresh user, started before and stopped after. */
  runTask(type, task) {
    const user = this.user(type);
    user.onStart();
    const next = user.runTask(task);
    user.onStop();
    return next;
  }

  // What follows is what the scenario's side of the host calls.

  call(method, args) {
    const judged = this.#send(method, args, method);
    judged.settle();
    return judged.reply();
  }

  callJudged(method, args, { label }) {
    return this.#send(method, args, label ?? method);
  }

  #send(method, nodes, name) {
    const args = values(nodes);
    const began = this.nowUs;
    let reply, refused;
    try {
      const answer = this.#answers.get(method);
      if (answer === undefined) throw failure({ tag: "transport", val: `the test has no answer for ${method}` });
      reply = encode([answer(...args) ?? null]);
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
      refused = error;
    }
    const request = {
      type: "xmlrpc",
      name,
      method,
      args,
      error: refused?.toString(),
      seconds: (this.nowUs - began) / 1e6,
    };
    let counted = false;
    const count = (error) => {
      if (counted) return;
      counted = true;
      this.requests.push({ ...request, error: error ?? undefined });
    };
    return {
      // As the host does it, each reply and failure is a new one.
      reply() {
        if (refused !== undefined) throw failure(told(refused));
        return reply;
      },
      judge: count,
      settle: () => count(request.error),
    };
  }

  reported({ requestType, name, responseTimeUs, responseLength }, error) {
    this.requests.push({
      type: requestType,
      name,
      error: error ?? undefined,
      seconds: responseTimeUs / 1e6,
      length: responseLength,
    });
  }

  row(set) {
    const rows = this.#rows.get(set);
    if (rows === undefined) throw new Error(`there is no set of data ${JSON.stringify(set)}`);
    return rows.length === 0 ? null : encode([rows.shift()]);
  }

  /** 64 random bits (splitmix64), of seed, user, iteration and how many there were before. */
  random() {
    let bits = this.#seed * 0x9e3779b97f4a7c15n + BigInt(this.userId) * 0xd1b54a32d192ed03n;
    bits += BigInt(this.iteration) * 0x8cb92ba72f3d8dd7n + ++this.#drawn * 0x9e3779b97f4a7c15n;
    const wrap = (value) => BigInt.asUintN(64, value);
    bits = wrap(bits);
    bits = wrap((bits ^ (bits >> 30n)) * 0xbf58476d1ce4e5b9n);
    bits = wrap((bits ^ (bits >> 27n)) * 0x94d049bb133111ebn);
    return Number(bits ^ (bits >> 31n));
  }

  beginIteration(iteration) {
    this.iteration = iteration;
    this.#drawn = 0n;
  }

  metric(kind, name, value) {
    this.metrics.push([kind, name, value]);
  }

  sleep(us) {
    this.nowUs += us;
    this.sleeps.push(us / 1e6);
  }

  checked(name, ok) {
    this.checks.push([name, ok]);
  }

  stop(reason) {
    this.stopped ??= reason;
  }

  log(level, line) {
    this.lines.push([level, line]);
  }
}

/** A virtual user in a test's hands. Its methods throw what the host would show as an error. */
class TestUser {
  #world;
  #running;
  #described;
  #iterations = 0;

  constructor(world, type, options) {
    const mistakes = [];
    const isClass = type === User || type.prototype instanceof User;
    this.#described = describeClass(isClass ? type : classOf(type, options, mistakes), mistakes);
    if (mistakes.length > 0) throw new Mistakes(mistakes);
    this.#world = world;
    this.#running = new Running(this.#described);
  }

  /** The user's own object. */
  get user() {
    return this.#running.user;
  }

  onStart() {
    shown(() => this.#running.start(undefined));
  }

  /** What happens in place of `onStart` with the state that a user of another version saved. */
  resume(state) {
    shown(() => this.#running.start(state));
  }

  /** What happens in place of `onStop` where another version takes over: the state, as bytes. */
  save() {
    return this.#running.save();
  }

  /** One iteration of a task, called by its name alone or behind its set's: `Checkout.pay`. */
  runTask(task) {
    const place = this.#place(task);
    this.#world.beginIteration(this.#iterations++);
    return shown(() => this.#running.runTask(place)) ?? "proceed";
  }

  /** The pause that the user asks for, in seconds. */
  waitTime() {
    return this.#running.waitUs() / 1e6;
  }

  onStop() {
    shown(() => this.#running.stop());
  }

  #place(called) {
    const { sets, tasks } = this.#described;
    const full = (task) => `${sets[task.set].name}.${task.name}`;
    const found = tasks.filter((task) => task.name === called || full(task) === called);
    if (found.length === 1) return found[0].id;
    const known = (found.length === 0 ? tasks : found).map(full).join(", ");
    throw new Error(
      found.length === 0 ? `there is no task ${called}, only ${known}` : `which task ${called}? ${known}`,
    );
  }
}

/** What is thrown as a text under the host is an Error for a test. */
function shown(run) {
  try {
    return run();
  } catch (error) {
    throw typeof error === "string" ? new Error(error) : error;
  }
}

/** The values of a document. */
function values(nodes) {
  // Any number of values are the parts of an array, announced before them.
  return decode([{ tag: "array", val: topLevel(nodes) }, ...nodes]);
}

/** How many values there are, one after the other. */
function topLevel(nodes) {
  let count = 0,
    inside = 0;
  for (const { tag, val } of nodes) {
    if (tag === "member") continue;
    if (inside === 0) count += 1;
    else inside -= 1;
    if (tag === "array" || tag === "members") inside += val;
  }
  return count;
}

/** What the module's exports say of the scenario, as the host reads it; throws every mistake in them. */
export const describe = (exported) => scenario(exported).describe();
