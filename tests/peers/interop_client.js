// Node's XML-RPC client calls every method of validator1 and of interopEchoTests, and compares each answer.
//
//     interop_client.js URL
//
// Prints the methods that it called, one a line. Its strings with markup travel as CDATA, and its whole
// numbers as ints, even where a double is meant.
const assert = require("node:assert/strict");
const xmlrpc = require("xmlrpc");

const struct = { varString: "größe & <co>", varInt: -7, varFloat: 0.25 };
// XML-RPC names no time zone; the package takes local time.
const date = new Date(1998, 6, 17, 14, 8, 55);
const bytes = Buffer.from(Array.from({ length: 256 }, (_, index) => index));
const stooges = { moe: 1, larry: 20, curly: -300, shemp: "x" };
const days = () => ({ "01": {}, "02": {}, "03": {} });
const calendar = {
  1999: { "03": days(), "04": days() },
  2000: { "03": days(), "04": { ...days(), "01": stooges } },
};
const counts = {
  ctLeftAngleBrackets: 3, ctRightAngleBrackets: 2, ctAmpersands: 2, ctApostrophes: 5, ctQuotes: 4,
};
const strings = Array.from({ length: 150 }, (_, index) => `<${index + 1}> `);
const echoed = {
  echoString: " größe & <co>\n", echoInteger: -(2 ** 31), echoFloat: -0.5, echoBoolean: false, echoDate: date,
  echoBase64: bytes, echoStruct: struct, echoValue: [1, [struct, "a"], {}], echoStringArray: ["a", "", " <&> "],
  echoIntegerArray: [1, 2 ** 31 - 1, 0], echoFloatArray: [0.5, -1.25], echoStructArray: [struct, {}],
};
const many = [42, true, "a & b", -1.5, date, bytes];
const calls = [
  ["validator1.arrayOfStructsTest", [[stooges, stooges]], -600],
  ["validator1.countTheEntities", ["<<<>>&'''''\"\"\"\" &amp; größe"], counts],
  ["validator1.easyStructTest", [stooges], -279],
  ["validator1.echoStructTest", [calendar], calendar],
  ["validator1.manyTypesTest", many, many],
  ["validator1.moderateSizeArrayCheck", [strings], "<1> <150> "],
  ["validator1.nestedStructTest", [calendar], -279],
  ["validator1.simpleStructReturnTest", [-7], { times10: -70, times100: -700, times1000: -7000 }],
  ...Object.entries(echoed).map(([name, value]) => [`interopEchoTests.${name}`, [value], value]),
  ["interopEchoTests.noInParams", [], 0],
];
const refused = [
  ["validator1.easyStructTest", [{ moe: 1 }], "larry"],
  ["validator1.moderateSizeArrayCheck", [["a"]], "100 to 200"],
  ["interopEchoTests.echoString", [1], "string is due"],
  ["interopEchoTests.echoFloat", [2.0], "of type int, double is due"],
];

const [url] = process.argv.slice(2);
const client = xmlrpc.createClient({ url });
const call = (name, params) =>
  new Promise((resolve, reject) => {
    client.methodCall(name, params, (error, value) => (error ? reject(error) : resolve(value)));
  });

async function main() {
  for (const [name, params, expected] of calls) {
    assert.deepEqual(await call(name, params), expected, name);
    console.log(name);
  }
  const toolkit = await call("interopEchoTests.whichToolkit", []);
  assert.deepEqual(Object.values(toolkit).map((text) => typeof text), Array(4).fill("string"));
  console.log("interopEchoTests.whichToolkit");
  for (const [name, params, words] of refused) {
    await assert.rejects(call(name, params), (fault) => {
      assert.equal(fault.faultCode, -32602, name);
      assert.ok(fault.faultString.includes(words), fault.faultString);
      return true;
    });
  }
  const multicall = calls.map(([methodName, params]) => ({ methodName, params }));
  const answers = await call("system.multicall", [multicall]);
  assert.deepEqual(answers, calls.map(([, , expected]) => [expected]));
}

main().catch((error) => {
  console.error(error);
  process.exitCode = 1;
});
