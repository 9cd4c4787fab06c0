// Node's XML-RPC server with the methods of validator1 and of interopEchoTests, on any port.
//
//     interop_server.js
//
// Its first line is the port. What the methods do: http://1998.xmlrpc.com/validator1Docs.html.
const xmlrpc = require("xmlrpc");

const stooges = ({ moe, larry, curly }) => moe + larry + curly;
const count = (text, entity) => text.split(entity).length - 1;

const validator = {
  arrayOfStructsTest: (structs) => structs.reduce((sum, { curly }) => sum + curly, 0),
  countTheEntities: (text) => ({
    ctLeftAngleBrackets: count(text, "<"),
    ctRightAngleBrackets: count(text, ">"),
    ctAmpersands: count(text, "&"),
    ctApostrophes: count(text, "'"),
    ctQuotes: count(text, '"'),
  }),
  easyStructTest: stooges,
  echoStructTest: (struct) => struct,
  manyTypesTest: (...values) => values,
  moderateSizeArrayCheck: (strings) => strings[0] + strings.at(-1),
  nestedStructTest: (calendar) => stooges(calendar["2000"]["04"]["01"]),
  simpleStructReturnTest: (number) => ({ times10: number * 10, times100: number * 100, times1000: number * 1000 }),
};
const echoes = [
  "echoBase64", "echoBoolean", "echoDate", "echoFloat", "echoFloatArray", "echoInteger", "echoIntegerArray",
  "echoString", "echoStringArray", "echoStruct", "echoStructArray", "echoValue",
];
const toolkit = {
  toolkitName: "xmlrpc",
  toolkitVersion: "1.3.2",
  toolkitOperatingSystem: process.platform,
  toolkitDocsUrl: "https://github.com/baalexander/node-xmlrpc",
};

const server = xmlrpc.createServer({ host: "127.0.0.1", port: 0 }, () => {
  console.log(server.httpServer.address().port);
});
const offer = (name, method) => server.on(name, (error, params, answer) => answer(error, method(...params)));
for (const [name, method] of Object.entries(validator)) offer(`validator1.${name}`, method);
for (const name of echoes) offer(`interopEchoTests.${name}`, (value) => value);
offer("interopEchoTests.noInParams", () => 0);
offer("interopEchoTests.whichToolkit", () => toolkit);
