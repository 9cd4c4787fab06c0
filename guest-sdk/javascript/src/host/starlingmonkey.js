// The contract as componentize-js binds it for StarlingMonkey, in the form that our build of QuickJS has it.

import * as client from "katydid:load/client@0.1.0";
import * as asked from "katydid:load/context@0.1.0";
import * as events from "katydid:load/events@0.1.0";
import * as lines from "katydid:load/log@0.1.0";
import * as metrics from "katydid:load/metrics@0.1.0";
import { rowOf, valued } from "./nodes.js";

export { events, lines, metrics };

export const calls = {
  ...valued(client),
  pass: (judged) => judged.pass(),
  fail: (judged, reason) => judged.fail(reason),
  drop: (judged) => judged[Symbol.dispose](),
};

// The binding lives in a global of its own, where a function made by its functions' constructor runs as well.
// Bytes that it made of that one's class would be no `Uint8Array` to a scenario.
client.call.constructor("return globalThis")().Uint8Array = Uint8Array;

// This binding takes numbers for 64 bits, but answers them as bigint.

export const context = {
  ...asked,
  userId: () => Number(asked.userId()),
  iteration: () => Number(asked.iteration()),
  nowUs: () => Number(asked.nowUs()),
  random: () => Number(asked.random()),
  row: (set) => rowOf(asked.row, set),
};

/**
 * What the engine throws where the memory has no room. It collects garbage late and then still finds none, so an
 * instance that has met the limit once meets it from now on: it ends, and the host makes the user anew.
 */
const FULL = "out of memory";

/** The exports as the binding wants them. */
export const bound = (scenario) => ({
  ...scenario,

  shape: (now) => scenario.shape(Object.fromEntries(Object.entries(now).map(([name, of]) => [name, Number(of)]))),

  User: class extends scenario.User {
    runTask(id) {
      try {
        return { tag: super.runTask(id) ?? "proceed" };
      } catch (error) {
        if (error !== FULL) throw error;
        lines.panicking(FULL);
        // The binding takes no error but a text: this is a trap.
        throw undefined;
      }
    }
  },
});
