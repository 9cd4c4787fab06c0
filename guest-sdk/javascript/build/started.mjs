// An engine with a bundle in it: the bundle is evaluated once, now, and the memory that this leaves is kept in the
// module, so that each instance begins there.
//
// Sections and their forms: WebAssembly Core Specification 2.0, 5.5.

const MEMORY = 5,
  EXPORT = 7,
  DATA_COUNT = 12,
  DATA = 11;

/** What only this file calls. */
const OURS = new Set(["katydid_room", "katydid_start", "_initialize"]);

/** Zeros that are kept within a segment, since a new one takes some bytes as well. */
const GAP = 16;

/** The engine with `code` evaluated in it. Throws what the code throws, with its stack. */
export async function started(engine, code) {
  const module = await WebAssembly.compile(engine);
  const instance = await WebAssembly.instantiate(module, imports(module, () => instance.exports.memory));
  const { katydid_room: room, katydid_start: start, memory } = instance.exports;
  const text = Buffer.from(`${code}\0`);
  const at = room(text.length);
  if (at === 0) throw new Error("the bundle is too large");
  new Uint8Array(memory.buffer).set(text, at);
  const thrown = start(at, text.length - 1);
  const bytes = Buffer.from(memory.buffer);
  if (thrown !== 0) throw new Error(bytes.toString("utf8", thrown, bytes.indexOf(0, thrown)));
  return withMemory(engine, bytes);
}

/** What the module imports: nobody, since there is no host yet, but the time. */
function imports(module, memory) {
  const all = {};
  for (const { module: from, name } of WebAssembly.Module.imports(module)) {
    all[from] ??= {};
    all[from][name] = () => {
      throw new Error(`the engine asked for ${from} ${name} while it was built`);
    };
    if (from.startsWith("wasi:clocks/wall-clock@")) all[from][name] = (at) => wallClock(new DataView(memory().buffer), at);
  }
  return all;
}

/** Writes the time as the record that it is: seconds and nanoseconds. */
function wallClock(view, at) {
  const now = Date.now();
  view.setBigUint64(at, BigInt(Math.floor(now / 1_000)), true);
  view.setUint32(at + 8, (now % 1_000) * 1_000_000, true);
}

/** The module with this memory from the beginning. */
function withMemory(wasm, memory) {
  const segments = [...runs(memory)].map(([from, to]) => [
    Buffer.from([0, 0x41, ...signed(from), 0x0b, ...unsigned(to - from)]),
    memory.subarray(from, to),
  ]);
  const parts = [wasm.subarray(0, 8)];
  for (const [id, content] of sections(wasm)) {
    switch (id) {
      case MEMORY:
        parts.push(section(id, withPages(content, memory.length / 65_536)));
        break;
      case EXPORT:
        parts.push(section(id, withoutOurs(content)));
        break;
      case DATA_COUNT:
        parts.push(section(id, Buffer.from(unsigned(segments.length))));
        break;
      case DATA:
        parts.push(section(id, Buffer.concat([Buffer.from(unsigned(segments.length)), ...segments.flat()])));
        break;
      default:
        parts.push(section(id, content));
    }
  }
  return Buffer.concat(parts);
}

function* sections(wasm) {
  for (let at = 8; at < wasm.length; ) {
    const id = wasm[at];
    const [size, content] = number(wasm, at + 1);
    at = content + size;
    yield [id, wasm.subarray(content, at)];
  }
}

const section = (id, content) => Buffer.concat([Buffer.from([id, ...unsigned(content.length)]), content]);

/** The one memory, larger. */
function withPages(content, pages) {
  const [, flags] = number(content, 0);
  const [, after] = number(content, flags + 1);
  return Buffer.concat([content.subarray(0, flags + 1), Buffer.from(unsigned(pages)), content.subarray(after)]);
}

/** The exports that a host knows. */
function withoutOurs(content) {
  const kept = [];
  let [count, at] = number(content, 0);
  for (; count > 0; count--) {
    const [length, name] = number(content, at);
    const [, end] = number(content, name + length + 1);
    if (!OURS.has(content.toString("utf8", name, name + length))) kept.push(content.subarray(at, end));
    at = end;
  }
  return Buffer.concat([Buffer.from(unsigned(kept.length)), ...kept]);
}

/** From where to where there is something else than zeros. */
function* runs(memory) {
  const words = new BigUint64Array(memory.buffer, memory.byteOffset, memory.length / 8);
  let from = -1,
    last = -1;
  for (let word = 0; word < words.length; word++) {
    if (words[word] === 0n) continue;
    if (from >= 0 && (word - last) * 8 > GAP) {
      yield [from * 8, last * 8 + 8];
      from = word;
    }
    if (from < 0) from = word;
    last = word;
  }
  if (from >= 0) yield [from * 8, last * 8 + 8];
}

// LEB128.

function number(bytes, at) {
  let value = 0;
  for (let shift = 0; ; shift += 7) {
    const byte = bytes[at++];
    value += (byte & 0x7f) * 2 ** shift;
    if (byte < 0x80) return [value, at];
  }
}

function unsigned(value) {
  const bytes = [];
  for (; value >= 0x80; value = Math.floor(value / 128)) bytes.push((value % 128) | 0x80);
  return [...bytes, value];
}

/** An address as `i32.const` has it. */
function signed(value) {
  const bytes = [];
  for (value |= 0; value >= 0x40 || value < -0x40; value >>= 7) bytes.push((value & 0x7f) | 0x80);
  return [...bytes, value & 0x7f];
}
