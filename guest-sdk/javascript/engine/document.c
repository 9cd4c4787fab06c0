/* JavaScript's values to the contract's nodes, and back. */

#include <stdlib.h>
#include <string.h>

#include "engine.h"

typedef katydid_load_data_node_t node;

/* To leave some of the stack. What is nested deeper is encoded without it. */
enum { MOST_LEVELS = 64 };
enum { FEW = 64 };

static node few[FEW];
static node *nodes = few;
static size_t used, room = FEW;

/* RARE: of a type that is not known here. */
typedef enum outcome { WRITTEN, RARE, THROWN } outcome;

static node *next_node(uint8_t tag) {
    if (used == room) {
        node *more = malloc(2 * room * sizeof(node));
        if (!more) return JS_ThrowOutOfMemory(js), NULL;
        memcpy(more, nodes, used * sizeof(node));
        if (nodes != few) free(nodes);
        nodes = more;
        room *= 2;
    }
    node *made = &nodes[used++];
    made->tag = tag;
    return made;
}

static bool is_text(const node *of) {
    return of->tag == KATYDID_LOAD_DATA_NODE_TEXT || of->tag == KATYDID_LOAD_DATA_NODE_MEMBER ||
           of->tag == KATYDID_LOAD_DATA_NODE_DATE_TIME;
}

void engine_sent(void) {
    for (size_t i = 0; i < used; i++)
        if (is_text(&nodes[i])) JS_FreeCString(js, (const char *)nodes[i].val.text.ptr);
    used = 0;
    if (nodes == few) return;
    free(nodes);
    nodes = few;
    room = FEW;
}

/* JavaScript's texts may hold halves of a pair of surrogates, which the engine writes as if they were characters. */
static bool is_well_formed(const char *text, size_t size) {
    for (const char *end = text + size; (text = memchr(text, 0xED, (size_t)(end - text))) != NULL; text++)
        if ((uint8_t)text[1] >= 0xA0) return false;
    return true;
}

/* A text of the engine's, or NULL. */
static outcome write_text(uint8_t tag, const char *text, size_t size) {
    if (!text) return THROWN;
    node *made = is_well_formed(text, size) ? next_node(tag) : NULL;
    if (!made) {
        bool full = JS_HasException(js);
        JS_FreeCString(js, text);
        return full ? THROWN : RARE;
    }
    made->val.text = (load_string_t){(uint8_t *)text, size};
    return WRITTEN;
}

static outcome write_string(uint8_t tag, JSValueConst value) {
    size_t size = 0;
    const char *text = JS_ToCStringLen(js, &size, value);
    return write_text(tag, text, size);
}

static outcome write_int(int32_t value) {
    node *made = next_node(KATYDID_LOAD_DATA_NODE_INT);
    if (!made) return THROWN;
    made->val.int_ = value;
    return WRITTEN;
}

static outcome write_long(int64_t value) {
    node *made = next_node(KATYDID_LOAD_DATA_NODE_LONG);
    if (!made) return THROWN;
    made->val.long_ = value;
    return WRITTEN;
}

static outcome write_double(double value) {
    node *made = next_node(KATYDID_LOAD_DATA_NODE_DOUBLE);
    if (!made) return THROWN;
    made->val.double_ = value;
    return WRITTEN;
}

/* Whole numbers that a double holds exactly are integers. */
static outcome write_number(double value) {
    if (value >= INT32_MIN && value <= INT32_MAX && (double)(int32_t)value == value) return write_int((int32_t)value);
    const double safe = 9007199254740991.0;
    if (value >= -safe && value <= safe && (double)(int64_t)value == value) return write_long((int64_t)value);
    return write_double(value);
}

static outcome write(JSValueConst value, int levels);

static outcome write_owned(JSValue value, int levels) {
    if (JS_IsException(value)) return THROWN;
    outcome of = write(value, levels);
    JS_FreeValue(js, value);
    return of;
}

