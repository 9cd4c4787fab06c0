/* Counts its calls, over any number of versions of itself, and sees that its state arrives as it was saved. */

#include "katydid.h"

#define VERSION "v1"

struct keeper {
    int64_t calls;
};

static k_value kept(void) {
    return k_struct({"big", k_int(1LL << 60)}, {"share", k_double(0.5)}, {"text", k_text("a \"ž\"\\\n🦗")},
                    {"list", k_array(k_bool(true), k_struct({"of", k_array()}))});
}

static k_result on_start(void *user) {
    (void)user;
    k_log(K_INFO, VERSION " began");
    return K_OK;
}

static k_result count(void *user) {
    K_TRY(k_failed(k_call("get_random_number", k_int(0), k_int(100))));
    ((struct keeper *)user)->calls += 1;
    return K_OK;
}

static k_value save_state(void *user) {
    return k_struct({"calls", k_int(((struct keeper *)user)->calls)}, {"by", k_text(VERSION)}, {"kept", kept()});
}

static k_result restore_state(void *user, k_value state) {
    struct keeper *keeper = user;
    if (!k_equal(k_get(state, "kept"), kept())) return k_error("%s has arrived", k_show(state));
    keeper->calls = k_as_int(k_get(state, "calls"), -1);
    k_log(K_INFO, VERSION " goes on after %lld, saved by %s", (long long)keeper->calls,
          k_as_text(k_get(state, "by"), "nobody"));
    return K_OK;
}

static k_result on_stop(void *user) {
    k_log(K_INFO, VERSION " stopped after %lld", (long long)((struct keeper *)user)->calls);
    return K_OK;
}

static const k_class keeper = {
    .name = "Keeper",
    .wait = K_CONSTANT(0.01),
    .size = sizeof(struct keeper),
    .on_start = on_start,
    .on_stop = on_stop,
    .save_state = save_state,
    .restore_state = restore_state,
    .tasks = K_TASKS({"count", count}),
};

K_SCENARIO(.classes = K_CLASSES(&keeper))
