// What is documented is there, and what is there is documented.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import test from "node:test";

const pairs = [
  ["katydid", "../index.d.ts"],
  ["katydid/testing", "../testing.d.ts"],
];

for (const [name, types] of pairs) {
  test(name, async () => {
    const text = readFileSync(new URL(types, import.meta.url), "utf8");
    const declared = [...text.matchAll(/^export (?:abstract )?(?:class|function|const) (\w+)/gm)].map(
      ([, name]) => name,
    );
    assert.deepEqual(Object.keys(await import(name)).sort(), [...new Set(declared)].sort());
  });
}

test("files can be read in one sitting", async () => {
  const { readdirSync } = await import("node:fs");
  for (const folder of ["../src/", "../src/host/", "../build/", "./", "../"]) {
    const place = new URL(folder, import.meta.url);
    for (const file of readdirSync(place).filter((file) => /\.(m?js|ts)$/.test(file))) {
      const lines = readFileSync(new URL(file, place), "utf8").split("\n");
      assert.ok(lines.length <= 450, `${file} has ${lines.length} lines`);
      const long = lines.findIndex((line) => line.length > 150);
      assert.equal(long, -1, `${file}:${long + 1} is too long`);
    }
  }
});