static outcome write_array(JSValueConst value, int levels) {
    int64_t length = 0;
    if (JS_GetLength(js, value, &length) < 0) return THROWN;
    node *made = next_node(KATYDID_LOAD_DATA_NODE_ARRAY);
    if (!made) return THROWN;
    made->val.array = (uint32_t)length;
    outcome of = WRITTEN;
    for (int64_t i = 0; i < length && of == WRITTEN; i++) of = write_owned(JS_GetPropertyUint32(js, value, (uint32_t)i), levels);
    return of;
}

/* A member without a value is left out, as in JSON. */
static outcome write_member(JSValueConst value, JSAtom name, int levels, uint32_t *count) {
    JSValue item = JS_GetProperty(js, value, name);
    if (JS_IsUndefined(item)) return WRITTEN;
    size_t size = 0;
    const char *text = JS_IsException(item) ? NULL : JS_AtomToCStringLen(js, &size, name);
    outcome of = text && strcmp(text, "then") == 0 && JS_IsFunction(js, item)
                     ? (JS_FreeCString(js, text), RARE)
                     : write_text(KATYDID_LOAD_DATA_NODE_MEMBER, text, size);
    if (of == WRITTEN) of = write(item, levels);
    JS_FreeValue(js, item);
    ++*count;
    return of;
}

static outcome write_object(JSValueConst value, int levels) {
    JSPropertyEnum *names;
    uint32_t length, count = 0;
    if (JS_GetOwnPropertyNames(js, &names, &length, value, JS_GPN_STRING_MASK | JS_GPN_ENUM_ONLY) < 0) return THROWN;
    size_t place = used;
    outcome of = next_node(KATYDID_LOAD_DATA_NODE_MEMBERS) ? WRITTEN : THROWN;
    for (uint32_t i = 0; i < length && of == WRITTEN; i++) of = write_member(value, names[i].atom, levels, &count);
    JS_FreePropertyEnum(js, names, length);
    if (of == WRITTEN) nodes[place].val.members = count;
    return of;
}

static bool is_plain(JSValueConst value) {
    JSValue prototype = JS_GetPrototype(js, value);
    bool plain = JS_VALUE_GET_TAG(prototype) == JS_TAG_OBJECT && JS_VALUE_GET_PTR(prototype) == JS_VALUE_GET_PTR(guest.plain);
    JS_FreeValue(js, prototype);
    return plain;
}

static outcome write(JSValueConst value, int levels) {
    node *made;
    switch (JS_VALUE_GET_NORM_TAG(value)) {
    case JS_TAG_INT: return write_int(JS_VALUE_GET_INT(value));
    case JS_TAG_FLOAT64: return write_number(JS_VALUE_GET_FLOAT64(value));
    case JS_TAG_STRING:
    case JS_TAG_STRING_ROPE: return write_string(KATYDID_LOAD_DATA_NODE_TEXT, value);
    case JS_TAG_NULL: return next_node(KATYDID_LOAD_DATA_NODE_NIL) ? WRITTEN : THROWN;
    case JS_TAG_BOOL:
        if (!(made = next_node(KATYDID_LOAD_DATA_NODE_BOOLEAN))) return THROWN;
        made->val.boolean = JS_VALUE_GET_BOOL(value);
        return WRITTEN;
    case JS_TAG_OBJECT:
        if (levels == 0 || JS_IsProxy(value)) return RARE;
        if (JS_IsArray(value)) return write_array(value, levels - 1);
        return is_plain(value) ? write_object(value, levels - 1) : RARE;
    default: return RARE;
    }
}

/* The nodes that `encode` makes. */

static const char *const TAGS[] = {"nil",       "boolean", "int",   "long",    "double", "text",
                                   "date-time", "binary",  "array", "members", "member"};
enum { MOST_TAGS = sizeof TAGS / sizeof *TAGS };

static int tag_of(JSValueConst of) {
    JSValue value = JS_GetPropertyStr(js, of, "tag");
    const char *text = JS_ToCString(js, value);
    int tag = 0;
    while (text && tag < MOST_TAGS && strcmp(TAGS[tag], text) != 0) tag++;
    if (text) JS_FreeCString(js, text);
    JS_FreeValue(js, value);
    return text ? tag : MOST_TAGS;
}

