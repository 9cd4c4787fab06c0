/* Values there and back: as the contract's flat list of nodes, and as bytes for what outlives an instance. */

#include "inside.h"

#include <string.h>

typedef katydid_load_data_node_t node;
enum {
    NIL = KATYDID_LOAD_DATA_NODE_NIL,
    BOOLEAN = KATYDID_LOAD_DATA_NODE_BOOLEAN,
    INT = KATYDID_LOAD_DATA_NODE_INT,
    LONG = KATYDID_LOAD_DATA_NODE_LONG,
    DOUBLE = KATYDID_LOAD_DATA_NODE_DOUBLE,
    TEXT = KATYDID_LOAD_DATA_NODE_TEXT,
    DATE_TIME = KATYDID_LOAD_DATA_NODE_DATE_TIME,
    BINARY = KATYDID_LOAD_DATA_NODE_BINARY,
    ARRAY = KATYDID_LOAD_DATA_NODE_ARRAY,
    MEMBERS = KATYDID_LOAD_DATA_NODE_MEMBERS,
    MEMBER = KATYDID_LOAD_DATA_NODE_MEMBER,
};

/* Arrays and structs inside one another that are written; the host's own limit is usually lower. */
#define DEPTH 400

/* How many nodes a value has; 0 with the reason in `why` where it cannot be written. */
static size_t nodes_of(k_value value, int depth, const char **why) {
    if (depth > DEPTH) {
        *why = "is nested too deeply";
        return 0;
    }
    if (value.kind == K_TEXT || value.kind == K_DATE_TIME) {
        size_t good = k_utf8_until(value.text, value.count);
        if (good < value.count) *why = k_format("has a text that is no UTF-8 from byte %zu on, send it as binary", good);
        return good == value.count;
    }
    size_t nodes = 1;
    for (size_t place = 0; value.kind >= K_ARRAY && place < value.count; place++) {
        bool array = value.kind == K_ARRAY;
        size_t inner = nodes_of(array ? value.items[place] : value.members[place].value, depth + 1, why);
        if (!inner) return 0;
        nodes += inner + !array;
    }
    return nodes;
}

static node scalar(k_value value) {
    load_string_t text = {.ptr = (uint8_t *)value.text, .len = value.count};
    switch (value.kind) {
    case K_BOOLEAN: return (node){.tag = BOOLEAN, .val.boolean = value.boolean};
    case K_INT:
        if (value.integer == (int32_t)value.integer) return (node){.tag = INT, .val.int_ = (int32_t)value.integer};
        return (node){.tag = LONG, .val.long_ = value.integer};
    case K_DOUBLE: return (node){.tag = DOUBLE, .val.double_ = value.number};
    case K_TEXT: return (node){.tag = TEXT, .val.text = text};
    case K_DATE_TIME: return (node){.tag = DATE_TIME, .val.date_time = text};
    case K_BINARY: return (node){.tag = BINARY, .val.binary = {(uint8_t *)value.bytes, value.count}};
    default: return (node){.tag = NIL};
    }
}

static node *write(node *to, k_value value) {
    if (value.kind == K_ARRAY) {
        *to++ = (node){.tag = ARRAY, .val.array = value.count};
        for (size_t place = 0; place < value.count; place++) to = write(to, value.items[place]);
    } else if (value.kind == K_STRUCT) {
        *to++ = (node){.tag = MEMBERS, .val.members = value.count};
        for (size_t place = 0; place < value.count; place++) {
            *to++ = (node){.tag = MEMBER, .val.member = k_string(value.members[place].name)};
            to = write(to, value.members[place].value);
        }
    } else {
        *to++ = scalar(value);
    }
    return to;
}

