// `ApiUser` in C++: what `scripts/wat/api_user.wat` does, written with the SDK.

#include "katydid.hpp"

using namespace katydid;

struct ApiUser {
    Reply get_time() { return client.call("get_time"); }
    Reply get_random_number() { return client.call("get_random_number", 0, 100); }
};

constexpr auto api_user = Class<ApiUser>("ApiUser")
                              .host("http://127.0.0.1:8877/")
                              .wait(between(0.1, 1))
                              .tasks(task<&ApiUser::get_time>("get_time", 10),
                                     task<&ApiUser::get_random_number>("get_random_number", 5));

KATYDID_SCENARIO(scenario<api_user>())
