/* Calls `get_random_number(0, 100)` without a pause: what a request costs in C. */

#include "katydid.h"

static k_result get_random_number(void *user) {
    (void)user;
    return k_failed(k_call("get_random_number", k_int(0), k_int(100)));
}

static const k_class flood = {
    .name = "Flood",
    .tasks = K_TASKS({"get_random_number", get_random_number, .weight = 1}),
};

K_SCENARIO(.classes = K_CLASSES(&flood))