bool k_write_nodes(const k_value *values, size_t count, katydid_load_data_document_t *nodes, const char **why) {
    size_t total = 0;
    for (size_t place = 0; place < count; place++) {
        const char *what = "";
        size_t inner = nodes_of(values[place], 0, &what);
        if (!inner) {
            *why = k_format("argument %zu %s", place + 1, what);
            return false;
        }
        total += inner;
    }
    nodes->ptr = k_arena_take(total * sizeof(node), _Alignof(node));
    nodes->len = total;
    /* A builder that did not fit has left something out. */
    if (k_arena_exhausted()) {
        *why = "out of memory: the arguments do not fit (--max-memory)";
        return false;
    }
    node *to = nodes->ptr;
    for (size_t place = 0; place < count; place++) to = write(to, values[place]);
    return true;
}

/* An array or struct that is being read. */
typedef struct open {
    struct open *outside;
    k_value *value;
    uint32_t read;
} open;

static k_value read_scalar(const node *from) {
    switch (from->tag) {
    case BOOLEAN: return k_bool(from->val.boolean);
    case INT: return k_int(from->val.int_);
    case LONG: return k_int(from->val.long_);
    case DOUBLE: return k_double(from->val.double_);
    case TEXT: return k_text_of(from->val.text.len ? (char *)from->val.text.ptr : "", from->val.text.len);
    case DATE_TIME: {
        load_string_t text = from->val.date_time;
        return (k_value){.kind = K_DATE_TIME, .count = text.len, .text = text.len ? (char *)text.ptr : ""};
    }
    case BINARY: return k_binary(from->val.binary.ptr, from->val.binary.len);
    case ARRAY: return (k_value){.kind = K_ARRAY, .count = from->val.array};
    case MEMBERS: return (k_value){.kind = K_STRUCT, .count = from->val.members};
    default: return k_nil();
    }
}

/* No recursion: how deep a reply is, the target decides. */
k_value k_read_nodes(const node *nodes, size_t count) {
    k_value root = k_nil();
    open *inside = NULL;
    for (const node *from = nodes; from < nodes + count; from++) {
        if (from->tag == MEMBER) {
            load_string_t name = from->val.member;
            if (inside) inside->value->members[inside->read].name = name.len ? (char *)name.ptr : "";
            continue;
        }
        k_value *to = &root;
        if (inside) {
            uint32_t place = inside->read++;
            bool array = inside->value->kind == K_ARRAY;
            to = array ? &inside->value->items[place] : &inside->value->members[place].value;
        }
        *to = read_scalar(from);
        if (to->kind >= K_ARRAY && to->count) {
            uint32_t parts = to->count;
            if (parts > (size_t)(nodes + count - from)) k_panic("a value from the host is cut short");
            to->count = 0; /* There is nothing to copy yet. */
            open *opened = k_arena_take(sizeof *opened, _Alignof(open));
            if (!opened || !k_make_room(to, parts)) k_panic("out of memory: a reply does not fit (--max-memory)");
            to->count = parts;
            *opened = (open){.outside = inside, .value = to};
            inside = opened;
        }
        while (inside && inside->read == inside->value->count) inside = inside->outside;
    }
    return root;
}

/* What all bytes begin with: those of the SDK for Rust, so that its versions may follow one another with ours. */
#define FORMAT 1

/* A byte for each kind of node. */
enum {
    AS_NIL,
    AS_FALSE,
    AS_TRUE,
    AS_INT,
    AS_LONG,
    AS_DOUBLE,
    AS_TEXT,
    AS_DATE_TIME,
    AS_BINARY,
    AS_ARRAY,
    AS_MEMBERS,
    AS_MEMBER,
};

/* A node as bytes: its kind, then so many bytes of a number or length, then those of a text. */
typedef struct packed {
    uint8_t as;
    uint8_t fixed;
    const void *number;
    load_string_t text;
} packed;

