//! katydid.h in Zig: what is called and handed over, under its own names.

pub const Result = ?[*:0]const u8;
extern const k_interrupt_result: [1]u8;
extern const k_stop_user_result: [1]u8;
pub const interrupt: Result = @ptrCast(&k_interrupt_result);
pub const stop_user: Result = @ptrCast(&k_stop_user_result);

pub const Kind = enum(u8) { nil, boolean, int, double, text, date_time, binary, array, structure };
pub const Value = extern struct {
    kind: Kind = .nil,
    count: u32 = 0,
    as: extern union {
        boolean: bool,
        integer: i64,
        number: f64,
        text: [*]const u8,
        items: ?[*]const Value,
    } = .{ .integer = 0 },
};

pub const FailureKind = enum(c_uint) { none, fault, status, timeout, transport, protocol, rejected, interrupted };
pub const Reply = extern struct {
    failure: FailureKind = .none,
    code: i32 = 0,
    message: [*:0]const u8 = "",
    value: Value = .{},
};
pub const Options = extern struct { label: ?[*:0]const u8, timeout: f64 };
pub const Exchange = opaque {};
pub const Level = enum(c_uint) { debug, info, warn, err };

pub const WaitKind = enum(c_uint) { none, constant, between, pacing, poisson, asked };
pub const Wait = extern struct { kind: WaitKind = .none, least: f64 = 0, most: f64 = 0 };
pub const Order = enum(c_uint) { weighted, sequential, transitions };
pub const Transition = extern struct { task: ?[*:0]const u8 = null, weight: u32 = 0 };
pub const Tags = ?[*:null]const ?[*:0]const u8;
pub const Hook = ?*const fn (user: ?*anyopaque) callconv(.c) Result;
pub const Task = extern struct {
    name: ?[*:0]const u8 = null,
    run: Hook = null,
    weight: u32 = 0,
    tags: Tags = null,
    then: ?[*]const Transition = null,
    set: ?*const Set = null,
};
pub const Set = extern struct {
    name: ?[*:0]const u8 = null,
    order: Order = .weighted,
    tags: Tags = null,
    tasks: ?[*]const Task = null,
    on_start: Hook = null,
    on_stop: Hook = null,
};
pub const Class = extern struct {
    name: ?[*:0]const u8 = null,
    host: ?[*:0]const u8 = null,
    weight: u32 = 0,
    fixed_count: u32 = 0,
    wait: Wait = .{},
    order: Order = .weighted,
    tags: Tags = null,
    tasks: ?[*]const Task = null,
    size: usize = 0,
    on_start: Hook = null,
    on_stop: Hook = null,
    wait_time: ?*const fn (user: ?*anyopaque) callconv(.c) f64 = null,
    save_state: ?*const fn (user: ?*anyopaque) callconv(.c) Value = null,
    restore_state: ?*const fn (user: ?*anyopaque, state: Value) callconv(.c) Result = null,
};
pub const ParameterKind = enum(c_uint) { any_text, whole_number, number, true_or_false };
pub const Parameter = extern struct {
    name: ?[*:0]const u8 = null,
    kind: ParameterKind = .any_text,
    /// Its value where the run gives none; null: it must be given.
    otherwise: ?[*:0]const u8 = null,
    about: ?[*:0]const u8 = null,
};
/// Where a run is; times in seconds.
pub const Status = extern struct {
    elapsed: f64,
    users: u32,
    requests: u64,
    failed: u64,
    requests_per_second: u64,
    p95: f64,
};
pub const LoadKind = enum(c_uint) { users, arrivals, stop };
pub const Load = extern struct { kind: LoadKind, users: u32 = 0, arrivals: f64 = 0 };
pub const Scenario = extern struct {
    classes: [*:null]const ?*const Class,
    parameters: ?[*]const Parameter = null,
    setup: ?*const fn (data: *Value) callconv(.c) Result = null,
    teardown: ?*const fn () callconv(.c) Result = null,
    shape: ?*const fn (now: Status) callconv(.c) Load = null,
};

pub extern fn k_panic(format: [*:0]const u8, ...) noreturn;
pub extern fn k_log(level: Level, format: [*:0]const u8, ...) void;
pub extern fn k_arena_take(bytes: usize, alignment: usize) ?*anyopaque;

pub extern fn k_bool(value: bool) Value;
pub extern fn k_int(value: i64) Value;
pub extern fn k_double(value: f64) Value;
pub extern fn k_text_of(text: [*]const u8, length: usize) Value;
pub extern fn k_binary(bytes: [*]const u8, length: usize) Value;
pub extern fn k_append(array: *Value, item: Value) void;
pub extern fn k_set(structure: *Value, name: [*:0]const u8, value: Value) void;
pub extern fn k_at(array: Value, place: usize) Value;
pub extern fn k_get(structure: Value, name: [*:0]const u8) Value;
pub extern fn k_equal(one: Value, other: Value) bool;
pub extern fn k_show(value: Value) [*:0]const u8;

pub extern fn k_call_of(method: [*:0]const u8, arguments: ?[*]const Value, count: usize) Reply;
pub extern fn k_failed(reply: Reply) Result;
pub extern fn k_failure_text(reply: Reply) [*:0]const u8;
pub extern fn k_request_of(options: Options, method: [*:0]const u8, arguments: ?[*]const Value, count: usize) *Exchange;
pub extern fn k_exchange_reply(exchange: *Exchange) Reply;
pub extern fn k_pass(exchange: *Exchange) void;
pub extern fn k_fail(exchange: *Exchange, reason: [*:0]const u8) void;
pub extern fn k_drop(exchange: *Exchange) void;

pub extern fn k_check(name: [*:0]const u8, ok: bool) bool;
pub extern fn k_user_id() u64;
pub extern fn k_iteration() u64;
pub extern fn k_now() f64;
pub extern fn k_sleep(seconds: f64) void;
pub extern fn k_stop_run(reason: [*:0]const u8) void;
pub extern fn k_random_bits() u64;
pub extern fn k_random() f64;
pub extern fn k_random_range(least: i64, most: i64) i64;
pub extern fn k_parameter(name: [*:0]const u8) ?[*:0]const u8;
pub extern fn k_row(set: [*:0]const u8, row: *Value) Result;
pub extern fn k_setup_data() Value;
pub extern fn k_counter(name: [*:0]const u8, add: u64) void;
pub extern fn k_gauge(name: [*:0]const u8, value: f64) void;
pub extern fn k_rate(name: [*:0]const u8, hit: bool) void;
pub extern fn k_trend(name: [*:0]const u8, value: u64) void;
pub extern fn k_request_success(kind: [*:0]const u8, name: [*:0]const u8, seconds: f64, length: u64) void;
pub extern fn k_request_failure(kind: [*:0]const u8, name: [*:0]const u8, seconds: f64, length: u64, reason: [*:0]const u8) void;
