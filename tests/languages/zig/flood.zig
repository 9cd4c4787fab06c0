//! Calls `get_random_number(0, 100)` without a pause: what a request costs in Zig.

const katydid = @import("katydid");

pub const panic = katydid.panic;

const Flood = struct {
    fn getRandomNumber(_: *Flood) !void {
        _ = try katydid.call("get_random_number", .{ 0, 100 });
    }
};

const flood = katydid.Class(Flood, .{
    .name = "Flood",
    .tasks = &.{katydid.task("get_random_number", Flood.getRandomNumber, .{})},
});

comptime {
    katydid.scenario(.{ .classes = &.{flood} }, .{});
}
