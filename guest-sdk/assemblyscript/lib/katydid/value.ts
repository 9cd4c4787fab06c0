// XML-RPC data, and the nodes that it crosses the boundary as: 16 bytes each, a tag at 0, what it holds at 8.

import { release, taken, Utf8 } from "./host";

/** What a value is: the tags of the contract's nodes. */
export enum Kind {
  Nil,
  Boolean,
  /** Also what does not fit 32 bits. */
  Int,
  Double = 4,
  Text,
  /** A date, kept as the text it was: XML-RPC names no time zone. */
  DateTime,
  Binary,
  Array,
  Struct,
}

const LONG = 3;
const MEMBER = 10;
const NODE = 16;

/** One value of XML-RPC. What it is not, is zero, empty or nil. */
export class Value {
  constructor(
    public kind: Kind,
    /** A boolean (0 or 1) or an integer. */
    public int: i64 = 0,
    public double: f64 = 0,
    /** A text or a date. */
    public text: string = "",
    public bytes: StaticArray<u8> = NO_BYTES,
    /** Items of an array, or the values of a struct's members. */
    public items: Array<Value> = [],
    /** Names of a struct's members, one for each item. */
    public names: Array<string> = []
  ) {}

  /** The member of this name, or nil; of names that repeat, the last. */
  get(name: string): Value {
    const at = this.names.lastIndexOf(name);
    return at < 0 ? nil() : this.items[at];
  }

  /** Nodes that it takes. */
  get nodes(): i32 {
    let count = 1 + this.names.length;
    for (let i = 0; i < this.items.length; i++) count += this.items[i].nodes;
    return count;
  }
}

const NO_BYTES = new StaticArray<u8>(0);

/** `<nil/>`, which many servers refuse. */
export function nil(): Value {
  return new Value(Kind.Nil);
}
/** `<boolean>`. */
export function boolean(value: bool): Value {
  return new Value(Kind.Boolean, value ? 1 : 0);
}
/** `<int>` where it fits 32 bits, else `<i8>`. */
export function int(value: i64): Value {
  return new Value(Kind.Int, value);
}
/** `<double>`. */
export function double(value: f64): Value {
  return new Value(Kind.Double, 0, value);
}
/** `<string>`. */
export function text(value: string): Value {
  return new Value(Kind.Text, 0, 0, value);
}
/** `<dateTime.iso8601>`, such as `19980717T14:08:55`. */
export function dateTime(value: string): Value {
  return new Value(Kind.DateTime, 0, 0, value);
}
/** `<base64>`. */
export function binary(value: StaticArray<u8>): Value {
  return new Value(Kind.Binary, 0, 0, "", value);
}
/** `<array>`. */
export function array(items: Array<Value>): Value {
  return new Value(Kind.Array, 0, 0, "", NO_BYTES, items);
}
/** `<struct>`: names, and as many values. */
export function struct(names: Array<string>, values: Array<Value>): Value {
  assert(names.length == values.length, "a struct has as many names as values");
  return new Value(Kind.Struct, 0, 0, "", NO_BYTES, values, names);
}

/** Values as nodes in document order, in memory of its own until it is freed. */
export class Document {
  at: usize;
  count: i32 = 0;
  private texts: Array<Utf8> = [];

  constructor(values: Array<Value>) {
    let nodes = 0;
    for (let i = 0; i < values.length; i++) nodes += values[i].nodes;
    this.at = heap.alloc(max(nodes, 1) * NODE);
    for (let i = 0; i < values.length; i++) this.put(values[i]);
  }

  free(): void {
    heap.free(this.at);
  }

  private node(tag: i32): usize {
    const at = this.at + this.count++ * NODE;
    store<u64>(at, tag);
    return at + 8;
  }

  private putText(tag: i32, text: string): void {
    const bytes = new Utf8(text);
    this.texts.push(bytes);
    const at = this.node(tag);
    store<usize>(at, bytes.at);
    store<usize>(at, bytes.length, 4);
  }

  private put(value: Value): void {
    switch (value.kind) {
      case Kind.Boolean:
        store<u8>(this.node(Kind.Boolean), <u8>value.int);
        break;
      case Kind.Int:
        if (value.int == <i64>(<i32>value.int)) store<i32>(this.node(Kind.Int), <i32>value.int);
        else store<i64>(this.node(LONG), value.int);
        break;
      case Kind.Double:
        store<f64>(this.node(Kind.Double), value.double);
        break;
      case Kind.Text:
      case Kind.DateTime:
        this.putText(value.kind, value.text);
        break;
      case Kind.Binary: {
        const at = this.node(Kind.Binary);
        store<usize>(at, changetype<usize>(value.bytes));
        store<i32>(at, value.bytes.length, 4);
        break;
      }
      case Kind.Array:
      case Kind.Struct:
        store<i32>(this.node(value.kind), value.items.length);
        for (let i = 0; i < value.items.length; i++) {
          if (value.kind == Kind.Struct) this.putText(MEMBER, value.names[i]);
          this.put(value.items[i]);
        }
        break;
      default:
        this.node(Kind.Nil);
    }
  }
}

/** Reads a document of one value that the host has handed over, and lets its memory go. */
export function read(at: usize, count: i32): Value {
  const reader = new Reader(at);
  const value = reader.read();
  release(at, count * NODE);
  return value;
}

class Reader {
  constructor(private at: usize) {}

  read(): Value {
    const tag: i32 = load<u8>(this.at);
    const at = this.at + 8;
    this.at += NODE;
    switch (tag) {
      case Kind.Boolean:
        return boolean(load<u8>(at) != 0);
      case Kind.Int:
        return int(load<i32>(at));
      case LONG:
        return int(load<i64>(at));
      case Kind.Double:
        return double(load<f64>(at));
      case Kind.Text:
        return text(this.text(at));
      case Kind.DateTime:
        return dateTime(this.text(at));
      case Kind.Binary: {
        const from = load<usize>(at);
        const length = load<i32>(at, 4);
        const bytes = new StaticArray<u8>(length);
        memory.copy(changetype<usize>(bytes), from, length);
        release(from, length);
        return binary(bytes);
      }
      case Kind.Array:
        return this.parts(Kind.Array, load<i32>(at));
      case Kind.Struct:
        return this.parts(Kind.Struct, load<i32>(at));
      default:
        return nil();
    }
  }

  private parts(kind: Kind, count: i32): Value {
    const items: Array<Value> = [];
    const names: Array<string> = [];
    for (let i = 0; i < count; i++) {
      if (kind == Kind.Struct) {
        names.push(this.text(this.at + 8));
        this.at += NODE;
      }
      items.push(this.read());
    }
    return new Value(kind, 0, 0, "", NO_BYTES, items, names);
  }

  private text(at: usize): string {
    return taken(load<usize>(at), load<usize>(at, 4));
  }
}
