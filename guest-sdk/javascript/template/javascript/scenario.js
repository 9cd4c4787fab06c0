// A load scenario: who the users are, and what they call.
import { between, check, User } from "katydid";

export default class ApiUser extends User {
  static host = "http://127.0.0.1:8877/";
  static waitTime = between(0.1, 1);
  static tasks = { getTime: 10, getRandomNumber: 5 };

  getTime() {
    this.client.get_time();
  }

  getRandomNumber() {
    const n = this.client.get_random_number(0, 100);
    check("within its bounds", n >= 0 && n <= 100);
  }
}
