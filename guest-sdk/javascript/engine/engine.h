/* QuickJS with the contract in it: what an engine's generated bindings do in several times the time. */

#ifndef KATYDID_ENGINE_H
#define KATYDID_ENGINE_H

#include "../../c/bindings/load.h"
#include "quickjs.h"

extern JSContext *engine_js;
#define js engine_js

/* What the package has given for its part, see `src/host/quickjs.js`. All undefined until it has. */
typedef struct engine_guest {
    /* The scenario's answers: describe(), setup(), teardown(), shape(...figures), user(class). */
    JSValue describe, setup, teardown, shape, user;
    /* failure(kind, code, message) -> an Error to be thrown. */
    JSValue failure;
    /* A date of this text: date(text). */
    JSValue date;
    /* Values as a list of nodes, `{ tag, val }`, where they are of other types than are known here: encode(values). */
    JSValue encode;
    /* What every plain object inherits from. */
    JSValue plain;
} engine_guest;

extern engine_guest engine_guest_;
#define guest engine_guest_

/* Puts the native functions into the object `to`. */
void engine_functions(JSValueConst to);

/* Makes a document of an array of values. False where an exception was thrown. Only one is made at a time; `engine_sent`
 * gives back what it is made of. */
bool engine_write(JSValueConst values, katydid_load_data_document_t *to);
void engine_sent(void);
/* The one value of a document, or an exception. */
JSValue engine_read(const katydid_load_data_document_t *document);

JSValue engine_text(const load_string_t *text);

/* Gives back what the host has handed over: parameters of an export, results of an import. */
void engine_received(void);

#endif
