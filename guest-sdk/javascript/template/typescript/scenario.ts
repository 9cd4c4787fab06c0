// A load scenario: who the users are, and what they call.
import { between, check, task, User } from "katydid";

export default class ApiUser extends User {
  static host = "http://127.0.0.1:8877/";
  static waitTime = between(0.1, 1);

  @task(10)
  getTime() {
    this.client.get_time();
  }

  @task(5)
  getRandomNumber() {
    const n: number = this.client.get_random_number(0, 100);
    check("within its bounds", n >= 0 && n <= 100);
  }
}
