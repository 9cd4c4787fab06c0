//! How user classes are declared. All of it is worked out by the compiler: the tables are data of the module.

const katydid = @import("katydid.zig");
const c = katydid.c;

/// A weight: never.
pub const never = 0;

pub fn constant(seconds: f64) c.Wait {
    return .{ .kind = .constant, .least = seconds, .most = seconds };
}
pub fn between(least: f64, most: f64) c.Wait {
    return .{ .kind = .between, .least = least, .most = most };
}
/// An iteration begins so long after the one before it began.
pub fn constantPacing(seconds: f64) c.Wait {
    return .{ .kind = .pacing, .least = seconds, .most = seconds };
}
pub fn constantThroughput(per_second: f64) c.Wait {
    return constantPacing(1 / per_second);
}
/// At random, so long on average.
pub fn poisson(mean: f64) c.Wait {
    return .{ .kind = .poisson, .least = mean, .most = mean };
}

/// What may follow a task, and how often against the others.
pub const Transition = struct { task: [:0]const u8, weight: u32 = 1 };

/// A task, or a set inside.
pub const Task = struct {
    name: ?[:0]const u8 = null,
    run: c.Hook = null,
    set: ?*const c.Set = null,
    /// How often it is chosen; 0 is never.
    weight: u32 = 1,
    tags: []const [:0]const u8 = &.{},
    /// Where the order is `.transitions`.
    then: []const Transition = &.{},
};

/// What `task` may say beside the name and the function.
pub const TaskOptions = struct {
    weight: u32 = 1,
    tags: []const [:0]const u8 = &.{},
    then: []const Transition = &.{},
};

/// `task("browse", Shopper.browse, .{ .weight = 10 })`
pub fn task(comptime name: [:0]const u8, comptime function: anytype, comptime options: TaskOptions) Task {
    return .{ .name = name, .run = hook(function), .weight = options.weight, .tags = options.tags, .then = options.then };
}

/// What a set may say.
pub const SetOptions = struct {
    name: [:0]const u8,
    order: c.Order = .weighted,
    weight: u32 = 1,
    tags: []const [:0]const u8 = &.{},
    tasks: []const Task,
};

/// Tasks inside others: a user that enters it stays until a task answers `.interrupt`. `hooks` are its `on_start` and
/// `on_stop`, or `.{}`.
pub fn Set(comptime options: SetOptions, comptime hooks: anytype) Task {
    const Declared = struct {
        const raw: c.Set = .{
            .name = options.name.ptr,
            .order = options.order,
            .tags = tags(options.tags),
            .tasks = tasks(options.tasks),
            .on_start = if (@hasField(@TypeOf(hooks), "on_start")) hook(hooks.on_start) else null,
            .on_stop = if (@hasField(@TypeOf(hooks), "on_stop")) hook(hooks.on_stop) else null,
        };
    };
    return .{ .set = &Declared.raw, .weight = options.weight };
}

/// What a user class may say.
pub const ClassOptions = struct {
    name: [:0]const u8,
    /// The URL of its target; a run may override it.
    host: ?[:0]const u8 = null,
    weight: u32 = 1,
    /// So many exactly; 0: by weight.
    fixed_count: u32 = 0,
    wait: c.Wait = .{},
    order: c.Order = .weighted,
    tags: []const [:0]const u8 = &.{},
    tasks: []const Task,
};

/// A kind of user. Each is a `User`, begun as `User{}`. Where it has these functions, they are called: `onStart`,
/// `onStop`, `waitTime` (seconds, in place of `wait`), `saveState` and `restoreState`.
pub fn Class(comptime User: type, comptime options: ClassOptions) *const c.Class {
    const Hooks = struct {
        fn wait(self: ?*anyopaque) callconv(.c) f64 {
            return made(User, self).waitTime();
        }
        fn save(self: ?*anyopaque) callconv(.c) c.Value {
            return katydid.Value.of(made(User, self).saveState()).raw;
        }
        fn restore(self: ?*anyopaque, state: c.Value) callconv(.c) c.Result {
            return katydid.resultOf(made(User, self).restoreState(.{ .raw = state }));
        }
    };
    const Declared = struct {
        const raw: c.Class = .{
            .name = options.name.ptr,
            .host = if (options.host) |host| host.ptr else null,
            .weight = weighed(options.weight),
            .fixed_count = options.fixed_count,
            .wait = options.wait,
            .order = options.order,
            .tags = tags(options.tags),
            .tasks = tasks(options.tasks),
            .size = @sizeOf(Slot(User)),
            .on_start = if (@hasDecl(User, "onStart")) hook(User.onStart) else null,
            .on_stop = if (@hasDecl(User, "onStop")) hook(User.onStop) else null,
            .wait_time = if (@hasDecl(User, "waitTime")) Hooks.wait else null,
            .save_state = if (@hasDecl(User, "saveState")) Hooks.save else null,
            .restore_state = if (@hasDecl(User, "restoreState")) Hooks.restore else null,
        };
    };
    return &Declared.raw;
}

