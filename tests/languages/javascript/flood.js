// Calls `get_random_number(0, 100)` without a pause and looks at each reply: what a request costs in JavaScript.
import { User } from "katydid";

export default class Flood extends User {
  static tasks = { getRandomNumber: 1 };

  getRandomNumber() {
    if (typeof this.client.get_random_number(0, 100) !== "number") throw new Error("the reply is no number");
  }
}
