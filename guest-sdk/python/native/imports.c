/* The functions of the module `katydid._native`: the contract's imports, as `katydid/host.py` describes them. */

#include <stdlib.h>

#include "native.h"

native_guest native_guest_;
PyObject *native_rehearsal;

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

void native_received(void) {
    near_used = 0;
    while (far) {
        far_piece *piece = far;
        far = piece->before;
        free(piece);
    }
}

bool native_text(PyObject *text, load_string_t *to) {
    Py_ssize_t size;
    to->ptr = (uint8_t *)PyUnicode_AsUTF8AndSize(text, &size);
    to->len = (size_t)size;
    return to->ptr != NULL;
}

PyObject *native_from(const load_string_t *text) {
    return PyUnicode_FromStringAndSize((const char *)text->ptr, (Py_ssize_t)text->len);
}

static PyObject *none(void) {
    Py_IncRef(Py_None);
    return Py_None;
}

static bool u64(PyObject *value, uint64_t *to) {
    *to = PyLong_AsUnsignedLongLong(value);
    return *to != (uint64_t)-1 || !PyErr_Occurred();
}

static bool u32(PyObject *value, uint32_t *to) {
    *to = PyLong_AsUnsignedLong(value);
    return *to != (uint32_t)-1 || !PyErr_Occurred();
}

/* Raises what the package makes of a failure. */
static PyObject *failed(const katydid_load_data_failure_t *failure) {
    long code = 0;
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
    PyObject *parameters[] = {PyLong_FromLong(failure->tag), PyLong_FromLong(code), native_from(&message)};
    native_received();
    bool made = parameters[0] && parameters[1] && parameters[2];
    PyObject *error = made ? PyObject_Vectorcall(guest.failure, parameters, 3, NULL) : NULL;
    for (int i = 0; i < 3; i++)
        if (parameters[i]) Py_DecRef(parameters[i]);
    if (error) {
        PyErr_SetObject((PyObject *)Py_TYPE(error), error);
        Py_DecRef(error);
    }
    return NULL;
}

static PyObject *answered(bool good, const katydid_load_data_document_t *reply, const katydid_load_data_failure_t *failure) {
    if (!good) return failed(failure);
    PyObject *value = native_read(reply);
    native_received();
    return value;
}

#define FUNCTION(name) static PyObject *name(PyObject *module, PyObject *const *given, Py_ssize_t count)
#define TAKES(few)                                                                                                    \
    (void)module;                                                                                                     \
    if (count != (few)) return PyErr_Format(PyExc_TypeError, "%d arguments in place of %d", (int)count, (int)(few))

FUNCTION(call) {
    (void)module;
    load_string_t method;
    native_document document;
    if (count < 1) return PyErr_Format(PyExc_TypeError, "a call has a method");
    if (!native_text(given[0], &method)) return NULL;
    if (!native_write(guest.refusing, given[0], given + 1, count - 1, &document)) return NULL;
    if (native_rehearsal) {
        native_sent(&document);
        return PyObject_Vectorcall(native_rehearsal, NULL, 0, NULL);
    }
    katydid_load_data_document_t reply;
    katydid_load_data_failure_t failure;
    bool good = katydid_load_client_call(&method, &document.nodes, &reply, &failure);
    native_sent(&document);
    return answered(good, &reply, &failure);
}

/* call_judged(method, arguments, label, timeout_ms) -> a handle. Raises what is wrong with the arguments. */
FUNCTION(call_judged) {
    TAKES(4);
    load_string_t method;
    katydid_load_client_options_t options = {0};
    options.label.is_some = given[2] != Py_None;
    options.timeout_ms.is_some = given[3] != Py_None;
    if (!native_text(given[0], &method)) return NULL;
    if (options.label.is_some && !native_text(given[2], &options.label.val)) return NULL;
    if (options.timeout_ms.is_some && !u32(given[3], &options.timeout_ms.val)) return NULL;
    native_document document;
    Py_ssize_t arguments = PyTuple_Size(given[1]);
    PyObject **values = arguments < 0 ? NULL : malloc((size_t)arguments * sizeof *values + 1);
    if (!values) return NULL;
    for (Py_ssize_t i = 0; i < arguments; i++) values[i] = PyTuple_GetItem(given[1], i);
    bool written = native_write(guest.plain, NULL, values, arguments, &document);
    free(values);
    if (!written) return NULL;
    int32_t handle = katydid_load_client_call_judged(&method, &document.nodes, &options).__handle;
    native_sent(&document);
    return PyLong_FromLong(handle);
}

