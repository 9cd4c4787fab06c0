/* The C library on this host: the engine asks it for the time, and would print to nobody.
 *
 * The library asks preview 1 of WASI for all this, by functions of these names. What is defined here is not imported. */

#include "engine.h"

#include <string.h>

#define WASI(function) __imported_wasi_snapshot_preview1_##function
enum { SUCCESS = 0, BAD_DESCRIPTOR = 8 };
enum { REAL_TIME = 0 };

/* A record of `wasi:clocks/wall-clock`. */
typedef struct date_time {
    uint64_t seconds;
    uint32_t nanoseconds;
} date_time;
__attribute__((__import_module__("wasi:clocks/wall-clock@0.2.0"), __import_name__("now"))) void wall_clock_now(date_time *to);

static uint64_t nanoseconds(int32_t clock) {
    /* A new engine wants a seed for numbers that nobody will draw: one module is always made of the same bytes. */
    if (!js) return 0;
    if (clock != REAL_TIME) return katydid_load_context_now_us() * 1000;
    date_time now;
    wall_clock_now(&now);
    return now.seconds * 1000000000 + now.nanoseconds;
}

int32_t WASI(clock_time_get)(int32_t clock, int64_t precision, int32_t answer) {
    (void)precision;
    *(uint64_t *)answer = nanoseconds(clock);
    return SUCCESS;
}

int32_t WASI(fd_write)(int32_t file, int32_t pieces, int32_t count, int32_t written) {
    (void)file, (void)pieces, (void)count, (void)written;
    return BAD_DESCRIPTOR;
}

int32_t WASI(fd_close)(int32_t file) { return (void)file, BAD_DESCRIPTOR; }
/* What of the library is written in Zig knows it by another name. */
extern __typeof__(WASI(fd_close)) also_fd_close __asm__("fd_close|wasi_snapshot_preview1")
    __attribute__((__alias__("__imported_wasi_snapshot_preview1_fd_close")));
int32_t WASI(fd_seek)(int32_t file, int64_t by, int32_t from, int32_t now) {
    return (void)file, (void)by, (void)from, (void)now, BAD_DESCRIPTOR;
}
int32_t WASI(fd_fdstat_get)(int32_t file, int32_t answer) { return (void)file, (void)answer, BAD_DESCRIPTOR; }
