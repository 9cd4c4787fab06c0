// Values as text, for `console`.

const MAX_DEPTH = 4,
  MAX_ITEMS = 100;

/** The arguments of `console.log` as one line, with its `%` words. */
export function format(args) {
  let at = 0;
  let text = "";
  if (typeof args[0] === "string") {
    at = 1;
    text = args[0].replace(/%[sdifjoOc%]/g, (word) => {
      if (word === "%%") return "%";
      if (at >= args.length) return word;
      const value = args[at++];
      switch (word) {
        case "%s":
          return typeof value === "string" ? value : inspect(value);
        case "%d":
          return typeof value === "bigint" ? String(value) : String(Number(value));
        case "%i":
          return String(Math.trunc(Number(value)));
        case "%f":
          return String(Number(value));
        case "%j":
          return JSON.stringify(value);
        case "%c":
          return "";
        default:
          return inspect(value);
      }
    });
  }
  const rest = args.slice(at).map((value) => (typeof value === "string" ? value : inspect(value)));
  return (typeof args[0] === "string" ? [text, ...rest] : rest).join(" ");
}

export function inspect(value, outer = []) {
  switch (typeof value) {
    case "string":
      return JSON.stringify(value);
    case "bigint":
      return `${value}n`;
    case "symbol":
      return value.toString();
    case "function":
      return isClass(value) ? `[class ${value.name}]` : `[function ${Object.hasOwn(value, "name") ? value.name : ""}]`;
    case "object":
      return value === null ? "null" : object(value, outer);
    default:
      return Object.is(value, -0) ? "-0" : String(value);
  }
}

const isClass = (value) => Function.prototype.toString.call(value).startsWith("class");

function object(value, outer) {
  if (outer.includes(value)) return "[circular]";
  if (value instanceof Error)
    return value.stack ? `${value.name}: ${value.message}\n${String(value.stack).trimEnd()}` : `${value}`;
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? "an invalid Date" : value.toISOString();
  if (value instanceof RegExp) return String(value);
  const name = value.constructor?.name;
  const label = name === undefined || name === "Object" || name === "Array" ? "" : `${name} `;
  if (outer.length >= MAX_DEPTH) return Array.isArray(value) ? "[...]" : `${label}{...}`;
  const inner = [...outer, value];
  const items = (list, one) => {
    const shown = list.slice(0, MAX_ITEMS).map(one);
    if (list.length > MAX_ITEMS) shown.push(`... ${list.length - MAX_ITEMS} more`);
    return shown.join(", ");
  };
  if (Array.isArray(value) || ArrayBuffer.isView(value))
    return `${label}[${items([...value], (one) => inspect(one, inner))}]`;
  if (value instanceof Set) return `${label}{${items([...value], (one) => inspect(one, inner))}}`;
  if (value instanceof Map)
    return `${label}{${items([...value], ([key, one]) => `${inspect(key, inner)} => ${inspect(one, inner)}`)}}`;
  const members = items(Object.entries(value), ([key, one]) => `${key}: ${inspect(one, inner)}`);
  return members === "" ? `${label}{}` : `${label}{ ${members} }`;
}
