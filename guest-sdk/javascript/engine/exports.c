/* The contract's exports: what the host calls is carried out by the functions of `engine_guest`. */

#include <stdlib.h>
#include <string.h>

#include "engine.h"

/* Carries out what promises have left to be done; nobody waits for them. */
static void settle(void) {
    JSContext *context;
    while (JS_IsJobPending(JS_GetRuntime(js)))
        if (JS_ExecutePendingJob(JS_GetRuntime(js), &context) < 0) JS_FreeValue(js, JS_GetException(js));
}

/* Ends the instance. */
static _Noreturn void end(const char *why) {
    load_string_t message;
    load_string_set(&message, why ? why : "out of memory");
    katydid_load_log_panicking(&message);
    __builtin_trap();
}

/* Ends it for the exception that was thrown. */
static _Noreturn void broken(void) { end(JS_ToCString(js, JS_GetException(js))); }

static JSValue must(JSValue value) {
    if (JS_IsException(value)) broken();
    return value;
}

/* What is empty is not freed again. */
static void *room(size_t count, size_t size) {
    void *made = count ? malloc(count * size) : (void *)sizeof(void *);
    if (!made) end(NULL);
    return made;
}

/* A copy, for the host to free. */
static load_string_t copied(JSValueConst text) {
    size_t size = 0;
    const char *from = JS_ToCStringLen(js, &size, text);
    if (!from) end(NULL);
    load_string_t to = {room(size, 1), size};
    memcpy(to.ptr, from, size);
    JS_FreeCString(js, from);
    return to;
}

/* What was thrown: the package throws texts. */
static load_string_t why(void) {
    JSValue error = JS_GetException(js);
    load_string_t text = copied(error);
    JS_FreeValue(js, error);
    return text;
}

static bool is_nothing(JSValueConst value) { return JS_IsUndefined(value) || JS_IsNull(value); }

/* Bytes for the host to free; false where there are none. */
static bool copied_bytes(JSValueConst value, load_list_u8_t *to) {
    if (is_nothing(value)) return false;
    size_t size = 0;
    uint8_t *bytes = JS_GetUint8Array(js, &size, value);
    if (!bytes && JS_HasException(js)) broken();
    *to = (load_list_u8_t){room(size, 1), size};
    memcpy(to->ptr, bytes, size);
    return true;
}

static JSValue ask(JSValueConst function, JSValueConst self, int count, JSValueConst *given) {
    JSValue answer = JS_Call(js, function, self, count, given);
    settle();
    return answer;
}

/* Description: arrays within arrays, in the order of the contract's records. */

static JSValue item(JSValueConst array, uint32_t index) { return must(JS_GetPropertyUint32(js, array, index)); }

static double number(JSValueConst array, uint32_t index) {
    JSValue value = item(array, index);
    double of = 0;
    if (JS_ToFloat64(js, &of, value) < 0) broken();
    JS_FreeValue(js, value);
    return of;
}

static load_string_t text(JSValueConst array, uint32_t index) {
    JSValue value = item(array, index);
    load_string_t of = copied(value);
    JS_FreeValue(js, value);
    return of;
}

static bool has(JSValueConst array, uint32_t index) {
    JSValue value = item(array, index);
    bool there = !is_nothing(value);
    JS_FreeValue(js, value);
    return there;
}

static load_option_string_t maybe_text(JSValueConst array, uint32_t index) {
    if (!has(array, index)) return (load_option_string_t){0};
    return (load_option_string_t){true, text(array, index)};
}

static load_option_u32_t maybe_number(JSValueConst array, uint32_t index) {
    if (!has(array, index)) return (load_option_u32_t){0};
    return (load_option_u32_t){true, (uint32_t)number(array, index)};
}

/* A list of what `each` makes of each item of an array. */
#define LIST(to, array, index, each)                                                                                  \
    do {                                                                                                              \
        JSValue of = item(array, index);                                                                              \
        int64_t length = 0;                                                                                           \
        JS_GetLength(js, of, &length);                                                                                \
        (to).len = (size_t)length;                                                                                    \
        (to).ptr = room((to).len, sizeof *(to).ptr);                                                                  \
        for (size_t i = 0; i < (to).len; i++) (to).ptr[i] = each(of, (uint32_t)i);                                    \
        JS_FreeValue(js, of);                                                                                         \
    } while (0)

