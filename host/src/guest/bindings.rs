//! What wasmtime makes of our WIT. The `client` interface is linked by hand (see `host`): its data
//! must not be copied twice.
#![allow(missing_docs, unreachable_pub, clippy::all)]

wasmtime::component::bindgen!({
    path: "../wit",
    world: "load",
    imports: {
        "katydid:load/context.sleep-us": async,
        "katydid:load/context.check": trappable,
        "katydid:load/events.request-success": trappable,
        "katydid:load/events.request-failure": trappable,
    },
    exports: { default: async },
});
