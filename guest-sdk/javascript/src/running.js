// One virtual user at work: the same code under the host and in tests.

import * as host from "#host";
import { open, settle } from "./client.js";
import { text } from "./context.js";
import { Failure } from "./failure.js";
import { fromBytes, toBytes } from "./state.js";
import { Next } from "./next.js";
import { micros } from "./time.js";
import { explain } from "./where.js";

/**
 * A virtual user, and where it stands in its class's sets.
 *
 * The host picks tasks, and it keeps to the sets: it names tasks of a set, or of one inside it, until
 * one of them interrupts. Which sets have been entered and left can thus be told from the set of each
 * task.
 */
export class Running {
  #described;
  #user;
  /** Why the user could not even be made. */
  #unmade;
  /** The sets that were entered, the outermost first; never the class's own. */
  #entered = [];
  /** This user has done enough before its first iteration. */
  #done = false;
  /** An error of a set's `onStop`, which has no iteration of its own that could fail. */
  #owed;

  constructor(described) {
    this.#described = described;
    try {
      this.#user = new described.type();
    } catch (error) {
      this.#unmade = error;
    }
  }

  /** The user's own object. */
  get user() {
    return this.#user;
  }

  /** `onStart` of the class, or, with the state of another version's user, what restores it. */
  start(state) {
    if (this.#unmade !== undefined) throw message(this.#unmade);
    try {
      if (this.#described.keepsState && state !== null && state !== undefined) {
        over(this.#user.restoreState(fromBytes(state)), "restoreState");
      } else {
        over(this.#user.onStart?.(), "onStart");
      }
    } catch (error) {
      // The run was over before this user began: nobody's fault.
      if (error instanceof Failure && error.kind === "interrupted") this.#done = true;
      else if (!(error instanceof Next)) throw message(error);
      else this.#done = error.tag === "stop-user";
    } finally {
      settle();
    }
  }

  /** One iteration: answers what is to happen next, nothing where that is the next one. */
  runTask(id) {
    if (this.#done) return "stop-user";
    const task = this.#described.tasks[id];
    try {
      const at = task.set === 0 && this.#entered.length === 0 ? this.#user : this.#goTo(task.set);
      const answer = at[task.key]();
      if (answer !== undefined) over(answer, task.name);
      return undefined;
    } catch (error) {
      if (error instanceof Next) {
        if (error.tag === "interrupt") this.#interrupted(task);
        return error.tag;
      }
      // A failure is data: the host has counted that request.
      if (error instanceof Failure) return undefined;
      throw message(error);
    } finally {
      // Asked here, since each iteration comes by: a call that does nothing is slow in this engine.
      if (open.length > 0) settle();
    }
  }

  /** The pause that the user asks for, in microseconds. */
  waitUs() {
    try {
      return micros(this.#user.waitTime(), "what waitTime answers");
    } catch (error) {
      // A pause has no iteration of its own that could fail.
      host.log("error", `waitTime: ${text(message(error))}`);
      return 0;
    }
  }

  /** What a user of another version is to go on with; none where it is rather to start anew. */
  save() {
    // One that has done enough before its first iteration is to find that out anew.
    if (!this.#described.keepsState || this.#done) return undefined;
    try {
      const state = this.#user.saveState();
      return state === undefined || state === null ? undefined : toBytes(state);
    } catch (error) {
      host.log("error", `saveState: ${text(message(error))}`);
      return undefined;
    }
  }

  /** `onStop` of the sets that the user is in, then of the class. */
  stop() {
    while (this.#entered.length > 0) this.#leave();
    try {
      over(this.#user?.onStop?.(), "onStop");
    } catch (error) {
      if (!(error instanceof Failure || error instanceof Next)) this.#owed ??= message(error);
    }
    settle();
    const owed = this.#owed;
    this.#owed = undefined;
    if (owed !== undefined) throw owed;
  }

  /** Leaves the sets that this one is not in, enters those that it is in, and answers whose tasks it has. */
  #goTo(set) {
    const { sets } = this.#described;
    const path = [];
    for (let at = set; at !== undefined && at !== 0; at = sets[at].parent) path.unshift(at);
    while (this.#entered.some(({ place }, depth) => place !== path[depth])) this.#leave();
    for (const place of path.slice(this.#entered.length)) {
      const inner = new sets[place].type(this.#user);
      // Whatever it throws, it is not entered then.
      over(inner.onStart?.(), `${sets[place].name}.onStart`);
      this.#entered.push({ place, inner });
    }
    return this.#entered.at(-1)?.inner ?? this.#user;
  }

  /** An interrupt out of a set's `onStart` leaves nothing: that set was not entered. */
  #interrupted({ set }) {
    if (this.#entered.at(-1)?.place === set) this.#leave();
  }

  /** Leaves the innermost set. The host hears of an error when the user stops; a person at once. */
  #leave() {
    const { place, inner } = this.#entered.pop();
    try {
      over(inner.onStop?.(), "onStop");
    } catch (error) {
      if (error instanceof Failure || error instanceof Next) return;
      const told = `${this.#described.sets[place].name}.onStop: ${message(error)}`;
      host.log("error", text(told));
      this.#owed ??= told;
    }
  }
}

/** Nobody would ever go on with a promise. */
export function over(answer, what) {
  if (typeof answer?.then === "function") {
    throw new TypeError(`${what} answered a promise: leave async and await out, calls wait by themselves`);
  }
  return answer;
}

/** An error as the host shows it; a request that failed in the host's words. */
export function message(error) {
  return error instanceof Failure ? error.toString() : explain(error);
}