static exports_katydid_load_scenario_transition_t transition(JSValueConst array, uint32_t index) {
    JSValue from = item(array, index);
    exports_katydid_load_scenario_transition_t made = {
        (uint32_t)number(from, 0), (uint32_t)number(from, 1), (uint32_t)number(from, 2)};
    JS_FreeValue(js, from);
    return made;
}

static exports_katydid_load_scenario_task_set_t task_set(JSValueConst array, uint32_t index) {
    JSValue from = item(array, index);
    exports_katydid_load_scenario_task_set_t set = {
        .name = text(from, 0),
        .parent = maybe_number(from, 1),
        .weight = (uint32_t)number(from, 2),
        .order = (uint8_t)number(from, 3),
    };
    LIST(set.tags, from, 4, text);
    LIST(set.transitions, from, 5, transition);
    JS_FreeValue(js, from);
    return set;
}

static exports_katydid_load_scenario_task_t task(JSValueConst array, uint32_t index) {
    JSValue from = item(array, index);
    exports_katydid_load_scenario_task_t made = {
        .id = (uint32_t)number(from, 0),
        .name = text(from, 1),
        .set = (uint32_t)number(from, 2),
        .weight = (uint32_t)number(from, 3),
    };
    LIST(made.tags, from, 4, text);
    JS_FreeValue(js, from);
    return made;
}

static exports_katydid_load_scenario_wait_time_t wait_time(JSValueConst array, uint32_t index) {
    JSValue from = item(array, index);
    exports_katydid_load_scenario_wait_time_t wait = {.tag = (uint8_t)number(from, 0)};
    /* Those with one figure have it in the place of the first. */
    wait.val.between = (load_tuple2_u64_u64_t){(uint64_t)number(from, 1), (uint64_t)number(from, 2)};
    JS_FreeValue(js, from);
    return wait;
}

static exports_katydid_load_scenario_user_class_t user_class(JSValueConst array, uint32_t index) {
    JSValue from = item(array, index);
    exports_katydid_load_scenario_user_class_t class = {
        .name = text(from, 0),
        .weight = (uint32_t)number(from, 1),
        .fixed_count = maybe_number(from, 2),
        .host = maybe_text(from, 3),
        .wait = wait_time(from, 4),
    };
    LIST(class.sets, from, 5, task_set);
    LIST(class.tasks, from, 6, task);
    JS_FreeValue(js, from);
    return class;
}

static exports_katydid_load_scenario_parameter_t parameter(JSValueConst array, uint32_t index) {
    JSValue from = item(array, index);
    exports_katydid_load_scenario_parameter_t made = {
        .name = text(from, 0),
        .kind = (uint8_t)number(from, 1),
        .default_ = maybe_text(from, 2),
        .about = text(from, 3),
    };
    JS_FreeValue(js, from);
    return made;
}

void exports_katydid_load_scenario_describe(exports_katydid_load_scenario_description_t *ret) {
    JSValue described = must(ask(guest.describe, JS_UNDEFINED, 0, NULL));
    ret->hooks = (uint8_t)number(described, 0);
    LIST(ret->parameters, described, 1, parameter);
    LIST(ret->classes, described, 2, user_class);
    JS_FreeValue(js, described);
}

bool exports_katydid_load_scenario_setup(load_option_list_u8_t *ret, load_string_t *err) {
    JSValue answer = ask(guest.setup, JS_UNDEFINED, 0, NULL);
    if (JS_IsException(answer)) return *err = why(), false;
    ret->is_some = copied_bytes(answer, &ret->val);
    JS_FreeValue(js, answer);
    return true;
}

/* Whether what was asked came to an end. */
static bool done(JSValue answer, load_string_t *err) {
    if (JS_IsException(answer)) return *err = why(), false;
    JS_FreeValue(js, answer);
    return true;
}

bool exports_katydid_load_scenario_teardown(load_string_t *err) {
    return done(ask(guest.teardown, JS_UNDEFINED, 0, NULL), err);
}

