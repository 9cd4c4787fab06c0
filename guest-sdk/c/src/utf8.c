/* Texts as the contract has them: UTF-8, or the call traps. */

#include "inside.h"

#include <string.h>

/* How many bytes the character at `text` has; 0 where it is none. */
static size_t character(const uint8_t *text, size_t length) {
    uint8_t first = text[0];
    if (first < 0x80) return 1;
    size_t bytes = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2;
    if (first < 0xc2 || first > 0xf4 || bytes > length) return 0;
    for (size_t place = 1; place < bytes; place++) {
        if ((text[place] & 0xc0) != 0x80) return 0;
    }
    /* Written longer than need be, half a character of UTF-16, or beyond the last one. */
    bool wrong = (first == 0xe0 && text[1] < 0xa0) || (first == 0xed && text[1] > 0x9f) ||
                 (first == 0xf0 && text[1] < 0x90) || (first == 0xf4 && text[1] > 0x8f);
    return wrong ? 0 : bytes;
}

size_t k_utf8_until(const char *text, size_t length) {
    size_t at = 0;
    while (at < length) {
        /* Most texts are ASCII: eight bytes at a time. */
        uint64_t eight = 0;
        if (length - at >= 8) memcpy(&eight, text + at, 8);
        else eight = UINT64_MAX;
        if (!(eight & 0x8080808080808080)) {
            at += 8;
            continue;
        }
        size_t bytes = character((const uint8_t *)text + at, length - at);
        if (!bytes) return at;
        at += bytes;
    }
    return at;
}

load_string_t k_string(const char *text) {
    size_t length = text ? strlen(text) : 0, at = k_utf8_until(text, length);
    if (at == length) return (load_string_t){(uint8_t *)text, length};
    uint8_t *mended = k_arena_take(length, 1);
    if (!mended) return (load_string_t){(uint8_t *)text, at};
    memcpy(mended, text, length);
    for (; at < length; at += k_utf8_until((char *)mended + at, length - at)) mended[at] = '?';
    return (load_string_t){mended, length};
}
