/** What the virtual users of this load test do. Build and run it: katydid run . */
import { between, call, check, int, register, UserClass } from "katydid";
export * from "katydid/exports";

/** Each virtual user has an instance of its own, and so variables of its own. */
let best: i64 = 0;

function getTime(): void {
  call("get_time");
}

function getRandomNumber(): void {
  const reply = call("get_random_number", [int(0), int(100)]);
  if (!reply.ok) return;
  const number = reply.value.int;
  check("is in range", 0 <= number && number <= 100);
  best = max(best, number);
}

register(
  new UserClass("Visitor")
    .host("http://127.0.0.1:8877/") // where `katydid target` listens; katydid run --host URL
    .wait(between(0.1, 1))
    .task("get_time", 10, getTime)
    .task("get_random_number", 5, getRandomNumber),
);
