// The contract as componentize-qjs binds it for QuickJS. All else is written for this: numbers for 64 bits.

export { default as client } from "katydid:load/client@0.1.0";
export { default as context } from "katydid:load/context@0.1.0";
export { default as events } from "katydid:load/events@0.1.0";
export { default as lines } from "katydid:load/log@0.1.0";
export { default as metrics } from "katydid:load/metrics@0.1.0";

/** The exports as the binding wants them. */
export const bound = (scenario) => scenario;

/**
 * To be called when all is there. The engine looks for cycles when its heap has grown by half since the
 * last time, which writes on every page of it, and each user would then have a heap of its own in place
 * of the one that all share. So it looks now, at a heap of more than a megabyte, most of which then goes.
 */
export function settle() {
  let ballast = new ArrayBuffer(1 << 20);
  ballast = { ballast };
}
