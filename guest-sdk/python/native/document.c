/* Python's values to the contract's nodes, and back. */

#include <stdlib.h>
#include <string.h>

#include "native.h"

typedef katydid_load_data_node_t node;

/* More than `plain` gets through, which takes two calls of Python's for a level: it refuses what is nested deeper. */
enum { MOST_LEVELS = 600 };
enum { FEW = 64 };

static node few[FEW];
static node *nodes = few;
static size_t used, room = FEW;

typedef enum outcome { WRITTEN, RARE, NO_MEMORY } outcome;

static node *next_node(uint8_t tag) {
    if (used == room) {
        node *more = malloc(2 * room * sizeof(node));
        if (!more) return NULL;
        memcpy(more, nodes, used * sizeof(node));
        if (nodes != few) free(nodes);
        nodes = more;
        room *= 2;
    }
    node *made = &nodes[used++];
    made->tag = tag;
    return made;
}

static outcome write(PyObject *value, int levels);

static outcome write_text(PyObject *value, uint8_t tag) {
    load_string_t text;
    if (!native_text(value, &text)) {
        /* Half a character; or no memory, which `plain` will find as well. */
        PyErr_Clear();
        return RARE;
    }
    node *made = next_node(tag);
    if (!made) return NO_MEMORY;
    made->val.text = text;
    return WRITTEN;
}

static outcome write_int(PyObject *value) {
    int overflow = 0;
    long long number = PyLong_AsLongLongAndOverflow(value, &overflow);
    if (overflow) return RARE;
    bool fits = number >= INT32_MIN && number <= INT32_MAX;
    node *made = next_node(fits ? KATYDID_LOAD_DATA_NODE_INT : KATYDID_LOAD_DATA_NODE_LONG);
    if (!made) return NO_MEMORY;
    if (fits)
        made->val.int_ = (int32_t)number;
    else
        made->val.long_ = number;
    return WRITTEN;
}

static outcome write_list(PyObject *value, int levels, Py_ssize_t size, PyObject *(*item)(PyObject *, Py_ssize_t)) {
    node *made = next_node(KATYDID_LOAD_DATA_NODE_ARRAY);
    if (!made) return NO_MEMORY;
    made->val.array = (uint32_t)size;
    for (Py_ssize_t i = 0; i < size; i++) {
        outcome of = write(item(value, i), levels);
        if (of != WRITTEN) return of;
    }
    return WRITTEN;
}

static outcome write_dict(PyObject *value, int levels) {
    node *made = next_node(KATYDID_LOAD_DATA_NODE_MEMBERS);
    if (!made) return NO_MEMORY;
    made->val.members = (uint32_t)PyDict_Size(value);
    Py_ssize_t at = 0;
    PyObject *name, *item;
    while (PyDict_Next(value, &at, &name, &item)) {
        if (Py_TYPE(name) != &PyUnicode_Type) return RARE;
        outcome of = write_text(name, KATYDID_LOAD_DATA_NODE_MEMBER);
        if (of == WRITTEN) of = write(item, levels);
        if (of != WRITTEN) return of;
    }
    return WRITTEN;
}

static outcome write_bytes(PyObject *value) {
    node *made = next_node(KATYDID_LOAD_DATA_NODE_BINARY);
    if (!made) return NO_MEMORY;
    char *at;
    Py_ssize_t size;
    if (PyBytes_AsStringAndSize(value, &at, &size) < 0) return RARE;
    made->val.binary = (load_list_u8_t){(uint8_t *)at, (size_t)size};
    return WRITTEN;
}

/* No code of Python's runs in here, so nothing changes meanwhile. */
static outcome write(PyObject *value, int levels) {
    PyTypeObject *kind = Py_TYPE(value);
    if (kind == &PyUnicode_Type) return write_text(value, KATYDID_LOAD_DATA_NODE_TEXT);
    if (kind == &PyLong_Type) return write_int(value);
    if (levels == 0) return RARE;
    if (kind == &PyDict_Type) return write_dict(value, levels - 1);
    if (kind == &PyList_Type) return write_list(value, levels - 1, PyList_Size(value), PyList_GetItem);
    if (kind == &PyTuple_Type) return write_list(value, levels - 1, PyTuple_Size(value), PyTuple_GetItem);
    if (kind == &PyBytes_Type) return write_bytes(value);
    if (kind == (PyTypeObject *)guest.date_time) return write_text(value, KATYDID_LOAD_DATA_NODE_DATE_TIME);
    if (value == Py_None) return next_node(KATYDID_LOAD_DATA_NODE_NIL) ? WRITTEN : NO_MEMORY;
    bool is_float = kind == &PyFloat_Type;
    if (!is_float && value != Py_True && value != Py_False) return RARE;
    node *made = next_node(is_float ? KATYDID_LOAD_DATA_NODE_DOUBLE : KATYDID_LOAD_DATA_NODE_BOOLEAN);
    if (!made) return NO_MEMORY;
    if (is_float)
        made->val.double_ = PyFloat_AsDouble(value);
    else
        made->val.boolean = value == Py_True;
    return WRITTEN;
}

