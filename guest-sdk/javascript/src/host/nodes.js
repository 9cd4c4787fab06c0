// Calls by a client that takes and answers nodes: where values are not known to the host's side.

import { decode, encode } from "../codec.js";
import { failure, ProtocolFailure } from "../failure.js";

/** What a result's error throws is an Error of the binding with the failure inside. */
const carried = (error) => (error.payload === undefined ? error : failure(error.payload));

/** What `asked` answers as the one value that it is. */
function one(asked) {
  let nodes;
  try {
    nodes = asked();
  } catch (error) {
    throw carried(error);
  }
  const value = decode(nodes);
  if (value === undefined) throw new ProtocolFailure("the host's reply is not one value");
  return value;
}

/** Calls with values by a client with nodes. */
export const valued = (client) => ({
  call(method, args) {
    const nodes = encode(args);
    return one(() => client.call(method, nodes));
  },
  callJudged: (method, args, options) => client.callJudged(method, encode(args), options),
  reply: (judged) => one(() => judged.reply()),
});

/** The next row of a set as a value; undefined when there is none. */
export function rowOf(row, set) {
  let nodes;
  try {
    nodes = row(set);
  } catch (error) {
    throw new Error(error.payload ?? error.message);
  }
  return nodes === null || nodes === undefined ? undefined : decode(nodes);
}
