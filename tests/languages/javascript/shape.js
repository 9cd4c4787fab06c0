/** A load that the scenario says itself: two users, then arrivals, then enough. */
import { client, User } from "katydid";

export default class Shaped extends User {
  static tasks = { look: 1 };
  static waitTime = undefined;

  look() {
    client.get_time();
  }
}

export function shape({ elapsed, users, requests, failed, requestsPerSecond, p95 }) {
  if ([elapsed, users, requests, failed, requestsPerSecond, p95].some((figure) => !(figure >= 0))) {
    throw new Error("a figure is missing");
  }
  if (elapsed < 2) return 2;
  return elapsed < 4 ? { users: 3 } : "stop";
}
