// Everything that a scenario in C++ can say and ask; what is the SDK's for C is tested there. Each iteration that finds
// something else than it expects fails with what it found. Run it against `katydid target` with the rules of
// `rules.txt`, with `--param text='a=b ž'` and with `--data people=people.csv,per-user`.

#include "katydid.hpp"

#include <algorithm>
#include <limits>
#include <map>
#include <memory>
#include <random>

using namespace katydid;

static Result expect(Value found, Value wanted, int line) {
    if (found == wanted) return proceed();
    return error("line " + std::to_string(line) + ": " + std::string(found.show()) + " in place of " + std::string(wanted.show()));
}
#define EXPECT(found, wanted)                                                                                      \
    if (Result result = expect(found, wanted, __LINE__); !result) return result
#define HOLDS(condition)                                                                                           \
    if (!(condition)) return error("line " + std::to_string(__LINE__) + ": this does not hold: " #condition)

static Value what_was_set_up() {
    return structure({{"text", "žluť 🦗"}, {"none", nullptr}, {"big", std::int64_t{1} << 62}, {"bytes", Binary{"\0\xff", 2}},
                      {"at", DateTime{"19980717T14:08:55"}}, {"list", array(1, array(2))}});
}
static Result set_up(Value &left) {
    Reply reply = client.call("echo", "setup");
    if (!reply) return reply;
    EXPECT(reply.value(), "setup");
    log::info("set up by user " + std::to_string(user_id()));
    left = what_was_set_up();
    return proceed();
}
static Result tear_down() {
    EXPECT(setup_data(), what_was_set_up());
    return client.call("echo", "teardown");
}

/// Every kind of value there and back.
struct Values {
    Result echo(Value value, int line) {
        Reply reply = client.call("echo", value);
        if (!reply) return error("line " + std::to_string(line) + ": " + reply.text());
        return expect(reply.value(), value, line);
    }
#define ECHO(...)                                                                                                  \
    if (Result result = echo(__VA_ARGS__, __LINE__); !result) return result

    Result scalars() {
        for (std::int64_t number : {std::int64_t{0}, std::int64_t{-1}, std::int64_t{INT32_MAX}, std::int64_t{INT32_MIN},
                                    INT32_MAX + std::int64_t{1}, (std::int64_t{1} << 53) + 1, INT64_MAX, INT64_MIN}) {
            ECHO(number);
        }
        for (double number : {-0.1, 1.0, -0.0, 5e-324, std::numeric_limits<double>::max()}) ECHO(number);
        ECHO(true);
        ECHO(false);
        ECHO(nullptr);
        ECHO('a' == 97);
        ECHO(DateTime{"yesterday"});
        std::string bytes;
        for (int byte = 0; byte < 256; byte++) bytes += static_cast<char>(byte);
        Reply reply = client.call("echo", Binary{bytes.data(), bytes.size()});
        HOLDS(reply && reply.value().as_binary() == bytes);
        ECHO(Binary{});
        return proceed();
    }
    Result texts() {
        for (const char *text : {"", "  \t a \n b ", "a\r\nb\r", "<a href='x'>&amp; ]]> \"</a>", "žluťoučký 🦗 \U0010fffd"}) {
            ECHO(text);
            ECHO(std::string(text));
        }
        HOLDS(client.call("echo", std::string("žluť")).value().as_text() == "žluť");
        std::string large;
        for (int part = 0; part < 131'072; part++) large += "katydid ";
        ECHO(large);
        return proceed();
    }
    Result parts() {
        ECHO(array());
        ECHO(array(1, "two", array(false, array())));
        ECHO(structure({}));
        ECHO(structure({{"list", array(1, array())}, {"inner", structure({{"<&>", "x"}, {"", 0}})}, {"last", 1.5}}));
        ECHO(std::vector<std::string>({"a", "b"}));
        ECHO(std::vector<std::vector<int>>({{1, 2}, {}}));
        EXPECT(client.call("echo", 1, "two", nullptr).value(), array(1, "two", nullptr));
        EXPECT(client.call("echo").value(), "");
        Value deep = 1;
        for (int depth = 0; depth < 100; depth++) deep = depth % 2 ? structure({{"deep", deep}}) : array(deep);
        ECHO(deep);
        Value many = array();
        for (int id = 0; id < 1'000; id++) {
            many.append(structure({{"id", id}, {"name", "item number " + std::to_string(id)}, {"price", id + 0.5}}));
        }
        ECHO(many);
        Value methods = client.call("system.listMethods").value();
        bool found = false;
        for (Value method : methods.items()) found = found || method.as_text() == "get_time";
        HOLDS(found);
        return proceed();
    }
    Result looking() {
        Value order = structure({{"id", 7}, {"price", 1.5}, {"tags", array("a")}});
        HOLDS(order["id"].as_int() == 7 && order["price"].as_double() == 1.5 && order["tags"][0].as_text() == "a");
        HOLDS(order["nothing"].is_nil() && order["id"]["x"].is_nil() && order["tags"][5].is_nil() && !order.has("nothing"));
        HOLDS(order["id"].as_text("none") == "none" && order["price"].as_int(-1) == -1);
        order.set("id", 8);
        HOLDS(order["id"].as_int() == 8 && order["tags"].size() == 1);
        return proceed();
    }
    Result leave() { return stop_user(); }
};
static constexpr const char *value_tags[] = {"values", nullptr};
static constexpr auto values = Class<Values>("Values").fixed_count(1).sequential().wait(constant(0)).tags(value_tags).tasks(
    task<&Values::scalars>("scalars"), task<&Values::texts>("texts"), task<&Values::parts>("parts"),
    task<&Values::looking>("looking"), task<&Values::leave>("leave"));

/// Every way in which a call fails.
struct Failures {
    Result kinds() {
        HOLDS(client.call("no.such.method", 1).is_fault(-32601));
        Reply own = client.call("validator1.countTheEntities", "x");
        HOLDS(!own && own.is_fault(42) && std::string(own.text()) == "fault 42: out of luck");
        Reply status = client.call("validator1.easyStructTest", structure({}));
        HOLDS(status.failure() == K_STATUS && status.code() == 503);
        Exchange slow = client.request({nullptr, 0.2}, "validator1.echoStructTest", structure({}));
        HOLDS(slow.reply().failure() == K_TIMEOUT && std::string(slow.reply().message()) == "total");
        HOLDS(client.call("validator1.manyTypesTest").failure() == K_TRANSPORT);
        HOLDS(client.call("validator1.nestedStructTest", structure({})).failure() == K_PROTOCOL);
        HOLDS(client.call("echo", std::numeric_limits<double>::quiet_NaN()).failure() == K_REJECTED);
        HOLDS(client.call("echo", std::string("\0", 1)).failure() == K_REJECTED);
        HOLDS(client.call("echo", "\xff").failure() == K_REJECTED);
        return proceed();
    }
    /// A failure that a task answers ends the iteration, and is no failed one.
    Reply data() { return client.call("no.such.method"); }
    Result judged() {
        Exchange refused = client.request({"refused"}, "echo", false);
        EXPECT(refused.reply().value(), false);
        refused.fail("the answer was no");
        refused.pass(); // A second verdict is ignored.
        Exchange expected = client.request({"expected fault"}, "no.such.method");
        HOLDS(!expected.reply());
        expected.pass();
        client.request({"unjudged good"}, "echo", 1);
        Exchange kept = client.request({"unjudged bad"}, "no.such.method");
        expected = std::move(kept);
        return proceed();
    }
    Result batch() {
        auto answers = client.multicall({{"echo", array(7)}, {"system.methodHelp", array("get_time")}, {"no.such.method", array(1)}});
        EXPECT(answers[0].value(), 7);
        HOLDS(answers.size() == 3 && answers[1].value().kind() == K_TEXT && answers[2].is_fault(-32601));
        return proceed();
    }
    Result errs() { return error("an error that is expected"); }
    Result leave() { return stop_user(); }
};
static constexpr const char *failure_tags[] = {"failures", nullptr};
static constexpr auto failures = Class<Failures>("Failures").fixed_count(1).sequential().tags(failure_tags).tasks(
    task<&Failures::kinds>("kinds"), task<&Failures::data>("data"), task<&Failures::judged>("judged"),
    task<&Failures::batch>("batch"), task<&Failures::errs>("error"), task<&Failures::leave>("leave"));

/// What a scenario tells and asks beside its calls.
struct Reports {
    bool started = false;
    std::string token = "a text of its own, longer than fits a small one";
    std::map<std::string, int> basket;
    std::unique_ptr<int> owned = std::make_unique<int>(7);

    Result on_start() {
        started = true;
        EXPECT(setup_data(), what_was_set_up());
        return proceed();
    }
    Result everything() {
        HOLDS(started && token.size() == 47 && *owned == 7 && iteration() == 0);
        HOLDS(parameter_int("count", -1) == 3 && parameter_double("share", -1) == 0.5 && parameter_bool("strict", false));
        HOLDS(parameter("text") == "a=b ž" && !parameter("nobody's"));
        HOLDS(check("holds", true) && !check("does not hold", false));
        double before = now();
        sleep_for(0.05);
        HOLDS(now() - before >= 0.045);
        std::vector<int> cards = {1, 2, 3, 4, 5};
        std::shuffle(cards.begin(), cards.end(), Random());
        std::sort(cards.begin(), cards.end());
        HOLDS(std::uniform_int_distribution<int>(1, 6)(*std::make_unique<Random>()) <= 6 && cards[4] == 5);
        HOLDS(random_share() < 1 && random_range(1, 6) >= 1);
        log::debug("not shown");
        log::warn("warn ž");
        log::error("half a character: \xc5");
        Value person;
        if (Result result = row("people", person); !result) return result;
        EXPECT(person, structure({{"name", "Ada"}, {"age", "36"}}));
        if (Result result = row("people", person); !result) return result;
        HOLDS(row("people", person).raw() == K_STOP_USER && !row("nobody", person));
        {
            Measure request("sql", "select");
            request.length = 3;
        }
        Measure("sql", "broken").fail("no table");
        metrics::counter("orders");
        metrics::gauge("stock", 4.5);
        metrics::rate("found", true);
        metrics::trend("basket", 12);
        basket["tea"] = 1;
        return stop_user();
    }
    void on_stop() { log::info("stopped with " + std::to_string(basket.size())); }
    ~Reports() { log::info("gone"); }
};
static constexpr const char *report_tags[] = {"reports", nullptr};
static constexpr auto reports = Class<Reports>("Reports").fixed_count(2).tags(report_tags).on_start<&Reports::on_start>()
    .on_stop<&Reports::on_stop>().tasks(task<&Reports::everything>("everything"));

/// Nested sets, and a state that outlives an exchange.
struct Sets {
    std::string way;
    Result begin() {
        if (way.empty()) return proceed();
        EXPECT(way, "(12[look]12)");
        return stop_user();
    }
    void enter_outer() { way += "("; }
    void leave_outer() { way += ")"; }
    void one() { way += "1"; }
    Result two() {
        way += "2";
        return way.find("look") == std::string::npos ? proceed() : interrupt();
    }
    void enter_inner() { way += "["; }
    void leave_inner() { way += "]"; }
    Result look() {
        way += "look";
        return interrupt();
    }
    Result never() { return error("a task of the weight 0 was chosen"); }
    double wait_time() { return 0.001; }
    Value save() { return structure({{"way", way}}); }
    Result restore(Value state) {
        way = state["way"].as_text();
        return proceed();
    }
};
static constexpr auto inner = Set("Inner").on_start<&Sets::enter_inner>().on_stop<&Sets::leave_inner>().tasks(
    task<&Sets::look>("look"), task<&Sets::never>("never", 0));
static constexpr const char *inner_tags[] = {"inner", nullptr};
static constexpr auto outer = Set("Outer").sequential().on_start<&Sets::enter_outer>().on_stop<&Sets::leave_outer>().tasks(
    task<&Sets::one>("one"), task<&Sets::two>("two"), set<inner>().tags(inner_tags));
static constexpr const char *set_tags[] = {"sets", nullptr};
static constexpr auto sets = Class<Sets>("Sets").fixed_count(1).sequential().tags(set_tags).wait_time<&Sets::wait_time>()
    .state<&Sets::save, &Sets::restore>().tasks(task<&Sets::begin>("begin"), set<outer>());

/// One task leads to the next.
struct Walks {
    std::string way;
    Result step(const char *where) {
        way += where;
        if (way.size() < 7) return proceed();
        EXPECT(way, "1231231");
        return stop_user();
    }
    Result first() { return step("1"); }
    Result second() { return step("2"); }
    Result third() { return step("3"); }
};
static constexpr k_transition after_first[] = {{"second", 1}, {}};
static constexpr k_transition after_second[] = {{"third", 1}, {"first", K_NEVER}, {}};
static constexpr k_transition after_third[] = {{"first", 1}, {}};
static constexpr auto walks = Class<Walks>("Walks").fixed_count(1).transitions().tags(set_tags).tasks(
    task<&Walks::first>("first").then(after_first), task<&Walks::second>("second").then(after_second),
    task<&Walks::third>("third").then(after_third));

static constexpr k_parameter_declaration parameters[] = {
    {"text", K_ANY_TEXT, nullptr, "any text; must be given"}, {"count", K_WHOLE_NUMBER, "3", "a whole number"},
    {"share", K_NUMBER, "0.5", "a number"}, {"strict", K_TRUE_OR_FALSE, "true", "true or false"}, {}};

KATYDID_SCENARIO(scenario<values, failures, reports, sets, walks>().parameters(parameters).setup<set_up>().teardown<tear_down>())