static outcome write_pair(JSValueConst pair) {
    int32_t halves[2] = {0};
    for (uint32_t i = 0; i < 2; i++) {
        JSValue half = JS_GetPropertyUint32(js, pair, i);
        JS_ToInt32(js, &halves[i], half);
        JS_FreeValue(js, half);
    }
    return write_long((int64_t)((uint64_t)(uint32_t)halves[1] << 32 | (uint32_t)halves[0]));
}

static outcome write_bytes(JSValueConst value) {
    size_t size = 0;
    uint8_t *bytes = JS_GetUint8Array(js, &size, value);
    node *made = bytes || !JS_HasException(js) ? next_node(KATYDID_LOAD_DATA_NODE_BINARY) : NULL;
    if (!made) return THROWN;
    made->val.binary = (load_list_u8_t){bytes, size};
    return WRITTEN;
}

static outcome write_number_of(uint8_t tag, JSValueConst value) {
    double number = 0;
    node *made = JS_ToFloat64(js, &number, value) < 0 ? NULL : next_node(tag);
    if (!made) return THROWN;
    if (tag == KATYDID_LOAD_DATA_NODE_INT)
        made->val.int_ = (int32_t)number;
    else if (tag == KATYDID_LOAD_DATA_NODE_DOUBLE)
        made->val.double_ = number;
    else
        made->val.array = (uint32_t)number;
    return WRITTEN;
}

static outcome write_known(JSValueConst of) {
    int tag = tag_of(of);
    JSValue value = JS_GetPropertyStr(js, of, "val");
    outcome done;
    switch (tag) {
    case KATYDID_LOAD_DATA_NODE_NIL: done = write(JS_NULL, 0); break;
    case KATYDID_LOAD_DATA_NODE_BOOLEAN: done = write(value, 0); break;
    case KATYDID_LOAD_DATA_NODE_LONG: done = write_pair(value); break;
    case KATYDID_LOAD_DATA_NODE_TEXT:
    case KATYDID_LOAD_DATA_NODE_DATE_TIME:
    case KATYDID_LOAD_DATA_NODE_MEMBER: done = write_string((uint8_t)tag, value); break;
    case KATYDID_LOAD_DATA_NODE_BINARY: done = write_bytes(value); break;
    case MOST_TAGS: done = RARE; break;
    default: done = write_number_of((uint8_t)tag, value);
    }
    JS_FreeValue(js, value);
    return done;
}

static outcome write_all(JSValueConst values, outcome (*each)(JSValueConst)) {
    int64_t length = 0;
    if (JS_GetLength(js, values, &length) < 0) return THROWN;
    outcome of = WRITTEN;
    for (int64_t i = 0; i < length && of == WRITTEN; i++) {
        JSValue value = JS_GetPropertyUint32(js, values, (uint32_t)i);
        of = JS_IsException(value) ? THROWN : each(value);
        JS_FreeValue(js, value);
    }
    return of;
}

static outcome write_value(JSValueConst value) { return write(value, MOST_LEVELS); }

/* Bytes of `encode` belong to its nodes, which are there until the next document. */
static JSValue encoded = JS_UNDEFINED;

static bool write_document(JSValueConst values, katydid_load_data_document_t *to) {
    outcome of = write_all(values, write_value);
    if (of == RARE) {
        engine_sent();
        JS_FreeValue(js, encoded);
        encoded = JS_Call(js, guest.encode, JS_UNDEFINED, 1, &values);
        of = JS_IsException(encoded) ? THROWN : write_all(encoded, write_known);
    }
    if (of == RARE) JS_ThrowTypeError(js, "there is no such node");
    if (of != WRITTEN) return engine_sent(), false;
    *to = (katydid_load_data_document_t){nodes, used};
    return true;
}

