/* The contract's imports as functions, in the form that `src/host/quickjs.js` wants. */

#include <stdlib.h>
#include <string.h>

#include "engine.h"

/* The memory that the host writes into: it asks for a piece for each text and list that it hands over, and all of them
 * are given back at once, so that most need no allocator. */
enum { NEAR_BYTES = 4096 };
static _Alignas(16) uint8_t near[NEAR_BYTES];
static size_t near_used;

typedef struct far_piece {
    struct far_piece *before;
    _Alignas(16) uint8_t bytes[];
} far_piece;
static far_piece *far;

__attribute__((__export_name__("cabi_realloc"))) void *cabi_realloc(void *old, size_t old_size, size_t align, size_t size) {
    /* The host makes what it hands over in one go. */
    if (old || old_size) __builtin_trap();
    size_t start = (near_used + align - 1) & ~(align - 1);
    if (start <= NEAR_BYTES && size <= NEAR_BYTES - start) {
        near_used = start + size;
        return near + start;
    }
    far_piece *piece = size > SIZE_MAX - sizeof(far_piece) ? NULL : malloc(sizeof(far_piece) + size);
    if (!piece) __builtin_trap();
    piece->before = far;
    far = piece;
    return piece->bytes;
}

void engine_received(void) {
    near_used = 0;
    while (far) {
        far_piece *piece = far;
        far = piece->before;
        free(piece);
    }
}

JSValue engine_text(const load_string_t *text) { return JS_NewStringLen(js, (const char *)text->ptr, text->len); }

/* A text that the package has made well formed; `done` gives it back. */
static bool text(JSValueConst value, load_string_t *to) {
    to->ptr = (uint8_t *)JS_ToCStringLen(js, &to->len, value);
    return to->ptr != NULL;
}

static void done(const load_string_t *text) { JS_FreeCString(js, (const char *)text->ptr); }

/* Whole numbers from 0, as doubles: what lies beyond is cut off. */
static bool u64(JSValueConst value, uint64_t *to) {
    double number;
    if (JS_ToFloat64(js, &number, value) < 0) return false;
    *to = number >= 0x1p64 ? UINT64_MAX : number > 0 ? (uint64_t)number : 0;
    return true;
}

static bool flag(JSValueConst value, bool *to) {
    int truth = JS_ToBool(js, value);
    *to = truth > 0;
    return truth >= 0;
}

static JSValue failed(const katydid_load_data_failure_t *failure) {
    int32_t code = 0;
    load_string_t message = {(uint8_t *)"", 0};
    switch (failure->tag) {
    case KATYDID_LOAD_DATA_FAILURE_FAULT:
        code = failure->val.fault.code;
        message = failure->val.fault.message;
        break;
    case KATYDID_LOAD_DATA_FAILURE_STATUS: code = failure->val.status; break;
    case KATYDID_LOAD_DATA_FAILURE_INTERRUPTED: break;
    default: message = failure->val.timeout;
    }
    JSValue said = engine_text(&message);
    engine_received();
    JSValueConst given[] = {JS_NewInt32(js, failure->tag), JS_NewInt32(js, code), said};
    JSValue error = JS_Call(js, guest.failure, JS_UNDEFINED, 3, given);
    JS_FreeValue(js, said);
    return JS_IsException(error) ? error : JS_Throw(js, error);
}

static JSValue answered(bool good, const katydid_load_data_document_t *reply, const katydid_load_data_failure_t *failure) {
    if (!good) return failed(failure);
    JSValue value = engine_read(reply);
    engine_received();
    return value;
}

#define FUNCTION(name) static JSValue name(JSContext *context, JSValueConst self, int count, JSValueConst *given)
/* The engine fills up what is missing with undefined. */
#define UNUSED (void)context, (void)self, (void)count, (void)given

FUNCTION(call) {
    UNUSED;
    load_string_t method;
    katydid_load_data_document_t arguments, reply;
    katydid_load_data_failure_t failure;
    if (!text(given[0], &method)) return JS_EXCEPTION;
    if (!engine_write(given[1], &arguments)) return done(&method), JS_EXCEPTION;
    bool good = katydid_load_client_call(&method, &arguments, &reply, &failure);
    engine_sent();
    done(&method);
    return answered(good, &reply, &failure);
}

/* callJudged(method, arguments, label, timeoutMs) -> a handle; the last two may be undefined. */
FUNCTION(call_judged) {
    UNUSED;
    load_string_t method;
    katydid_load_data_document_t arguments;
    katydid_load_client_options_t options = {0};
    uint64_t ms = 0;
    options.label.is_some = !JS_IsUndefined(given[2]);
    options.timeout_ms.is_some = !JS_IsUndefined(given[3]);
    if (options.timeout_ms.is_some && !u64(given[3], &ms)) return JS_EXCEPTION;
    options.timeout_ms.val = ms > UINT32_MAX ? UINT32_MAX : (uint32_t)ms;
    if (!text(given[0], &method)) return JS_EXCEPTION;
    JSValue handle = JS_EXCEPTION;
    if ((!options.label.is_some || text(given[2], &options.label.val))) {
        if (engine_write(given[1], &arguments)) {
            handle = JS_NewInt32(js, katydid_load_client_call_judged(&method, &arguments, &options).__handle);
            engine_sent();
        }
        if (options.label.is_some) done(&options.label.val);
    }
    done(&method);
    return handle;
}

