/* Calls to the target. */

#include "inside.h"

#include <string.h>

static const char *const KINDS[] = {"", "fault", "status", "timeout", "transport", "protocol", "rejected", "interrupted"};

const char *k_failure_text(k_reply reply) {
    switch (reply.failure) {
    case K_NONE: return "";
    case K_FAULT: return k_format("fault %ld: %s", (long)reply.code, reply.message);
    case K_STATUS: return k_format("status %ld", (long)reply.code);
    case K_INTERRUPTED: return KINDS[K_INTERRUPTED];
    default: return k_format("%s: %s", KINDS[reply.failure], reply.message);
    }
}

/* What k_failed answered last: how a failure is told from an error of the scenario. */
static k_result failed;
static bool interrupted;

k_result k_failed(k_reply reply) {
    if (reply.failure == K_NONE) return K_OK;
    interrupted = reply.failure == K_INTERRUPTED;
    return failed = k_format("%s", k_failure_text(reply));
}

bool k_is_failure(k_result result) { return result && result == failed; }
bool k_is_interrupted(k_result result) { return k_is_failure(result) && interrupted; }

static const char *text_of(load_string_t text) { return text.len ? (const char *)text.ptr : ""; }

static k_reply failure(const katydid_load_data_failure_t *why) {
    /* The contract's order is ours, after the one that is no failure. */
    k_reply reply = {.failure = (k_failure)(why->tag + 1), .message = ""};
    switch (reply.failure) {
    case K_FAULT:
        reply.code = why->val.fault.code;
        reply.message = text_of(why->val.fault.message);
        break;
    case K_STATUS: reply.code = why->val.status; break;
    case K_INTERRUPTED: break;
    default: reply.message = text_of(why->val.timeout); break;
    }
    return reply;
}

static k_reply good(const katydid_load_data_document_t *document) {
    return (k_reply){.message = "", .value = k_read_nodes(document->ptr, document->len)};
}

/* A call that the host never sees: counted here, since each is counted once. */
static k_reply refused(const char *name, const char *why) {
    k_reply reply = {.failure = K_REJECTED, .message = why};
    k_request_failure("xmlrpc", name, 0, 0, k_failure_text(reply));
    return reply;
}

k_reply k_call_of(const char *method, const k_value *arguments, size_t count) {
    katydid_load_data_document_t nodes, answered;
    katydid_load_data_failure_t why;
    const char *unfit;
    if (!k_write_nodes(arguments, count, &nodes, &unfit)) return refused(method, unfit);
    load_string_t name = k_string(method);
    return katydid_load_client_call(&name, &nodes, &answered, &why) ? good(&answered) : failure(&why);
}

struct k_exchange {
    k_exchange *next; /* of those that are open */
    katydid_load_client_own_exchange_t handle;
    bool open;
    k_reply refused; /* where there is no handle */
};

static k_exchange *exchanges;

k_exchange *k_request_of(k_options options, const char *method, const k_value *arguments, size_t count) {
    k_exchange *exchange = k_alloc(sizeof *exchange);
    if (!exchange) k_panic("out of memory: a judged call does not fit (--max-memory)");
    katydid_load_data_document_t nodes;
    const char *unfit;
    if (!k_write_nodes(arguments, count, &nodes, &unfit)) {
        exchange->refused = refused(options.label ? options.label : method, unfit);
        return exchange;
    }
    load_string_t name = k_string(method);
    uint64_t milliseconds = (k_micros(options.timeout) + 999) / 1000;
    katydid_load_client_options_t said = {
        .label = {options.label != NULL, k_string(options.label)},
        .timeout_ms = {milliseconds > 0, milliseconds < UINT32_MAX ? (uint32_t)milliseconds : UINT32_MAX},
    };
    exchange->handle = katydid_load_client_call_judged(&name, &nodes, &said);
    exchange->open = true;
    exchange->next = exchanges;
    return exchanges = exchange;
}

/* The open exchange's handle; using one that was dropped is a mistake of the scenario's. */
static katydid_load_client_borrow_exchange_t handle_of(k_exchange *exchange, const char *function) {
    if (!exchange->open) k_panic("%s: this exchange was dropped", function);
    return katydid_load_client_borrow_exchange(exchange->handle);
}

k_reply k_exchange_reply(k_exchange *exchange) {
    if (exchange->refused.failure) return exchange->refused;
    katydid_load_data_document_t answered;
    katydid_load_data_failure_t why;
    bool ok = katydid_load_client_method_exchange_reply(handle_of(exchange, __func__), &answered, &why);
    return ok ? good(&answered) : failure(&why);
}

void k_pass(k_exchange *exchange) {
    if (!exchange->refused.failure) katydid_load_client_method_exchange_pass(handle_of(exchange, __func__));
}

void k_fail(k_exchange *exchange, const char *reason) {
    if (exchange->refused.failure) return;
    load_string_t text = k_string(reason);
    katydid_load_client_method_exchange_fail(handle_of(exchange, __func__), &text);
}

void k_drop(k_exchange *exchange) {
    if (!exchange->open) return;
    exchange->open = false;
    katydid_load_client_exchange_drop_own(exchange->handle);
}

void k_calls_end(void) {
    for (; exchanges; exchanges = exchanges->next) k_drop(exchanges);
    failed = NULL; /* Its memory will be something else's. */
}

/* An array of the one result, or a struct with a fault. */
static k_reply inner_answer(k_value answer) {
    if (answer.kind == K_ARRAY && answer.count == 1) return (k_reply){.message = "", .value = answer.items[0]};
    k_value code = k_get(answer, "faultCode");
    if (code.kind != K_INT) return (k_reply){.failure = K_PROTOCOL, .message = "neither a result nor a fault"};
    const char *message = k_as_text(k_get(answer, "faultString"), "");
    return (k_reply){.failure = K_FAULT, .code = (int32_t)code.integer, .message = message};
}

k_reply k_multicall_of(k_reply *answers, const k_inner *calls, size_t count) {
    k_value list = k_array();
    for (size_t place = 0; place < count; place++) {
        k_value arguments = calls[place].arguments;
        if (arguments.kind == K_NIL) arguments = k_array();
        k_append(&list, k_struct({"methodName", k_text(calls[place].method)}, {"params", arguments}));
    }
    k_reply reply = k_call("system.multicall", list);
    if (!reply.failure && (reply.value.kind != K_ARRAY || reply.value.count != count)) {
        const char *said = k_format("system.multicall of %zu calls answered %s", count, k_show(reply.value));
        reply = (k_reply){.failure = K_PROTOCOL, .message = said};
    }
    for (size_t place = 0; place < count; place++) {
        answers[place] = reply.failure ? reply : inner_answer(reply.value.items[place]);
    }
    return reply;
}