void exports_katydid_load_scenario_shape(
    exports_katydid_load_scenario_status_t *now, exports_katydid_load_scenario_load_t *ret) {
    const uint64_t figures[] = {now->elapsed_us, now->users,  now->requests, now->failed, now->requests_per_second, now->p95_us};
    enum { FIGURES = sizeof figures / sizeof *figures };
    JSValue given[FIGURES];
    for (int i = 0; i < FIGURES; i++) given[i] = JS_NewFloat64(js, (double)figures[i]);
    JSValue load = must(ask(guest.shape, JS_UNDEFINED, FIGURES, given));
    ret->tag = (uint8_t)number(load, 0);
    double value = number(load, 1);
    if (ret->tag == EXPORTS_KATYDID_LOAD_SCENARIO_LOAD_USERS) ret->val.users = (uint32_t)value;
    if (ret->tag == EXPORTS_KATYDID_LOAD_SCENARIO_LOAD_ARRIVALS) ret->val.arrivals = value;
    JS_FreeValue(js, load);
}

/* A virtual user. What is called in each iteration is looked up once. */
struct exports_katydid_load_scenario_user_t {
    JSValue user, run_task;
};

exports_katydid_load_scenario_own_user_t exports_katydid_load_scenario_constructor_user(load_string_t *class_) {
    JSValue name = engine_text(class_);
    engine_received();
    exports_katydid_load_scenario_user_t *made = room(1, sizeof *made);
    made->user = must(ask(guest.user, JS_UNDEFINED, 1, &name));
    made->run_task = must(JS_GetPropertyStr(js, made->user, "runTask"));
    JS_FreeValue(js, name);
    return exports_katydid_load_scenario_user_new(made);
}

void exports_katydid_load_scenario_user_destructor(exports_katydid_load_scenario_user_t *rep) {
    JS_FreeValue(js, rep->run_task);
    JS_FreeValue(js, rep->user);
    free(rep);
}

/* Calls a method of a user, with one parameter or none. */
static JSValue method(exports_katydid_load_scenario_borrow_user_t self, const char *name, JSValueConst *parameter) {
    JSValue found = must(JS_GetPropertyStr(js, self->user, name));
    JSValue answer = ask(found, self->user, parameter ? 1 : 0, parameter);
    JS_FreeValue(js, found);
    return answer;
}

bool exports_katydid_load_scenario_method_user_on_start(
    exports_katydid_load_scenario_borrow_user_t self, load_list_u8_t *maybe_state, load_string_t *err) {
    JSValue state = maybe_state ? must(JS_NewUint8ArrayCopy(js, maybe_state->ptr, maybe_state->len)) : JS_UNDEFINED;
    engine_received();
    JSValue answer = method(self, "onStart", &state);
    JS_FreeValue(js, state);
    return done(answer, err);
}

/* `interrupt` or `stop-user`. */
static uint8_t other_next(JSValueConst next) {
    const char *said = JS_ToCString(js, next);
    bool stops = said && strcmp(said, "stop-user") == 0;
    JS_FreeCString(js, said);
    return stops ? EXPORTS_KATYDID_LOAD_SCENARIO_NEXT_STOP_USER : EXPORTS_KATYDID_LOAD_SCENARIO_NEXT_INTERRUPT;
}

bool exports_katydid_load_scenario_method_user_run_task(
    exports_katydid_load_scenario_borrow_user_t self, uint32_t task, exports_katydid_load_scenario_next_t *ret,
    load_string_t *err) {
    JSValueConst id = JS_NewUint32(js, task);
    JSValue next = ask(self->run_task, self->user, 1, &id);
    ret->tag = EXPORTS_KATYDID_LOAD_SCENARIO_NEXT_PROCEED;
    if (JS_IsString(next)) ret->tag = other_next(next);
    return done(next, err);
}

uint64_t exports_katydid_load_scenario_method_user_wait_us(exports_katydid_load_scenario_borrow_user_t self) {
    JSValue answer = must(method(self, "waitUs", NULL));
    double us = 0;
    if (JS_ToFloat64(js, &us, answer) < 0) broken();
    JS_FreeValue(js, answer);
    return us >= 0x1p64 ? UINT64_MAX : us > 0 ? (uint64_t)us : 0;
}

bool exports_katydid_load_scenario_method_user_save(
    exports_katydid_load_scenario_borrow_user_t self, load_list_u8_t *ret) {
    JSValue state = must(method(self, "save", NULL));
    bool kept = copied_bytes(state, ret);
    JS_FreeValue(js, state);
    return kept;
}

bool exports_katydid_load_scenario_method_user_on_stop(
    exports_katydid_load_scenario_borrow_user_t self, load_string_t *err) {
    return done(method(self, "onStop", NULL), err);
}
