/* `ApiUser` in C: what `scripts/wat/api_user.wat` does, written with the SDK. */

#include "katydid.h"

static k_result get_time(void *user) {
    (void)user;
    return k_failed(k_call("get_time"));
}

static k_result get_random_number(void *user) {
    (void)user;
    return k_failed(k_call("get_random_number", k_int(0), k_int(100)));
}

static const k_class api_user = {
    .name = "ApiUser",
    .host = "http://127.0.0.1:8877/",
    .wait = K_BETWEEN(0.1, 1),
    .tasks = K_TASKS({"get_time", get_time, .weight = 10}, {"get_random_number", get_random_number, .weight = 5}),
};

K_SCENARIO(.classes = K_CLASSES(&api_user))
