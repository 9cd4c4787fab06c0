// Why a request has no good reply. The host has counted the request by the time that a scenario sees
// this: a failure is data. Thrown out of a task, it ends the iteration, but makes it no failed one.

export class Failure extends Error {
  constructor(kind, message) {
    super(message);
    this.kind = kind;
  }

  /** In the host's words, for example `timeout: total`. */
  toString() {
    return this.message ? `${this.kind}: ${this.message}` : this.kind;
  }
}

export class Fault extends Failure {
  constructor(code, message) {
    super("fault", message);
    this.code = code;
  }

  toString() {
    return `fault ${this.code}: ${this.message}`;
  }
}

export class StatusFailure extends Failure {
  constructor(status) {
    super("status", `HTTP status ${status}`);
    this.status = status;
  }

  toString() {
    return `status ${this.status}`;
  }
}

export class TimeoutFailure extends Failure {
  constructor(phase) {
    super("timeout", phase);
    this.phase = phase;
  }
}

export class TransportFailure extends Failure {
  constructor(message) {
    super("transport", message);
  }
}

export class ProtocolFailure extends Failure {
  constructor(message) {
    super("protocol", message);
  }
}

export class RejectedFailure extends Failure {
  constructor(message) {
    super("rejected", message);
  }
}

export class InterruptedFailure extends Failure {
  constructor() {
    super("interrupted", "");
  }
}

/** A request of the scenario's own, see `measure`, failed. */
export class ReportedFailure extends Failure {
  constructor(message) {
    super("reported", message);
  }
}

// An error's name is that of its class, and stands where those of the language stand.
for (const kind of [
  Failure,
  Fault,
  StatusFailure,
  TimeoutFailure,
  TransportFailure,
  ProtocolFailure,
  RejectedFailure,
  InterruptedFailure,
  ReportedFailure,
]) {
  Object.defineProperty(kind.prototype, "name", { value: kind.name, configurable: true, writable: true });
}

/** A failure in the contract's words, `{ tag, val }`, as the class that a scenario catches. */
export function failure({ tag, val }) {
  switch (tag) {
    case "fault":
      return new Fault(val.code, val.message);
    case "status":
      return new StatusFailure(val);
    case "timeout":
      return new TimeoutFailure(val);
    case "transport":
      return new TransportFailure(val);
    case "rejected":
      return new RejectedFailure(val);
    case "interrupted":
      return new InterruptedFailure();
    default:
      return new ProtocolFailure(val);
  }
}

/** The other way around, for a fake target. */
export function told(failure) {
  switch (failure.kind) {
    case "fault":
      return { tag: "fault", val: { code: failure.code, message: failure.message } };
    case "status":
      return { tag: "status", val: failure.status };
    case "interrupted":
      return { tag: "interrupted" };
    default:
      return { tag: failure.kind, val: failure.message };
  }
}
