// The scenario as the host sees it: the contract's exports.

import * as host from "#host";
import { settle } from "./client.js";
import { declared, setupData, text } from "./context.js";
import { declaration } from "./describe.js";
import { message, over, Running } from "./running.js";
import { fromBytes, toBytes } from "./state.js";

/** Makes the exports of a module, named like its file, those of the world `load`. Throws every mistake in them. */
export function scenario(exported, file) {
  const { hooks, parameters, classes } = declaration(exported, file);
  for (const { name, kind } of parameters) declared(name, kind);
  const description = { hooks, parameters, classes: classes.map(contract) };

  /** Whatever a function of the scenario throws is an error of this text. */
  const answered = (run) => {
    host.begin();
    try {
      return run();
    } catch (error) {
      // Of two forms that the binding makes an error of, a text is the cheaper.
      throw text(typeof error === "string" ? error : message(error));
    } finally {
      settle();
    }
  };

  return {
    describe() {
      host.begin();
      host.flush();
      return description;
    },

    setup: () =>
      answered(() => {
        const data = over(exported.setup?.(), "setup");
        return data === undefined ? undefined : toBytes(data);
      }),

    teardown: () =>
      answered(() => {
        over(exported.teardown?.(setupData()), "teardown");
      }),

    shape(now) {
      host.begin();
      try {
        return load(exported.shape(status(now)));
      } catch (error) {
        // The contract has no error here but a trap.
        host.panicking(text(`shape: ${message(error)}`));
        throw error;
      }
    },

    User: class {
      #running;

      constructor(name) {
        host.begin();
        this.#running = new Running(classes.find((described) => described.name === name) ?? classes[0]);
      }

      onStart(state) {
        return answered(() => this.#running.start(state));
      }

      /** What is to happen next, where it is something else than the next iteration. */
      runTask(id) {
        try {
          return this.#running.runTask(id);
        } catch (error) {
          throw text(error);
        }
      }

      waitUs() {
        return this.#running.waitUs();
      }

      save() {
        return this.#running.save();
      }

      onStop() {
        return answered(() => this.#running.stop());
      }
    },
  };
}

/** A class without what only we need of it. */
function contract({ name, weight, fixedCount, host, wait, sets, tasks }) {
  return {
    name,
    weight,
    fixedCount,
    host,
    wait,
    sets: sets.map(({ name, parent, weight, order, tags, transitions }) => ({
      name,
      parent,
      weight,
      order,
      tags,
      transitions,
    })),
    tasks: tasks.map(({ id, name, set, weight, tags }) => ({ id, name, set, weight, tags })),
  };
}

/** Where a run is, in seconds. */
function status({ elapsedUs, users, requests, failed, requestsPerSecond, p95Us }) {
  return { elapsed: elapsedUs / 1e6, users, requests, failed, requestsPerSecond, p95: p95Us / 1e6 };
}

/** A number of users, `{ users }`, `{ arrivals }` or "stop". */
export function load(answer) {
  if (answer === "stop") return { tag: "stop" };
  const { users, arrivals } = typeof answer === "number" ? { users: answer } : (answer ?? {});
  if (arrivals !== undefined && Number.isFinite(Number(arrivals))) return { tag: "arrivals", val: Number(arrivals) };
  if (!(users >= 0)) {
    throw new TypeError('shape answers a number of users, { users }, { arrivals } for each second, or "stop"');
  }
  return { tag: "users", val: Math.min(Math.round(users), 2 ** 31 - 1) };
}
