// Values to the contract's nodes and back. A node is `{ tag, val }`; a `long`'s `val` is a pair of 32
// bits each, the lower first, since the engine's binding carries a 64-bit integer only as a double.
//
// Nothing here recurses: the engine has room for few nested calls, and a target may nest deeply.

import { DateTime, Double } from "./values.js";

/** A value that cannot be sent; the message says which and why. */
export class Unfit extends Error {}

/** Beyond the depth of any document that a host takes: a value that contains itself. */
const MAX_DEPTH = 1_000;

const NIL = { tag: "nil" };
const TRUE = { tag: "boolean", val: true };
const FALSE = { tag: "boolean", val: false };

/** The nodes of these values, one after the other. */
export function encode(values) {
  const nodes = [];
  for (let place = 0; place < values.length; place++) {
    const value = values[place];
    if (value === undefined) throw new Unfit(`parameter ${place + 1} is undefined`);
    const node = scalar(value);
    if (node === undefined) nest(value, nodes);
    else nodes.push(node);
  }
  return nodes;
}

/** The one value of a document; undefined where it has another form. */
export function decode(nodes) {
  let open,
    key,
    left = 0,
    at = 0;
  const outer = [];
  for (;;) {
    if (at >= nodes.length) return undefined;
    const { tag, val } = nodes[at++];
    let value = val;
    switch (tag) {
      case "member":
        key = val;
        continue;
      case "members":
      case "array":
        value = tag === "array" ? [] : {};
        if (val > 0) {
          outer.push(open, key, left);
          open = value;
          left = val;
          continue;
        }
        break;
      case "nil":
        value = null;
        break;
      case "long":
        value = integer(val);
        break;
      case "date-time":
        value = new DateTime(val);
    }
    // A value is whole; with it perhaps what it is the last part of.
    for (;;) {
      if (open === undefined) return at === nodes.length ? value : undefined;
      if (Array.isArray(open)) open.push(value);
      else if (key === "__proto__") define(open, key, value);
      else open[key] = value;
      if (--left > 0) break;
      value = open;
      left = outer.pop();
      key = outer.pop();
      open = outer.pop();
    }
  }
}

/** A plain assignment to this name would change what the object inherits. */
function define(object, key, value) {
  Object.defineProperty(object, key, { value, enumerable: true, configurable: true, writable: true });
}

/** The node of a value that has no parts; undefined for arrays and structs. */
function scalar(value) {
  switch (typeof value) {
    case "string":
      return { tag: "text", val: value.toWellFormed() };
    case "number":
      if ((value | 0) === value) return { tag: "int", val: value };
      if (!Number.isSafeInteger(value)) return { tag: "double", val: value };
      return { tag: "long", val: [value | 0, Math.floor(value / 2 ** 32)] };
    case "boolean":
      return value ? TRUE : FALSE;
    case "bigint":
      return big(value);
    case "object":
      return value === null ? NIL : known(value);
    default:
      throw new Unfit(`a ${typeof value} has no form in XML-RPC`);
  }
}

function big(value) {
  if (BigInt.asIntN(32, value) === value) return { tag: "int", val: Number(value) };
  if (BigInt.asIntN(64, value) !== value) throw new Unfit(`${value} has more than 64 bits`);
  return { tag: "long", val: [Number(BigInt.asIntN(32, value)), Number(value >> 32n)] };
}

function integer([low, high]) {
  const value = high * 2 ** 32 + (low >>> 0);
  return Number.isSafeInteger(value) ? value : (BigInt(high) << 32n) | BigInt(low >>> 0);
}

/** The node of an object that stands for one value. */
function known(value) {
  if (Array.isArray(value)) return undefined;
  if (value instanceof Uint8Array) return { tag: "binary", val: value };
  if (value instanceof DateTime) return { tag: "date-time", val: value.text.toWellFormed() };
  if (value instanceof Double) return { tag: "double", val: value.value };
  if (value instanceof Date) {
    if (Number.isNaN(value.getTime())) throw new Unfit("an invalid Date has no form in XML-RPC");
    return { tag: "date-time", val: DateTime.from(value).text };
  }
  if (value instanceof ArrayBuffer) return { tag: "binary", val: new Uint8Array(value) };
  if (ArrayBuffer.isView(value) || value instanceof Set || typeof value.then === "function") {
    throw new Unfit(`a ${value.constructor.name} has no form in XML-RPC`);
  }
  return undefined;
}

/** The nodes of an array or a struct. */
function nest(value, nodes) {
  const outer = [];
  let frame = begin(value, nodes);
  while (frame !== undefined) {
    const { keys, values } = frame;
    if (frame.at === values.length) {
      frame = outer.pop();
      continue;
    }
    const place = frame.at++;
    if (keys !== undefined) nodes.push({ tag: "member", val: keys[place].toWellFormed() });
    const part = values[place];
    if (part === undefined) throw new Unfit(`an array has a hole at ${place}`);
    const node = scalar(part);
    if (node !== undefined) {
      nodes.push(node);
    } else {
      if (outer.length === MAX_DEPTH) throw new Unfit("a value is nested too deeply, or contains itself");
      outer.push(frame);
      frame = begin(part, nodes);
    }
  }
}

/** Announces an array or a struct. Members that are undefined are left out, as in JSON. */
function begin(value, nodes) {
  if (Array.isArray(value)) {
    nodes.push({ tag: "array", val: value.length });
    return { keys: undefined, values: value, at: 0 };
  }
  const map = value instanceof Map;
  const keys = [],
    values = [];
  for (const key of map ? value.keys() : Object.keys(value)) {
    const part = map ? value.get(key) : value[key];
    if (part === undefined) continue;
    keys.push(String(key));
    values.push(part);
  }
  nodes.push({ tag: "members", val: keys.length });
  return { keys, values, at: 0 };
}
