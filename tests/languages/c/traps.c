/* What ends an instance, or an iteration: each is counted and shown, and the user built anew. One user, nine
 * iterations, `--max-fuel 100000000 --max-memory 8388608`: six traps, two failed iterations, and one that is good
 * after all of them. */

#include "katydid.h"

#include <assert.h>
#include <stdlib.h>

static k_result asserts(void *user) {
    assert(user == NULL && "there is a user");
    return K_OK;
}

static k_result aborts(void *user) {
    (void)user;
    abort();
}

static k_result exits(void *user) {
    (void)user;
    exit(3);
}

static k_result panics(void *user) {
    (void)user;
    k_panic("%d things at once", 3);
}

/* The stack lies below everything else: where it ends, memory ends. */
static k_result recurses(void *user) {
    volatile char room[1000];
    room[0] = 1;
    k_result deeper = recurses((void *)room);
    return room[0] ? deeper : user;
}

static k_result loops(void *user) {
    for (volatile unsigned round = 0; user; round++) {}
    return K_OK;
}

static k_result allocates(void *user) {
    (void)user;
    char *much = k_alloc((size_t)1 << 31);
    return much ? k_error("there is no limit") : K_OK; /* It fails all the same. */
}

static k_result grows(void *user) {
    (void)user;
    k_value list = k_array();
    for (int item = 0; item < 400000; item++) k_append(&list, k_int(item));
    k_reply reply = k_call("echo", list); /* What is not whole is not sent. */
    return reply.failure == K_REJECTED ? K_OK : k_error("it was sent");
}

static k_result lives(void *user) {
    (void)user;
    void *volatile much = malloc((size_t)1 << 31);
    free(much);
    return much ? k_error("there is no limit") : K_STOP_USER;
}

/* Its own memory is its own: an instance that trapped left nothing to the one that follows. */
static const k_class trapped = {
    .name = "Trapped",
    .order = K_SEQUENTIAL,
    .tasks = K_TASKS({"asserts", asserts}, {"aborts", aborts}, {"exits", exits}, {"panics", panics},
                     {"recurses", recurses}, {"loops", loops}, {"allocates", allocates}, {"grows", grows},
                     {"lives", lives}),
};

K_SCENARIO(.classes = K_CLASSES(&trapped))
