// The engines that a scenario can be built for: where their tools are, how they are called, what they say.

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { asFrame } from "../src/where.js";
import { withLongs, withPairs } from "./pairs.mjs";
import { started } from "./started.mjs";

/** What the engines call the bundle in their errors. */
const BUNDLE = "user.js";

/**
 * By name, as `src/host` has a file for each. `folder`: of the pins of its tools, in the SDK; `load`: its tool, from
 * where npm has put it; `componentize`: the component, given the tool, a bundle and the contract; `thrown`:
 * what the bundle's top level threw, with its stack, in what the tool says of it.
 */
export const ENGINES = {
  quickjs: {
    folder: ".",
    // Ours, and beside this file: it needs nothing of npm's.
    load: () => readFileSync(new URL("../engine/quickjs.engine", import.meta.url)),
    componentize: (tool, code) => started(tool, code),
    thrown: (message) => message,
  },

  starlingmonkey: {
    folder: "starlingmonkey",
    // Only modules may import it, by a path.
    load: (_, tools) =>
      import(pathToFileURL(join(tools, "node_modules/@bytecodealliance/componentize-js/src/componentize.js")).href),

    async componentize(tool, code, wit) {
      // Neither network nor output of its own. Clocks stay, since `Date` reads one, and randomness, since hashes want it.
      const disableFeatures = ["http", "fetch-event", "stdio"];
      const options = { sourceName: BUNDLE, witWorld: withPairs(wit), worldName: "load", disableFeatures };
      const { component } = await tool.componentize(code, options);
      return withLongs(Buffer.from(component));
    },

    thrown(message) {
      const told = /top-level script\n(.*?)\nAdditionally, .*?\nStack:(.*)$/s.exec(message);
      if (told === null) return message;
      const said = told[1].replace(/^(?:user\.js:\d+:\d+ |uncaught exception: )/gm, "");
      return said + told[2].split("\n").map(asFrame).join("\n");
    },
  },
};