static outcome write_all(PyObject *const *values, Py_ssize_t count) {
    used = 0;
    outcome of = WRITTEN;
    for (Py_ssize_t i = 0; i < count && of == WRITTEN; i++) of = write(values[i], MOST_LEVELS);
    return of;
}

static PyObject *made_plain(PyObject *plain, PyObject *method, PyObject *const *values, Py_ssize_t count) {
    PyObject *arguments = PyTuple_New(count);
    if (!arguments) return NULL;
    for (Py_ssize_t i = 0; i < count; i++) {
        Py_IncRef(values[i]);
        PyTuple_SetItem(arguments, i, values[i]);
    }
    PyObject *parameters[] = {method, arguments};
    PyObject *made = method ? PyObject_Vectorcall(plain, parameters, 2, NULL)
                            : PyObject_Vectorcall(plain, parameters + 1, 1, NULL);
    Py_DecRef(arguments);
    return made;
}

bool native_write(PyObject *plain, PyObject *method, PyObject *const *values, Py_ssize_t count, native_document *to) {
    to->owner = NULL;
    outcome of = write_all(values, count);
    if (of == RARE) {
        to->owner = made_plain(plain, method, values, count);
        if (!to->owner) return false;
        /* A list: one value, with a node of its own before it. */
        of = write_all(&to->owner, 1);
        to->nodes = (katydid_load_data_document_t){nodes + 1, used - 1};
    } else {
        to->nodes = (katydid_load_data_document_t){nodes, used};
    }
    if (of == WRITTEN) return true;
    native_sent(to);
    PyErr_Format(PyExc_RuntimeError, of == RARE ? "the arguments are none that can be sent" : "out of memory");
    return false;
}

void native_sent(native_document *document) {
    if (document->owner) Py_DecRef(document->owner);
    if (nodes == few) return;
    free(nodes);
    nodes = few;
    room = FEW;
}

static PyObject *read(const katydid_load_data_document_t *from, size_t *at);

static PyObject *read_array(const katydid_load_data_document_t *from, size_t *at, uint32_t count) {
    PyObject *list = PyList_New((Py_ssize_t)count);
    for (uint32_t i = 0; list && i < count; i++) {
        PyObject *item = read(from, at);
        if (item && PyList_SetItem(list, (Py_ssize_t)i, item) == 0) continue;
        Py_DecRef(list);
        list = NULL;
    }
    return list;
}

/* Of names that repeat the last one wins. */
static bool read_member(const katydid_load_data_document_t *from, size_t *at, PyObject *dict) {
    PyObject *name = read(from, at);
    PyObject *item = name ? read(from, at) : NULL;
    bool done = item && PyDict_SetItem(dict, name, item) == 0;
    if (name) Py_DecRef(name);
    if (item) Py_DecRef(item);
    return done;
}

static PyObject *read_members(const katydid_load_data_document_t *from, size_t *at, uint32_t count) {
    PyObject *dict = PyDict_New();
    for (uint32_t i = 0; dict && i < count; i++) {
        if (read_member(from, at, dict)) continue;
        Py_DecRef(dict);
        dict = NULL;
    }
    return dict;
}

static PyObject *read_date(const load_string_t *text) {
    PyObject *said = native_from(text);
    PyObject *date = said ? PyObject_Vectorcall(guest.date, &said, 1, NULL) : NULL;
    if (said) Py_DecRef(said);
    return date;
}

static PyObject *none(void) {
    Py_IncRef(Py_None);
    return Py_None;
}

/* The host is strict about how deeply a document is nested, so recursion ends. */
static PyObject *read(const katydid_load_data_document_t *from, size_t *at) {
    if (*at >= from->len) return PyErr_Format(PyExc_ValueError, "the document ends too early");
    const node *next = &from->ptr[(*at)++];
    switch (next->tag) {
    case KATYDID_LOAD_DATA_NODE_NIL: return none();
    case KATYDID_LOAD_DATA_NODE_BOOLEAN: return PyBool_FromLong(next->val.boolean);
    case KATYDID_LOAD_DATA_NODE_INT: return PyLong_FromLong(next->val.int_);
    case KATYDID_LOAD_DATA_NODE_LONG: return PyLong_FromLongLong(next->val.long_);
    case KATYDID_LOAD_DATA_NODE_DOUBLE: return PyFloat_FromDouble(next->val.double_);
    case KATYDID_LOAD_DATA_NODE_MEMBER:
    case KATYDID_LOAD_DATA_NODE_TEXT: return native_from(&next->val.text);
    case KATYDID_LOAD_DATA_NODE_DATE_TIME: return read_date(&next->val.date_time);
    case KATYDID_LOAD_DATA_NODE_BINARY:
        return PyBytes_FromStringAndSize((const char *)next->val.binary.ptr, (Py_ssize_t)next->val.binary.len);
    case KATYDID_LOAD_DATA_NODE_ARRAY: return read_array(from, at, next->val.array);
    default: return read_members(from, at, next->val.members);
    }
}

PyObject *native_read(const katydid_load_data_document_t *document) {
    size_t at = 0;
    return read(document, &at);
}