static bool exchange(PyObject *handle, katydid_load_client_borrow_exchange_t *to) {
    uint32_t number;
    if (!u32(handle, &number)) return false;
    to->__handle = (int32_t)number;
    return true;
}

FUNCTION(judged_reply) {
    TAKES(1);
    katydid_load_client_borrow_exchange_t of;
    katydid_load_data_document_t reply;
    katydid_load_data_failure_t failure;
    if (!exchange(given[0], &of)) return NULL;
    bool good = katydid_load_client_method_exchange_reply(of, &reply, &failure);
    return answered(good, &reply, &failure);
}

FUNCTION(judged_pass) {
    TAKES(1);
    katydid_load_client_borrow_exchange_t of;
    if (!exchange(given[0], &of)) return NULL;
    katydid_load_client_method_exchange_pass(of);
    return none();
}

FUNCTION(judged_fail) {
    TAKES(2);
    katydid_load_client_borrow_exchange_t of;
    load_string_t reason;
    if (!exchange(given[0], &of) || !native_text(given[1], &reason)) return NULL;
    katydid_load_client_method_exchange_fail(of, &reason);
    return none();
}

FUNCTION(judged_drop) {
    TAKES(1);
    katydid_load_client_borrow_exchange_t of;
    if (!exchange(given[0], &of)) return NULL;
    katydid_load_client_exchange_drop_own((katydid_load_client_own_exchange_t){of.__handle});
    return none();
}

static bool event(PyObject *const *given, katydid_load_events_request_event_t *to) {
    return native_text(given[0], &to->request_type) && native_text(given[1], &to->name) &&
           u64(given[2], &to->response_time_us) && u64(given[3], &to->response_length);
}

FUNCTION(request_success) {
    TAKES(4);
    katydid_load_events_request_event_t request;
    if (!event(given, &request)) return NULL;
    katydid_load_events_request_success(&request);
    return none();
}

FUNCTION(request_failure) {
    TAKES(5);
    katydid_load_events_request_event_t request;
    load_string_t reason;
    if (!event(given, &request) || !native_text(given[4], &reason)) return NULL;
    katydid_load_events_request_failure(&request, &reason);
    return none();
}

FUNCTION(counter) {
    TAKES(2);
    load_string_t name;
    uint64_t add;
    if (!native_text(given[0], &name) || !u64(given[1], &add)) return NULL;
    katydid_load_metrics_counter(&name, add);
    return none();
}

FUNCTION(gauge) {
    TAKES(2);
    load_string_t name;
    double value = PyFloat_AsDouble(given[1]);
    if ((value == -1.0 && PyErr_Occurred()) || !native_text(given[0], &name)) return NULL;
    katydid_load_metrics_gauge(&name, value);
    return none();
}

FUNCTION(rate) {
    TAKES(2);
    load_string_t name;
    int hit = PyObject_IsTrue(given[1]);
    if (hit < 0 || !native_text(given[0], &name)) return NULL;
    katydid_load_metrics_rate(&name, hit);
    return none();
}

FUNCTION(trend) {
    TAKES(2);
    load_string_t name;
    uint64_t value;
    if (!native_text(given[0], &name) || !u64(given[1], &value)) return NULL;
    katydid_load_metrics_trend(&name, value);
    return none();
}

FUNCTION(user_id) {
    (void)given;
    TAKES(0);
    return PyLong_FromUnsignedLongLong(katydid_load_context_user_id());
}

FUNCTION(iteration) {
    (void)given;
    TAKES(0);
    return PyLong_FromUnsignedLongLong(katydid_load_context_iteration());
}

FUNCTION(now_us) {
    (void)given;
    TAKES(0);
    return PyLong_FromUnsignedLongLong(katydid_load_context_now_us());
}

FUNCTION(draw) {
    (void)given;
    TAKES(0);
    return PyLong_FromUnsignedLongLong(katydid_load_context_random());
}

FUNCTION(parameter) {
    TAKES(1);
    load_string_t name, value;
    if (!native_text(given[0], &name)) return NULL;
    if (!katydid_load_context_parameter(&name, &value)) return none();
    PyObject *text = native_from(&value);
    native_received();
    return text;
}

