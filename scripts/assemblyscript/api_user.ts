/** `ApiUser` in AssemblyScript: what `scripts/wat/api_user.wat` does, written with the SDK. */
import { between, call, int, register, UserClass } from "katydid";
export * from "katydid/exports";

function getTime(): void {
  call("get_time");
}

function getRandomNumber(): void {
  call("get_random_number", [int(0), int(100)]);
}

register(
  new UserClass("ApiUser")
    .host("http://127.0.0.1:8877/")
    .wait(between(0.1, 1))
    .task("get_time", 10, getTime)
    .task("get_random_number", 5, getRandomNumber),
);
