// How a scenario says what is to happen next.

/** What a scenario wants to happen next; thrown, so that it reaches the host from however deep a function. */
export class Next {
  constructor(tag) {
    this.tag = tag;
  }

  toString() {
    return `${this.tag}, which something in the scenario has caught and must let pass`;
  }
}

export function interrupt() {
  throw new Next("interrupt");
}

export function stopUser() {
  throw new Next("stop-user");
}
