// The contract as componentize-js binds it for StarlingMonkey, in the form that QuickJS's binding has.

import * as calls from "katydid:load/client@0.1.0";
import * as asked from "katydid:load/context@0.1.0";
import * as events from "katydid:load/events@0.1.0";
import * as lines from "katydid:load/log@0.1.0";
import * as metrics from "katydid:load/metrics@0.1.0";

export { events, lines, metrics };

/** This binding's word for nothing is `undefined`; where the SDK looks for QuickJS's, it is to find it. */
export const client = { ...calls, callJson: (method, args) => calls.callJson(method, args) ?? null };

// The binding lives in a global of its own, where a function made by its functions' constructor runs as well.
// Bytes that it made of that one's class would be no `Uint8Array` to a scenario.
calls.call.constructor("return globalThis")().Uint8Array = Uint8Array;

// This binding takes numbers for 64 bits, but answers them as bigint.

export const context = {
  ...asked,
  userId: () => Number(asked.userId()),
  iteration: () => Number(asked.iteration()),
  nowUs: () => Number(asked.nowUs()),
  random: () => Number(asked.random()),
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
        return super.runTask(id);
      } catch (error) {
        if (error !== FULL) throw error;
        lines.panicking(FULL);
        // The binding takes no error but a text: this is a trap.
        throw undefined;
      }
    }
  },
});

/** The engine needs nothing more when all is there. */
export function settle() {}