static packed pack(const node *from) {
    static const uint8_t as[] = {AS_NIL,  AS_FALSE,     AS_INT,    AS_LONG,  AS_DOUBLE, AS_TEXT,
                                 AS_DATE_TIME, AS_BINARY, AS_ARRAY, AS_MEMBERS, AS_MEMBER};
    packed to = {.as = as[from->tag], .number = &from->val};
    switch (from->tag) {
    case BOOLEAN: to.as = from->val.boolean ? AS_TRUE : AS_FALSE; break;
    case INT:
    case ARRAY:
    case MEMBERS: to.fixed = 4; break;
    case LONG:
    case DOUBLE: to.fixed = 8; break;
    case TEXT:
    case DATE_TIME:
    case BINARY:
    case MEMBER:
        to.text = from->val.text;
        to.number = &from->val.text.len;
        to.fixed = 4;
        break;
    default: break;
    }
    return to;
}

bool k_pack(k_value value, load_list_u8_t *bytes) {
    katydid_load_data_document_t nodes;
    const char *why;
    if (!k_write_nodes(&value, 1, &nodes, &why)) return false;
    size_t length = 1;
    for (size_t place = 0; place < nodes.len; place++) {
        packed each = pack(&nodes.ptr[place]);
        length += 1 + each.fixed + each.text.len;
    }
    uint8_t *to = k_arena_take(length, 1);
    if (!to) return false;
    *bytes = (load_list_u8_t){to, length};
    *to++ = FORMAT;
    for (size_t place = 0; place < nodes.len; place++) {
        packed each = pack(&nodes.ptr[place]);
        *to++ = each.as;
        if (each.fixed) memcpy(to, each.number, each.fixed);
        to += each.fixed;
        if (each.text.len) memcpy(to, each.text.ptr, each.text.len);
        to += each.text.len;
    }
    return true;
}

/* Reads one node from `*at`; false where it is none. Texts get a zero at their end, as those of the host have. */
static bool unpack(const uint8_t **at, const uint8_t *end, node *to) {
    static const uint8_t tags[] = {NIL,  BOOLEAN,   BOOLEAN, INT,   LONG,    DOUBLE,
                                   TEXT, DATE_TIME, BINARY,  ARRAY, MEMBERS, MEMBER};
    uint8_t as = *(*at)++;
    if (as >= sizeof tags) return false;
    size_t fixed = as <= AS_TRUE ? 0 : as == AS_LONG || as == AS_DOUBLE ? 8 : 4;
    if ((size_t)(end - *at) < fixed) return false;
    *to = (node){.tag = tags[as]};
    bool is_text = to->tag == TEXT || to->tag == DATE_TIME || to->tag == BINARY || to->tag == MEMBER;
    if (to->tag == BOOLEAN) to->val.boolean = as == AS_TRUE;
    else if (is_text) memcpy(&to->val.text.len, *at, fixed);
    else memcpy(&to->val, *at, fixed);
    *at += fixed;
    if (!is_text) return true;
    size_t length = to->val.text.len;
    if (length > (size_t)(end - *at)) return false;
    to->val.text.ptr = k_arena_take(length + 1, 1);
    if (!to->val.text.ptr) return false;
    memcpy(to->val.text.ptr, *at, length);
    to->val.text.ptr[length] = 0;
    *at += length;
    return true;
}

/* How many values are still to come after this node, where so many were. */
static size_t still_to_come(const node *read, size_t values) {
    if (read->tag == MEMBER) return values; /* Its value was counted with the struct. */
    if (read->tag == ARRAY) return values - 1 + read->val.array;
    return values - 1 + (read->tag == MEMBERS ? read->val.members : 0);
}

bool k_unpack(const uint8_t *bytes, size_t length, k_value *value) {
    const uint8_t *at = bytes + 1, *end = bytes + length;
    if (length < 2 || bytes[0] != FORMAT) return false;
    /* Each node has a byte at least. */
    node *nodes = k_arena_take((length - 1) * sizeof *nodes, _Alignof(node));
    if (!nodes) return false;
    size_t count = 0, values = 1;
    while (values && at < end) {
        node *read = &nodes[count++];
        if (!unpack(&at, end, read)) return false;
        values = still_to_come(read, values);
    }
    if (values || at != end) return false;
    *value = k_read_nodes(nodes, count);
    return true;
}
