/* What the host offers beside the target. */

#include "inside.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const char k_interrupt_result[] = "interrupt", k_stop_user_result[] = "stop user";

/* The words of a message that stays where it is while it is told; longer ones are cut, as by the host. */
#define SAYS(text, format)                                                                                         \
    char text[1024];                                                                                               \
    va_list arguments;                                                                                             \
    va_start(arguments, format);                                                                                   \
    vsnprintf(text, sizeof text, format, arguments);                                                               \
    va_end(arguments)

k_result k_error(const char *format, ...) {
    SAYS(text, format);
    return k_format("%s", text);
}

void k_panic(const char *format, ...) {
    SAYS(text, format);
    load_string_t message = k_string(text);
    katydid_load_log_panicking(&message);
    __builtin_trap();
}

void k_log(k_level level, const char *format, ...) {
    SAYS(text, format);
    load_string_t message = k_string(text);
    katydid_load_log_write((katydid_load_log_level_t)level, &message);
}

uint64_t k_micros(double seconds) {
    if (!(seconds > 0)) return 0;
    return seconds < 1e13 ? (uint64_t)(seconds * 1e6 + 0.5) : UINT64_MAX;
}

bool k_check(const char *name, bool ok) {
    load_string_t text = k_string(name);
    katydid_load_context_check(&text, ok);
    return ok;
}

uint64_t k_user_id(void) { return katydid_load_context_user_id(); }
uint64_t k_iteration(void) { return katydid_load_context_iteration(); }
double k_now(void) { return (double)katydid_load_context_now_us() / 1e6; }
void k_sleep(double seconds) { katydid_load_context_sleep_us(k_micros(seconds)); }

void k_stop_run(const char *reason) {
    load_string_t text = k_string(reason);
    katydid_load_context_stop_run(&text);
}

uint64_t k_random_bits(void) { return katydid_load_context_random(); }
double k_random(void) { return (double)(k_random_bits() >> 11) * 0x1p-53; }

int64_t k_random_range(int64_t least, int64_t most) {
    if (least >= most) return least;
    uint64_t bound = (uint64_t)most - (uint64_t)least + 1;
    if (bound == 0) return (int64_t)k_random_bits();
    /* Without the bias of a remainder: of the product's 128 bits the upper half is the number, and the few draws
     * that would favour some numbers are repeated (Lemire). */
    for (;;) {
        unsigned __int128 product = (unsigned __int128)k_random_bits() * bound;
        uint64_t low = (uint64_t)product;
        if (low >= bound || low >= -bound % bound) return (int64_t)((uint64_t)least + (uint64_t)(product >> 64));
    }
}

const char *k_parameter(const char *name) {
    load_string_t text = k_string(name), value;
    if (!katydid_load_context_parameter(&text, &value)) return NULL;
    return value.len ? (const char *)value.ptr : "";
}

int64_t k_parameter_int(const char *name, int64_t otherwise) {
    const char *value = k_parameter(name);
    char *end;
    long long number = value ? strtoll(value, &end, 10) : 0;
    return value && *value && !*end ? number : otherwise;
}

double k_parameter_double(const char *name, double otherwise) {
    const char *value = k_parameter(name);
    char *end;
    double number = value ? strtod(value, &end) : 0;
    return value && *value && !*end ? number : otherwise;
}

bool k_parameter_bool(const char *name, bool otherwise) {
    const char *value = k_parameter(name);
    if (value && strcmp(value, "true") == 0) return true;
    return value && strcmp(value, "false") == 0 ? false : otherwise;
}

k_result k_row(const char *set, k_value *row) {
    load_string_t text = k_string(set), why;
    katydid_load_context_option_document_t document;
    if (!katydid_load_context_row(&text, &document, &why)) return k_error("%s", why.len ? (char *)why.ptr : "no row");
    if (!document.is_some) return K_STOP_USER;
    *row = k_read_nodes(document.val.ptr, document.val.len);
    return K_OK;
}

k_value k_setup_data(void) {
    load_list_u8_t bytes;
    k_value data = k_nil();
    if (katydid_load_context_setup_data(&bytes)) k_unpack(bytes.ptr, bytes.len, &data);
    return data;
}

void k_counter(const char *name, uint64_t add) {
    load_string_t text = k_string(name);
    katydid_load_metrics_counter(&text, add);
}

void k_gauge(const char *name, double value) {
    load_string_t text = k_string(name);
    katydid_load_metrics_gauge(&text, value);
}

void k_rate(const char *name, bool hit) {
    load_string_t text = k_string(name);
    katydid_load_metrics_rate(&text, hit);
}

void k_trend(const char *name, uint64_t value) {
    load_string_t text = k_string(name);
    katydid_load_metrics_trend(&text, value);
}

static katydid_load_events_request_event_t event(const char *type, const char *name, double seconds, uint64_t length) {
    return (katydid_load_events_request_event_t){k_string(type), k_string(name), k_micros(seconds), length};
}

void k_request_success(const char *type, const char *name, double seconds, uint64_t length) {
    katydid_load_events_request_event_t request = event(type, name, seconds, length);
    katydid_load_events_request_success(&request);
}

void k_request_failure(const char *type, const char *name, double seconds, uint64_t length, const char *reason) {
    katydid_load_events_request_event_t request = event(type, name, seconds, length);
    load_string_t why = k_string(reason);
    katydid_load_events_request_failure(&request, &why);
}

k_load k_users(uint32_t users) { return (k_load){.kind = K_LOAD_USERS, .users = users}; }
k_load k_arrivals(double per_second) { return (k_load){.kind = K_LOAD_ARRIVALS, .arrivals = per_second}; }
k_load k_no_load(void) { return (k_load){.kind = K_LOAD_STOP}; }