static bool exchange(JSValueConst value, katydid_load_client_borrow_exchange_t *to) {
    return JS_ToInt32(js, &to->__handle, value) == 0;
}

FUNCTION(judged_reply) {
    UNUSED;
    katydid_load_client_borrow_exchange_t of;
    katydid_load_data_document_t reply;
    katydid_load_data_failure_t failure;
    if (!exchange(given[0], &of)) return JS_EXCEPTION;
    bool good = katydid_load_client_method_exchange_reply(of, &reply, &failure);
    return answered(good, &reply, &failure);
}

FUNCTION(judged_pass) {
    UNUSED;
    katydid_load_client_borrow_exchange_t of;
    if (!exchange(given[0], &of)) return JS_EXCEPTION;
    katydid_load_client_method_exchange_pass(of);
    return JS_UNDEFINED;
}

FUNCTION(judged_fail) {
    UNUSED;
    katydid_load_client_borrow_exchange_t of;
    load_string_t reason;
    if (!exchange(given[0], &of) || !text(given[1], &reason)) return JS_EXCEPTION;
    katydid_load_client_method_exchange_fail(of, &reason);
    done(&reason);
    return JS_UNDEFINED;
}

FUNCTION(judged_drop) {
    UNUSED;
    katydid_load_client_borrow_exchange_t of;
    if (!exchange(given[0], &of)) return JS_EXCEPTION;
    katydid_load_client_exchange_drop_own((katydid_load_client_own_exchange_t){of.__handle});
    return JS_UNDEFINED;
}

/* requestSuccess(type, name, us, bytes), requestFailure(type, name, us, bytes, reason). */
static JSValue report(JSValueConst *given, bool failed) {
    katydid_load_events_request_event_t event;
    load_string_t reason;
    if (!u64(given[2], &event.response_time_us) || !u64(given[3], &event.response_length)) return JS_EXCEPTION;
    JSValue answer = JS_EXCEPTION;
    if (!text(given[0], &event.request_type)) return answer;
    if (text(given[1], &event.name)) {
        if (!failed) {
            katydid_load_events_request_success(&event);
            answer = JS_UNDEFINED;
        } else if (text(given[4], &reason)) {
            katydid_load_events_request_failure(&event, &reason);
            done(&reason);
            answer = JS_UNDEFINED;
        }
        done(&event.name);
    }
    done(&event.request_type);
    return answer;
}

FUNCTION(request_success) {
    UNUSED;
    return report(given, false);
}

FUNCTION(request_failure) {
    UNUSED;
    return report(given, true);
}

FUNCTION(counter) {
    UNUSED;
    load_string_t name;
    uint64_t add;
    if (!u64(given[1], &add) || !text(given[0], &name)) return JS_EXCEPTION;
    katydid_load_metrics_counter(&name, add);
    done(&name);
    return JS_UNDEFINED;
}

FUNCTION(gauge) {
    UNUSED;
    load_string_t name;
    double value;
    if (JS_ToFloat64(js, &value, given[1]) < 0 || !text(given[0], &name)) return JS_EXCEPTION;
    katydid_load_metrics_gauge(&name, value);
    done(&name);
    return JS_UNDEFINED;
}

FUNCTION(rate) {
    UNUSED;
    load_string_t name;
    bool hit;
    if (!flag(given[1], &hit) || !text(given[0], &name)) return JS_EXCEPTION;
    katydid_load_metrics_rate(&name, hit);
    done(&name);
    return JS_UNDEFINED;
}

FUNCTION(trend) {
    UNUSED;
    load_string_t name;
    uint64_t value;
    if (!u64(given[1], &value) || !text(given[0], &name)) return JS_EXCEPTION;
    katydid_load_metrics_trend(&name, value);
    done(&name);
    return JS_UNDEFINED;
}

FUNCTION(user_id) {
    UNUSED;
    return JS_NewFloat64(js, (double)katydid_load_context_user_id());
}

FUNCTION(iteration) {
    UNUSED;
    return JS_NewFloat64(js, (double)katydid_load_context_iteration());
}

FUNCTION(now_us) {
    UNUSED;
    return JS_NewFloat64(js, (double)katydid_load_context_now_us());
}

/* A whole number below 2^64, of which a double holds 53 bits. */
FUNCTION(draw) {
    UNUSED;
    return JS_NewFloat64(js, (double)katydid_load_context_random());
}

