//! Everything that a scenario in Zig can say and ask; what is the SDK's for C is tested there. Each iteration that finds
//! something else than it expects fails with what it found. Run it against `katydid target` with the rules of
//! `rules.txt`, with `--param text='a=b ž'` and with `--data people=people.csv,per-user`.

const std = @import("std");
const katydid = @import("katydid");
const Value = katydid.Value;
const Next = katydid.Next;

pub const panic = katydid.panic;

fn expect(found: anytype, wanted: anytype) !void {
    const one = Value.of(found);
    const other = Value.of(wanted);
    if (!one.eql(other)) return katydid.fail("{s} in place of {s}", .{ one.show(), other.show() });
}
fn holds(condition: bool, what: []const u8) !void {
    if (!condition) return katydid.fail("this does not hold: {s}", .{what});
}

const set_up_data = .{
    .text = "žluť 🦗",
    .none = null,
    .big = @as(i64, 1) << 62,
    .bytes = katydid.Binary{ .bytes = "\x00\xff" },
    .at = katydid.DateTime{ .text = "19980717T14:08:55" },
    .list = .{ 1, .{2} },
};
fn setUp() !Value {
    try expect(try katydid.call("echo", .{"setup"}), "setup");
    katydid.log(.info, "set up by user {d}", .{katydid.userId()});
    return Value.of(set_up_data);
}
fn tearDown() !void {
    try expect(katydid.setupData(), set_up_data);
    _ = try katydid.call("echo", .{"teardown"});
}

const Values = struct {
    fn echo(value: anytype) !void {
        try expect(try katydid.call("echo", .{value}), value);
    }
    fn scalars(_: *Values) !void {
        for ([_]i64{ 0, -1, std.math.maxInt(i32), std.math.minInt(i32), 1 << 31, (1 << 53) + 1, std.math.maxInt(i64), std.math.minInt(i64) }) |number| try echo(number);
        for ([_]f64{ -0.1, 1.0, -0.0, 5e-324, std.math.floatMax(f64) }) |number| try echo(number);
        try echo(true);
        try echo(null);
        try echo(@as(?i32, 7));
        try echo(katydid.DateTime{ .text = "yesterday" });
        var bytes: [256]u8 = undefined;
        for (&bytes, 0..) |*byte, place| byte.* = @intCast(place);
        const back = try katydid.call("echo", .{katydid.Binary{ .bytes = &bytes }});
        try holds(std.mem.eql(u8, back.asBinary().?, &bytes), "bytes come back");
        for ([_][]const u8{ "", "  \t a \n b ", "a\r\nb\r", "<a href='x'>&amp; ]]> \"</a>", "žluťoučký 🦗" }) |text| try echo(text);
        const long = try katydid.allocator.alloc(u8, 1 << 20);
        @memset(long, 'k');
        try echo(long);
    }
    fn parts(_: *Values) !void {
        try echo(.{});
        try echo(.{ 1, "two", .{ false, .{} } });
        try echo(.{ .list = .{ 1, .{} }, .inner = .{ .@"<&>" = "x" }, .last = 1.5 });
        try echo([_]u16{ 1, 2 });
        var deep = Value.of(1);
        for (0..100) |depth| deep = if (depth % 2 == 0) Value.of(.{deep}) else Value.of(.{ .deep = deep });
        try echo(deep);
        var many = Value.array();
        for (0..1000) |id| many.append(.{ .id = @as(i64, @intCast(id)), .name = katydid.print("item {d}", .{id}) });
        try echo(many);
        try holds(many.items().len == 1000 and many.items()[7].get("id").asInt() == 7 and many.at(1000).isNil(), "items");
        try expect(try katydid.call("echo", .{ 1, "two", null }), .{ 1, "two", null });
        const order = Value.of(.{ .id = 7, .price = 1.5, .sold = true, .name = "tea" });
        try holds(order.get("id").asFloat() == 7 and order.get("price").asInt() == null and order.get("sold").asBool() == true, "kinds");
        try holds(std.mem.eql(u8, order.get("name").asText().?, "tea") and order.get("x").isNil(), "texts");
    }
    fn leave(_: *Values) Next {
        return .stop_user;
    }
};
const values = katydid.Class(Values, .{ .name = "Values", .fixed_count = 1, .order = .sequential, .wait = katydid.constant(0), .tags = &.{"values"}, .tasks = &.{
    katydid.task("scalars", Values.scalars, .{}),
    katydid.task("parts", Values.parts, .{}),
    katydid.task("leave", Values.leave, .{}),
} });

