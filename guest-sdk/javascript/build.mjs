#!/usr/bin/env node
// Builds a scenario in TypeScript or JavaScript into a component:
//
//   node build.mjs scenario.ts -o scenario.wasm
//
// What is wrong with the scenario is told as the compiler tells it, with file and line; exit code 1.
// Exit code 2: it was called wrongly, or its tools are not there.

import { existsSync, statSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { bundle } from "./build/bundle.mjs";
import { componentize } from "./build/component.mjs";
import { ENGINES } from "./build/engines.mjs";
import { Refused } from "./build/refused.mjs";

const here = dirname(fileURLToPath(import.meta.url));

const HELP = `Usage: node build.mjs SCENARIO [-o OUT] [--engine ENGINE] [--wit LOAD_WIT] [--tools FOLDER] [--report FILE]

  SCENARIO        a .ts, .mts, .js or .mjs file
  -o OUT          where the component goes; beside the scenario, with .wasm, by default
  --engine ENGINE quickjs, or starlingmonkey: all of JavaScript, but large and slow; quickjs by default
  --wit LOAD_WIT  the contract, load.wit; or KATYDID_WIT
  --tools FOLDER  where \`npm ci\` has put node_modules; or KATYDID_JS_TOOLS; by default
                  this folder, for starlingmonkey its folder of that name
  --report FILE   writes which files the component depends on, as JSON
  --bundle        writes the one JavaScript file that would go into the component, and stops
`;

function options(args) {
  const chosen = {
    wit: process.env.KATYDID_WIT ?? [join(here, "load.wit"), join(here, "../../wit/load.wit")].find(existsSync),
    tools: process.env.KATYDID_JS_TOOLS,
    engine: "quickjs",
  };
  for (let at = 0; at < args.length; at++) {
    const value = () => args[++at] ?? wrong(`${args[at - 1]} needs a value`);
    switch (args[at]) {
      case "-h":
      case "--help":
        process.stdout.write(HELP);
        process.exit(0);
        break;
      case "-o":
      case "--out":
        chosen.out = value();
        break;
      case "--engine":
        chosen.engine = value();
        break;
      case "--wit":
        chosen.wit = value();
        break;
      case "--tools":
        chosen.tools = value();
        break;
      case "--report":
        chosen.report = value();
        break;
      case "--bundle":
        chosen.bundle = true;
        break;
      default:
        if (args[at].startsWith("-")) wrong(`unknown option ${args[at]}`);
        if (chosen.input !== undefined) wrong(`two scenarios, ${chosen.input} and ${args[at]}`);
        chosen.input = args[at];
    }
  }
  if (chosen.input === undefined) wrong("no scenario");
  if (!existsSync(chosen.input) || !statSync(chosen.input).isFile()) wrong(`${chosen.input} is no file`);
  if (!Object.hasOwn(ENGINES, chosen.engine))
    wrong(`there is no engine ${chosen.engine}; there are ${Object.keys(ENGINES).join(", ")}`);
  if (chosen.wit === undefined || !existsSync(chosen.wit))
    wrong("the contract is missing; say where load.wit is: --wit LOAD_WIT");
  chosen.tools ??= join(here, ENGINES[chosen.engine].folder);
  chosen.out ??= chosen.input.replace(/\.[mc]?[jt]sx?$/, "") + (chosen.bundle ? ".bundle.js" : ".wasm");
  return chosen;
}

function wrong(what) {
  process.stderr.write(`error: ${what}\n\n${HELP}`);
  process.exit(2);
}

/** The tools of an engine, from the folder that npm has put them in. */
async function load(engine, tools) {
  const require = createRequire(resolve(tools, "package.json"));
  try {
    return { esbuild: require("esbuild"), tool: await engine.load(require, resolve(tools)) };
  } catch (error) {
    const reason = String(error.message).split("\n")[0];
    process.stderr.write(
      `error: the tools are missing in ${tools} (${reason}); type:\n  npm ci --omit=dev --prefix ${tools}\n`,
    );
    process.exit(2);
  }
}

const chosen = options(process.argv.slice(2));
const engine = ENGINES[chosen.engine];
const { esbuild, tool } = await load(engine, chosen.tools);
try {
  const { code, places, files } = await bundle(esbuild, resolve(chosen.input), here, chosen.engine);
  if (chosen.bundle) writeFileSync(chosen.out, code);
  else writeFileSync(chosen.out, await componentize({ engine, tool }, code, places, chosen.wit));
  if (chosen.report) writeFileSync(chosen.report, JSON.stringify({ files }, null, 1) + "\n");
} catch (error) {
  if (!(error instanceof Refused)) throw error;
  process.stderr.write(`${error.message.trimEnd()}\n`);
  process.exit(1);
}
