// UTF-8, which the engine keeps to itself.

export function toUtf8(text) {
  // Each escape is one byte, each other character another one.
  const escaped = encodeURIComponent(text.toWellFormed());
  const bytes = new Uint8Array(escaped.length);
  let length = 0;
  for (let at = 0; at < escaped.length; at++) {
    const code = escaped.charCodeAt(at);
    bytes[length++] = code === 37 ? parseInt(escaped.slice(at + 1, (at += 2) + 1), 16) : code;
  }
  return bytes.slice(0, length);
}

/** What is not UTF-8 becomes U+FFFD. */
export function fromUtf8(bytes) {
  let text = "";
  const chunk = [];
  for (let at = 0; at < bytes.length;) {
    const [point, length] = pointAt(bytes, at);
    chunk.push(point);
    at += length;
    if (chunk.length === 1_024 || at >= bytes.length) text += String.fromCodePoint(...chunk.splice(0));
  }
  return text;
}

const BROKEN = 0xfffd;

/** The character at a place, and how many bytes it takes. */
function pointAt(bytes, at) {
  const first = bytes[at];
  if (first < 0x80) return [first, 1];
  const more = first >= 0xf0 && first < 0xf5 ? 3 : first >= 0xe0 ? 2 : first >= 0xc2 ? 1 : 0;
  if (more === 0 || first >= 0xf5) return [BROKEN, 1];
  let point = first & (0x3f >> more);
  for (let next = 1; next <= more; next++) {
    const byte = bytes[at + next];
    if (byte === undefined || (byte & 0xc0) !== 0x80) return [BROKEN, next];
    point = (point << 6) | (byte & 0x3f);
  }
  const least = [0, 0x80, 0x800, 0x10000][more];
  const surrogate = point >= 0xd800 && point <= 0xdfff;
  return point < least || point > 0x10ffff || surrogate ? [BROKEN, more + 1] : [point, more + 1];
}
