// What the host calls. AssemblyScript cannot spell the contract's names: `names.mjs` gives them to these functions.

import { begin, Iteration, Next } from "./index";
import { newUser, taken, Utf8 } from "./host";
import { classes, room, UserClass } from "./scenario";

const AREA = memory.data(24, 8);

export function cabi_realloc(before: usize, beforeBytes: usize, align: usize, bytes: usize): usize {
  // What `heap` gives is aligned to 16.
  if (bytes == 0) return align;
  return beforeBytes == 0 ? heap.alloc(bytes) : heap.realloc(before, bytes);
}

export function describe(): usize {
  assert(classes.length > 0, "there is no user class: call `register` at the top level");
  const all = room(classes.length * 72);
  for (let i = 0; i < classes.length; i++) classes[i].write(all + i * 72);
  const at = room(20);
  store<usize>(at, all, 12);
  store<i32>(at, classes.length, 16);
  return at;
}

let user: UserClass | null = null;
let done = false;

export function constructor_user(at: usize, bytes: usize): i32 {
  const name = taken(at, bytes);
  for (let i = 0; i < classes.length; i++) if (classes[i].name == name) user = classes[i];
  assert(user, "there is no such user class");
  return newUser(1);
}

/** What was made of a message for the host, which reads it after the function has returned. */
let said: Utf8 = new Utf8("");

function outcome(iteration: Iteration): usize {
  memory.fill(AREA, 0, 24);
  const error = iteration.error;
  if (error) {
    said = new Utf8(error);
    store<u8>(AREA, 1);
    store<usize>(AREA, said.at, 4);
    store<usize>(AREA, said.length, 8);
  }
  return AREA;
}

export function user_on_start(user_: i32, isState: i32, state: usize, bytes: usize): usize {
  const iteration = begin();
  const run = user!.start;
  if (run) run();
  done = iteration.next == Next.StopUser;
  return outcome(iteration);
}

export function user_run_task(user_: i32, task: i32): usize {
  const iteration = begin();
  if (done) iteration.next = Next.StopUser;
  else user!.tasks[task].run();
  outcome(iteration);
  if (!iteration.error) store<u8>(AREA, <u8>iteration.next, 4);
  return AREA;
}

export function user_wait_us(user_: i32): u64 {
  return 0;
}

export function user_save(user_: i32): usize {
  memory.fill(AREA, 0, 24);
  return AREA;
}

export function user_on_stop(user_: i32): usize {
  const iteration = begin();
  const run = user!.stop;
  if (run) run();
  return outcome(iteration);
}

// Never called, since the description names no hook.
export function setup(): usize {
  return user_save(0);
}
export function teardown(): usize {
  return user_save(0);
}
export function shape(elapsed: u64, users: i32, requests: u64, failed: u64, perSecond: u64, p95: u64): usize {
  return user_save(0);
}
