// What the types must let pass, and what they must not. Checked by `tsc -p tests`, never run.

import {
  between,
  check,
  choose,
  type Client,
  client,
  DateTime,
  Double,
  events,
  Failure,
  Fault,
  interrupt,
  type Load,
  measure,
  metrics,
  type Options,
  parameter,
  type Parameters,
  nextRow,
  row,
  SequentialTaskSet,
  setupData,
  sleep,
  type Status,
  StatusFailure,
  stopUser,
  task,
  TaskSet,
  User,
} from "katydid";
import { World } from "katydid/testing";

interface Api {
  get_time(): number;
  get_random_number(low: number, high: number): number;
  system: { listMethods(): string[] };
}

class Checkout extends SequentialTaskSet<Shopper> {
  @task pay() {
    this.user.basket.pop();
    const time: number = this.client.get_time();
    metrics.gauge("time", time);
    interrupt();
  }
}

class Shopper extends User<Api> {
  static host = "http://127.0.0.1:8877/";
  static weight = 3;
  static waitTime = between(0.1, 1);
  static sets = [Checkout];
  static order = "sequential" as const;
  basket: string[] = [];

  @task browse() {
    const time: number = this.client.get_time();
    // @ts-expect-error the second parameter is missing
    this.client.get_random_number(time);
    const names: string[] = this.client.system.listMethods();
    // @ts-expect-error there is no such method
    this.client.get_tim();
    const found: number = this.client.call<number>("find", "tea", 1n, new Date(), new Uint8Array(), [
      null,
      { a: new Double(1) },
    ]);
    // @ts-expect-error a function cannot be sent
    this.client.call("find", () => {});
    const cold: number = this.client.with({ label: "cold" }).get_time();
    // @ts-expect-error there is no such option
    this.client.with({ lable: "cold" }).get_time();
    this.basket.push(String(cold));
    this.basket.push(choose(names) ?? String(found));
  }

  @task(5, { tags: ["read"] })
  search() {
    const exchange = this.client.request<{ id: number }[]>("search", ["tea"], { label: "search, cold", timeout: 0.5 });
    try {
      if (exchange.reply()[0]?.id === undefined) exchange.fail("nothing found");
    } catch (error) {
      if (error instanceof Fault && error.code === 4) exchange.pass();
      else if (error instanceof StatusFailure && error.status === 503) sleep(1);
      else if (error instanceof Failure && error.kind === "timeout") stopUser();
      else throw error;
    }
    using unjudged = this.client.request("search");
    unjudged.reply();
  }

  // @ts-expect-error a task takes nothing
  @task needy(what: string) {
    return what;
  }

  // @ts-expect-error a weight is a number
  @task("10") heavy() {}

  override onStart() {
    const { token } = setupData<{ token: string }>();
    check("there is a token", token);
    check(token, { "it is long": (text) => text.length > 3 });
  }
}

class Plain extends User {
  static tasks = { go: 1, come: { weight: 2, tags: ["back"] } };
  static transitions = { go: { come: 1 }, come: { go: 1 } };

  go() {
    const list: string[] = this.client.system.listMethods();
    const batch = this.client.multicall();
    batch.get_time();
    batch.system.methodHelp("get_time");
    const [time, help] = batch.send();
    return [list, time, help];
  }

  come() {
    const age: number | undefined = nextRow<{ age: number }>("people")?.age;
    const count = parameter<number>("count") + (age ?? 0);
    events.requestSuccess({ type: "sql", name: "select", seconds: 0.1 });
    const text: string = measure(
      "sql",
      "select",
      () => "abc",
      (reply) => reply.length,
    );
    return [count, text, new DateTime("19980717T14:08:55").toDate()];
  }
}

// @ts-expect-error a pause is made by between and its like
class Wrong extends User {
  static override waitTime = 5;
}

export const options: Options = { host: "http://127.0.0.1:8877/", waitTime: between(1, 2) };
export const parameters: Parameters = { count: { default: 3, about: "how many" } };
export const shape = ({ elapsed, p95 }: Status): Load => (elapsed > 60 || p95 > 1 ? "stop" : { arrivals: elapsed });
const typed = client as Client<Api>;
export const answered: number = typed.get_time();
export class Loose extends TaskSet {
  static sets = [Checkout];
}

const world = new World({ seed: 1, rows: { people: [{ age: 3 }] } }).answer("get_time", () => 1.5);
const user = world.user(Shopper);
user.onStart();
export const next: "proceed" | "interrupt" | "stop-user" = user.runTask("Checkout.pay");
export const basket: string[] = user.user.basket;
world.user(() => client.get_time(), options).runTask("default");
export { Plain, Wrong };
