// Load scenarios for Katydid in C++17. The manual is README.md beside this file; it stands on the SDK for C
// (katydid.h), whose functions may be called as well.
//
// Values and replies live until the end of the iteration in which they came; what is to live longer is copied, for
// example into a std::string. There are no exceptions (-fno-exceptions): a task answers an error.
#ifndef KATYDID_HPP
#define KATYDID_HPP

#include "katydid.h"

#include <array>
#include <cstdint>
#include <cstring>
#include <initializer_list>
#include <new>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

namespace katydid {

// --- Values --------------------------------------------------------------------------------------------------

/// Bytes, sent as <base64>.
struct Binary {
    const void *bytes = nullptr;
    std::size_t size = 0;
};
/// A <dateTime.iso8601>, as the text it is: 19980717T14:08:55.
struct DateTime {
    std::string_view text;
};

/// One XML-RPC value, to be passed by value.
class Value {
public:
    Value() = default;
    Value(std::nullptr_t) {}
    Value(k_value raw) : raw_(raw) {}
    Value(bool value) : raw_(k_bool(value)) {}
    template <class T, std::enable_if_t<std::is_integral_v<T> && !std::is_same_v<T, bool>, int> = 0>
    Value(T value) : raw_(k_int(static_cast<std::int64_t>(value))) {
        static_assert(sizeof(T) < 8 || std::is_signed_v<T>, "XML-RPC has no unsigned numbers of 64 bits: cast it");
    }
    Value(double value) : raw_(k_double(value)) {}
    /// Not copied, as is right for a literal; nullptr is nil.
    Value(const char *text) : raw_(k_text(text)) {}
    /// Copied.
    Value(std::string_view text) : raw_(kept(text)) {}
    Value(const std::string &text) : raw_(kept(text)) {}
    Value(DateTime date) : raw_(kept(date.text)) { raw_.kind = K_DATE_TIME; }
    /// Copied.
    Value(Binary binary) : raw_(kept({static_cast<const char *>(binary.bytes), binary.size})) { raw_.kind = K_BINARY; }
    template <class T> Value(const std::vector<T> &items) : raw_(k_array_of(nullptr, 0)) {
        for (const auto &item : items) append(Value(item));
    }

    k_kind kind() const { return static_cast<k_kind>(raw_.kind); }
    bool is_nil() const { return raw_.kind == K_NIL; }
    /// The value as a type of C++, or `otherwise` where it is of another kind. An int is a double, too.
    bool as_bool(bool otherwise = false) const { return k_as_bool(raw_, otherwise); }
    std::int64_t as_int(std::int64_t otherwise = 0) const { return k_as_int(raw_, otherwise); }
    double as_double(double otherwise = 0) const { return k_as_double(raw_, otherwise); }
    /// Of a text or a date.
    std::string_view as_text(std::string_view otherwise = {}) const {
        bool is_text = raw_.kind == K_TEXT || raw_.kind == K_DATE_TIME;
        return is_text ? std::string_view(raw_.text, raw_.count) : otherwise;
    }
    std::string_view as_binary() const {
        if (raw_.kind != K_BINARY) return {};
        return {reinterpret_cast<const char *>(raw_.bytes), raw_.count};
    }

    /// Items of an array, members of a struct, bytes of what else has some.
    std::size_t size() const { return raw_.count; }
    /// Nil where there is none, or where this is no array or struct.
    Value operator[](std::size_t place) const { return k_at(raw_, place); }
    Value operator[](int place) const { return k_at(raw_, static_cast<std::size_t>(place)); }
    Value operator[](const char *name) const { return k_get(raw_, name); }
    bool has(const char *name) const { return k_find(raw_, name) != nullptr; }

    /// Adds at the end: to an array, to a struct.
    void append(Value item) { k_append(&raw_, item.raw_); }
    void set(const char *name, Value value) { k_set(&raw_, name, value.raw_); }

    /// The items of an array, for a loop.
    class Items {
    public:
        explicit Items(k_value array) : array_(array) {}
        struct Iterator {
            const k_value *at;
            Value operator*() const { return *at; }
            Iterator &operator++() { return ++at, *this; }
            bool operator!=(Iterator other) const { return at != other.at; }
        };
        Iterator begin() const { return {array_.items}; }
        Iterator end() const { return {array_.items + array_.count}; }

