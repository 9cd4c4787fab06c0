// Calls to the target. The host sends each one, times it and counts it exactly once.

import * as host from "#host";
import { Unfit } from "./codec.js";
import { Fault, ProtocolFailure, RejectedFailure } from "./failure.js";
import { micros } from "./time.js";

/** Calls `method` and answers the reply. */
function send(method, args) {
  try {
    return host.call(method, args);
  } catch (error) {
    throw error instanceof Unfit ? refused(method, error) : error;
  }
}

/** The failure of a call that cannot be sent. The host never sees it, so it is told here: each call is counted once. */
function refused(label, error) {
  const failure = new RejectedFailure(error.message);
  const event = { requestType: "xmlrpc", name: label, responseTimeUs: 0, responseLength: 0 };
  host.requestFailure(event, failure.toString());
  return failure;
}

/** What stays what every object has; a method of the target of this name is reached by `call`. */
const RESERVED = ["then", "toString", "valueOf", "toJSON", "constructor"];

/**
 * Makes each further property of an object a method of the target, and each property of that one too:
 * `own.get_time()`, `own.system.listMethods()`. They are made when they are first named.
 */
function methods(own, call, prefix = "") {
  const unnamed = new Proxy(
    {},
    {
      get(target, name, receiver) {
        if (typeof name === "symbol" || RESERVED.includes(name)) return Reflect.get(target, name);
        const method = prefix + name;
        const made = (...args) => call(method, args);
        // What every function has would hide methods of these names.
        delete made.name;
        delete made.length;
        methods(made, call, `${method}.`);
        // From now on it is found without this proxy.
        Object.defineProperty(receiver, name, { value: made, configurable: true });
        return made;
      },
    },
  );
  return Object.setPrototypeOf(own, unnamed);
}

/** Calls the target of this user. */
export const client = methods(
  {
    call(method, ...args) {
      return send(String(method).toWellFormed(), args);
    },

    request(method, args = [], options = {}) {
      return new Exchange(String(method).toWellFormed(), Array.from(args), options);
    },

    with(options) {
      const call = (method, args) => {
        const exchange = new Exchange(method, args, options);
        try {
          return exchange.reply();
        } finally {
          exchange[Symbol.dispose]();
        }
      };
      return methods({ call: (method, ...args) => call(String(method).toWellFormed(), args) }, call);
    },

    multicall() {
      return multicall();
    },
  },
  send,
);

/** Calls that nobody has judged yet. */
export const open = [];

/**
 * Lets all calls be counted by their replies that nobody has judged. An iteration ends so: the engine
 * lets go of objects at times of its own.
 */
export function settle() {
  while (open.length > 0) open[0][Symbol.dispose]();
}

/** A call whose outcome the scenario judges after it has read the reply. */
class Exchange {
  #judged;
  #refused;

  constructor(method, args, { label, timeout }) {
    const name = label === undefined ? undefined : String(label).toWellFormed();
    const timeoutMs = timeout === undefined ? undefined : Math.ceil(micros(timeout, "timeout") / 1_000);
    try {
      this.#judged = host.callJudged(method, args, { label: name, timeoutMs });
    } catch (error) {
      if (!(error instanceof Unfit)) throw error;
      this.#refused = refused(name ?? method, error);
      return;
    }
    open.push(this);
  }

  reply() {
    if (this.#refused) throw this.#refused;
    if (this.#judged === undefined) throw new Error("the exchange was judged, and its reply is gone");
    return host.reply(this.#judged);
  }

  pass() {
    this.#end((judged) => host.pass(judged));
  }

  fail(reason) {
    this.#end((judged) => host.fail(judged, String(reason).toWellFormed()));
  }

  /** Counts the request by its reply, unless it was judged. */
  [Symbol.dispose]() {
    this.#end(() => {});
  }

  #end(judge) {
    const judged = this.#judged;
    if (judged === undefined) return;
    this.#judged = undefined;
    open.splice(open.indexOf(this), 1);
    judge(judged);
    host.drop(judged);
  }
}

const MULTICALL = "system.multicall";

/** Calls that are sent as one request. */
function multicall() {
  const calls = [];
  const add = (methodName, params) => {
    calls.push({ methodName, params });
  };
  return methods(
    {
      call(method, ...args) {
        add(String(method), args);
      },

      send() {
        const answers = send(MULTICALL, [calls]);
        if (!Array.isArray(answers) || answers.length !== calls.length) {
          const what = Array.isArray(answers) ? `${answers.length} results` : "no array";
          throw new ProtocolFailure(`${MULTICALL} of ${calls.length} calls answered ${what}`);
        }
        return answers.map(answer);
      },
    },
    add,
  );
}

/** An array of the one result, or a struct with a fault, which is answered, not thrown. */
function answer(answer) {
  if (Array.isArray(answer) && answer.length === 1) return answer[0];
  if (typeof answer?.faultCode === "number") return new Fault(answer.faultCode, String(answer.faultString ?? ""));
  return new ProtocolFailure("neither a result nor a fault");
}
