// The contract's imports, as the canonical ABI has them, and how texts get there and back.

@external("katydid:load/client@0.1.0", "call")
export declare function hostCall(method: usize, methodBytes: usize, nodes: usize, count: usize, into: usize): void;

@external("katydid:load/context@0.1.0", "user-id")
export declare function hostUserId(): u64;
@external("katydid:load/context@0.1.0", "iteration")
export declare function hostIteration(): u64;
@external("katydid:load/context@0.1.0", "parameter")
export declare function hostParameter(name: usize, bytes: usize, into: usize): void;
@external("katydid:load/context@0.1.0", "now-us")
export declare function hostNow(): u64;
@external("katydid:load/context@0.1.0", "random")
export declare function hostRandom(): u64;
@external("katydid:load/context@0.1.0", "sleep-us")
export declare function hostSleep(us: u64): void;
@external("katydid:load/context@0.1.0", "check")
export declare function hostCheck(name: usize, bytes: usize, ok: i32): void;
@external("katydid:load/context@0.1.0", "stop-run")
export declare function hostStopRun(reason: usize, bytes: usize): void;

@external("katydid:load/log@0.1.0", "write")
export declare function hostLog(level: i32, message: usize, bytes: usize): void;
@external("katydid:load/log@0.1.0", "panicking")
export declare function hostPanicking(message: usize, bytes: usize): void;

@external("katydid:load/events@0.1.0", "request-success")
export declare function hostSuccess(kind: usize, kindBytes: usize, name: usize, nameBytes: usize, us: u64, length: u64): void;
@external("katydid:load/events@0.1.0", "request-failure")
export declare function hostFailure(
  kind: usize, kindBytes: usize, name: usize, nameBytes: usize, us: u64, length: u64, reason: usize, reasonBytes: usize
): void;

@external("katydid:load/metrics@0.1.0", "counter")
export declare function hostCounter(name: usize, bytes: usize, add: u64): void;
@external("katydid:load/metrics@0.1.0", "gauge")
export declare function hostGauge(name: usize, bytes: usize, value: f64): void;
@external("katydid:load/metrics@0.1.0", "rate")
export declare function hostRate(name: usize, bytes: usize, hit: i32): void;
@external("katydid:load/metrics@0.1.0", "trend")
export declare function hostTrend(name: usize, bytes: usize, value: u64): void;

@external("[export]katydid:load/scenario@0.1.0", "[resource-new]user")
export declare function newUser(representation: i32): i32;

/** A text as UTF-8, which is what the boundary takes; half a character becomes U+FFFD. */
export class Utf8 {
  private buffer: ArrayBuffer;

  constructor(text: string) {
    this.buffer = String.UTF8.encode(text, false);
  }

  get at(): usize {
    return changetype<usize>(this.buffer);
  }

  get length(): usize {
    return this.buffer.byteLength;
  }
}

/** Reads a text that the host has handed over, and lets its memory go. */
export function taken(at: usize, length: usize): string {
  const text = String.UTF8.decodeUnsafe(at, length);
  release(at, length);
  return text;
}

/** Lets go what the host has allocated by `cabi_realloc`. */
export function release(at: usize, length: usize): void {
  if (length > 0) heap.free(at);
}
