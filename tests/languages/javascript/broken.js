/** Everything that can go wrong inside a scenario. Choose what by tag: each class has one of its own. */
import { client, stopUser, User } from "katydid";

/** An error is a failed iteration with its message and place; the user lives on. */
export class Throws extends User {
  static tags = ["throws"];
  static order = "sequential";
  static tasks = { error: 1, text: 1, nothing: 1, deep: 1, after: 1 };

  error() {
    client.get_time();
    null.member;
  }

  text() {
    throw "just a text";
  }

  nothing() {
    throw undefined;
  }

  deep() {
    const inner = () => {
      throw new RangeError("from within", { cause: new Error("the cause") });
    };
    [1].forEach(inner);
  }

  after() {
    console.log("still alive");
    stopUser();
  }
}

/** Who is not made, or does not start, is tried anew. */
export class Unmade extends User {
  static tags = ["unmade"];
  static tasks = { never: 1 };
  broken = null.member;

  never() {}
}

export class Unstarted extends User {
  static tags = ["unstarted"];
  static tasks = { never: 1 };

  onStart() {
    client["no.such.method"]();
  }

  never() {}
}

/** What ends the instance: the user is made anew. */
export class Loops extends User {
  static tags = ["loops"];
  static tasks = { forever: 1 };

  forever() {
    for (;;);
  }
}

export class Hoards extends User {
  static tags = ["hoards"];
  static tasks = { hoard: 1 };

  hoard() {
    const kept = [];
    for (;;) kept.push(new Uint8Array(1 << 20).fill(1));
  }
}

export class Recurses extends User {
  static tags = ["recurses"];
  static tasks = { recurse: 1 };

  recurse(depth = 0) {
    return 1 + this.recurse(depth + 1);
  }
}

/** A promise would never be kept. */
export class Promises extends User {
  static tags = ["promises"];
  static tasks = { promise: 1 };

  promise() {
    return Promise.resolve(1);
  }
}
