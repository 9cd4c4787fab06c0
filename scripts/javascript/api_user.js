/** `ApiUser` in JavaScript: what `scripts/wat/api_user.wat` does, written with the SDK. */
import { between, User } from "katydid";

export default class ApiUser extends User {
  static host = "http://127.0.0.1:8877/";
  static waitTime = between(0.1, 1);
  static tasks = { getTime: 10, getRandomNumber: 5 };

  getTime() {
    this.client.get_time();
  }

  getRandomNumber() {
    this.client.get_random_number(0, 100);
  }
}