/// What load there is to be.
pub const Load = union(enum) {
    users: u32,
    /// So many iterations begun in each second, whoever is free.
    arrivals: f64,
    /// The run has done enough.
    stop,
};

/// The whole scenario.
pub const Scenario = struct {
    classes: []const *const c.Class,
    parameters: []const c.Parameter = &.{},
};

/// Declares it: `comptime { katydid.scenario(.{ .classes = &.{shopper} }, .{}); }`. `hooks` may have `setup` (answers a
/// value for `setupData`), `teardown` and `shape` (given a Status, answers a Load).
pub fn scenario(comptime whole: Scenario, comptime hooks: anytype) void {
    const Hooks = struct {
        fn setup(data: *c.Value) callconv(.c) c.Result {
            const answer = hooks.setup();
            if (@typeInfo(@TypeOf(answer)) == .error_union) {
                const left = answer catch |problem| return katydid.resultOf(@as(anyerror!void, problem));
                data.* = katydid.Value.of(left).raw;
            } else data.* = katydid.Value.of(answer).raw;
            return null;
        }
        fn teardown() callconv(.c) c.Result {
            return katydid.resultOf(hooks.teardown());
        }
        fn shape(now: c.Status) callconv(.c) c.Load {
            return switch (hooks.shape(now)) {
                .users => |users| .{ .kind = .users, .users = users },
                .arrivals => |arrivals| .{ .kind = .arrivals, .arrivals = arrivals },
                .stop => .{ .kind = .stop },
            };
        }
    };
    const Declared = struct {
        const classes = listed(whole.classes);
        const parameters: [whole.parameters.len + 1]c.Parameter = whole.parameters[0..whole.parameters.len].* ++ .{c.Parameter{}};
        const raw: c.Scenario = .{
            .classes = &classes,
            .parameters = &parameters,
            .setup = if (@hasField(@TypeOf(hooks), "setup")) Hooks.setup else null,
            .teardown = if (@hasField(@TypeOf(hooks), "teardown")) Hooks.teardown else null,
            .shape = if (@hasField(@TypeOf(hooks), "shape")) Hooks.shape else null,
        };
    };
    @export(&Declared.raw, .{ .name = "katydid_scenario" });
}

/// A user, begun when it is first asked for something: its memory is zeroes until then.
fn Slot(comptime User: type) type {
    return struct { begun: bool, user: User };
}
fn made(comptime User: type, self: ?*anyopaque) *User {
    const slot: *Slot(User) = @ptrCast(@alignCast(self.?));
    if (!slot.begun) slot.user = .{};
    slot.begun = true;
    return &slot.user;
}

/// A function of C for a method of a user.
fn hook(comptime function: anytype) c.Hook {
    const User = @typeInfo(@typeInfo(@TypeOf(function)).@"fn".param_types[0].?).pointer.child;
    return &struct {
        fn run(self: ?*anyopaque) callconv(.c) c.Result {
            return katydid.resultOf(function(made(User, self)));
        }
    }.run;
}

fn listed(comptime declared: []const *const c.Class) [declared.len:null]?*const c.Class {
    comptime var list: [declared.len:null]?*const c.Class = undefined;
    inline for (declared, 0..) |each, place| list[place] = each;
    return list;
}

fn weighed(comptime weight: u32) u32 {
    return if (weight == never) 0xffff_ffff else weight;
}

fn tags(comptime words: []const [:0]const u8) c.Tags {
    comptime var list: [words.len:null]?[*:0]const u8 = undefined;
    inline for (words, 0..) |word, place| list[place] = word.ptr;
    const fixed = list;
    return &fixed;
}

fn tasks(comptime declared: []const Task) [*]const c.Task {
    comptime var list: [declared.len + 1]c.Task = undefined;
    inline for (declared, 0..) |each, place| list[place] = .{
        .name = if (each.name) |name| name.ptr else null,
        .run = each.run,
        .weight = weighed(each.weight),
        .tags = tags(each.tags),
        .then = then(each.then),
        .set = each.set,
    };
    list[declared.len] = .{};
    const fixed = list;
    return &fixed;
}

fn then(comptime declared: []const Transition) [*]const c.Transition {
    comptime var list: [declared.len + 1]c.Transition = undefined;
    inline for (declared, 0..) |each, place| list[place] = .{ .task = each.task.ptr, .weight = weighed(each.weight) };
    list[declared.len] = .{};
    const fixed = list;
    return &fixed;
}
