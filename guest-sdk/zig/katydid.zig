//! Load scenarios for Katydid in Zig: a thin layer over the SDK for C. The manual is README.md beside this file.
//!
//! Times are seconds. What is allocated with `allocator` (and so all replies, values and messages) lives until the end
//! of the iteration in which it was made. What is to live longer belongs into the user.

const std = @import("std");

/// The SDK for C, as it is; see katydid.h.
pub const c = @import("c.zig");

/// What a task or a hook wants to happen next; one that answers nothing goes on.
pub const Next = enum {
    proceed,
    /// Leave the innermost set; in the user class itself: go on.
    interrupt,
    /// This user has done enough: it stops and is not replaced.
    stop_user,
};

/// Errors that are more than their name. Any other error of a task is a failed iteration by its name.
pub const Error = error{
    /// A request has no good reply. The host has counted it: the iteration ends, and is no failed one. What failed is
    /// in `lastFailure`.
    Failure,
    /// What `fail` says.
    Failed,
    /// This user has done enough, from however deep.
    StopUser,
};

var failed_reply: c.Reply = .{};
var failed_message: ?[*:0]const u8 = null;

/// Answers an error with a message: `return katydid.fail("{d} left", .{left});`
pub fn fail(comptime format: []const u8, arguments: anytype) Error {
    failed_message = print(format, arguments).ptr;
    return error.Failed;
}

/// The message of a format, until the end of the iteration.
pub fn print(comptime format: []const u8, arguments: anytype) [:0]const u8 {
    const text = std.fmt.allocPrint(allocator, format ++ "\x00", arguments) catch return "(out of memory)";
    return text[0 .. text.len - 1 :0];
}

/// Why the latest `error.Failure`.
pub fn lastFailure() Failure {
    return .{ .raw = failed_reply };
}

/// Why a request has no good reply.
pub const Failure = struct {
    raw: c.Reply,

    pub fn kind(self: Failure) c.FailureKind {
        return self.raw.failure;
    }
    /// Of a fault, or the HTTP status.
    pub fn code(self: Failure) i32 {
        return self.raw.code;
    }
    pub fn message(self: Failure) [:0]const u8 {
        return std.mem.span(self.raw.message);
    }
    pub fn isFault(self: Failure, wanted: i32) bool {
        return self.raw.failure == .fault and self.raw.code == wanted;
    }
    /// In the host's words: `fault 4: out of stock`.
    pub fn text(self: Failure) [:0]const u8 {
        return std.mem.span(c.k_failure_text(self.raw));
    }
};

// --- Values --------------------------------------------------------------------------------------------------

/// A `<base64>`.
pub const Binary = struct { bytes: []const u8 };
/// A `<dateTime.iso8601>`, as the text it is: 19980717T14:08:55.
pub const DateTime = struct { text: []const u8 };

