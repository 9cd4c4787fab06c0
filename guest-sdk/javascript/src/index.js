// What a scenario imports: `import { User, task, between } from "katydid";`. Documented in index.d.ts.

export { client } from "./client.js";
export {
  check,
  choose,
  iteration,
  nextRow,
  now,
  parameter,
  randomInt,
  row,
  setupData,
  sleep,
  stopRun,
  userId,
} from "./context.js";
export {
  Failure,
  Fault,
  InterruptedFailure,
  ProtocolFailure,
  RejectedFailure,
  ReportedFailure,
  StatusFailure,
  TimeoutFailure,
  TransportFailure,
} from "./failure.js";
export { events, measure, metrics } from "./report.js";
export { between, constant, constantPacing, constantThroughput, poisson } from "./time.js";
export { interrupt, stopUser } from "./next.js";
export { SequentialTaskSet, task, TaskSet, User } from "./user.js";
export { DateTime, Double } from "./values.js";
