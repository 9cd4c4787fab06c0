/* The contract for Python, in C: what the generated bindings of `componentize-py` do in several times the time. */

#ifndef KATYDID_NATIVE_H
#define KATYDID_NATIVE_H

#include "../../c/bindings/load.h"
#include "python.h"

/* What the package has given for its part, see `katydid/guest.py`. All NULL until `serve` is called. */
typedef struct native_guest {
    /* The scenario's answers: describe(), setup(), teardown(), shape(...), user(class). */
    PyObject *describe, *setup, *teardown, *shape, *user;
    /* What a task answers that does not just go on. */
    PyObject *interrupt, *stop_user;
    /* The exception that holds what the host is to be told. */
    PyObject *ended;
    /* failure(kind, code, message) -> exception. */
    PyObject *failure;
    /* The value of a date: date(text). */
    PyObject *date;
    /* The type of texts that are sent as dates. */
    PyObject *date_time;
    /* Arguments of a call in the few types that are known here: plain(arguments), raising what is wrong with them;
     * refusing(method, arguments) counts the request that failed besides. */
    PyObject *plain, *refusing;
    /* The words for an exception: told(exception). */
    PyObject *told;
} native_guest;

extern native_guest native_guest_;
#define guest native_guest_

/* Answers in place of the host while the code is warmed up: rehearsal(). Else NULL. */
extern PyObject *native_rehearsal;

/* A document that is to be sent. Only one is made at a time; it is there until `native_sent`. */
typedef struct native_document {
    katydid_load_data_document_t nodes;
    /* What the texts in it belong to, where that is not the caller's. */
    PyObject *owner;
} native_document;

/* Makes a document of `count` values. Where there are others than the few types that are known here, `plain` is
 * called with `method`, if there is one, and the values, and answers such. False where an exception was raised. */
bool native_write(PyObject *plain, PyObject *method, PyObject *const *values, Py_ssize_t count, native_document *to);
void native_sent(native_document *document);
/* The one value of a document; NULL where an exception was raised. */
PyObject *native_read(const katydid_load_data_document_t *document);

/* The bytes of a text, which belong to it. False where an exception was raised. */
bool native_text(PyObject *text, load_string_t *to);
PyObject *native_from(const load_string_t *text);

/* Gives back what the host has handed over: parameters of an export, results of an import. */
void native_received(void);

#endif
