/* The C library on this host. There are no files, no sockets and no environment; what can be had is the host's own,
 * so that a module imports nothing but the contract: printing is its log, sleeping its clock, chance its seed.
 *
 * The library asks preview 1 of WASI for all this, by functions of these names. What is defined here is not imported,
 * and what nobody uses is not linked. */

#include "inside.h"

#include <stdlib.h>
#include <string.h>

#define WASI(function) __imported_wasi_snapshot_preview1_##function
/* What is written in Zig, parts of its C library among it, knows the same functions by other names. */
#define ALSO(function)                                                                                             \
    extern __typeof__(WASI(function)) also_##function __asm__(#function "|wasi_snapshot_preview1")                 \
        __attribute__((__alias__("__imported_wasi_snapshot_preview1_" #function)));
enum { SUCCESS = 0, BAD_DESCRIPTOR = 8, INVALID = 28, NO_ENTRY = 44, NOT_SUPPORTED = 58 };
enum { STDIN, STDOUT, STDERR };

/* What has been printed and has no end yet, for each of the two streams. */
typedef struct line {
    size_t length;
    char text[512];
} line;

static void log_line(line *from, k_level level) {
    from->text[from->length] = 0;
    load_string_t message = k_string(from->text);
    if (from->length) katydid_load_log_write((katydid_load_log_level_t)level, &message);
    from->length = 0;
}

static void print(line *to, k_level level, const char *text, size_t length) {
    for (; length > 0; text++, length--) {
        if (*text != '\n') to->text[to->length++] = *text;
        if (*text == '\n' || to->length == sizeof to->text - 1) log_line(to, level);
    }
}

typedef struct piece {
    const char *text;
    size_t length;
} piece;

int32_t WASI(fd_write)(int32_t stream, int32_t pieces, int32_t count, int32_t written) {
    static line out, err;
    if (stream != STDOUT && stream != STDERR) return BAD_DESCRIPTOR;
    size_t total = 0;
    for (const piece *each = (const piece *)pieces; count > 0; each++, count--) {
        print(stream == STDOUT ? &out : &err, stream == STDOUT ? K_INFO : K_WARN, each->text, each->length);
        total += each->length;
    }
    *(size_t *)written = total;
    return SUCCESS;
}

/* A terminal, so that the library hands over each line when it is whole. */
int32_t WASI(fd_fdstat_get)(int32_t stream, int32_t answer) {
    if (stream > STDERR) return BAD_DESCRIPTOR;
    memset((void *)answer, 0, 24);
    *(uint8_t *)answer = 2;                                /* a character device */
    *(uint64_t *)(answer + 8) = stream ? 1 << 6 : 1 << 1; /* that can be written, or read */
    return SUCCESS;
}

int32_t WASI(fd_read)(int32_t stream, int32_t pieces, int32_t count, int32_t read) {
    (void)pieces, (void)count;
    *(size_t *)read = 0;
    return stream == STDIN ? SUCCESS : BAD_DESCRIPTOR;
}

int32_t WASI(fd_close)(int32_t stream) { return stream <= STDERR ? SUCCESS : BAD_DESCRIPTOR; }
int32_t WASI(fd_fdstat_set_flags)(int32_t stream, int32_t flags) { return (void)stream, (void)flags, BAD_DESCRIPTOR; }
int32_t WASI(fd_seek)(int32_t stream, int64_t by, int32_t from, int32_t now) {
    return (void)stream, (void)by, (void)from, (void)now, BAD_DESCRIPTOR;
}
int32_t WASI(fd_prestat_get)(int32_t file, int32_t answer) { return (void)file, (void)answer, BAD_DESCRIPTOR; }
int32_t WASI(fd_prestat_dir_name)(int32_t file, int32_t name, int32_t length) {
    return (void)file, (void)name, (void)length, BAD_DESCRIPTOR;
}
int32_t WASI(path_open)(int32_t folder, int32_t look, int32_t path, int32_t length, int32_t open, int64_t base,
                        int64_t inherit, int32_t flags, int32_t answer) {
    (void)folder, (void)look, (void)path, (void)length, (void)open, (void)base, (void)inherit, (void)flags, (void)answer;
    return NO_ENTRY;
}
static int32_t none(int32_t count, int32_t bytes) {
    *(size_t *)count = 0;
    *(size_t *)bytes = 0;
    return SUCCESS;
}
int32_t WASI(environ_sizes_get)(int32_t count, int32_t bytes) { return none(count, bytes); }
int32_t WASI(environ_get)(int32_t list, int32_t bytes) { return (void)list, (void)bytes, SUCCESS; }
int32_t WASI(args_sizes_get)(int32_t count, int32_t bytes) { return none(count, bytes); }
int32_t WASI(args_get)(int32_t list, int32_t bytes) { return (void)list, (void)bytes, SUCCESS; }

/* The host's clock begins with the run: it tells how long something took, not which day it is. */
int32_t WASI(clock_time_get)(int32_t clock, int64_t precision, int32_t answer) {
    (void)precision;
    if (clock != 1) return NOT_SUPPORTED;
    *(uint64_t *)answer = katydid_load_context_now_us() * 1000;
    return SUCCESS;
}

int32_t WASI(clock_res_get)(int32_t clock, int32_t answer) {
    if (clock != 1) return NOT_SUPPORTED;
    *(uint64_t *)answer = 1000;
    return SUCCESS;
}

/* Of what may be waited for there is only time: sleep, usleep, nanosleep. */
typedef struct subscription {
    uint64_t data;
    uint8_t kind;
    _Alignas(8) uint32_t clock;
    uint64_t nanoseconds, precision;
    uint16_t flags;
} subscription;
typedef struct event {
    uint64_t data;
    uint16_t error;
    uint8_t kind;
    uint64_t bytes;
    uint16_t flags;
} event;

int32_t WASI(poll_oneoff)(int32_t waits_for, int32_t events, int32_t count, int32_t answered) {
    const subscription *one = (const subscription *)waits_for;
    if (count != 1 || one->kind != 0) return NOT_SUPPORTED;
    uint64_t micros = one->nanoseconds / 1000;
    if (one->flags & 1) { /* until a time of the clock */
        uint64_t now = katydid_load_context_now_us();
        micros = micros > now ? micros - now : 0;
    }
    katydid_load_context_sleep_us(micros);
    *(event *)events = (event){.data = one->data};
    *(size_t *)answered = 1;
    return SUCCESS;
}

int32_t WASI(random_get)(int32_t to, int32_t length) {
    for (uint8_t *byte = (uint8_t *)to; length > 0; byte += 8, length -= 8) {
        uint64_t bits = k_random_bits();
        memcpy(byte, &bits, length < 8 ? (size_t)length : 8);
    }
    return SUCCESS;
}

int32_t WASI(sched_yield)(void) { return SUCCESS; }

_Noreturn void WASI(proc_exit)(int32_t code) { k_panic("exit(%ld) was called", (long)code); }

ALSO(fd_write)
ALSO(fd_fdstat_get)
ALSO(fd_read)
ALSO(fd_close)
ALSO(fd_fdstat_set_flags)
ALSO(fd_seek)
ALSO(fd_prestat_get)
ALSO(fd_prestat_dir_name)
ALSO(path_open)
ALSO(environ_sizes_get)
ALSO(environ_get)
ALSO(args_sizes_get)
ALSO(args_get)
ALSO(clock_time_get)
ALSO(clock_res_get)
ALSO(poll_oneoff)
ALSO(random_get)
ALSO(sched_yield)
ALSO(proc_exit)

/* `katydid build` gives these two names that the library does not have. Weak for those who build by themselves: a
 * linker that has found the library's own first keeps those, and the trap is told in fewer words. */
#define INSTEAD __attribute__((__weak__))

INSTEAD _Noreturn void abort(void) { k_panic("abort() was called"); }

INSTEAD _Noreturn void __assert_fail(const char *what, const char *file, int line, const char *function) {
    k_panic("assertion failed: %s (%s:%d, in %s)", what, file, line, function);
}

/* The library's own, which are weak, would be the same for all users. */
int rand(void) { return (int)(k_random_bits() & RAND_MAX); }
void srand(unsigned seed) { (void)seed; }
