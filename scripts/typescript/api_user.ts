/** `ApiUser` in TypeScript: what `scripts/wat/api_user.wat` does, written with the SDK. */
import { between, task, User } from "katydid";

export default class ApiUser extends User {
  static host = "http://127.0.0.1:8877/";
  static waitTime = between(0.1, 1);

  @task(10)
  getTime() {
    this.client.get_time();
  }

  @task(5)
  getRandomNumber() {
    this.client.get_random_number(0, 100);
  }
}
