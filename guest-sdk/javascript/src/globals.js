// What scenarios expect to be there without an import. Only where this is WebAssembly: QuickJS has no
// console, draws the same random numbers for every user, and knows no timers. StarlingMonkey has them all,
// but not the host's: a scenario is to find the same in both.

import * as host from "#host";
import { random } from "./context.js";
import { format } from "./inspect.js";
import { fromUtf8, toUtf8 } from "./utf8.js";
import { translated } from "./where.js";

const write = (level, args) => host.log(level, translated(format(args)).toWellFormed());

const counts = new Map();

globalThis.console = {
  log: (...args) => write("info", args),
  info: (...args) => write("info", args),
  debug: (...args) => write("debug", args),
  warn: (...args) => write("warn", args),
  error: (...args) => write("error", args),
  trace: (...args) => write("debug", [...args, `\n${new Error().stack}`]),
  dir: (value) => write("info", [value]),
  table: (value) => write("info", [value]),
  assert(ok, ...args) {
    if (!ok) write("error", ["assertion failed", ...args]);
  },
  count(label = "default") {
    counts.set(label, (counts.get(label) ?? 0) + 1);
    write("info", [`${label}: ${counts.get(label)}`]);
  },
  group: (...args) => write("info", args),
  groupEnd() {},
};

Math.random = random;

// The engine's own would count from when the scenario was built.
Object.defineProperty(globalThis, "performance", { value: { now: () => host.nowUs() / 1_000 }, writable: true });

const crypto = {
  getRandomValues(array) {
    const bytes = new Uint8Array(array.buffer, array.byteOffset, array.byteLength);
    for (let at = 0; at < bytes.length; at++) bytes[at] = random() * 256;
    return array;
  },

  /** Random, but not secret: the run's seed determines it. */
  randomUUID() {
    const bytes = this.getRandomValues(new Uint8Array(16));
    bytes[6] = (bytes[6] & 0x0f) | 0x40;
    bytes[8] = (bytes[8] & 0x3f) | 0x80;
    const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
    return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
  },
};

// An engine that has one lets it not be assigned to.
Object.defineProperty(globalThis, "crypto", { value: crypto, writable: true, configurable: true });

globalThis.TextEncoder = class TextEncoder {
  encoding = "utf-8";
  encode(text = "") {
    return toUtf8(String(text));
  }
};

globalThis.TextDecoder = class TextDecoder {
  encoding = "utf-8";

  constructor(label = "utf-8") {
    if (!/^utf-?8$/i.test(label)) throw new RangeError(`only UTF-8 is known here, not ${label}`);
  }

  decode(bytes = new Uint8Array()) {
    return fromUtf8(
      bytes instanceof ArrayBuffer
        ? new Uint8Array(bytes)
        : new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength),
    );
  }
};

/** What a scenario has not, and what there is instead. */
const absent = {
  setTimeout: "wait with sleep(seconds)",
  setInterval: "let the user's waitTime pause between iterations",
  setImmediate: "call the function",
  fetch: "only the target can be reached, by the client",
  XMLHttpRequest: "only the target can be reached, by the client",
  WebSocket: "only the target can be reached, by the client",
  structuredClone: "copy by JSON.parse(JSON.stringify(value))",
};
for (const [name, cure] of Object.entries(absent)) {
  globalThis[name] = function () {
    throw new Error(`there is no ${name} in a scenario: ${cure}`);
  };
}
