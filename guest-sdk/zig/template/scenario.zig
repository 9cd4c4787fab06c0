//! A load scenario: who the users are, and what they call.

const katydid = @import("katydid");

pub const panic = katydid.panic;

const ApiUser = struct {
    fn getTime(_: *ApiUser) !void {
        _ = try katydid.call("get_time", .{});
    }

    fn getRandomNumber(_: *ApiUser) !void {
        const reply = try katydid.call("get_random_number", .{ 0, 100 });
        const number = reply.asInt() orelse -1;
        _ = katydid.check("within its bounds", 0 <= number and number <= 100);
    }
};

const api_user = katydid.Class(ApiUser, .{
    .name = "ApiUser",
    .host = "http://127.0.0.1:8877/",
    .wait = katydid.between(0.1, 1),
    .tasks = &.{
        katydid.task("get_time", ApiUser.getTime, .{ .weight = 10 }),
        katydid.task("get_random_number", ApiUser.getRandomNumber, .{ .weight = 5 }),
    },
});

comptime {
    katydid.scenario(.{ .classes = &.{api_user} }, .{});
}
