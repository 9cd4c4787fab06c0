// A source map as the table that `src/where.js` reads: of each line of the bundle its segments alone,
// by its number, so that one line can be read without those before it.

const DIGITS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/** `{ sources, lines }`. Segments from sources that are not the scenario's own are left out. */
export function placesOf({ sources, mappings }, isOwn) {
  const own = sources.map(isOwn);
  const at = [0, 0, 0, 0];
  const lines = {};
  for (const [place, line] of mappings.split(";").entries()) {
    at[0] = 0;
    let before = [0, 0, 0, 0];
    let text = "";
    for (const segment of line === "" ? [] : line.split(",")) {
      const numbers = decode(segment);
      for (let part = 0; part < numbers.length && part < 4; part++) at[part] += numbers[part];
      if (numbers.length < 4 || !own[at[1]]) continue;
      text += at.map((value, part) => encode(value - before[part])).join("");
      before = [...at];
    }
    if (text !== "") lines[place + 1] = text;
  }
  return { sources: sources.map((source, place) => (own[place] ? source : "")), lines };
}

function decode(segment) {
  const numbers = [];
  let value = 0,
    shift = 0;
  for (const char of segment) {
    const digit = DIGITS.indexOf(char);
    value += (digit & 31) << shift;
    shift += 5;
    if (digit & 32) continue;
    numbers.push(value & 1 ? -(value >> 1) : value >> 1);
    value = shift = 0;
  }
  return numbers;
}

function encode(number) {
  let value = number < 0 ? (-number << 1) | 1 : number << 1;
  let text = "";
  do {
    const digit = value & 31;
    value >>= 5;
    text += DIGITS[value > 0 ? digit | 32 : digit];
  } while (value > 0);
  return text;
}
