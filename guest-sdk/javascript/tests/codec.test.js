import assert from "node:assert/strict";
import test from "node:test";
import { DateTime, Double } from "katydid";
import { decode, encode, Unfit } from "../src/codec.js";

const nodes = (...values) => encode(values).map(({ tag, val }) => (val === undefined ? tag : [tag, val]));

test("values become nodes", () => {
  const rows = [
    [null, "nil"],
    [true, ["boolean", true]],
    [0, ["int", 0]],
    [-0, ["int", -0]],
    [2 ** 31 - 1, ["int", 2 ** 31 - 1]],
    [-(2 ** 31), ["int", -(2 ** 31)]],
    [2 ** 31, ["long", [-(2 ** 31), 0]]],
    [-(2 ** 31) - 1, ["long", [2 ** 31 - 1, -1]]],
    [2 ** 53 - 1, ["long", [-1, 2 ** 21 - 1]]],
    [2 ** 53, ["double", 2 ** 53]],
    [5n, ["int", 5]],
    [2n ** 63n - 1n, ["long", [-1, 2 ** 31 - 1]]],
    [-(2n ** 63n), ["long", [0, -(2 ** 31)]]],
    [1.5, ["double", 1.5]],
    [NaN, ["double", NaN]],
    [new Double(1), ["double", 1]],
    ["žluť 🦗", ["text", "žluť 🦗"]],
    ["lone \ud800", ["text", "lone \ufffd"]],
    [new DateTime("19980717T14:08:55"), ["date-time", "19980717T14:08:55"]],
    [new Date(Date.UTC(1998, 6, 17, 14, 8, 55, 999)), ["date-time", "19980717T14:08:55"]],
    [Uint8Array.of(0, 255), ["binary", Uint8Array.of(0, 255)]],
    [Uint8Array.of(7).buffer, ["binary", Uint8Array.of(7)]],
    [[], ["array", 0]],
    [{}, ["members", 0]],
  ];
  for (const [value, node] of rows) assert.deepEqual(nodes(value), [node], String(value));
  assert.deepEqual(nodes(), []);
  assert.deepEqual(nodes(1, [2, { a: null, gone: undefined }], "x"), [
    ["int", 1],
    ["array", 2],
    ["int", 2],
    ["members", 1],
    ["member", "a"],
    "nil",
    ["text", "x"],
  ]);
  assert.deepEqual(nodes(new Map([["a", [[]]]])), [
    ["members", 1],
    ["member", "a"],
    ["array", 1],
    ["array", 0],
  ]);
});

test("the members of maps and structs keep their order, also around what is left out", () => {
  const map = new Map([
    [1, "a"],
    ["1", { inner: [undefined ?? 0] }],
    ["gone", undefined],
    ["__proto__", 2],
  ]);
  assert.deepEqual(nodes("first", [{ a: { b: [] }, gone: undefined, c: 1 }], map), [
    ["text", "first"],
    ["array", 1],
    ["members", 2],
    ["member", "a"],
    ["members", 1],
    ["member", "b"],
    ["array", 0],
    ["member", "c"],
    ["int", 1],
    ["members", 3],
    ["member", "1"],
    ["text", "a"],
    ["member", "1"],
    ["members", 1],
    ["member", "inner"],
    ["array", 1],
    ["int", 0],
    ["member", "__proto__"],
    ["int", 2],
  ]);
  assert.deepEqual(nodes({ ["lone \ud800"]: 1, valueOf: 2 }), [
    ["members", 2],
    ["member", "lone \ufffd"],
    ["int", 1],
    ["member", "valueOf"],
    ["int", 2],
  ]);
  assert.deepEqual(nodes(Object.create({ inherited: 1 }, { own: { value: 2, enumerable: true } })), [
    ["members", 1],
    ["member", "own"],
    ["int", 2],
  ]);
  const names = Object.fromEntries(Array.from({ length: 1_500 }, (_, at) => [`name ${at}`, at]));
  for (const again of [1, 2]) assert.deepEqual(decode(encode([names])), names, `time ${again}`);
});

test("what cannot be sent says why", () => {
  const itself = {};
  itself.itself = [itself];
  const rows = [
    [undefined, /^parameter 1 is undefined$/],
    [[1, undefined], /^an array has a hole at 1$/],
    [() => {}, /^a function has no form/],
    [[Symbol("s")], /^a symbol has no form/],
    [2n ** 63n, /^9223372036854775808 has more than 64 bits$/],
    [new Date(NaN), /^an invalid Date/],
    [new Float32Array(1), /^a Float32Array has no form/],
    [new Set(), /^a Set has no form/],
    [Promise.resolve(), /^a Promise has no form/],
    [{ then() {} }, /^a Object has no form/],
    [itself, /contains itself$/],
  ];
  for (const [value, message] of rows) {
    assert.throws(
      () => encode([value]),
      (error) => error instanceof Unfit && message.test(error.message),
    );
  }
});

test("nodes become the value that they were", () => {
  const rows = [
    null,
    false,
    -5,
    2 ** 40,
    -(2 ** 40),
    Number.MIN_SAFE_INTEGER,
    2n ** 53n,
    -(2n ** 53n),
    -(2n ** 63n),
    1.5,
    "",
    "x",
    new DateTime("19980717T14:08:55"),
    Uint8Array.of(1),
    [],
    {},
    [[], [1, [2]], {}],
    { a: { b: [] }, c: 1, d: [{}] },
    JSON.parse('{"__proto__": {"x": 1}, "constructor": 2}'),
  ];
  for (const value of rows) assert.deepEqual(decode(encode([value])), value);
  // Of members with one name the last wins.
  const twice = [
    { tag: "members", val: 2 },
    { tag: "member", val: "a" },
    { tag: "int", val: 1 },
    { tag: "member", val: "a" },
    { tag: "int", val: 2 },
  ];
  assert.deepEqual(decode(twice), { a: 2 });
});

test("what is not one value is none", () => {
  const int = { tag: "int", val: 1 };
  for (const document of [[], [int, int], [{ tag: "array", val: 2 }, int]]) assert.equal(decode(document), undefined);
});

test("depth costs no stack", () => {
  let deep = 1;
  for (let depth = 0; depth < 900; depth++) deep = [deep];
  assert.equal(encode([deep]).length, 901);
  assert.deepEqual(
    decode([...Array(100_000).fill({ tag: "array", val: 1 }), { tag: "array", val: 0 }])[0][0].length,
    1,
  );
});

test("dates", () => {
  const rows = [
    ["19980717T14:08:55", 900684535000],
    ["1998-07-17T14:08:55Z", 900684535000],
    ["19980717T14:08:55.250", 900684535250],
    ["19980717T16:08:55+02:00", 900684535000],
    ["yesterday", NaN],
  ];
  for (const [text, time] of rows) assert.equal(new DateTime(text).toDate().getTime(), time, text);
  assert.equal(`${DateTime.from(new Date(900684535000))}`, "19980717T14:08:55");
});