/* Undefined where there is none. */
FUNCTION(parameter) {
    UNUSED;
    load_string_t name, value;
    if (!text(given[0], &name)) return JS_EXCEPTION;
    bool found = katydid_load_context_parameter(&name, &value);
    done(&name);
    if (!found) return JS_UNDEFINED;
    JSValue said = engine_text(&value);
    engine_received();
    return said;
}

/* The next row; undefined where the set is used up. */
FUNCTION(row) {
    UNUSED;
    load_string_t set, error;
    katydid_load_context_option_document_t found;
    if (!text(given[0], &set)) return JS_EXCEPTION;
    bool good = katydid_load_context_row(&set, &found, &error);
    done(&set);
    JSValue value = JS_UNDEFINED;
    if (!good) value = JS_ThrowPlainError(js, "%.*s", (int)error.len, (const char *)error.ptr);
    if (good && found.is_some) value = engine_read(&found.val);
    engine_received();
    return value;
}

/* Undefined where `setup` answered nothing. */
FUNCTION(setup_data) {
    UNUSED;
    load_list_u8_t data;
    if (!katydid_load_context_setup_data(&data)) return JS_UNDEFINED;
    JSValue bytes = JS_NewUint8ArrayCopy(js, data.ptr, data.len);
    engine_received();
    return bytes;
}

FUNCTION(sleep_us) {
    UNUSED;
    uint64_t us;
    if (!u64(given[0], &us)) return JS_EXCEPTION;
    katydid_load_context_sleep_us(us);
    return JS_UNDEFINED;
}

FUNCTION(check) {
    UNUSED;
    load_string_t name;
    bool ok;
    if (!flag(given[1], &ok) || !text(given[0], &name)) return JS_EXCEPTION;
    katydid_load_context_check(&name, ok);
    done(&name);
    return JS_UNDEFINED;
}

FUNCTION(stop_run) {
    UNUSED;
    load_string_t reason;
    if (!text(given[0], &reason)) return JS_EXCEPTION;
    katydid_load_context_stop_run(&reason);
    done(&reason);
    return JS_UNDEFINED;
}

/* log(level, line), with the level's place among the contract's. */
FUNCTION(log_line) {
    UNUSED;
    load_string_t line;
    int32_t level;
    if (JS_ToInt32(js, &level, given[0]) < 0 || !text(given[1], &line)) return JS_EXCEPTION;
    katydid_load_log_write((katydid_load_log_level_t)level, &line);
    done(&line);
    return JS_UNDEFINED;
}

FUNCTION(panicking) {
    UNUSED;
    load_string_t message;
    if (!text(given[0], &message)) return JS_EXCEPTION;
    katydid_load_log_panicking(&message);
    done(&message);
    return JS_UNDEFINED;
}

/* serve(guest): the scenario is what this object says, see `engine_guest`. */
FUNCTION(serve) {
    UNUSED;
    const struct {
        const char *name;
        JSValue *to;
    } parts[] = {
        {"describe", &guest.describe}, {"setup", &guest.setup},     {"teardown", &guest.teardown},
        {"shape", &guest.shape},       {"user", &guest.user},       {"failure", &guest.failure},
        {"date", &guest.date},         {"encode", &guest.encode},   {"plain", &guest.plain},
    };
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
        *parts[i].to = JS_GetPropertyStr(js, given[0], parts[i].name);
        if (JS_IsException(*parts[i].to)) return JS_EXCEPTION;
    }
    return JS_UNDEFINED;
}

void engine_functions(JSValueConst to) {
    const struct {
        const char *name;
        JSCFunction *function;
        int parameters;
    } functions[] = {
        {"call", call, 2},
        {"callJudged", call_judged, 4},
        {"judgedReply", judged_reply, 1},
        {"judgedPass", judged_pass, 1},
        {"judgedFail", judged_fail, 2},
        {"judgedDrop", judged_drop, 1},
        {"requestSuccess", request_success, 4},
        {"requestFailure", request_failure, 5},
        {"counter", counter, 2},
        {"gauge", gauge, 2},
        {"rate", rate, 2},
        {"trend", trend, 2},
        {"userId", user_id, 0},
        {"iteration", iteration, 0},
        {"nowUs", now_us, 0},
        {"random", draw, 0},
        {"parameter", parameter, 1},
        {"row", row, 1},
        {"setupData", setup_data, 0},
        {"sleepUs", sleep_us, 1},
        {"check", check, 2},
        {"stopRun", stop_run, 1},
        {"log", log_line, 2},
        {"panicking", panicking, 1},
        {"serve", serve, 1},
    };
    for (size_t i = 0; i < sizeof functions / sizeof *functions; i++)
        JS_SetPropertyStr(js, to, functions[i].name,
                          JS_NewCFunction(js, functions[i].function, functions[i].name, functions[i].parameters));
}
