// Of a node with 64 bits StarlingMonkey's bindings would make a bigint; the SDK is to meet one form of a node only. A
// pair of 32 bits each lies in memory exactly as the integer does, the lower first. So the bindings are made for a
// contract with pairs, and then the component is told the truth about its type.

/** The contract with a pair where a node has 64 bits. */
export function withPairs(wit) {
  const pairs = wit.replace(/\blong\(s64\)/, "long(tuple<s32, s32>)");
  if (pairs === wit) throw new Error("the contract has no node long(s64)");
  return pairs;
}

/** How a component names a case of a variant: the length of its name, the name, that it holds something, its type. */
const LONG = Buffer.from("\x04long\x01", "latin1");
const S64 = 0x78;

/** The component with 64 bits where it has pairs: one byte wherever the type of a node is told. */
export function withLongs(component) {
  let found = 0;
  for (let at = component.indexOf(LONG); at >= 0; at = component.indexOf(LONG, at + 1)) {
    const type = at + LONG.length;
    // Behind the type stands that the case refines no other one. A type of our own has a small number.
    if (component[type] >= 0x40 || component[type + 1] !== 0) continue;
    component[type] = S64;
    found += 1;
  }
  if (found === 0) throw new Error("the component has no node long");
  return component;
}