    private:
        k_value array_;
    };
    Items items() const { return Items(raw_.kind == K_ARRAY ? raw_ : k_array_of(nullptr, 0)); }

    /// For messages: the content in short.
    std::string_view show() const { return k_show(raw_); }
    friend bool operator==(const Value &one, const Value &other) { return k_equal(one.raw_, other.raw_); }
    friend bool operator!=(const Value &one, const Value &other) { return !(one == other); }
    const k_value &raw() const { return raw_; }

private:
    static k_value kept(std::string_view text) {
        auto *copy = static_cast<char *>(k_alloc(text.size() + 1));
        if (copy && !text.empty()) std::memcpy(copy, text.data(), text.size());
        return k_text_of(copy ? copy : "", copy ? text.size() : 0);
    }
    k_value raw_ = k_nil();
};

/// array(1, "two", array())
template <class... T> Value array(const T &...items) {
    Value made(k_array_of(nullptr, 0));
    (made.append(Value(items)), ...);
    return made;
}
/// structure({{"id", 7}, {"tags", array("a")}})
inline Value structure(std::initializer_list<std::pair<const char *, Value>> members) {
    Value made(k_struct_of(nullptr, 0));
    for (const auto &[name, value] : members) made.set(name, value);
    return made;
}

// --- Results and calls ---------------------------------------------------------------------------------------

/// What came of a request: true where there is a value. The host has counted it.
class Reply {
public:
    Reply(k_reply raw) : raw_(raw) {}
    explicit operator bool() const { return raw_.failure == K_NONE; }
    Value value() const { return raw_.value; }
    k_failure failure() const { return raw_.failure; }
    /// The target answered a fault with this code.
    bool is_fault(int code) const { return raw_.failure == K_FAULT && raw_.code == code; }
    /// Of a fault, or the HTTP status.
    int code() const { return static_cast<int>(raw_.code); }
    const char *message() const { return raw_.message; }
    /// The failure in the host's words: `fault 4: out of stock`.
    const char *text() const { return k_failure_text(raw_); }
    k_reply raw() const { return raw_; }

private:
    k_reply raw_;
};

/// What a task or a hook answers. One may answer nothing, or a Reply, as well: a failure ends the iteration and is no
/// failed one.
class [[nodiscard]] Result {
public:
    Result() = default;
    Result(k_result raw) : raw_(raw) {}
    Result(const Reply &reply) : raw_(k_failed(reply.raw())) {}
    /// Whether to go on.
    explicit operator bool() const { return raw_ == K_OK; }
    k_result raw() const { return raw_; }

private:
    k_result raw_ = K_OK;
};
inline Result proceed() { return K_OK; }
/// Leave the innermost set; in the user class itself: go on.
inline Result interrupt() { return K_INTERRUPT; }
/// This user has done enough: it stops and is not replaced.
inline Result stop_user() { return K_STOP_USER; }
/// A failed iteration, a user that does not start, a run that does not begin.
inline Result error(std::string_view message) {
    return k_error("%.*s", static_cast<int>(message.size()), message.data());
}

/// What a judged call may say beside the method and its arguments.
struct Options {
    const char *label = nullptr;
    double timeout = 0; ///< in seconds; 0: the run's own
};

/// A call whose outcome the scenario judges; without a verdict it is counted by its reply, when this goes.
class Exchange {
public:
    explicit Exchange(k_exchange *raw) : raw_(raw) {}
    Exchange(Exchange &&other) noexcept : raw_(std::exchange(other.raw_, nullptr)) {}
    Exchange &operator=(Exchange &&other) noexcept { return std::swap(raw_, other.raw_), *this; }
    ~Exchange() {
        if (raw_) k_drop(raw_);
    }
    Reply reply() { return k_exchange_reply(raw_); }
    void pass() { k_pass(raw_); }
    void fail(const char *reason) { k_fail(raw_, reason); }

private:
    k_exchange *raw_;
};

/// Calls to the target.
class Client {
public:
    template <class... T> Reply call(const char *method, const T &...arguments) const {
        const std::array<k_value, sizeof...(T)> raw = {Value(arguments).raw()...};
        return k_call_of(method, raw.data(), raw.size());
    }
    template <class... T> Exchange request(Options options, const char *method, const T &...arguments) const {
        const std::array<k_value, sizeof...(T)> raw = {Value(arguments).raw()...};
        return Exchange(k_request_of({options.label, options.timeout}, method, raw.data(), raw.size()));
    }
    /// Several calls in one request: multicall({{"echo", array(7)}, {"get_time", array()}}). Each has its answer.
    std::vector<Reply> multicall(std::initializer_list<std::pair<const char *, Value>> calls) const {
        std::vector<k_inner> inner;
        for (const auto &[method, arguments] : calls) inner.push_back({method, arguments.raw()});
        std::vector<k_reply> raw(inner.size());
        k_multicall_of(raw.data(), inner.data(), inner.size());
        return {raw.begin(), raw.end()};
    }
};
inline constexpr Client client{};

// --- What the host offers ------------------------------------------------------------------------------------

namespace log {
inline void write(k_level level, std::string_view line) {
    k_log(level, "%.*s", static_cast<int>(line.size()), line.data());
}
inline void debug(std::string_view line) { write(K_DEBUG, line); }
inline void info(std::string_view line) { write(K_INFO, line); }
inline void warn(std::string_view line) { write(K_WARN, line); }
inline void error(std::string_view line) { write(K_ERROR, line); }
} // namespace log

inline bool check(const char *name, bool ok) { return k_check(name, ok); }
inline std::uint64_t user_id() { return k_user_id(); }
inline std::uint64_t iteration() { return k_iteration(); }
/// Seconds since the run began.
inline double now() { return k_now(); }
inline void sleep_for(double seconds) { k_sleep(seconds); }
inline void stop_run(const char *reason) { k_stop_run(reason); }
/// From 0, less than 1.
inline double random_share() { return k_random(); }
/// Both included.
inline std::int64_t random_range(std::int64_t least, std::int64_t most) { return k_random_range(least, most); }
/// For the algorithms and distributions of <random>: determined by the run's seed, the user and the iteration.
struct Random {
    using result_type = std::uint64_t;
    static constexpr result_type min() { return 0; }
    static constexpr result_type max() { return UINT64_MAX; }
    result_type operator()() const { return k_random_bits(); }
};
inline std::optional<std::string> parameter(const char *name) {
    const char *value = k_parameter(name);
    return value ? std::optional<std::string>(value) : std::nullopt;
}
inline std::int64_t parameter_int(const char *name, std::int64_t otherwise) { return k_parameter_int(name, otherwise); }
inline double parameter_double(const char *name, double otherwise) { return k_parameter_double(name, otherwise); }
inline bool parameter_bool(const char *name, bool otherwise) { return k_parameter_bool(name, otherwise); }
/// The next row of --data set=file. stop_user() when they are used up, an error where there is no such set.
inline Result row(const char *set, Value &row) {
    k_value raw = k_nil();
    k_result result = k_row(set, &raw);
    row = raw;
    return result;
}
inline Value setup_data() { return k_setup_data(); }

namespace metrics {
inline void counter(const char *name, std::uint64_t add = 1) { k_counter(name, add); }
inline void gauge(const char *name, double value) { k_gauge(name, value); }
inline void rate(const char *name, bool hit) { k_rate(name, hit); }
inline void trend(const char *name, std::uint64_t value) { k_trend(name, value); }
} // namespace metrics

/// Times and counts a request of a client of your own, when it goes.
class Measure {
public:
    Measure(const char *type, const char *name) : type_(type), name_(name) {}
    Measure(const Measure &) = delete;
    ~Measure() {
        double took = k_now() - began_;
        if (reason_.empty()) k_request_success(type_, name_, took, length);
        else k_request_failure(type_, name_, took, length, reason_.c_str());
    }
    void fail(std::string reason) { reason_ = reason.empty() ? "failed" : std::move(reason); }
    std::uint64_t length = 0; ///< of the reply, in bytes

private:
    const char *type_, *name_;
    double began_ = k_now();
    std::string reason_;
};

} // namespace katydid

#include "katydid_class.hpp"
#endif
