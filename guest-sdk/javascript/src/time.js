// Times are seconds for whoever writes a scenario, and microseconds for the host.

/** Seconds as whole microseconds, at most what a double holds exactly. */
export function micros(seconds, what) {
  if (typeof seconds !== "number" || Number.isNaN(seconds)) {
    throw new TypeError(`${what} is a number of seconds, not ${typeof seconds === "number" ? "NaN" : typeof seconds}`);
  }
  return Math.min(Math.max(Math.round(seconds * 1e6), 0), Number.MAX_SAFE_INTEGER);
}

/** The pauses between two iterations, as the contract has them. */
export class Wait {
  constructor(tag, val) {
    this.tag = tag;
    this.val = val;
  }
}

export const constant = (seconds) => new Wait("constant", micros(seconds, "constant"));

export const between = (low, high) => new Wait("between", [micros(low, "between"), micros(high, "between")]);

export const constantPacing = (seconds) => new Wait("pacing", micros(seconds, "constantPacing"));

export const constantThroughput = (perSecond) => new Wait("pacing", micros(1 / perSecond, "constantThroughput"));

export const poisson = (mean) => new Wait("poisson", micros(mean, "poisson"));
