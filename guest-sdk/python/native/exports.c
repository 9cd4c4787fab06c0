/* The contract's exports: what the host calls is carried out by the functions of `native_guest`. */

#include <stdlib.h>
#include <string.h>

#include "native.h"

/* Python is left locked after the component is made; the first call of an instance unlocks it for good, as there is
 * nobody to share it with. */
static void enter(void) {
    static bool entered;
    if (!entered) PyGILState_Ensure();
    entered = true;
}

/* Ends the instance, for the exception that was raised: a mistake of ours, or no memory. */
static _Noreturn void broken(void) {
    PyObject *error = PyErr_GetRaisedException();
    PyObject *said = error && guest.told ? PyObject_Vectorcall(guest.told, &error, 1, NULL) : NULL;
    load_string_t message;
    if (!said || !native_text(said, &message)) load_string_set(&message, "Python's part is broken");
    katydid_load_log_panicking(&message);
    __builtin_trap();
}

static void *must(void *made) {
    if (!made) broken();
    return made;
}

/* What is empty is not freed again. */
static void *room(size_t count, size_t size) { return count ? must(malloc(count * size)) : (void *)sizeof(void *); }

static PyObject *ask(PyObject *callable, PyObject *const *parameters, size_t count) {
    return PyObject_Vectorcall(callable, parameters, count, NULL);
}

/* A copy that the host frees. */
static load_string_t copied(PyObject *text) {
    load_string_t from;
    if (!native_text(text, &from)) broken();
    load_string_t to = {room(from.len, 1), from.len};
    memcpy(to.ptr, from.ptr, from.len);
    return to;
}

/* Bytes for the host to free; false for None. */
static bool copied_bytes(PyObject *bytes, load_list_u8_t *to) {
    if (bytes == Py_None) return false;
    char *at;
    Py_ssize_t size;
    if (PyBytes_AsStringAndSize(bytes, &at, &size) < 0) broken();
    *to = (load_list_u8_t){room((size_t)size, 1), (size_t)size};
    memcpy(to->ptr, at, (size_t)size);
    return true;
}

/* What the exception that ends an iteration or a hook says; any other one is a mistake of ours. */
static load_string_t why(void) {
    PyObject *error = PyErr_GetRaisedException();
    if (!error || Py_TYPE(error) != (PyTypeObject *)guest.ended) {
        if (error) PyErr_SetObject((PyObject *)Py_TYPE(error), error);
        broken();
    }
    PyObject *message = must(PyObject_GetAttrString(error, "message"));
    load_string_t text = copied(message);
    Py_DecRef(message);
    Py_DecRef(error);
    return text;
}

/* Description: tuples within tuples, in the order of the contract's records. */

static PyObject *item(PyObject *tuple, Py_ssize_t index) { return must(PyTuple_GetItem(tuple, index)); }

static uint64_t number(PyObject *tuple, Py_ssize_t index) {
    uint64_t value = PyLong_AsUnsignedLongLong(item(tuple, index));
    if (value == (uint64_t)-1 && PyErr_Occurred()) broken();
    return value;
}

static load_string_t text(PyObject *tuple, Py_ssize_t index) { return copied(item(tuple, index)); }

static load_option_string_t maybe_text(PyObject *tuple, Py_ssize_t index) {
    if (item(tuple, index) == Py_None) return (load_option_string_t){0};
    return (load_option_string_t){true, text(tuple, index)};
}

static load_option_u32_t maybe_number(PyObject *tuple, Py_ssize_t index) {
    if (item(tuple, index) == Py_None) return (load_option_u32_t){0};
    return (load_option_u32_t){true, (uint32_t)number(tuple, index)};
}

/* A list of what `each` makes of each item of a tuple. */
#define LIST(to, tuple, index, each)                                                                                  \
    do {                                                                                                              \
        PyObject *of = item(tuple, index);                                                                            \
        (to).len = (size_t)PyTuple_Size(of);                                                                          \
        (to).ptr = room((to).len, sizeof *(to).ptr);                                                                  \
        for (size_t i = 0; i < (to).len; i++) (to).ptr[i] = each(of, (Py_ssize_t)i);                                  \
    } while (0)

