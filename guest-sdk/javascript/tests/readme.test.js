// The README's code: each block builds, TypeScript's has no mistakes of types, and its test passes. Needs
// the tools: npm ci.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import test from "node:test";
import { fileURLToPath } from "node:url";
import { bundle } from "../build/bundle.mjs";

const sdk = join(dirname(fileURLToPath(import.meta.url)), "..");
const tools = createRequire(resolve(process.env.KATYDID_JS_TOOLS ?? sdk, "package.json"));
const folder = mkdtempSync(join(tmpdir(), "katydid-readme-"));
test.after(() => rmSync(folder, { recursive: true }));

const text = readFileSync(join(sdk, "README.md"), "utf8");
const blocks = [...text.matchAll(/^```(ts|js)\n(.*?)^```$/gms)].map(([, language, code], place) => {
  const path = join(folder, `block${place}.${language}`);
  writeFileSync(path, code);
  return { path, language, code, isTest: code.includes("katydid/testing") };
});

test("there are blocks", () => {
  assert.ok(blocks.length > 10);
});

test("each scenario can be bundled", async () => {
  const esbuild = tools("esbuild");
  for (const { path, isTest } of blocks) {
    if (!isTest) assert.ok((await bundle(esbuild, path, sdk, "quickjs")).code.length > 0, path);
  }
});

test("the first two are the scripts", () => {
  const scripts = ["typescript/api_user.ts", "javascript/api_user.js"].map((script) =>
    readFileSync(join(sdk, "../../scripts", script), "utf8"),
  );
  const bare = (code) =>
    code
      .replace(/^\/\*\*.*\*\/$/m, "")
      .replace(/\s+/g, " ")
      .trim();
  assert.deepEqual(
    blocks.slice(0, 2).map(({ code }) => bare(code)),
    scripts.map(bare),
  );
});

test("what is TypeScript has no mistakes of types", () => {
  const paths = { katydid: [join(sdk, "index.d.ts")], "katydid/testing": [join(sdk, "testing.d.ts")] };
  const options = {
    target: "es2022",
    module: "nodenext",
    lib: ["es2023", "dom"],
    types: [],
    strict: true,
    noEmit: true,
    paths,
  };
  const files = blocks.filter(({ language }) => language === "ts").map(({ path }) => path);
  writeFileSync(join(folder, "tsconfig.json"), JSON.stringify({ compilerOptions: options, files }));
  const tsc = join(dirname(tools.resolve("typescript/package.json")), "bin/tsc");
  const { status, stdout } = spawnSync(process.execPath, [tsc, "-p", folder], { encoding: "utf8" });
  assert.equal(status, 0, stdout);
});

test("its test passes", async () => {
  const { path } = blocks.find(({ isTest }) => isTest);
  const alias = { "katydid/testing": join(sdk, "src/testing.js"), katydid: join(sdk, "src/index.js") };
  const out = join(folder, "readme.test.mjs");
  await tools("esbuild").build({
    entryPoints: [path],
    outfile: out,
    bundle: true,
    platform: "node",
    format: "esm",
    alias,
  });
  const { status, stdout } = spawnSync(process.execPath, ["--test", out], {
    encoding: "utf8",
    env: { ...process.env, NODE_TEST_CONTEXT: undefined },
  });
  assert.equal(status, 0, stdout);
  assert.match(stdout, /pass 1/);
});