const Failures = struct {
    fn failure(method: [:0]const u8, arguments: anytype) katydid.Failure {
        _ = katydid.call(method, arguments) catch return katydid.lastFailure();
        return .{ .raw = .{} };
    }
    fn kinds(_: *Failures) !void {
        try holds(failure("no.such.method", .{1}).isFault(-32601), "a fault");
        try holds(std.mem.eql(u8, failure("validator1.countTheEntities", .{"x"}).text(), "fault 42: out of luck"), "its words");
        try holds(failure("validator1.easyStructTest", .{}).code() == 503, "a status");
        const slow = katydid.request(.{ .timeout = 0.2 }, "validator1.echoStructTest", .{});
        defer slow.drop();
        _ = slow.reply() catch {};
        try holds(katydid.lastFailure().kind() == .timeout, "a time-out");
        try holds(failure("validator1.manyTypesTest", .{}).kind() == .transport, "a broken connection");
        try holds(failure("validator1.nestedStructTest", .{}).kind() == .protocol, "no XML-RPC");
        try holds(failure("echo", .{std.math.nan(f64)}).kind() == .rejected, "NaN");
        try holds(failure("echo", .{"\xff"}).kind() == .rejected, "no UTF-8");
    }
    /// A failure ends the iteration, and is no failed one.
    fn data(_: *Failures) !void {
        _ = try katydid.call("no.such.method", .{});
        return error.ThisIsNotReached;
    }
    fn judged(_: *Failures) !void {
        const refused = katydid.request(.{ .label = "refused" }, "echo", .{false});
        try expect(try refused.reply(), false);
        refused.fail("the answer was no");
        const expected = katydid.request(.{ .label = "expected fault" }, "no.such.method", .{});
        expected.pass();
    }
    fn errs(_: *Failures) !void {
        return error.Expected;
    }
    fn leave(_: *Failures) !void {
        return error.StopUser;
    }
};
const failures = katydid.Class(Failures, .{ .name = "Failures", .fixed_count = 1, .order = .sequential, .tags = &.{"failures"}, .tasks = &.{
    katydid.task("kinds", Failures.kinds, .{}),
    katydid.task("data", Failures.data, .{}),
    katydid.task("judged", Failures.judged, .{}),
    katydid.task("error", Failures.errs, .{}),
    katydid.task("leave", Failures.leave, .{}),
} });

const Reports = struct {
    started: bool = false,
    number: u32 = 7,

    pub fn onStart(self: *Reports) !void {
        self.started = true;
        try expect(katydid.setupData(), set_up_data);
    }
    fn everything(self: *Reports) !Next {
        try holds(self.started and self.number == 7 and katydid.iteration() == 0, "it began");
        try holds(std.mem.eql(u8, katydid.parameter("text").?, "a=b ž") and katydid.parameter("nobody's") == null, "parameters");
        try holds(katydid.check("holds", true) and !katydid.check("does not hold", false), "checks");
        const before = katydid.now();
        katydid.sleep(0.05);
        try holds(katydid.now() - before >= 0.045, "it slept");
        try holds(katydid.random() < 1 and katydid.randomRange(1, 6) >= 1 and katydid.randomBits() != katydid.randomBits(), "chance");
        katydid.log(.warn, "warn {s}", .{"ž"});
        katydid.log(.debug, "not shown", .{});
        try expect((try katydid.row("people")).?, .{ .name = "Ada", .age = "36" });
        _ = try katydid.row("people");
        try holds(try katydid.row("people") == null, "rows are used up");
        if (katydid.row("nobody")) |_| return error.ThereIsNoSuchSet else |_| {}
        katydid.report("sql", "select", 0.001, 3, null);
        katydid.report("sql", "broken", 0.001, 0, "no table");
        katydid.metrics.counter("orders", 2);
        katydid.metrics.gauge("stock", 4.5);
        katydid.metrics.rate("found", true);
        katydid.metrics.trend("basket", 12);
        return .stop_user;
    }
    pub fn onStop(self: *Reports) void {
        katydid.log(.info, "stopped {}", .{self.started});
    }
};
const reports = katydid.Class(Reports, .{ .name = "Reports", .fixed_count = 2, .tags = &.{"reports"}, .tasks = &.{
    katydid.task("everything", Reports.everything, .{}),
} });