/* row(set) -> (value,), or None where the set is used up. */
FUNCTION(row) {
    TAKES(1);
    load_string_t set, error;
    katydid_load_context_option_document_t found;
    if (!native_text(given[0], &set)) return NULL;
    if (!katydid_load_context_row(&set, &found, &error)) {
        PyObject *text = native_from(&error);
        native_received();
        if (text) PyErr_SetObject(PyExc_LookupError, text);
        if (text) Py_DecRef(text);
        return NULL;
    }
    if (!found.is_some) return none();
    PyObject *value = native_read(&found.val);
    native_received();
    PyObject *one = value ? PyTuple_New(1) : NULL;
    if (one) PyTuple_SetItem(one, 0, value);
    return one;
}

FUNCTION(setup_data) {
    (void)given;
    TAKES(0);
    load_list_u8_t data;
    if (!katydid_load_context_setup_data(&data)) return none();
    PyObject *bytes = PyBytes_FromStringAndSize((const char *)data.ptr, (Py_ssize_t)data.len);
    native_received();
    return bytes;
}

FUNCTION(sleep_us) {
    TAKES(1);
    uint64_t us;
    if (!u64(given[0], &us)) return NULL;
    katydid_load_context_sleep_us(us);
    return none();
}

FUNCTION(check) {
    TAKES(2);
    load_string_t name;
    int ok = PyObject_IsTrue(given[1]);
    if (ok < 0 || !native_text(given[0], &name)) return NULL;
    katydid_load_context_check(&name, ok);
    return none();
}

FUNCTION(stop_run) {
    TAKES(1);
    load_string_t reason;
    if (!native_text(given[0], &reason)) return NULL;
    katydid_load_context_stop_run(&reason);
    return none();
}

/* log(level, message), with the contract's levels. */
FUNCTION(log_line) {
    TAKES(2);
    uint32_t level;
    load_string_t message;
    if (!u32(given[0], &level) || !native_text(given[1], &message)) return NULL;
    katydid_load_log_write((katydid_load_log_level_t)level, &message);
    return none();
}

/* serve(guest): the scenario is what this object says, see `native_guest`. */
FUNCTION(serve) {
    TAKES(1);
    const struct {
        const char *name;
        PyObject **to;
    } parts[] = {
        {"describe", &guest.describe},     {"setup", &guest.setup},         {"teardown", &guest.teardown},
        {"shape", &guest.shape},           {"user", &guest.user},           {"interrupt", &guest.interrupt},
        {"stop_user", &guest.stop_user},   {"ended", &guest.ended},         {"failure", &guest.failure},
        {"date", &guest.date},             {"date_time", &guest.date_time}, {"plain", &guest.plain},
        {"refusing", &guest.refusing},     {"told", &guest.told},
    };
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
        if (!(*parts[i].to = PyObject_GetAttrString(given[0], parts[i].name))) return NULL;
    return none();
}

/* rehearse(answer): calls answer what this function does, and reach nobody. None ends it. */
FUNCTION(rehearse) {
    TAKES(1);
    if (native_rehearsal) Py_DecRef(native_rehearsal);
    native_rehearsal = given[0] == Py_None ? NULL : given[0];
    if (native_rehearsal) Py_IncRef(native_rehearsal);
    return none();
}

#define METHOD(name) {#name, name, METH_FASTCALL, NULL}
static PyMethodDef methods[] = {
    METHOD(call),
    METHOD(call_judged),
    METHOD(check),
    METHOD(counter),
    METHOD(gauge),
    METHOD(iteration),
    METHOD(judged_drop),
    METHOD(judged_fail),
    METHOD(judged_pass),
    METHOD(judged_reply),
    {"log", log_line, METH_FASTCALL, NULL},
    METHOD(now_us),
    METHOD(parameter),
    {"random", draw, METH_FASTCALL, NULL},
    METHOD(rate),
    METHOD(rehearse),
    METHOD(request_failure),
    METHOD(request_success),
    METHOD(row),
    METHOD(serve),
    METHOD(setup_data),
    METHOD(sleep_us),
    METHOD(stop_run),
    METHOD(trend),
    METHOD(user_id),
    {0},
};
static PyModuleDef definition = {.references = 1, .name = "katydid._native", .size = -1, .methods = methods};

__attribute__((__visibility__("default"))) PyObject *PyInit__native(void) {
    return PyModule_Create2(&definition, PYTHON_ABI_VERSION);
}
