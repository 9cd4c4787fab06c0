// Building by the command that `katydid build` calls. Needs the tools: npm ci.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import test from "node:test";
import { fileURLToPath } from "node:url";

const sdk = join(dirname(fileURLToPath(import.meta.url)), "..");
const folder = mkdtempSync(join(tmpdir(), "katydid-test-"));
test.after(() => rmSync(folder, { recursive: true }));

function build(...args) {
  const { status, stderr } = spawnSync(process.execPath, [join(sdk, "build.mjs"), ...args], { encoding: "utf8" });
  return { status, stderr };
}

/** A scenario of this text, in a file of this name. */
function file(name, text) {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

const HEAD = 'import { User, task } from "katydid";\n';

test("a scenario becomes a module of WebAssembly", () => {
  for (const script of ["typescript/api_user.ts", "javascript/api_user.js"]) {
    const out = join(folder, "out.wasm");
    assert.deepEqual(build(join(sdk, "../../scripts", script), "-o", out), { status: 0, stderr: "" });
    const built = readFileSync(out);
    const exported = WebAssembly.Module.exports(new WebAssembly.Module(built)).map(({ name }) => name);
    assert.ok(exported.includes("katydid:load/scenario@0.1.0#describe"));
    assert.ok(!exported.some((name) => /^_|^katydid_/.test(name)), "what only the build calls");
    assert.equal(build(join(sdk, "../../scripts", script), "-o", out).status, 0);
    assert.deepEqual(readFileSync(out), built, "one source makes one module");
  }
});

test("mistakes are told with file and line", () => {
  const rows = [
    [
      "syntax.ts",
      `${HEAD}export default class A extends User {\n  @task go() { this.client.x( ; }\n}\n`,
      /syntax\.ts:3:30:/,
    ],
    [
      "top.ts",
      `${HEAD}const f = (x: any): number => x.a;\nf(null);\nexport default class A extends User { @task go() {} }\n`,
      /null.*top\.ts:2:.*top\.ts:3:/s,
    ],
    ["thrown.js", 'throw "just a text";\n', /^error: just a text$/m],
    ["none.js", "export const a = 1;\n", /^error: the scenario exports no user/],
    [
      "two.js",
      `${HEAD}export default class A extends User {\n  static tasks = { go: -1, gone: 1 };\n  go() {}\n}\n`,
      /^error: A\.gone.*\nerror: A\.go: its weight/,
    ],
    [
      "early.js",
      'import { parameter } from "katydid";\nparameter("x");\nexport default () => {};\n',
      /^error: parameter asks the host.*early\.js:2:/s,
    ],
    ["random.js", "Math.random();\nexport default () => {};\n", /^error: randomness asks the host.*random\.js:1:/s],
    [
      "node.js",
      'import "node:fs";\nimport http from "k6/http";\nhttp();\n',
      /node:fs is Node's.*node\.js:1:.*k6\/http is k6's.*node\.js:2:/s,
    ],
    ["test.js", 'import { World } from "katydid/testing";\nnew World();\n', /is for tests on Node/],
    [
      "missing.js",
      'import left from "left-pad";\nleft();\n',
      /Could not resolve "left-pad".*missing\.js:1:.*npm install left-pad/s,
    ],
  ];
  for (const [name, text, expected] of rows) {
    const { status, stderr } = build(file(name, text));
    assert.equal(status, 1, `${name}: ${stderr}`);
    assert.match(stderr, expected, name);
    assert.doesNotMatch(stderr, /wasm|componentize|katydid-entry|\/src\//, name);
  }
});

test("a wrong call is told apart", () => {
  const scenario = file("fine.js", "export default () => {};\n");
  const rows = [
    [[], /^error: no scenario/],
    [["nowhere.ts"], /nowhere\.ts is no file/],
    [[scenario, "--fast"], /unknown option --fast/],
    [[scenario, "-o"], /-o needs a value/],
    [[scenario, "--wit", "nowhere.wit"], /the contract is missing/],
    [[scenario, "--engine", "v8"], /there is no engine v8; there are quickjs, starlingmonkey/],
    [[scenario, "--engine", "starlingmonkey", "--tools", folder], /npm ci --omit=dev --prefix/],
    [[scenario, "--tools", folder], /the tools are missing in .*npm ci --omit=dev --prefix/s],
  ];
  for (const [args, expected] of rows) {
    const { status, stderr } = build(...args);
    assert.equal(status, 2, stderr);
    assert.match(stderr, expected);
  }
});
