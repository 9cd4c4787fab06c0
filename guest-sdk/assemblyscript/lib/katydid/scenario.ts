// What a scenario is, and how the contract's records lie in memory.

import { Utf8 } from "./host";

/** The pause between two iterations, in seconds; see `between`. */
export class Wait {
  constructor(public tag: i32 = 0, public first: u64 = 0, public second: u64 = 0) {}
}

function micros(seconds: f64): u64 {
  return <u64>Math.round(max(seconds, 0) * 1e6);
}
/** Always so long. */
export function constant(seconds: f64): Wait {
  return new Wait(1, micros(seconds));
}
/** At random between the two. */
export function between(least: f64, most: f64): Wait {
  return new Wait(2, micros(least), micros(most));
}
/** An iteration starts so long after the one before it started. */
export function pacing(seconds: f64): Wait {
  return new Wait(3, micros(seconds));
}
/** At random, so long on average. */
export function poisson(mean: f64): Wait {
  return new Wait(5, micros(mean));
}

class Task {
  constructor(public name: string, public set: i32, public weight: u32, public run: () => void) {}
}

/** A set of tasks: a user that enters it stays until a task calls `interrupt`. Made by `UserClass.set`. */
export class Set {
  constructor(
    private owner: UserClass, public place: i32, public parent: i32, public name: string, public weight: u32,
    public sequential: bool
  ) {}

  /** Adds a task, chosen by weight against its siblings. */
  task(name: string, weight: u32, run: () => void): Set {
    this.owner.tasks.push(new Task(name, this.place, weight, run));
    return this;
  }

  /** Adds a set inside this one, and answers it. */
  set(name: string, weight: u32, sequential: bool = false): Set {
    return this.owner.add(this.place, name, weight, sequential);
  }
}

/** A kind of user. */
export class UserClass {
  tasks: Array<Task> = [];
  sets: Array<Set> = [];
  private url: string | null = null;
  private share: u32 = 1;
  private count: u32 = 0;
  private pause: Wait = new Wait();
  start: (() => void) | null = null;
  stop: (() => void) | null = null;

  constructor(public name: string, sequential: bool = false) {
    this.add(-1, name, 1, sequential);
  }

  /** The URL of the target; a run may override it. */
  host(url: string): UserClass {
    this.url = url;
    return this;
  }
  /** The share of the users, against other classes. */
  weight(weight: u32): UserClass {
    this.share = weight;
    return this;
  }
  /** So many users exactly. */
  fixedCount(count: u32): UserClass {
    this.count = count;
    return this;
  }
  /** The pause between two iterations; none by default. */
  wait(pause: Wait): UserClass {
    this.pause = pause;
    return this;
  }
  /** Runs before the first iteration. */
  onStart(run: () => void): UserClass {
    this.start = run;
    return this;
  }
  /** Runs after the last iteration. */
  onStop(run: () => void): UserClass {
    this.stop = run;
    return this;
  }
  /** Adds a task, chosen by weight. */
  task(name: string, weight: u32, run: () => void): UserClass {
    this.sets[0].task(name, weight, run);
    return this;
  }
  /** Adds a set of tasks, and answers it. */
  set(name: string, weight: u32, sequential: bool = false): Set {
    return this.add(0, name, weight, sequential);
  }

  add(parent: i32, name: string, weight: u32, sequential: bool): Set {
    const made = new Set(this, this.sets.length, parent, name, weight, sequential);
    this.sets.push(made);
    return made;
  }

  /** Writes the record `user-class` to 72 bytes that are zero. */
  write(at: usize): void {
    put(at, this.name);
    store<u32>(at, this.share, 8);
    if (this.count > 0) {
      store<u8>(at, 1, 12);
      store<u32>(at, this.count, 16);
    }
    const url = this.url;
    if (url) {
      store<u8>(at, 1, 20);
      put(at + 24, url);
    }
    store<u8>(at, <u8>this.pause.tag, 32);
    store<u64>(at, this.pause.first, 40);
    store<u64>(at, this.pause.second, 48);
    const sets = room(this.sets.length * 40);
    store<usize>(at, sets, 56);
    store<i32>(at, this.sets.length, 60);
    for (let i = 0; i < this.sets.length; i++) writeSet(sets + i * 40, this.sets[i]);
    const tasks = room(this.tasks.length * 28);
    store<usize>(at, tasks, 64);
    store<i32>(at, this.tasks.length, 68);
    for (let i = 0; i < this.tasks.length; i++) writeTask(tasks + i * 28, i, this.tasks[i]);
  }
}

function writeSet(at: usize, set: Set): void {
  put(at, set.name);
  if (set.parent >= 0) {
    store<u8>(at, 1, 8);
    store<i32>(at, set.parent, 12);
  }
  store<u32>(at, set.weight, 16);
  store<u8>(at, set.sequential ? 1 : 0, 20);
}

function writeTask(at: usize, id: i32, task: Task): void {
  store<i32>(at, id);
  put(at + 4, task.name);
  store<i32>(at, task.set, 12);
  store<u32>(at, task.weight, 16);
}

/** Memory that is never let go: a description is asked for once. */
export function room(bytes: i32): usize {
  const at = heap.alloc(max(bytes, 8));
  memory.fill(at, 0, max(bytes, 8));
  return at;
}

/** Writes a text's place and length. */
export function put(at: usize, text: string): void {
  const bytes = new Utf8(text);
  const kept = room(<i32>bytes.length);
  memory.copy(kept, bytes.at, bytes.length);
  store<usize>(at, kept);
  store<usize>(at, bytes.length, 4);
}

/** All classes, in the order in which they were registered. */
export const classes: Array<UserClass> = [];

/** Adds a user class to the scenario; call it at the top level of the module. */
export function register(one: UserClass): void {
  classes.push(one);
}
