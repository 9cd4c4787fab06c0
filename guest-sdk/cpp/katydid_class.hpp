// How user classes are declared; a part of katydid.hpp.
//
// All of it is worked out by the compiler: the tables are data of the module, and no user pays for them.
#ifndef KATYDID_CLASS_HPP
#define KATYDID_CLASS_HPP

namespace katydid {

constexpr k_wait constant(double seconds) { return {k_wait::K_WAIT_CONSTANT, seconds, seconds}; }
constexpr k_wait between(double least, double most) { return {k_wait::K_WAIT_BETWEEN, least, most}; }
constexpr k_wait constant_pacing(double seconds) { return {k_wait::K_WAIT_PACING, seconds, seconds}; }
constexpr k_wait constant_throughput(double per_second) { return constant_pacing(1 / per_second); }
constexpr k_wait poisson(double mean) { return {k_wait::K_WAIT_POISSON, mean, mean}; }

namespace detail {

/// Which user a task or hook is of: `&Shopper::browse`, or a function of `Shopper &`.
template <class F> struct UserOf : UserOf<decltype(&F::operator())> {}; // a lambda
template <class R, class U> struct UserOf<R (U::*)()> { using type = U; };
template <class R, class U> struct UserOf<R (*)(U &)> { using type = U; };
template <class R, class L, class U> struct UserOf<R (L::*)(U &) const> { using type = U; };
template <class R, class U, class A> struct UserOf<R (U::*)(A)> { using type = U; };
template <auto F> using user_of = typename UserOf<std::remove_cv_t<decltype(F)>>::type;

/// A user, made when it is first asked for something.
template <class U> struct Slot {
    bool made;
    alignas(U) unsigned char room[sizeof(U)];
};
template <class U> U &made(void *self) {
    auto *slot = static_cast<Slot<U> *>(self);
    if (!slot->made) ::new (static_cast<void *>(slot->room)) U();
    slot->made = true;
    return *std::launder(reinterpret_cast<U *>(slot->room));
}

template <auto F, class U, class... A> decltype(auto) invoke(U &user, A &&...arguments) {
    if constexpr (std::is_member_function_pointer_v<decltype(F)>) return (user.*F)(std::forward<A>(arguments)...);
    else return F(user, std::forward<A>(arguments)...);
}

/// A function of C for whatever answers nothing, a Result or a Reply.
template <auto F> k_result run(void *self) {
    auto &user = made<user_of<F>>(self);
    if constexpr (std::is_void_v<decltype(invoke<F>(user))>) return invoke<F>(user), K_OK;
    else return Result(invoke<F>(user)).raw();
}
template <auto F> k_result run_last(void *self) {
    using U = user_of<F>;
    k_result result = run<F>(self);
    made<U>(self).~U();
    return result;
}
template <auto F> double wait(void *self) { return invoke<F>(made<user_of<F>>(self)); }
template <auto F> k_value save(void *self) { return Value(invoke<F>(made<user_of<F>>(self))).raw(); }
template <auto F> k_result restore(void *self, k_value state) {
    auto &user = made<user_of<F>>(self);
    if constexpr (std::is_void_v<decltype(invoke<F>(user, Value(state)))>) return invoke<F>(user, Value(state)), K_OK;
    else return Result(invoke<F>(user, Value(state))).raw();
}

/// A table that ends with an empty entry.
template <class T, std::size_t N> using Table = std::array<T, N + 1>;

} // namespace detail

/// A task, or a set inside: made by `task` and `set`.
struct Task : k_task {
    constexpr Task() : k_task{} {}
    /// By which a run chooses among tasks; a table that ends with nullptr.
    constexpr Task tags(const char *const *words) const {
        Task with = *this;
        with.k_task::tags = words;
        return with;
    }
    /// What may follow, where the order is `transitions`; a table that ends with an empty one.
    constexpr Task then(const k_transition *next) const {
        Task with = *this;
        with.k_task::then = next;
        return with;
    }
};
/// task<&Shopper::browse>("browse", 10); the weight 0 is never.
template <auto F> constexpr Task task(const char *name, std::uint32_t weight = 1) {
    Task made;
    made.name = name;
    made.run = detail::run<F>;
    made.weight = weight ? weight : K_NEVER;
    return made;
}

/// A set of tasks: a user that enters it stays until a task answers interrupt().
template <std::size_t N = 0> class Set {
public:
    constexpr explicit Set(const char *name) : raw_{} { raw_.name = name; }
    constexpr Set(k_task_set raw, detail::Table<Task, N> tasks) : raw_(raw), tasks_(tasks) {}
    constexpr Set sequential() const { return with([](k_task_set &raw) { raw.order = K_SEQUENTIAL; }); }
    constexpr Set transitions() const { return with([](k_task_set &raw) { raw.order = K_TRANSITIONS; }); }
    constexpr Set tags(const char *const *words) const { return with([=](k_task_set &raw) { raw.tags = words; }); }
    template <auto F> constexpr Set on_start() const {
        return with([](k_task_set &raw) { raw.on_start = detail::run<F>; });
    }
    template <auto F> constexpr Set on_stop() const {
        return with([](k_task_set &raw) { raw.on_stop = detail::run<F>; });
    }
    template <class... T> constexpr Set<sizeof...(T)> tasks(T... tasks) const {
        return {raw_, detail::Table<Task, sizeof...(T)>{tasks..., Task()}};
    }
    constexpr k_task_set raw() const { return raw_; }
    constexpr const detail::Table<Task, N> &table() const { return tasks_; }

private:
    template <class F> constexpr Set with(F change) const {
        Set changed = *this;
        change(changed.raw_);
        return changed;
    }
    k_task_set raw_;
    detail::Table<Task, N> tasks_{};
};

/// A kind of user: Class<Shopper>("Shopper").host("http://127.0.0.1:8877/").tasks(task<&Shopper::browse>("browse"))
template <class U, std::size_t N = 0> class Class {
public:
    constexpr explicit Class(const char *name) : raw_{} {
        raw_.name = name;
        raw_.size = sizeof(detail::Slot<U>);
    }
    constexpr Class(k_class raw, detail::Table<Task, N> tasks) : raw_(raw), tasks_(tasks) {}
    constexpr Class host(const char *url) const { return with([=](k_class &raw) { raw.host = url; }); }
    /// The weight 0 is never.
    constexpr Class weight(std::uint32_t weight) const {
        return with([=](k_class &raw) { raw.weight = weight ? weight : K_NEVER; });
    }
    constexpr Class fixed_count(std::uint32_t users) const { return with([=](k_class &raw) { raw.fixed_count = users; }); }
    constexpr Class wait(k_wait wait) const { return with([=](k_class &raw) { raw.wait = wait; }); }
    /// A function that answers seconds.
    template <auto F> constexpr Class wait_time() const {
        return with([](k_class &raw) { raw.wait_time = detail::wait<F>; });
    }
    constexpr Class sequential() const { return with([](k_class &raw) { raw.order = K_SEQUENTIAL; }); }
    constexpr Class transitions() const { return with([](k_class &raw) { raw.order = K_TRANSITIONS; }); }
    constexpr Class tags(const char *const *words) const { return with([=](k_class &raw) { raw.tags = words; }); }
    template <auto F> constexpr Class on_start() const {
        return with([](k_class &raw) { raw.on_start = detail::run<F>; });
    }
    /// The user's destructor runs after it.
    template <auto F> constexpr Class on_stop() const {
        return with([](k_class &raw) { raw.on_stop = detail::run_last<F>; });
    }
    /// A state that outlives an exchange of the module: `save` answers a value, `restore` is given it.
    template <auto Save, auto Restore> constexpr Class state() const {
        return with([](k_class &raw) {
            raw.save_state = detail::save<Save>;
            raw.restore_state = detail::restore<Restore>;
        });
    }
    template <class... T> constexpr Class<U, sizeof...(T)> tasks(T... tasks) const {
        return {raw_, detail::Table<Task, sizeof...(T)>{tasks..., Task()}};
    }
    constexpr k_class raw() const { return raw_; }
    constexpr const detail::Table<Task, N> &table() const { return tasks_; }

private:
    template <class F> constexpr Class with(F change) const {
        Class changed = *this;
        change(changed.raw_);
        return changed;
    }
    k_class raw_;
    detail::Table<Task, N> tasks_{};
};

namespace detail {

template <std::size_t N, std::size_t... I>
constexpr std::array<k_task, N> plain(const std::array<Task, N> &tasks, std::index_sequence<I...>) {
    return {static_cast<const k_task &>(tasks[I])...};
}
/// The tables of one declared class or set.
template <const auto &D> struct Declared {
    static constexpr auto tasks = plain(D.table(), std::make_index_sequence<std::tuple_size_v<std::decay_t<decltype(D.table())>>>());
    static constexpr auto finished() {
        auto raw = D.raw();
        raw.tasks = tasks.data();
        return raw;
    }
    static constexpr auto raw = finished();
};
template <const auto &...C> inline constexpr const k_class *classes[] = {&Declared<C>::raw..., nullptr};

template <auto F> k_result set_up(k_value *data) {
    Value left;
    if constexpr (std::is_invocable_v<decltype(F), Value &>) {
        k_result result = Result(F(left)).raw();
        *data = left.raw();
        return result;
    } else {
        *data = Value(F()).raw();
        return K_OK;
    }
}
template <auto F> k_result tear_down() {
    if constexpr (std::is_void_v<decltype(F())>) return F(), K_OK;
    else return Result(F()).raw();
}

} // namespace detail

/// A set among tasks: set<checkout>(2)
template <const auto &S> constexpr Task set(std::uint32_t weight = 1) {
    Task made;
    made.set = &detail::Declared<S>::raw;
    made.weight = weight ? weight : K_NEVER;
    return made;
}

/// The whole: scenario<shopper, reader>().setup<open_shop>()
class Scenario {
public:
    constexpr explicit Scenario(const k_class *const *classes) : raw_{} { raw_.classes = classes; }
    /// A table that ends with an empty one.
    constexpr Scenario parameters(const k_parameter_declaration *declared) const {
        Scenario with = *this;
        with.raw_.parameters = declared;
        return with;
    }
    /// A function that answers a value for setup_data(); or a Result, and is given a `Value &` to leave it in.
    template <auto F> constexpr Scenario setup() const {
        Scenario with = *this;
        with.raw_.setup = detail::set_up<F>;
        return with;
    }
    template <auto F> constexpr Scenario teardown() const {
        Scenario with = *this;
        with.raw_.teardown = detail::tear_down<F>;
        return with;
    }
    /// Asked each second; answers k_users(n), k_arrivals(per_second) or k_no_load().
    constexpr Scenario shape(k_load (*shape)(k_status)) const {
        Scenario with = *this;
        with.raw_.shape = shape;
        return with;
    }
    constexpr k_scenario raw() const { return raw_; }

private:
    k_scenario raw_;
};
template <const auto &...C> constexpr Scenario scenario() { return Scenario(detail::classes<C...>); }

} // namespace katydid

/// KATYDID_SCENARIO(scenario<shopper>())
#define KATYDID_SCENARIO(...) extern "C" const k_scenario katydid_scenario = (__VA_ARGS__).raw();

#endif