/// One XML-RPC value, to be passed by value. Made of Zig's own by `Value.of`, as all arguments of a call are.
pub const Value = struct {
    raw: c.Value = .{},

    /// Of null, booleans, numbers, texts (`[]const u8`), slices and arrays, tuples (arrays), structs (by their
    /// fields), optionals, `Binary`, `DateTime` and `Value`.
    pub fn of(value: anytype) Value {
        const T = @TypeOf(value);
        if (T == Value) return value;
        if (T == Binary) return .{ .raw = c.k_binary(value.bytes.ptr, value.bytes.len) };
        if (T == DateTime) {
            var date = ofText(value.text);
            date.raw.kind = .date_time;
            return date;
        }
        return switch (@typeInfo(T)) {
            .null => .{},
            .bool => .{ .raw = c.k_bool(value) },
            .int, .comptime_int => .{ .raw = c.k_int(value) },
            .float, .comptime_float => .{ .raw = c.k_double(value) },
            .optional => if (value) |inner| of(inner) else .{},
            .pointer => |pointer| ofPointer(value, pointer),
            .array => ofItems(&value),
            .@"struct" => ofStruct(value),
            .@"enum", .enum_literal => ofText(@tagName(value)),
            else => @compileError("XML-RPC has nothing for " ++ @typeName(T)),
        };
    }
    fn ofPointer(value: anytype, comptime pointer: anytype) Value {
        const is_text = pointer.child == u8 or (pointer.size == .one and switch (@typeInfo(pointer.child)) {
            .array => |of_these| of_these.child == u8,
            else => false,
        });
        if (is_text) return ofText(if (pointer.size == .many) std.mem.span(value) else value);
        if (pointer.size == .one) return of(value.*);
        return ofItems(value);
    }
    fn ofText(text: []const u8) Value {
        return .{ .raw = c.k_text_of(text.ptr, text.len) };
    }
    fn ofItems(all: anytype) Value {
        var list = array();
        for (all) |item| list.append(item);
        return list;
    }
    fn ofStruct(value: anytype) Value {
        const T = @TypeOf(value);
        const is_tuple = @typeInfo(T).@"struct".is_tuple;
        var made = if (is_tuple) array() else structure();
        inline for (comptime std.meta.fieldNames(T)) |name| {
            if (is_tuple) made.append(@field(value, name)) else made.set(name, @field(value, name));
        }
        return made;
    }

    /// An empty array; an empty struct.
    pub fn array() Value {
        return .{ .raw = .{ .kind = .array } };
    }
    pub fn structure() Value {
        return .{ .raw = .{ .kind = .structure } };
    }
    /// Adds at the end: to an array, to a struct.
    pub fn append(self: *Value, item: anytype) void {
        c.k_append(&self.raw, of(item).raw);
    }
    pub fn set(self: *Value, name: [:0]const u8, value: anytype) void {
        c.k_set(&self.raw, name.ptr, of(value).raw);
    }

    pub fn kind(self: Value) c.Kind {
        return self.raw.kind;
    }
    pub fn isNil(self: Value) bool {
        return self.raw.kind == .nil;
    }
    /// The value as a type of Zig; null where it is of another kind.
    pub fn asBool(self: Value) ?bool {
        return if (self.raw.kind == .boolean) self.raw.as.boolean else null;
    }
    pub fn asInt(self: Value) ?i64 {
        return if (self.raw.kind == .int) self.raw.as.integer else null;
    }
    pub fn asFloat(self: Value) ?f64 {
        return switch (self.raw.kind) {
            .double => self.raw.as.number,
            .int => @floatFromInt(self.raw.as.integer),
            else => null,
        };
    }
    /// Of a text or a date.
    pub fn asText(self: Value) ?[]const u8 {
        return if (self.raw.kind == .text or self.raw.kind == .date_time) self.raw.as.text[0..self.raw.count] else null;
    }
    pub fn asBinary(self: Value) ?[]const u8 {
        return if (self.raw.kind == .binary) self.raw.as.text[0..self.raw.count] else null;
    }
    /// The items of an array; none of anything else.
    pub fn items(self: Value) []const Value {
        if (self.raw.kind != .array or self.raw.count == 0) return &.{};
        const all: [*]const Value = @ptrCast(self.raw.as.items);
        return all[0..self.raw.count];
    }
    /// The item at this place; nil where there is none.
    pub fn at(self: Value, place: usize) Value {
        return .{ .raw = c.k_at(self.raw, place) };
    }
    /// The member of this name; nil where there is none.
    pub fn get(self: Value, name: [:0]const u8) Value {
        return .{ .raw = c.k_get(self.raw, name.ptr) };
    }
    pub fn eql(self: Value, other: anytype) bool {
        return c.k_equal(self.raw, of(other).raw);
    }
    /// For messages: the content in short.
    pub fn show(self: Value) [:0]const u8 {
        return std.mem.span(c.k_show(self.raw));
    }
};

// --- Calls ---------------------------------------------------------------------------------------------------

fn answered(reply: c.Reply) Error!Value {
    if (reply.failure == .none) return .{ .raw = reply.value };
    failed_reply = reply;
    return error.Failure;
}

/// `try katydid.call("get_random_number", .{ 0, 100 })`
pub fn call(method: [:0]const u8, arguments: anytype) Error!Value {
    const list = Value.of(arguments);
    return answered(c.k_call_of(method.ptr, list.raw.as.items, list.raw.count));
}

/// What a judged call may say beside the method and its arguments.
pub const Options = struct {
    /// Counts the request under this name in place of the method's.
    label: ?[:0]const u8 = null,
    /// Of this request, in seconds; 0: the run's own.
    timeout: f64 = 0,
};

/// A call whose outcome the scenario judges: `defer exchange.drop()`. Without a verdict it is counted by its reply.
pub const Exchange = struct {
    raw: *c.Exchange,

    pub fn reply(self: Exchange) Error!Value {
        return answered(c.k_exchange_reply(self.raw));
    }
    pub fn pass(self: Exchange) void {
        c.k_pass(self.raw);
    }
    /// Counts the request as a failure with this reason. A second verdict is ignored.
    pub fn fail(self: Exchange, reason: [:0]const u8) void {
        c.k_fail(self.raw, reason.ptr);
    }
    /// Has done with it. The end of the iteration does so, too.
    pub fn drop(self: Exchange) void {
        c.k_drop(self.raw);
    }
};

pub fn request(options: Options, method: [:0]const u8, arguments: anytype) Exchange {
    const list = Value.of(arguments);
    const said: c.Options = .{ .label = if (options.label) |label| label.ptr else null, .timeout = options.timeout };
    return .{ .raw = c.k_request_of(said, method.ptr, list.raw.as.items, list.raw.count) };
}

// --- What the host offers ------------------------------------------------------------------------------------

