/* XML-RPC values: making them and reading them. */

#include "inside.h"

#include <stdio.h>
#include <string.h>

k_value k_nil(void) { return (k_value){.kind = K_NIL}; }
k_value k_bool(bool value) { return (k_value){.kind = K_BOOLEAN, .boolean = value}; }
k_value k_int(int64_t value) { return (k_value){.kind = K_INT, .integer = value}; }
k_value k_double(double value) { return (k_value){.kind = K_DOUBLE, .number = value}; }

k_value k_text_of(const char *text, size_t length) {
    return (k_value){.kind = K_TEXT, .count = (uint32_t)length, .text = text};
}

k_value k_text(const char *text) { return text ? k_text_of(text, strlen(text)) : k_nil(); }

k_value k_date_time(const char *text) {
    k_value value = k_text(text);
    if (text) value.kind = K_DATE_TIME;
    return value;
}

k_value k_binary(const void *bytes, size_t length) {
    return (k_value){.kind = K_BINARY, .count = (uint32_t)length, .bytes = bytes};
}

/* So many parts have room where there are `count`: they may grow up to the next power of two without moving. */
static size_t room(size_t count) {
    size_t room = 4;
    while (room < count) room *= 2;
    return room;
}

bool k_make_room(k_value *value, size_t count) {
    if (k_arena_exhausted()) return false; /* What is not whole is not sent: asking again and again is for nothing. */
    size_t size = value->kind == K_ARRAY ? sizeof(k_value) : sizeof(k_member);
    /* More than there can ever be: asked for all the same, so that it is told as all that does not fit. */
    size_t bytes = count > SIZE_MAX / 4 / size ? SIZE_MAX : room(count) * size;
    void *taken = k_arena_take(bytes, 8);
    if (!taken) return false;
    if (value->count) memcpy(taken, value->items, value->count * size);
    value->items = taken;
    return true;
}

k_value k_array_of(const k_value *items, size_t count) {
    k_value array = {.kind = K_ARRAY};
    if (count && k_make_room(&array, count)) {
        memcpy(array.items, items, count * sizeof *items);
        array.count = (uint32_t)count;
    }
    return array;
}

k_value k_struct_of(const k_member *members, size_t count) {
    k_value structure = {.kind = K_STRUCT};
    if (count && k_make_room(&structure, count)) {
        memcpy(structure.members, members, count * sizeof *members);
        structure.count = (uint32_t)count;
    }
    return structure;
}

/* Makes room for one more; false beyond the limit. */
static bool grow(k_value *value) {
    bool full = !value->count || value->count == room(value->count);
    return !full || k_make_room(value, (size_t)value->count + 1);
}

void k_append(k_value *array, k_value item) {
    if (array->kind != K_ARRAY) k_panic("k_append: expected an array, found %s", k_show(*array));
    if (grow(array)) array->items[array->count++] = item;
}

void k_set(k_value *structure, const char *name, k_value value) {
    if (structure->kind != K_STRUCT) k_panic("k_set: expected a struct, found %s", k_show(*structure));
    if (grow(structure)) structure->members[structure->count++] = (k_member){name, value};
}

bool k_as_bool(k_value value, bool otherwise) { return value.kind == K_BOOLEAN ? value.boolean : otherwise; }

int64_t k_as_int(k_value value, int64_t otherwise) { return value.kind == K_INT ? value.integer : otherwise; }

double k_as_double(k_value value, double otherwise) {
    return value.kind == K_DOUBLE ? value.number : value.kind == K_INT ? (double)value.integer : otherwise;
}

const char *k_as_text(k_value value, const char *otherwise) {
    return value.kind == K_TEXT || value.kind == K_DATE_TIME ? value.text : otherwise;
}

k_value k_at(k_value array, size_t place) {
    return array.kind == K_ARRAY && place < array.count ? array.items[place] : k_nil();
}

const k_value *k_find(k_value structure, const char *name) {
    if (structure.kind != K_STRUCT) return NULL;
    for (size_t place = structure.count; place-- > 0;) {
        if (strcmp(structure.members[place].name, name) == 0) return &structure.members[place].value;
    }
    return NULL;
}

k_value k_get(k_value structure, const char *name) {
    const k_value *found = k_find(structure, name);
    return found ? *found : k_nil();
}

/* Deeper than any reply, and no deeper than the stack bears. */
#define DEPTH 400

static bool equal(k_value one, k_value other, int depth) {
    if (one.kind != other.kind || depth > DEPTH) return false;
    switch (one.kind) {
    case K_NIL: return true;
    case K_BOOLEAN: return one.boolean == other.boolean;
    case K_INT: return one.integer == other.integer;
    case K_DOUBLE: return memcmp(&one.number, &other.number, sizeof one.number) == 0;
    case K_ARRAY:
        for (size_t place = 0; one.count == other.count && place < one.count; place++) {
            if (!equal(one.items[place], other.items[place], depth + 1)) return false;
        }
        return one.count == other.count;
    case K_STRUCT:
        for (size_t place = 0; one.count == other.count && place < one.count; place++) {
            const k_value *found = k_find(other, one.members[place].name);
            if (!found || !equal(one.members[place].value, *found, depth + 1)) return false;
        }
        return one.count == other.count;
    default: return one.count == other.count && (!one.count || memcmp(one.bytes, other.bytes, one.count) == 0);
    }
}

bool k_equal(k_value one, k_value other) { return equal(one, other, 0); }

/* As many characters as a message bears. */
#define SHOWN 200

typedef struct shown {
    char text[SHOWN + 1];
    size_t length;
} shown;

static void put(shown *to, const char *text, size_t length) {
    size_t left = SHOWN - to->length;
    memcpy(to->text + to->length, text, length < left ? length : left);
    to->length += length < left ? length : left;
}

static void show(shown *to, k_value value, int depth) {
    char text[40] = "nil";
    switch (value.kind) {
    case K_BOOLEAN: strcpy(text, value.boolean ? "true" : "false"); break;
    case K_INT: snprintf(text, sizeof text, "%lld", (long long)value.integer); break;
    case K_DOUBLE: snprintf(text, sizeof text, "%.17g", value.number); break;
    case K_BINARY: snprintf(text, sizeof text, "%u bytes of binary", (unsigned)value.count); break;
    case K_TEXT:
    case K_DATE_TIME:
        put(to, "\"", 1);
        put(to, value.text, value.count);
        put(to, "\"", 1);
        return;
    case K_ARRAY:
    case K_STRUCT:
        put(to, value.kind == K_ARRAY ? "[" : "{", 1);
        for (size_t place = 0; place < value.count && to->length < SHOWN && depth < SHOWN; place++) {
            if (place) put(to, ", ", 2);
            if (value.kind == K_STRUCT) {
                show(to, k_text(value.members[place].name), depth);
                put(to, ": ", 2);
            }
            show(to, value.kind == K_ARRAY ? value.items[place] : value.members[place].value, depth + 1);
        }
        put(to, value.kind == K_ARRAY ? "]" : "}", 1);
        return;
    default: break;
    }
    put(to, text, strlen(text));
}

const char *k_show(k_value value) {
    shown to = {.length = 0};
    show(&to, value, 0);
    to.text[to.length] = 0;
    return k_format("%s%s", to.text, to.length == SHOWN ? "..." : "");
}
