import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import test from "node:test";
import { DateTime } from "katydid";
import { ENGINES } from "../build/engines.mjs";
import { placesOf } from "../build/places.mjs";
import { format, inspect } from "../src/inspect.js";
import { fromBytes, toBytes } from "../src/state.js";
import { fromUtf8, toUtf8 } from "../src/utf8.js";
import { explain, frames, place, translated } from "../src/where.js";

test("UTF-8 is what others make of it", () => {
  for (const text of ["", "abc", "100 % žluť", "🦗\u{10ffff}\u0000", "x".repeat(5_000), "lone \ud800 \udc00"]) {
    assert.deepEqual(toUtf8(text), new TextEncoder().encode(text));
    assert.equal(fromUtf8(toUtf8(text)), text.toWellFormed());
  }
  for (const bytes of [
    [0xff, 0x41],
    [0xc3],
    [0xe2, 0x82],
    [0xed, 0xa0, 0x80],
    [0xc0, 0x80],
    [0xf8, 0x88],
    [0xf4, 0x90, 0x80, 0x80],
  ]) {
    assert.match(fromUtf8(Uint8Array.from(bytes)), /\ufffd/);
  }
});

test("state is more than JSON", () => {
  const rows = [
    null,
    "žluť",
    1.5,
    [1n, { a: 2n ** 64n }],
    new Date(5),
    new DateTime("19980717T14:08:55"),
    Uint8Array.of(0, 255),
    { $katydid: "not ours" },
    { list: [new Date(1), Uint8Array.of()] },
  ];
  for (const value of rows) assert.deepEqual(fromBytes(toBytes(value)), value);
});

test("values are shown", () => {
  const itself = { name: "x" };
  itself.itself = itself;
  class Point {
    x = 1;
  }
  const rows = [
    [undefined, "undefined"],
    [-0, "-0"],
    [5n, "5n"],
    ["a\n", '"a\\n"'],
    [null, "null"],
    [Symbol("s"), "Symbol(s)"],
    [[1, [2, "x"]], '[1, [2, "x"]]'],
    [{ a: { b: {} } }, "{ a: { b: {} } }"],
    [itself, '{ name: "x", itself: [circular] }'],
    [new Map([["a", 1]]), 'Map {"a" => 1}'],
    [new Set([1]), "Set {1}"],
    [Uint8Array.of(1, 2), "Uint8Array [1, 2]"],
    [new Point(), "Point { x: 1 }"],
    [Point, "[class Point]"],
    [new Date(0), "1970-01-01T00:00:00.000Z"],
    [new Date(NaN), "an invalid Date"],
    [/a+/g, "/a+/g"],
    [Object.create(null), "{}"],
    [[[[[[1]]]]], "[[[[[...]]]]]"],
    [Array(200).fill(0), `[${"0, ".repeat(100)}... 100 more]`],
  ];
  for (const [value, text] of rows) assert.equal(inspect(value), text);
  assert.equal(
    inspect(function named() {}),
    "[function named]",
  );
  assert.match(inspect(new TypeError("no")), /^TypeError: no\n/);
  assert.equal(
    format(["%s has %d of %i, %j%%", "a", 1.5, 2.7, { b: 1 }, "rest", [1]]),
    'a has 1.5 of 2, {"b":1}% rest [1]',
  );
  assert.equal(format([{ a: 1 }, "b"]), "{ a: 1 } b");
  assert.equal(format(["%s %s", 1]), "1 %s");
  assert.equal(format([]), "");
});

/** Two sources in a bundle of three lines, of which the second one is ours. */
const MAP = { sources: ["a.ts", "sdk.js"], mappings: "AAAA,SAAS;CCAA;EDEA,IAAI" };

test("places in the bundle are places in the sources", () => {
  const table = placesOf(MAP, (source) => source === "a.ts");
  assert.deepEqual(table.sources, ["a.ts", ""]);
  assert.deepEqual(Object.keys(table.lines), ["1", "3"]);
  const rows = [
    [1, 1, "a.ts:1:1"],
    [1, 9, "a.ts:1:1"],
    [1, 10, "a.ts:1:10"],
    [1, 99, "a.ts:1:10"],
    [2, 5, undefined],
    [3, 5, "a.ts:3:10"],
    [9, 1, undefined],
  ];
  for (const [line, column, expected] of rows) assert.equal(place(table, line, column), expected, `${line}:${column}`);
  const stack =
    "    at f (user.js:1:10)\n    at inner (user.js:2:1)\n    at <anonymous> (user.js:3)\n";
  assert.deepEqual(frames(stack, table), ["at f (a.ts:1:10)", "at (anonymous) (a.ts:3:10)"]);
  assert.equal(translated("in user.js:1:1 and user.js:2:1", table), "in a.ts:1:1 and user.js:2:1");
  assert.match(explain(new RangeError("no", { cause: "why" })), /^RangeError: no\n {2}at .*\ncaused by why$/s);
});

test("StarlingMonkey's errors are read as other engines' are", () => {
  const table = { sources: ["shop.ts"], lines: { 2: "AAAA", 5: "AACA" } };
  const stack = "deep/inner@user.js:2:3\n@user.js:5:1\nexports@/tmp/sources/initializer.js:9:1\n";
  assert.deepEqual(frames(stack, table), ["at deep/inner (shop.ts:1:1)", "at (anonymous) (shop.ts:2:1)"]);

  const told = (first, stack) =>
    "Failed to initialize component (wizer (x)):\nException while evaluating top-level script\n" +
    `${first}\nAdditionally, some promises were rejected:\nPromise rejected: it\nStack:${stack}`;
  const rows = [
    [told("uncaught exception: a text", ""), "a text"],
    [told("user.js:2:3 Error: one\nuser.js:2:3 two", "\n  f</<@user.js:2:3"), "Error: one\ntwo\n    at f (user.js:2:3)"],
    ["something else", "something else"],
  ];
  for (const [message, expected] of rows) assert.equal(ENGINES.starlingmonkey.thrown(message), expected);
});

test("both engines' tools bundle alike", () => {
  const pins = (folder) => JSON.parse(readFileSync(new URL(`../${folder}package.json`, import.meta.url))).dependencies;
  assert.equal(pins("starlingmonkey/").esbuild, pins("").esbuild);
});
