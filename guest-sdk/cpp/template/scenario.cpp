// A load scenario: who the users are, and what they call.

#include "katydid.hpp"

using namespace katydid;

struct ApiUser {
    Reply get_time() { return client.call("get_time"); }

    Result get_random_number() {
        Reply reply = client.call("get_random_number", 0, 100);
        if (!reply) return reply;
        auto number = reply.value().as_int(-1);
        check("within its bounds", 0 <= number && number <= 100);
        return proceed();
    }
};

constexpr auto api_user = Class<ApiUser>("ApiUser")
                              .host("http://127.0.0.1:8877/")
                              .wait(between(0.1, 1))
                              .tasks(task<&ApiUser::get_time>("get_time", 10),
                                     task<&ApiUser::get_random_number>("get_random_number", 5));

KATYDID_SCENARIO(scenario<api_user>())