const Sets = struct {
    way: [64]u8 = undefined,
    length: usize = 0,

    fn step(self: *Sets, where: []const u8) void {
        @memcpy(self.way[self.length..][0..where.len], where);
        self.length += where.len;
    }
    fn begin(self: *Sets) !Next {
        if (self.length == 0) return .proceed;
        try expect(self.way[0..self.length], "(12[look]12)");
        return .stop_user;
    }
    fn enterOuter(self: *Sets) void {
        self.step("(");
    }
    fn leaveOuter(self: *Sets) void {
        self.step(")");
    }
    fn one(self: *Sets) void {
        self.step("1");
    }
    fn two(self: *Sets) Next {
        self.step("2");
        return if (std.mem.find(u8, self.way[0..self.length], "look") == null) .proceed else .interrupt;
    }
    fn enterInner(self: *Sets) void {
        self.step("[");
    }
    fn leaveInner(self: *Sets) void {
        self.step("]");
    }
    fn look(self: *Sets) Next {
        self.step("look");
        return .interrupt;
    }
    fn never(_: *Sets) !void {
        return error.ATaskOfTheWeight0WasChosen;
    }
    pub fn waitTime(_: *Sets) f64 {
        return 0.001;
    }
    pub fn saveState(self: *Sets) Value {
        return Value.of(.{ .way = self.way[0..self.length] });
    }
    pub fn restoreState(self: *Sets, state: Value) !void {
        self.step(state.get("way").asText().?);
    }
};
const inner = katydid.Set(.{ .name = "Inner", .tags = &.{"inner"}, .tasks = &.{
    katydid.task("look", Sets.look, .{}),
    katydid.task("never", Sets.never, .{ .weight = katydid.never }),
} }, .{ .on_start = Sets.enterInner, .on_stop = Sets.leaveInner });
const outer = katydid.Set(.{ .name = "Outer", .order = .sequential, .tasks = &.{
    katydid.task("one", Sets.one, .{}),
    katydid.task("two", Sets.two, .{}),
    inner,
} }, .{ .on_start = Sets.enterOuter, .on_stop = Sets.leaveOuter });
const sets = katydid.Class(Sets, .{ .name = "Sets", .fixed_count = 1, .order = .sequential, .tags = &.{"sets"}, .tasks = &.{
    katydid.task("begin", Sets.begin, .{}),
    outer,
} });

/// What traps is told, and the user built anew.
const Traps = struct {
    fn overruns(_: *Traps) !void {
        const few = [_]u8{ 1, 2, 3 };
        const place: usize = @intCast(katydid.iteration() + 7);
        katydid.log(.info, "{d}", .{few[place]});
    }
    fn leave(_: *Traps) Next {
        return .stop_user;
    }
};
const traps = katydid.Class(Traps, .{ .name = "Traps", .fixed_count = 1, .order = .transitions, .tags = &.{"traps"}, .tasks = &.{
    katydid.task("overruns", Traps.overruns, .{ .then = &.{.{ .task = "leave" }} }),
    katydid.task("leave", Traps.leave, .{ .then = &.{.{ .task = "leave" }} }),
} });

fn load(now: katydid.Status) katydid.Load {
    return if (now.elapsed < 1) .{ .users = 6 } else .stop;
}

comptime {
    katydid.scenario(.{
        .classes = &.{ values, failures, reports, sets, traps },
        .parameters = &.{.{ .name = "text", .about = "any text; must be given" }},
    }, .{ .setup = setUp, .teardown = tearDown, .shape = load });
}
