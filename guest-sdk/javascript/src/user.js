// What scenarios are made of: users, sets of tasks, tasks.

import { client } from "./client.js";

/** What `task` has written on a function: its weight, name and tags. */
export const TASK = Symbol.for("katydid.task");

/** A kind of virtual user. Each has an object of the class, in an instance of the module of its own. */
export class User {}

// On the prototype, so that a class's own constructor need not know of it.
Object.defineProperty(User.prototype, "client", { value: client });

/** A set of tasks inside a class or another set: a user that enters it stays until a task interrupts. */
export class TaskSet {
  constructor(user) {
    this.user = user;
  }
}

Object.defineProperty(TaskSet.prototype, "client", { value: client });

/** A set whose tasks run in the order of declaration. */
export class SequentialTaskSet extends TaskSet {
  static order = "sequential";
}

/** Marks a method as a task: `@task`, `@task(10)`, `@task(10, { tags: ["read"] })`. */
export function task(...args) {
  if (typeof args[0] === "function" || args.length === 3) return marked(1, {}, ...args);
  const [weight = 1, options = {}] = args;
  return (...decorated) => marked(weight, options, ...decorated);
}

/**
 * Decorators of the standard are given the method and its context, TypeScript's older ones the
 * prototype, the name and the descriptor.
 */
function marked(weight, options, target, context, descriptor) {
  const method = descriptor === undefined ? target : descriptor.value;
  const isMethod = descriptor !== undefined || context?.kind === "method";
  if (typeof method !== "function" || !isMethod || context?.static || context?.private) {
    throw new TypeError("@task stands before a method, neither static nor private");
  }
  method[TASK] = { weight, ...options };
}
