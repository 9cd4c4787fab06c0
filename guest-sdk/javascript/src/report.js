// What the scenario counts beside its calls.

import * as host from "#host";
import { now, text } from "./context.js";
import { ReportedFailure } from "./failure.js";
import { micros } from "./time.js";

/** Requests that the scenario made by its own means, counted beside the calls. */
export const events = {
  requestSuccess(event) {
    host.requestSuccess(request(event));
  },

  requestFailure(event, reason) {
    host.requestFailure(request(event), text(reason));
  },
};

function request({ type, name, seconds, length = 0 }) {
  return {
    requestType: text(type),
    name: text(name),
    responseTimeUs: micros(seconds, "the time that a request took"),
    responseLength: count(length),
  };
}

/** Carries out a request of the scenario's own, times it and counts it. */
export function measure(type, name, request, length = () => 0) {
  const began = now();
  let reply;
  try {
    reply = request();
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    events.requestFailure({ type, name, seconds: now() - began }, reason);
    throw new ReportedFailure(reason);
  }
  events.requestSuccess({ type, name, seconds: now() - began, length: length(reply) });
  return reply;
}

/** Figures of the scenario's own. */
export const metrics = {
  counter(name, add = 1) {
    host.counter(text(name), count(add));
  },

  gauge(name, value) {
    host.gauge(text(name), Number(value));
  },

  rate(name, hit) {
    host.rate(text(name), Boolean(hit));
  },

  trend(name, value) {
    host.trend(text(name), count(value));
  },
};

/** A whole number from 0, as the binding carries it. */
function count(value) {
  const whole = Math.round(Number(value));
  if (!(whole >= 0)) throw new RangeError(`${value} is no whole number from 0`);
  return Math.min(whole, Number.MAX_SAFE_INTEGER);
}