static exports_katydid_load_scenario_transition_t transition(PyObject *tuple, Py_ssize_t index) {
    PyObject *from = item(tuple, index);
    return (exports_katydid_load_scenario_transition_t){
        (uint32_t)number(from, 0), (uint32_t)number(from, 1), (uint32_t)number(from, 2)};
}

static exports_katydid_load_scenario_task_set_t task_set(PyObject *tuple, Py_ssize_t index) {
    PyObject *from = item(tuple, index);
    exports_katydid_load_scenario_task_set_t set = {
        .name = text(from, 0),
        .parent = maybe_number(from, 1),
        .weight = (uint32_t)number(from, 2),
        .order = (uint8_t)number(from, 3),
    };
    LIST(set.tags, from, 4, text);
    LIST(set.transitions, from, 5, transition);
    return set;
}

static exports_katydid_load_scenario_task_t task(PyObject *tuple, Py_ssize_t index) {
    PyObject *from = item(tuple, index);
    exports_katydid_load_scenario_task_t made = {
        .id = (uint32_t)number(from, 0),
        .name = text(from, 1),
        .set = (uint32_t)number(from, 2),
        .weight = (uint32_t)number(from, 3),
    };
    LIST(made.tags, from, 4, text);
    return made;
}

static exports_katydid_load_scenario_wait_time_t wait_time(PyObject *from) {
    exports_katydid_load_scenario_wait_time_t wait = {.tag = (uint8_t)number(from, 0)};
    /* Those with one figure have it in the place of the first. */
    wait.val.between = (load_tuple2_u64_u64_t){number(from, 1), number(from, 2)};
    return wait;
}

static exports_katydid_load_scenario_user_class_t user_class(PyObject *tuple, Py_ssize_t index) {
    PyObject *from = item(tuple, index);
    exports_katydid_load_scenario_user_class_t class = {
        .name = text(from, 0),
        .weight = (uint32_t)number(from, 1),
        .fixed_count = maybe_number(from, 2),
        .host = maybe_text(from, 3),
        .wait = wait_time(item(from, 4)),
    };
    LIST(class.sets, from, 5, task_set);
    LIST(class.tasks, from, 6, task);
    return class;
}

static exports_katydid_load_scenario_parameter_t parameter(PyObject *tuple, Py_ssize_t index) {
    PyObject *from = item(tuple, index);
    return (exports_katydid_load_scenario_parameter_t){
        .name = text(from, 0),
        .kind = (uint8_t)number(from, 1),
        .default_ = maybe_text(from, 2),
        .about = text(from, 3),
    };
}

void exports_katydid_load_scenario_describe(exports_katydid_load_scenario_description_t *ret) {
    enter();
    PyObject *described = must(ask(guest.describe, NULL, 0));
    ret->hooks = (uint8_t)number(described, 0);
    LIST(ret->parameters, described, 1, parameter);
    LIST(ret->classes, described, 2, user_class);
    Py_DecRef(described);
}

bool exports_katydid_load_scenario_setup(load_option_list_u8_t *ret, load_string_t *err) {
    enter();
    PyObject *answer = ask(guest.setup, NULL, 0);
    if (!answer) return *err = why(), false;
    ret->is_some = copied_bytes(answer, &ret->val);
    Py_DecRef(answer);
    return true;
}

/* Whether what was asked came to an end. */
static bool done(PyObject *answer, load_string_t *err) {
    if (answer)
        Py_DecRef(answer);
    else
        *err = why();
    return answer != NULL;
}

bool exports_katydid_load_scenario_teardown(load_string_t *err) {
    enter();
    return done(ask(guest.teardown, NULL, 0), err);
}

