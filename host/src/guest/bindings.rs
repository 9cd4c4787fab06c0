//! What wasmtime makes of our WIT. The interfaces `client` and `context` are linked by hand (see `host`
//! and `context`): their data must not be copied twice.
#![allow(missing_docs, unreachable_pub, clippy::all)]

wasmtime::component::bindgen!({
    path: "../wit",
    world: "load",
    imports: {
        "katydid:load/events.request-success": trappable,
        "katydid:load/events.request-failure": trappable,
        "katydid:load/metrics": trappable,
    },
    exports: { default: async },
});
