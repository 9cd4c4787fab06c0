// Counts its calls, over any number of versions of itself, and sees that its state arrives as it was saved.
import { constant, User } from "katydid";

const VERSION = "v1";
const KEPT = { big: 2n ** 60n, share: 0.5, text: 'a "ž"\\\n🦗', list: [true, { of: [] }] };
const shown = (value) => JSON.stringify(value, (_, part) => (typeof part === "bigint" ? `${part}n` : part));

export default class Keeper extends User {
  static tasks = { count: 1 };
  static waitTime = constant(0.01);

  onStart() {
    this.calls = 0;
    console.log(`${VERSION} began`);
  }

  count() {
    this.client.get_random_number(0, 100);
    this.calls += 1;
  }

  saveState() {
    return { ...KEPT, calls: this.calls, by: VERSION };
  }

  restoreState({ calls, by, ...kept }) {
    if (shown(kept) !== shown(KEPT)) throw new Error(`${shown(kept)} has arrived`);
    this.calls = calls;
    console.log(`${VERSION} goes on after ${calls}, saved by ${by}`);
  }

  onStop() {
    console.log(`${VERSION} stopped after ${this.calls}`);
  }
}
