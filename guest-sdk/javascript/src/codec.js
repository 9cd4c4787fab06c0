// Values to the contract's nodes, and back. A node is `{ tag, val }`; a `long`'s `val` is a pair of 32 bits each,
// the lower first, since a number holds no 64.
//
// Nothing here recurses over nodes: the engine has room for few nested calls, and a target may nest deeply.

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
    const node = scalars[typeof value](value);
    if (node === undefined) nest(value, nodes);
    else nodes.push(node);
  }
  return nodes;
}

/** The one value of a document; undefined where it has another form. */
export function decode(nodes) {
  const outer = [];
  let open,
    key,
    left = 0;
  for (let at = 0; at < nodes.length; ) {
    const { tag, val } = nodes[at++];
    let value = val;
    // The engine compares with one case after the other, and slowly: the frequent ones come first.
    switch (tag) {
      case "member":
        key = val;
        continue;
      case "int":
      case "text":
      case "double":
      case "boolean":
        break;
      case "members":
      case "array":
        value = tag === "array" ? [] : {};
        if (val > 0) {
          if (open !== undefined) outer.push(open, key, left);
          open = value;
          // What has no names is an array.
          key = undefined;
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
    while (open !== undefined) {
      if (key === undefined) open.push(value);
      else if (key === "__proto__") define(open, key, value);
      else open[key] = value;
      if (--left > 0) break;
      value = open;
      if (outer.length === 0) {
        open = undefined;
        break;
      }
      left = outer.pop();
      key = outer.pop();
      open = outer.pop();
    }
    if (open === undefined) return at === nodes.length ? value : undefined;
  }
}

/** A plain assignment to this name would change what the object inherits. */
function define(object, key, value) {
  Object.defineProperty(object, key, { value, enumerable: true, configurable: true, writable: true });
}

const unknown = (value) => {
  throw new Unfit(`a ${typeof value} has no form in XML-RPC`);
};

/**
 * The node of a value that has no parts, by the value's type; undefined for arrays and structs. As a table, since
 * the engine compares texts slowly.
 */
const scalars = {
  string: (value) => ({ tag: "text", val: value.toWellFormed() }),
  number(value) {
    if ((value | 0) === value) return { tag: "int", val: value };
    if (!Number.isSafeInteger(value)) return { tag: "double", val: value };
    return { tag: "long", val: [value | 0, Math.floor(value / 2 ** 32)] };
  },
  boolean: (value) => (value ? TRUE : FALSE),
  bigint: big,
  object: (value) => (value === null ? NIL : known(value)),
  function: unknown,
  symbol: unknown,
};

function big(value) {
  if (BigInt.asIntN(32, value) === value) return { tag: "int", val: Number(value) };
  if (BigInt.asIntN(64, value) !== value) throw new Unfit(`${value} has more than 64 bits`);
  return { tag: "long", val: [Number(BigInt.asIntN(32, value)), Number(value >> 32n)] };
}

function integer(pair) {
  const low = pair[0],
    high = pair[1];
  const value = high * 2 ** 32 + (low >>> 0);
  return Number.isSafeInteger(value) ? value : (BigInt(high) << 32n) | BigInt(low >>> 0);
}

/** The node of an object that stands for one value. */
function known(value) {
  if (Array.isArray(value)) return undefined;
  // Most objects are plain, and to ask for each class that they are not of takes longer than all else here.
  if (Object.getPrototypeOf(value) === Object.prototype && typeof value.then !== "function") return undefined;
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
  let frame = begin(value, nodes),
    depth = 0;
  while (frame !== undefined) {
    const { values, keys } = frame;
    const place = frame.at++;
    if (place === (keys ?? values).length) {
      frame = frame.outer;
      depth--;
      continue;
    }
    const part = keys === undefined ? values[place] : values[keys[place]];
    if (part === undefined) {
      if (keys === undefined) throw new Unfit(`an array has a hole at ${place}`);
      // Left out, as in JSON.
      frame.announced.val--;
      continue;
    }
    if (keys !== undefined) nodes.push(member(frame.names[place]));
    const node = scalars[typeof part](part);
    if (node !== undefined) {
      nodes.push(node);
    } else {
      if (++depth > MAX_DEPTH) throw new Unfit("a value is nested too deeply, or contains itself");
      frame = begin(part, nodes, frame);
    }
  }
}

/** Announces an array or a struct. */
function begin(value, nodes, outer) {
  if (Array.isArray(value)) {
    nodes.push({ tag: "array", val: value.length });
    return { outer, at: 0, values: value, keys: undefined, names: undefined, announced: undefined };
  }
  const map = value instanceof Map;
  const values = map ? [...value.values()] : value;
  const keys = Object.keys(values);
  const announced = { tag: "members", val: keys.length };
  nodes.push(announced);
  return { outer, at: 0, values, keys, names: map ? [...value.keys()].map(String) : keys, announced };
}

/** What stands for the names of members: most come again. */
const members = new Map();

/** Structs that serve as dictionaries have any number of names. */
const MAX_MEMBERS = 1_000;

function member(name) {
  const known = members.get(name);
  if (known !== undefined) return known;
  const made = { tag: "member", val: name.toWellFormed() };
  if (members.size < MAX_MEMBERS) members.set(name, made);
  return made;
}
