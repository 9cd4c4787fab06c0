/* Memory that is given back all at once: what an iteration makes and what the host answers it. */

#include "inside.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Larger things have a block of their own, so that one long reply is given back. */
#define BLOCK ((size_t)16384)

typedef struct block {
    struct block *before;
    size_t size, used;
    _Alignas(16) uint8_t bytes[];
} block;

/* The first block is there from the start: most iterations need no other. Only pages that are touched cost. */
static _Alignas(16) uint8_t first[sizeof(block) + BLOCK];
static block *newest;
static bool exhausted;

/* The block that is being filled. */
static block *current(void) {
    if (newest) return newest;
    newest = (block *)first;
    newest->size = BLOCK;
    return newest;
}

void k_arena_reset(void) {
    while (current()->before) {
        block *gone = newest;
        newest = gone->before;
        free(gone);
    }
    newest->used = 0;
    exhausted = false;
}

bool k_arena_exhausted(void) { return exhausted; }

static void *take_from(block *from, size_t bytes, size_t align) {
    size_t start = (from->used + align - 1) & ~(align - 1);
    if (start > from->size || bytes > from->size - start) return NULL;
    from->used = start + bytes;
    return from->bytes + start;
}

void *k_arena_take(size_t bytes, size_t align) {
    void *taken = take_from(current(), bytes, align);
    if (taken) return taken;
    size_t size = bytes > BLOCK / 4 ? bytes + align : BLOCK;
    block *fresh = size < bytes || size > SIZE_MAX - sizeof(block) ? NULL : malloc(sizeof(block) + size);
    if (!fresh) {
        exhausted = true;
        return NULL;
    }
    *fresh = (block){.before = newest, .size = size};
    newest = fresh;
    return take_from(fresh, bytes, align);
}

void *k_alloc(size_t bytes) {
    void *taken = k_arena_take(bytes, 16);
    return taken ? memset(taken, 0, bytes) : NULL;
}

char *k_format(const char *format, ...) {
    va_list arguments, again;
    va_start(arguments, format);
    va_copy(again, arguments);
    int length = vsnprintf(NULL, 0, format, arguments);
    char *text = length < 0 ? NULL : k_arena_take((size_t)length + 1, 1);
    if (text) vsnprintf(text, (size_t)length + 1, format, again);
    va_end(again);
    va_end(arguments);
    return text ? text : k_arena_exhausted() ? "(out of memory)" : "(a format that printf refuses)";
}

/* The host asks this for whatever it hands over. Each text gets one byte more, a zero, so that it is one of C. */
__attribute__((__export_name__("cabi_realloc"))) void *cabi_realloc(void *old, size_t old_size, size_t align,
                                                                     size_t new_size) {
    if (new_size == 0) return (void *)align;
    uint8_t *taken = k_arena_take(new_size + (align == 1), align);
    if (!taken) k_panic("out of memory: %zu bytes from the host do not fit (--max-memory)", new_size);
    if (old_size) memcpy(taken, old, old_size < new_size ? old_size : new_size);
    if (align == 1) taken[new_size] = 0;
    return taken;
}

void *k_keep(size_t bytes) {
    void *kept = calloc(1, bytes ? bytes : 1);
    if (!kept) k_panic("out of memory: %zu bytes to keep (--max-memory)", bytes);
    return kept;
}

load_string_t k_keep_text(const char *text) {
    load_string_t said = k_string(text);
    if (said.len) said.ptr = memcpy(k_keep(said.len), said.ptr, said.len);
    return said;
}
