// Where in the sources an error came from. The engine knows places in the one file that all sources
// were bundled into; building the scenario leaves a table of which places those are.

/** What the engine calls that file. */
const PLACE = /user\.js:(\d+)(?::(\d+))?/g;

/** Where the table is: `{ sources, lines }`, see `place`. */
export const TABLE = Symbol.for("katydid.places");

/** Frames that are shown; the rest helps nobody. */
const FRAMES = 8;

const DIGITS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/** The numbers of one line of the table: a source map's (base 64, five bits a digit, the lowest the sign). */
function* numbers(line) {
  let value = 0,
    shift = 0;
  for (const char of line) {
    const digit = DIGITS.indexOf(char);
    value += (digit & 31) << shift;
    shift += 5;
    if ((digit & 32) !== 0) continue;
    yield value & 1 ? -(value >> 1) : value >> 1;
    value = shift = 0;
  }
}

/**
 * The place in the sources, as `file:line:column`; undefined in code that is not the scenario's own.
 * A line of the table holds segments of four numbers: column of the bundle, source, line and column,
 * each less that of the segment before.
 */
export function place(table, line, column) {
  const segments = [...numbers(table?.lines[line] ?? "")];
  const at = [0, 0, 0, 0];
  let found;
  for (let next = 0; next + 3 < segments.length; next += 4) {
    for (let part = 0; part < 4; part++) at[part] += segments[next + part];
    if (found !== undefined && at[0] >= column) break;
    found = `${table.sources[at[1]]}:${at[2] + 1}:${at[3] + 1}`;
  }
  return found;
}

/** The same text with the places in it as people know them. */
export function translated(text, table = globalThis[TABLE]) {
  return text.replace(PLACE, (whole, line, column) => place(table, Number(line), Number(column ?? 1)) ?? whole);
}

/**
 * A line of a stack as most engines write it. StarlingMonkey's has the function's name, `@` and the place; that of a
 * function without a name is the name of what it stands in, and `<`.
 */
export function asFrame(line) {
  return line.replace(/^[ \t]*([^@\n]*)@(\S+:\d+:\d+)$/, (_, name, at) => {
    const known = name.replace(/[/<]+$/, "");
    return `    at ${known || "(anonymous)"} (${at})`;
  });
}

/** The frames of an error's stack that are in the scenario's own sources. */
export function frames(stack, table = globalThis[TABLE]) {
  const own = [];
  for (const line of String(stack ?? "").split("\n").map(asFrame)) {
    if (!/^\s*at /.test(line)) continue;
    const shown = translated(line, table);
    if (table !== undefined && shown === line) continue;
    own.push(shown.trim().replace("<anonymous>", "(anonymous)"));
  }
  return own.slice(0, FRAMES);
}

/** Whatever was thrown, in words, and where. */
export function explain(thrown) {
  if (!(thrown instanceof Error)) return text(thrown);
  const said = thrown.message ? `${thrown.name}: ${thrown.message}` : thrown.name;
  const cause = thrown.cause === undefined ? [] : [`caused by ${explain(thrown.cause)}`];
  return [said, ...frames(thrown.stack).map((frame) => `  ${frame}`), ...cause].join("\n");
}

function text(thrown) {
  if (thrown === undefined || thrown === null) return `${thrown} was thrown`;
  try {
    return typeof thrown === "object" && thrown !== null && !("toString" in thrown) ? "an object" : String(thrown);
  } catch {
    return "an object that cannot be shown";
  }
}