bool engine_write(JSValueConst values, katydid_load_data_document_t *to) {
    /* A getter may do anything, only not this. */
    static bool writing;
    if (writing) return JS_ThrowTypeError(js, "a call among the arguments of a call"), false;
    writing = true;
    bool written = write_document(values, to);
    writing = false;
    return written;
}

static JSValue read(const katydid_load_data_document_t *from, size_t *at);

static JSValue read_array(const katydid_load_data_document_t *from, size_t *at, uint32_t count) {
    JSValue array = JS_NewArray(js);
    for (uint32_t i = 0; i < count && !JS_IsException(array); i++) {
        JSValue item = read(from, at);
        if (!JS_IsException(item) && JS_DefinePropertyValueUint32(js, array, i, item, JS_PROP_C_W_E) >= 0) continue;
        JS_FreeValue(js, array);
        array = JS_EXCEPTION;
    }
    return array;
}

static bool read_member(const katydid_load_data_document_t *from, size_t *at, JSValueConst object) {
    if (*at >= from->len) return JS_ThrowRangeError(js, "the document ends too early"), false;
    const load_string_t *text = &from->ptr[(*at)++].val.member;
    JSAtom name = JS_NewAtomLen(js, (const char *)text->ptr, text->len);
    JSValue item = name == JS_ATOM_NULL ? JS_EXCEPTION : read(from, at);
    /* Defined, since a plain assignment to `__proto__` would change what the object inherits. */
    bool done = !JS_IsException(item) && JS_DefinePropertyValue(js, object, name, item, JS_PROP_C_W_E) >= 0;
    JS_FreeAtom(js, name);
    return done;
}

static JSValue read_members(const katydid_load_data_document_t *from, size_t *at, uint32_t count) {
    JSValue object = JS_NewObject(js);
    for (uint32_t i = 0; i < count && !JS_IsException(object); i++) {
        if (read_member(from, at, object)) continue;
        JS_FreeValue(js, object);
        object = JS_EXCEPTION;
    }
    return object;
}

static JSValue read_long(int64_t value) {
    const int64_t safe = 9007199254740991;
    return value >= -safe && value <= safe ? JS_NewInt64(js, value) : JS_NewBigInt64(js, value);
}

static JSValue read_date(const load_string_t *text) {
    JSValue said = engine_text(text);
    JSValue date = JS_Call(js, guest.date, JS_UNDEFINED, 1, &said);
    JS_FreeValue(js, said);
    return date;
}

/* The host is strict about how deeply a document is nested, so recursion ends. */
static JSValue read(const katydid_load_data_document_t *from, size_t *at) {
    if (*at >= from->len) return JS_ThrowRangeError(js, "the document ends too early");
    const node *next = &from->ptr[(*at)++];
    switch (next->tag) {
    case KATYDID_LOAD_DATA_NODE_NIL: return JS_NULL;
    case KATYDID_LOAD_DATA_NODE_BOOLEAN: return JS_NewBool(js, next->val.boolean);
    case KATYDID_LOAD_DATA_NODE_INT: return JS_NewInt32(js, next->val.int_);
    case KATYDID_LOAD_DATA_NODE_LONG: return read_long(next->val.long_);
    case KATYDID_LOAD_DATA_NODE_DOUBLE: return JS_NewNumber(js, next->val.double_);
    case KATYDID_LOAD_DATA_NODE_MEMBER:
    case KATYDID_LOAD_DATA_NODE_TEXT: return engine_text(&next->val.text);
    case KATYDID_LOAD_DATA_NODE_DATE_TIME: return read_date(&next->val.date_time);
    case KATYDID_LOAD_DATA_NODE_BINARY: return JS_NewUint8ArrayCopy(js, next->val.binary.ptr, next->val.binary.len);
    case KATYDID_LOAD_DATA_NODE_ARRAY: return read_array(from, at, next->val.array);
    default: return read_members(from, at, next->val.members);
    }
}

JSValue engine_read(const katydid_load_data_document_t *document) {
    size_t at = 0;
    return read(document, &at);
}