/// Writes a line of the log.
pub fn log(level: c.Level, comptime format: []const u8, arguments: anytype) void {
    c.k_log(level, "%s", print(format, arguments).ptr);
}
/// Counts an assertion, and answers it. One that fails fails nothing else.
pub fn check(name: [:0]const u8, ok: bool) bool {
    return c.k_check(name.ptr, ok);
}
pub const userId = c.k_user_id;
pub const iteration = c.k_iteration;
/// Seconds since the run began.
pub const now = c.k_now;
pub const sleep = c.k_sleep;
/// From 0, less than 1; determined by the run's seed, the user and the iteration, as are all draws.
pub const random = c.k_random;
pub const randomBits = c.k_random_bits;
/// Both included.
pub const randomRange = c.k_random_range;
/// Ends the run with exit code 4.
pub fn stopRun(reason: [:0]const u8) void {
    c.k_stop_run(reason.ptr);
}
/// A parameter of the run, or its default; null where there is none.
pub fn parameter(name: [:0]const u8) ?[:0]const u8 {
    return if (c.k_parameter(name.ptr)) |value| std.mem.span(value) else null;
}
/// The next row of --data set=file; null when they are used up.
pub fn row(set: [:0]const u8) Error!?Value {
    var found: Value = .{};
    const result = c.k_row(set.ptr, &found.raw);
    if (result == null) return found;
    if (result == c.stop_user) return null;
    failed_message = result;
    return error.Failed;
}
/// What `setup` answered; nil where there is nothing.
pub fn setupData() Value {
    return .{ .raw = c.k_setup_data() };
}
/// Figures of your own.
pub const metrics = struct {
    pub fn counter(name: [:0]const u8, add: u64) void {
        c.k_counter(name.ptr, add);
    }
    pub fn gauge(name: [:0]const u8, value: f64) void {
        c.k_gauge(name.ptr, value);
    }
    pub fn rate(name: [:0]const u8, hit: bool) void {
        c.k_rate(name.ptr, hit);
    }
    pub fn trend(name: [:0]const u8, value: u64) void {
        c.k_trend(name.ptr, value);
    }
};
/// Counts a request of a client of your own that took so many seconds; with a reason it failed.
pub fn report(kind: [:0]const u8, name: [:0]const u8, seconds: f64, length: u64, reason: ?[:0]const u8) void {
    if (reason) |why| c.k_request_failure(kind.ptr, name.ptr, seconds, length, why.ptr) else c.k_request_success(kind.ptr, name.ptr, seconds, length);
}

/// Memory until the end of the iteration.
pub const allocator: std.mem.Allocator = .{ .ptr = undefined, .vtable = &.{
    .alloc = arenaAlloc,
    .resize = std.mem.Allocator.noResize,
    .remap = std.mem.Allocator.noRemap,
    .free = std.mem.Allocator.noFree,
} };
fn arenaAlloc(_: *anyopaque, length: usize, alignment: std.mem.Alignment, _: usize) ?[*]u8 {
    return @ptrCast(c.k_arena_take(length, alignment.toByteUnits()));
}

/// For the root of a scenario: `pub const panic = katydid.panic;`, so that a panic is told with its message.
pub const panic = std.debug.FullPanic(tellPanic);
fn tellPanic(message: []const u8, _: ?usize) noreturn {
    c.k_panic("%.*s", @as(c_int, @intCast(message.len)), message.ptr);
}

const class = @import("class.zig");
pub const Class = class.Class;
pub const Set = class.Set;
pub const Task = class.Task;
pub const task = class.task;
pub const Transition = class.Transition;
pub const Parameter = c.Parameter;
pub const Load = class.Load;
pub const Status = c.Status;
pub const Scenario = class.Scenario;
pub const scenario = class.scenario;
pub const never = class.never;
pub const constant = class.constant;
pub const between = class.between;
pub const constantPacing = class.constantPacing;
pub const constantThroughput = class.constantThroughput;
pub const poisson = class.poisson;

/// A function of C for whatever a task or hook answers: nothing, a Next, or an error.
pub fn resultOf(answer: anytype) c.Result {
    const T = @TypeOf(answer);
    if (@typeInfo(T) == .error_union) {
        const good = answer catch |problem| return resultOfError(problem);
        return resultOf(good);
    }
    if (T == void or T == Value) return null;
    if (T != Next) @compileError("a task answers nothing, a Next or an error, not " ++ @typeName(T));
    return switch (answer) {
        .proceed => null,
        .interrupt => c.interrupt,
        .stop_user => c.stop_user,
    };
}
fn resultOfError(problem: anyerror) c.Result {
    return switch (problem) {
        error.Failure => c.k_failed(failed_reply),
        error.Failed => failed_message,
        error.StopUser => c.stop_user,
        else => @errorName(problem).ptr,
    };
}
