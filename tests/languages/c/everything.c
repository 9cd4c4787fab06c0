/* Everything that a scenario can say and ask. Each iteration that finds something else than it expects fails with
 * what it found. Run it against `katydid target` with the rules of `rules.txt`, with `--param text='a=b ž'` and with
 * `--data people=people.csv,per-user`. What traps is in `traps.c`. */

#include "katydid.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define TEXT_(x) #x
#define LINE_(x) TEXT_(x)
#define EXPECT(found, wanted) K_TRY(expect(found, wanted, "line " LINE_(__LINE__)))
#define HOLDS(condition)                                                                                           \
    do {                                                                                                           \
        if (!(condition)) return k_error("line %d: this does not hold: %s", __LINE__, #condition);                 \
    } while (0)

static k_result expect(k_value found, k_value wanted, const char *where) {
    if (k_equal(found, wanted)) return K_OK;
    return k_error("%s: %s in place of %s", where, k_show(found), k_show(wanted));
}

/* What is answered is what was sent. */
#define ECHO(value) K_TRY(echo(value, value, __LINE__))
static k_result echo(k_value sent, k_value wanted, int line) {
    k_reply reply = k_call("echo", sent);
    if (reply.failure) return k_error("line %d: %s of %s", line, k_failure_text(reply), k_show(sent));
    return expect(reply.value, wanted, k_format("line %d", line));
}

static k_value what_was_set_up(void) {
    return k_struct({"text", k_text("žluť 🦗")}, {"none", k_nil()}, {"big", k_int((int64_t)1 << 62)},
                    {"bytes", k_binary("\0\xff", 2)}, {"at", k_date_time("19980717T14:08:55")}, {"half", k_double(0.5)},
                    {"yes", k_bool(true)}, {"list", k_array(k_int(1), k_array(k_int(2)))});
}

static k_result set_up(k_value *data) {
    k_reply reply = k_call("echo", k_text("setup"));
    K_TRY(k_failed(reply));
    EXPECT(reply.value, k_text("setup"));
    printf("set up by user %llu\n", (unsigned long long)k_user_id());
    *data = what_was_set_up();
    return K_OK;
}

static k_result tear_down(void) {
    EXPECT(k_setup_data(), what_was_set_up());
    return k_failed(k_call("echo", k_text("teardown")));
}

static k_result stop(void *user) {
    (void)user;
    return K_STOP_USER;
}

/* --- Every kind of value there and back --------------------------------------------------------------------- */

static k_result scalars(void *user) {
    (void)user;
    int64_t numbers[] = {0,         -1,         INT32_MAX,           INT32_MIN, (int64_t)INT32_MAX + 1, (int64_t)INT32_MIN - 1,
                         ((int64_t)1 << 53) + 1, INT64_MAX, INT64_MIN};
    for (size_t place = 0; place < sizeof numbers / sizeof *numbers; place++) ECHO(k_int(numbers[place]));
    double doubles[] = {-0.1, 1.0, -0.0, 5e-324, 1.7976931348623157e308};
    for (size_t place = 0; place < sizeof doubles / sizeof *doubles; place++) ECHO(k_double(doubles[place]));
    ECHO(k_bool(true));
    ECHO(k_bool(false));
    ECHO(k_nil());
    ECHO(k_date_time("19980717T14:08:55"));
    ECHO(k_date_time("19980717T14:08:55Z"));
    ECHO(k_date_time("yesterday"));
    uint8_t bytes[256];
    for (int byte = 0; byte < 256; byte++) bytes[byte] = (uint8_t)byte;
    ECHO(k_binary(bytes, 0));
    ECHO(k_binary(bytes, sizeof bytes));
    return K_OK;
}

static k_result texts(void *user) {
    (void)user;
    const char *texts[] = {"", "  \t a \n b ", "a\r\nb\r", "<a href='x'>&amp; ]]> \"</a>", "žluťoučký 🦗 кузнечик \U0010fffd"};
    for (size_t place = 0; place < sizeof texts / sizeof *texts; place++) ECHO(k_text(texts[place]));
    k_reply reply = k_call("echo", k_text("žluť"));
    HOLDS(strcmp(k_as_text(reply.value, ""), "žluť") == 0); /* It ends with a zero. */
    return K_OK;
}

static k_result parts(void *user) {
    (void)user;
    ECHO(k_array());
    ECHO(k_array(k_int(1), k_text("two"), k_array(k_bool(false), k_array())));
    ECHO(k_struct());
    ECHO(k_struct({"list", k_array(k_int(1), k_array())}, {"inner", k_struct({"<&>", k_text("x")}, {"", k_int(0)})},
                  {"last", k_double(1.5)}));
    k_reply all = k_call("echo", k_int(1), k_text("two"), k_nil());
    EXPECT(all.value, k_array(k_int(1), k_text("two"), k_nil()));
    EXPECT(k_call("echo").value, k_text(""));
    k_value list = k_array(k_struct({"a", k_int(1)}), k_struct({"b", k_int(2)}));
    EXPECT(k_call("interopEchoTests.echoStructArray", list).value, list);
    bool found = false;
    k_value methods = k_call("system.listMethods").value;
    for (size_t place = 0; place < methods.count; place++) {
        found = found || strcmp(k_as_text(k_at(methods, place), ""), "get_time") == 0;
    }
    HOLDS(found);
    return K_OK;
}

static k_result looking(void *user) {
    (void)user;
    k_value order = k_struct({"id", k_int(7)}, {"id", k_int(8)}, {"price", k_double(1.5)}, {"tags", k_array(k_text("a"))});
    HOLDS(k_as_int(k_get(order, "id"), 0) == 8); /* The last one wins. */
    HOLDS(k_as_double(k_get(order, "price"), 0) == 1.5 && k_as_double(k_get(order, "id"), 0) == 8);
    HOLDS(k_as_int(k_get(order, "price"), -1) == -1 && k_as_bool(k_get(order, "id"), true));
    HOLDS(k_find(order, "nothing") == NULL && k_get(order, "nothing").kind == K_NIL);
    HOLDS(k_at(k_get(order, "tags"), 1).kind == K_NIL && k_at(order, 0).kind == K_NIL && k_get(k_nil(), "id").kind == K_NIL);
    HOLDS(strcmp(k_show(order), "{\"id\": 7, \"id\": 8, \"price\": 1.5, \"tags\": [\"a\"]}") == 0);
    HOLDS(!k_equal(k_int(1), k_double(1)) && !k_equal(k_array(k_int(1)), k_array()) && k_text(NULL).kind == K_NIL);
    k_value one = k_struct({"a", k_int(1)}, {"b", k_int(2)}), other = k_struct({"b", k_int(2)}, {"a", k_int(1)});
    HOLDS(k_equal(one, other));
    return K_OK;
}

static k_result large(void *user) {
    (void)user;
    size_t length = 8 * 131072;
    char *text = k_alloc(length + 1);
    for (size_t at = 0; at < length; at += 8) memcpy(text + at, "katydid ", 8);
    ECHO(k_text(text));
    k_value deep = k_int(1);
    for (int depth = 0; depth < 100; depth++) deep = depth % 2 == 0 ? k_array(deep) : k_struct({"deep", deep});
    ECHO(deep);
    k_value many = k_array();
    for (int id = 0; id < 1000; id++) {
        k_value item = k_struct();
        k_set(&item, "id", k_int(id));
        k_set(&item, "name", k_text(k_format("item number %d", id)));
        k_set(&item, "price", k_double(id + 0.5));
        k_append(&many, item);
    }
    ECHO(many);
    return K_OK;
}

static const char *const value_tags[] = {"values", NULL};
static const k_class values = {
    .name = "Values",
    .fixed_count = 1,
    .order = K_SEQUENTIAL,
    .wait = K_CONSTANT(0),
    .tags = value_tags,
    .tasks = K_TASKS({"scalars", scalars}, {"texts", texts}, {"parts", parts}, {"looking", looking}, {"large", large},
                     {"leave", stop}),
};

/* --- Every way in which a call fails ------------------------------------------------------------------------ */

static k_result kinds(void *user) {
    (void)user;
    k_reply fault = k_call("no.such.method", k_int(1));
    HOLDS(fault.failure == K_FAULT && fault.code == -32601);
    k_reply own = k_call("validator1.countTheEntities", k_text("x"));
    HOLDS(own.failure == K_FAULT && own.code == 42 && strcmp(own.message, "out of luck") == 0);
    HOLDS(strcmp(k_failure_text(own), "fault 42: out of luck") == 0);
    k_reply status = k_call("validator1.easyStructTest", k_struct());
    HOLDS(status.failure == K_STATUS && status.code == 503 && strcmp(k_failure_text(status), "status 503") == 0);
    k_options soon = {.timeout = 0.2};
    k_exchange *slow = k_request(soon, "validator1.echoStructTest", k_struct());
    k_reply late = k_exchange_reply(slow);
    HOLDS(late.failure == K_TIMEOUT && strcmp(late.message, "total") == 0);
    k_drop(slow);
    HOLDS(k_call("validator1.manyTypesTest").failure == K_TRANSPORT);
    HOLDS(k_call("validator1.nestedStructTest", k_struct()).failure == K_PROTOCOL);
    HOLDS(k_call("echo", k_double(0.0 / 0.0)).failure == K_REJECTED);
    HOLDS(k_call("echo", k_text_of("\0", 1)).failure == K_REJECTED);
    k_reply broken = k_call("echo", k_array(k_text("a\xff")));
    HOLDS(broken.failure == K_REJECTED && strstr(broken.message, "argument 1 has a text that is no UTF-8 from byte 1 on"));
    k_value deep = k_int(1);
    for (int depth = 0; depth < 1000; depth++) deep = k_array(deep);
    k_reply unfit = k_call("echo", k_int(1), deep);
    HOLDS(unfit.failure == K_REJECTED && strcmp(unfit.message, "argument 2 is nested too deeply") == 0);
    return K_OK;
}

/* A failure that a task answers ends the iteration, and is no failed one. */
static k_result data(void *user) {
    (void)user;
    K_TRY(k_failed(k_call("no.such.method")));
    return k_error("this is not reached");
}

static k_result judged(void *user) {
    (void)user;
    k_options refused = {.label = "refused"};
    k_exchange *exchange = k_request(refused, "echo", k_bool(false));
    EXPECT(k_exchange_reply(exchange).value, k_bool(false));
    EXPECT(k_exchange_reply(exchange).value, k_bool(false));
    k_fail(exchange, "the answer was no");
    k_pass(exchange); /* A second verdict is ignored. */
    k_exchange *expected = k_request(((k_options){.label = "expected fault"}), "no.such.method");
    HOLDS(k_exchange_reply(expected).failure == K_FAULT);
    k_pass(expected);
    k_drop(expected);
    k_request(((k_options){.label = "unjudged good"}), "echo", k_int(1));
    k_drop(k_request(((k_options){.label = "unjudged bad"}), "no.such.method"));
    k_value deep = k_int(1);
    for (int depth = 0; depth < 1000; depth++) deep = k_array(deep);
    k_exchange *unfit = k_request(((k_options){.label = "unjudged rejected"}), "echo", deep);
    HOLDS(k_exchange_reply(unfit).failure == K_REJECTED);
    k_fail(unfit, "it was counted already");
    return K_OK;
}

static k_result batch(void *user) {
    (void)user;
    k_reply answers[3];
    k_reply all = k_multicall(answers, {"echo", k_array(k_int(7))}, {"system.methodHelp", k_array(k_text("get_time"))},
                              {"no.such.method"});
    HOLDS(!all.failure);
    EXPECT(answers[0].value, k_int(7));
    HOLDS(answers[1].value.kind == K_TEXT && answers[2].failure == K_FAULT && answers[2].code == -32601);
    return K_OK;
}

static k_result error(void *user) {
    (void)user;
    return k_error("an error that is %s", "expected");
}

static const char *const failure_tags[] = {"failures", NULL};
static const k_class failures = {
    .name = "Failures",
    .fixed_count = 1,
    .order = K_SEQUENTIAL,
    .tags = failure_tags,
    .tasks = K_TASKS({"kinds", kinds}, {"data", data}, {"judged", judged}, {"batch", batch}, {"error", error},
                     {"leave", stop}),
};

/* --- What a scenario tells and asks beside its calls -------------------------------------------------------- */

struct reporter {
    bool started;
};

static k_result reporter_starts(void *user) {
    struct reporter *reporter = user;
    reporter->started = true;
    EXPECT(k_setup_data(), what_was_set_up());
    return K_OK;
}

static k_result clocks(void) {
    double before = k_now();
    struct timespec monotonic;
    HOLDS(clock_gettime(CLOCK_MONOTONIC, &monotonic) == 0);
    k_sleep(0.02);
    usleep(20000);
    nanosleep(&(struct timespec){.tv_nsec = 10000000}, NULL);
    double slept = k_now() - before;
    HOLDS(slept >= 0.045 && slept < 2);
    HOLDS(clock_gettime(CLOCK_REALTIME, &monotonic) != 0); /* There is no calendar. */
    return K_OK;
}

static k_result chance(void) {
    double drawn = k_random(), again = k_random();
    HOLDS(drawn >= 0 && drawn < 1 && drawn != again);
    for (int draw = 0; draw < 1000; draw++) {
        int64_t die = k_random_range(1, 6);
        HOLDS(die >= 1 && die <= 6);
    }
    HOLDS(k_random_range(5, 5) == 5 && k_random_range(7, 3) == 7 && k_random_range(-1, 0) <= 0);
    HOLDS(k_random_range(INT64_MIN, INT64_MAX) != k_random_range(INT64_MIN, INT64_MAX));
    srand(1);
    int first = rand();
    srand(1);
    HOLDS(rand() != first && first >= 0);
    /* What differs for each user, and is the same for the same seed, is seen in the log. */
    printf("user %llu drew %.17g\n", (unsigned long long)k_user_id(), drawn);
    return K_OK;
}

static k_result lines(void) {
    printf("two\nlines");
    printf(" and what has its end later\n");
    fprintf(stderr, "warn %s\n", "ž");
    k_log(K_DEBUG, "not shown");
    k_log(K_INFO, "info %d", 1);
    k_log(K_ERROR, "control \033[31m characters");
    k_log(K_WARN, "half a character: \xc5");
    printf("another half: \xc5\n");
    char *out = getenv("PATH");
    HOLDS(out == NULL && fopen("people.csv", "r") == NULL);
    return K_OK;
}

static k_result rows(void) {
    k_value row;
    K_TRY(k_row("people", &row));
    EXPECT(row, k_struct({"name", k_text("Ada")}, {"age", k_text("36")}));
    K_TRY(k_row("people", &row));
    EXPECT(row, k_struct({"name", k_text("Žofie")}, {"age", k_text("7")}));
    HOLDS(k_row("people", &row) == K_STOP_USER);
    k_result none = k_row("nobody", &row);
    HOLDS(none && none != K_STOP_USER && strstr(none, "nobody"));
    return K_OK;
}

static k_result requests(void) {
    k_request_success("grpc", "Charge", 0.012, 7);
    k_request_failure("grpc", "Charge", 1, 0, "declined");
    k_counter("orders", 1);
    k_counter("orders", 2);
    k_gauge("stock", 4.5);
    k_rate("found", true);
    k_trend("basket", 12);
    return K_OK;
}

static k_result everything(void *user) {
    struct reporter *reporter = user;
    HOLDS(reporter->started && k_iteration() == 0);
    HOLDS(k_parameter_int("count", -1) == 3 && k_parameter_double("share", -1) == 0.5 && k_parameter_bool("strict", false));
    HOLDS(k_parameter_int("whole", 0) == ((int64_t)1 << 53) + 1 && k_parameter_int("text", -1) == -1);
    HOLDS(strcmp(k_parameter("text"), "a=b ž") == 0 && k_parameter("nobody's") == NULL);
    HOLDS(k_check("holds", true) && !k_check("does not hold", false));
    K_TRY(clocks());
    K_TRY(chance());
    K_TRY(lines());
    K_TRY(rows());
    K_TRY(requests());
    return K_STOP_USER;
}

static k_result reporter_stops(void *user) {
    struct reporter *reporter = user;
    printf("stopped %s\n", reporter->started ? "true" : "false");
    return K_OK;
}

static const char *const report_tags[] = {"reports", NULL};
static const k_class reports = {
    .name = "Reports",
    .fixed_count = 2,
    .tags = report_tags,
    .tasks = K_TASKS({"everything", everything}),
    .size = sizeof(struct reporter),
    .on_start = reporter_starts,
    .on_stop = reporter_stops,
};

#include "sets.h"

K_SCENARIO(.classes = K_CLASSES(&values, &failures, &reports, &sets, &walks, &chains),
           .parameters = K_PARAMETERS({"text", K_ANY_TEXT, NULL, "any text; must be given"},
                                      {"count", K_WHOLE_NUMBER, "3", "a whole number"},
                                      {"share", K_NUMBER, "0.5", "a number"},
                                      {"whole", K_WHOLE_NUMBER, "9007199254740993", "a whole number of 64 bits"},
                                      {"strict", K_TRUE_OR_FALSE, "true", "true or false"}),
           .setup = set_up, .teardown = tear_down)
