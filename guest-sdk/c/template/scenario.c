/* A load scenario: who the users are, and what they call. */

#include "katydid.h"

static k_result get_time(void *user) {
    (void)user;
    return k_failed(k_call("get_time"));
}

static k_result get_random_number(void *user) {
    (void)user;
    k_reply reply = k_call("get_random_number", k_int(0), k_int(100));
    K_TRY(k_failed(reply));
    int64_t number = k_as_int(reply.value, -1);
    k_check("within its bounds", 0 <= number && number <= 100);
    return K_OK;
}

static const k_class api_user = {
    .name = "ApiUser",
    .host = "http://127.0.0.1:8877/",
    .wait = K_BETWEEN(0.1, 1),
    .tasks = K_TASKS({"get_time", get_time, .weight = 10}, {"get_random_number", get_random_number, .weight = 5}),
};

K_SCENARIO(.classes = K_CLASSES(&api_user))
