// A bundle as a component: the engine, the bundle already evaluated in it, and the contract's bindings.

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { frames, translated } from "../src/where.js";
import { Refused } from "./refused.mjs";

/**
 * Builds the component. The code's top level runs once, now; `places` says where its lines come from.
 * Throws `Refused` where that code throws.
 */
export async function componentize({ engine, tool }, code, places, wit) {
  const folder = mkdtempSync(join(tmpdir(), "katydid-"));
  try {
    writeFileSync(join(folder, "load.wit"), withPairs(readFileSync(wit, "utf8")));
    return withLongs(await engine.componentize(tool, code, folder));
  } catch (error) {
    throw new Refused(explained(engine.thrown(String(error.message)), places));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

// QuickJS's bindings carry a 64-bit integer as a double, which has room for 53 bits. A pair of 32 bits
// each lies in memory exactly as the integer does, the lower first, and arrives whole. So the bindings are
// made for a contract with pairs, and then the component is told the truth about its type. StarlingMonkey's
// would carry a bigint, but the SDK is to meet one form of a node only.

/** The contract with a pair where a node has 64 bits. */
function withPairs(wit) {
  const pairs = wit.replace(/\blong\(s64\)/, "long(tuple<s32, s32>)");
  if (pairs === wit) throw new Error("the contract has no node long(s64)");
  return pairs;
}

/** How a component names a case of a variant: the length of its name, the name, that it holds something, its type. */
const LONG = Buffer.from("\x04long\x01", "latin1");
const S64 = 0x78;

/** The component with 64 bits where it has pairs: one byte wherever the type of a node is told. */
function withLongs(component) {
  let found = 0;
  for (let at = component.indexOf(LONG); at >= 0; at = component.indexOf(LONG, at + 1)) {
    const type = at + LONG.length;
    // Behind the type stands that the case refines no other one. A type of our own has a small number.
    if (component[type] >= 0x40 || component[type + 1] !== 0) continue;
    component[type] = S64;
    found += 1;
  }
  if (found === 0) throw new Error("the component has no node long");
  return component;
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
