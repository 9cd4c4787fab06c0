// A value as bytes, for what `setup` answers and what a user saves: JSON, and in it what JSON has not.

import { DateTime } from "./values.js";
import { fromUtf8, toUtf8 } from "./utf8.js";

/** The one member of an object that stands for something else. */
const TAG = "$katydid";

export function toBytes(value) {
  // A replacer is given dates as text already, hence looks at what it is a member of.
  const text = JSON.stringify(value, function (key, member) {
    const original = this[key];
    if (typeof original === "bigint") return { [TAG]: ["bigint", String(original)] };
    if (original instanceof Uint8Array) return { [TAG]: ["bytes", [...original]] };
    if (original instanceof Date) return { [TAG]: ["date", original.getTime()] };
    if (original instanceof DateTime) return { [TAG]: ["dateTime", original.text] };
    return member;
  });
  return toUtf8(text ?? "null");
}

export function fromBytes(bytes) {
  return JSON.parse(fromUtf8(bytes), (_, member) => {
    const tagged = member?.[TAG];
    if (!Array.isArray(tagged)) return member;
    const [kind, value] = tagged;
    switch (kind) {
      case "bigint":
        return BigInt(value);
      case "bytes":
        return Uint8Array.from(value);
      case "date":
        return new Date(value);
      case "dateTime":
        return new DateTime(value);
      default:
        return member;
    }
  });
}
