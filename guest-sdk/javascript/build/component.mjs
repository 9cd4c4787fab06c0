// A bundle as a scenario: the engine, and the bundle already evaluated in it.

import { readFileSync } from "node:fs";
import { frames, translated } from "../src/where.js";
import { Refused } from "./refused.mjs";

/**
 * Builds the component. The code's top level runs once, now; `places` says where its lines come from.
 * Throws `Refused` where that code throws.
 */
export async function componentize({ engine, tool }, code, places, wit) {
  try {
    return await engine.componentize(tool, code, readFileSync(wit, "utf8"));
  } catch (error) {
    throw new Refused(explained(engine.thrown(String(error.message)), places));
  }
}

/** How `describe.js` begins. */
const MISTAKES = "mistakes in what the scenario declares:";

/** What the code's top level throws, in words of the scenario. */
function explained(text, places) {
  const mistakes = text.indexOf(MISTAKES);
  if (mistakes >= 0) {
    const [list] = text
      .slice(mistakes + MISTAKES.length)
      .trim()
      .split(/\n\s+at /);
    return list
      .split("\n")
      .map((mistake) => `error: ${mistake}`)
      .join("\n");
  }
  const [said] = translated(text, places).split(/\n\s+at /);
  const where = frames(text, places).map((frame) => `  ${frame}`);
  return [`error: ${said.trim().replace(/^Error: /, "")}`, ...where].join("\n");
}