void exports_katydid_load_scenario_shape(
    exports_katydid_load_scenario_status_t *now, exports_katydid_load_scenario_load_t *ret) {
    enter();
    const uint64_t figures[] = {now->elapsed_us, now->users,  now->requests, now->failed, now->requests_per_second, now->p95_us};
    enum { FIGURES = sizeof figures / sizeof *figures };
    PyObject *parameters[FIGURES];
    for (int i = 0; i < FIGURES; i++) parameters[i] = must(PyLong_FromUnsignedLongLong(figures[i]));
    PyObject *load = must(ask(guest.shape, parameters, FIGURES));
    for (int i = 0; i < FIGURES; i++) Py_DecRef(parameters[i]);
    ret->tag = (uint8_t)number(load, 0);
    if (ret->tag == EXPORTS_KATYDID_LOAD_SCENARIO_LOAD_USERS) ret->val.users = (uint32_t)number(load, 1);
    if (ret->tag == EXPORTS_KATYDID_LOAD_SCENARIO_LOAD_ARRIVALS) ret->val.arrivals = PyFloat_AsDouble(item(load, 1));
    Py_DecRef(load);
}

/* A virtual user. What is called in each iteration is looked up once. */
struct exports_katydid_load_scenario_user_t {
    PyObject *user, *run_task;
};

exports_katydid_load_scenario_own_user_t exports_katydid_load_scenario_constructor_user(load_string_t *class_) {
    enter();
    PyObject *name = must(native_from(class_));
    native_received();
    exports_katydid_load_scenario_user_t *made = room(1, sizeof *made);
    made->user = must(ask(guest.user, &name, 1));
    made->run_task = must(PyObject_GetAttrString(made->user, "run_task"));
    Py_DecRef(name);
    return exports_katydid_load_scenario_user_new(made);
}

void exports_katydid_load_scenario_user_destructor(exports_katydid_load_scenario_user_t *rep) {
    enter();
    Py_DecRef(rep->run_task);
    Py_DecRef(rep->user);
    free(rep);
}

/* Calls a method of a user, with one parameter or none. */
static PyObject *method(exports_katydid_load_scenario_borrow_user_t self, const char *name, PyObject *parameter) {
    PyObject *found = must(PyObject_GetAttrString(self->user, name));
    PyObject *answer = ask(found, &parameter, parameter ? 1 : 0);
    Py_DecRef(found);
    return answer;
}

bool exports_katydid_load_scenario_method_user_on_start(
    exports_katydid_load_scenario_borrow_user_t self, load_list_u8_t *maybe_state, load_string_t *err) {
    enter();
    PyObject *state = Py_None;
    if (maybe_state)
        state = must(PyBytes_FromStringAndSize((const char *)maybe_state->ptr, (Py_ssize_t)maybe_state->len));
    native_received();
    PyObject *answer = method(self, "start", state);
    if (maybe_state) Py_DecRef(state);
    return done(answer, err);
}

bool exports_katydid_load_scenario_method_user_run_task(
    exports_katydid_load_scenario_borrow_user_t self, uint32_t task, exports_katydid_load_scenario_next_t *ret,
    load_string_t *err) {
    enter();
    PyObject *id = must(PyLong_FromUnsignedLong(task));
    PyObject *next = ask(self->run_task, &id, 1);
    Py_DecRef(id);
    ret->tag = next == guest.interrupt   ? EXPORTS_KATYDID_LOAD_SCENARIO_NEXT_INTERRUPT
               : next == guest.stop_user ? EXPORTS_KATYDID_LOAD_SCENARIO_NEXT_STOP_USER
                                         : EXPORTS_KATYDID_LOAD_SCENARIO_NEXT_PROCEED;
    return done(next, err);
}

uint64_t exports_katydid_load_scenario_method_user_wait_us(exports_katydid_load_scenario_borrow_user_t self) {
    enter();
    PyObject *answer = must(method(self, "wait_us", NULL));
    uint64_t us = PyLong_AsUnsignedLongLong(answer);
    if (us == (uint64_t)-1 && PyErr_Occurred()) broken();
    Py_DecRef(answer);
    return us;
}

bool exports_katydid_load_scenario_method_user_save(
    exports_katydid_load_scenario_borrow_user_t self, load_list_u8_t *ret) {
    enter();
    PyObject *state = must(method(self, "save", NULL));
    bool kept = copied_bytes(state, ret);
    Py_DecRef(state);
    return kept;
}

bool exports_katydid_load_scenario_method_user_on_stop(
    exports_katydid_load_scenario_borrow_user_t self, load_string_t *err) {
    enter();
    return done(method(self, "stop", NULL), err);
}
