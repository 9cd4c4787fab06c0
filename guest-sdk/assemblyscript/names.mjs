/** Gives the exports of `lib/katydid/exports.ts` the contract's names, which AssemblyScript cannot spell. */
import { Transform } from "assemblyscript/transform";

const SCENARIO = "katydid:load/scenario@0.1.0#";
const NAMES = {
  describe: "describe",
  setup: "setup",
  teardown: "teardown",
  shape: "shape",
  constructor_user: "[constructor]user",
  user_on_start: "[method]user.on-start",
  user_run_task: "[method]user.run-task",
  user_wait_us: "[method]user.wait-us",
  user_save: "[method]user.save",
  user_on_stop: "[method]user.on-stop",
};

/** Where those functions are, in the compiler's own words. */
const OURS = "~lib/katydid/exports/";

export default class Names extends Transform {
  afterCompile(module) {
    for (const [own, name] of Object.entries(NAMES)) {
      // One with parameters that may be left out is exported by a function of its own.
      const found = [`export:${OURS}${own}`, OURS + own].find((internal) => module.getFunction(internal));
      if (!found) {
        const cure = 'add to the scenario\'s file: export * from "katydid/exports";';
        throw new Error(`the scenario does not export what the host calls (${own}); ${cure}`);
      }
      module.removeExport(own);
      module.addFunctionExport(found, SCENARIO + name);
    }
  }
}
