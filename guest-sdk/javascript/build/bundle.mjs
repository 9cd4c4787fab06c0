// A scenario and everything that it imports, as one JavaScript module that exports what the world
// `load` exports, and the table of where its lines come from.

import { builtinModules } from "node:module";
import { existsSync } from "node:fs";
import { basename, dirname, join, relative } from "node:path";
import { placesOf } from "./places.mjs";
import { Refused } from "./refused.mjs";

/** What the engine knows; decorators and `using` it does not, so they are written out. */
const TARGET = "es2022";

/**
 * Bundles the scenario `input` with the SDK in the folder `sdk` for an engine. Answers `{ code, places, files }`:
 * the files are those that it was made from, the SDK's apart.
 * Throws `Refused` with the bundler's own messages.
 */
export async function bundle(esbuild, input, sdk, engine) {
  const root = dirname(input);
  const name = basename(input);
  let built;
  try {
    built = await esbuild.build({
      stdin: { contents: entry(name), resolveDir: root, sourcefile: "katydid-entry.js" },
      absWorkingDir: root,
      outfile: "user.js",
      write: false,
      bundle: true,
      format: "esm",
      platform: "neutral",
      mainFields: ["module", "main"],
      conditions: ["katydid"],
      target: TARGET,
      // Two things of one name in different files are told apart in the bundle, not in reports.
      keepNames: true,
      charset: "utf8",
      sourcemap: "external",
      sourcesContent: false,
      metafile: true,
      legalComments: "none",
      logLevel: "silent",
      loader: { ".txt": "text", ".csv": "text", ".xml": "text" },
      define: { "process.env.NODE_ENV": '"production"' },
      plugins: [rules(sdk, engine)],
    });
  } catch (error) {
    if (!Array.isArray(error.errors)) throw error;
    throw new Refused(await told(esbuild, "error", error.errors));
  }
  if (built.warnings.length > 0) process.stderr.write(await told(esbuild, "warning", built.warnings));
  const file = (end) => built.outputFiles.find(({ path }) => path.endsWith(end)).text;
  const places = placesOf(JSON.parse(file(".map")), (source) => isOwn(join(root, source), sdk));
  const inputs = Object.keys(built.metafile.inputs).filter((source) => isOwn(join(root, source), sdk));
  const files = [...inputs.map((source) => join(root, source)), ...settings(root)];
  return { code: withPlaces(file("user.js"), places), places, files };
}

/** The files around a scenario that say how it is bundled. */
function settings(folder) {
  const found = ["tsconfig.json", "package.json"].map((name) => join(folder, name)).filter(existsSync);
  return dirname(folder) === folder ? found : [...found, ...settings(dirname(folder))];
}

/** The module that all begins with: what is to be there before the scenario is, the scenario, its exports. */
function entry(name) {
  return `
    import "katydid:guest/globals";
    import { bound } from "katydid:guest/engine";
    import { scenario as exportsOf } from "katydid:guest/scenario";
    import * as exported from ${JSON.stringify(`./${name}`)};
    export const scenario = bound(exportsOf(exported, ${JSON.stringify(name.replace(/\..*$/, ""))}));
  `;
}

async function told(esbuild, kind, messages) {
  const color = Boolean(process.stderr.isTTY) && process.env.NO_COLOR === undefined;
  const ours = messages.map((message) => {
    const missing = /^Could not resolve "([^./][^"]*)"$/.exec(message.text)?.[1];
    const notes = missing ? [{ text: `Install it beside the scenario: npm install ${missing}` }] : message.notes;
    return { ...message, notes, pluginName: "" };
  });
  return (await esbuild.formatMessages(ours, { kind, color })).join("");
}

/** What imports mean. */
function rules(sdk, engine) {
  const ours = {
    katydid: "src/index.js",
    "katydid:guest/engine": `src/host/${engine}.js`,
    "katydid:guest/globals": "src/globals.js",
    "katydid:guest/scenario": "src/scenario.js",
  };
  const no = (text) => ({ errors: [{ text }] });
  return {
    name: "katydid",
    setup(build) {
      build.onResolve({ filter: /^katydid([:/].*)?$/ }, ({ path }) => {
        if (path.startsWith("katydid:load/")) return { external: true };
        if (path === "katydid/testing") return no("katydid/testing is for tests on Node; a scenario cannot import it");
        return ours[path] ? { path: join(sdk, ours[path]) } : no(`there is no ${path}`);
      });
      build.onResolve({ filter: /^k6(\/.*)?$/ }, ({ path }) =>
        no(`${path} is k6's; here all comes from "katydid": client, check, sleep`),
      );
      const builtin = new RegExp(`^(node:.*|${builtinModules.join("|")})$`);
      build.onResolve({ filter: builtin }, ({ path, importer }) =>
        importer.includes("node_modules")
          ? undefined
          : no(
              `${path} is Node's: a scenario has no files, no sockets and no processes; data comes by --data and row()`,
            ),
      );
    },
  };
}

/** Whether a source is the scenario's or a package's that it uses, rather than ours. */
function isOwn(source, sdk) {
  const inSdk = relative(join(sdk, "src"), source);
  return inSdk.startsWith("..") && basename(source) !== "katydid-entry.js";
}

/** The table goes behind the code, so that no line moves. */
function withPlaces(code, places) {
  return `${code}\nglobalThis[Symbol.for("katydid.places")] = ${JSON.stringify(places)};\n`;
}
