/* Load scenarios for Katydid in C. The manual is README.md beside this file.
 *
 * Times are seconds. Everything that the SDK allocates (replies, values, formatted texts) lives until the end of
 * the iteration, or of the hook, in which it was made; nobody frees it. What is to live longer is copied into the
 * user. Texts end with a zero byte. */
#ifndef KATYDID_H
#define KATYDID_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define K_PRINTS(format, first) __attribute__((__format__(__printf__, format, first)))

/* --- Results ------------------------------------------------------------------------------------------------ */

/* What a task or a hook answers: K_OK, K_INTERRUPT, K_STOP_USER, or the message of an error. */
typedef const char *k_result;

extern const char k_interrupt_result[], k_stop_user_result[];
/* All is well; the user goes on. */
#define K_OK ((k_result)0)
/* Leave the innermost set; in the user class itself: go on. */
#define K_INTERRUPT ((k_result)k_interrupt_result)
/* This user has done enough: it stops and is not replaced. */
#define K_STOP_USER ((k_result)k_stop_user_result)

/* An error, in the words of printf: a failed iteration, a user that does not start, a run that does not begin. */
k_result k_error(const char *format, ...) K_PRINTS(1, 2);
/* Ends this instance at once with a message: a trap, which is counted and shown; the user is built anew. */
_Noreturn void k_panic(const char *format, ...) K_PRINTS(1, 2);
/* Returns from the function with whatever `result` is, unless it is K_OK. */
#define K_TRY(result)                                                                                              \
    do {                                                                                                           \
        k_result k_tried = (result);                                                                               \
        if (k_tried) return k_tried;                                                                               \
    } while (0)

/* --- Values ------------------------------------------------------------------------------------------------- */

typedef enum k_kind {
    K_NIL,       /* <nil/>, which many servers refuse */
    K_BOOLEAN,   /* <boolean> */
    K_INT,       /* <int> where it fits 32 bits, else <i8> */
    K_DOUBLE,    /* <double> */
    K_TEXT,      /* <string> */
    K_DATE_TIME, /* <dateTime.iso8601>, as the text it is: 19980717T14:08:55 */
    K_BINARY,    /* <base64> */
    K_ARRAY,     /* <array> */
    K_STRUCT,    /* <struct> */
} k_kind;

/* One XML-RPC value, to be passed by value. */
typedef struct k_value {
    uint8_t kind;   /* a k_kind */
    uint32_t count; /* bytes of a text, a date or binary; items of an array; members of a struct */
    union {
        bool boolean;
        int64_t integer;
        double number;
        const char *text;
        const uint8_t *bytes;
        struct k_value *items;
        struct k_member *members;
    };
} k_value;

/* A member of a struct. */
typedef struct k_member {
    const char *name;
    k_value value;
} k_member;

k_value k_nil(void);
k_value k_bool(bool value);
k_value k_int(int64_t value);
k_value k_double(double value);
/* Not copied; NULL is nil. A text of your own buffer: k_text(k_format("%s", buffer)). */
k_value k_text(const char *text);
k_value k_text_of(const char *text, size_t length);
k_value k_date_time(const char *text);
k_value k_binary(const void *bytes, size_t length);
/* Copies: of items, of members. */
k_value k_array_of(const k_value *items, size_t count);
k_value k_struct_of(const k_member *members, size_t count);
/* k_array(k_int(1), k_text("two")) and k_struct({"id", k_int(7)}, {"tags", k_array()}) */
#define k_array(...) k_array_of(K_LIST_(k_value, __VA_ARGS__) + 1, K_COUNT_(k_value, __VA_ARGS__))
#define k_struct(...) k_struct_of(K_LIST_(k_member, __VA_ARGS__) + 1, K_COUNT_(k_member, __VA_ARGS__))
/* Adds at the end. Of copies of a value only one may grow: the array that was added to is the one to go on with. */
void k_append(k_value *array, k_value item);
void k_set(k_value *structure, const char *name, k_value value);

/* The value as a C type, or `otherwise` where it is of another kind. An int is a double, too. */
bool k_as_bool(k_value value, bool otherwise);
int64_t k_as_int(k_value value, int64_t otherwise);
double k_as_double(k_value value, double otherwise);
/* Of a text or a date. */
const char *k_as_text(k_value value, const char *otherwise);
/* The item at this place, from 0; nil where there is none. */
k_value k_at(k_value array, size_t place);
/* The member of this name, the last one where names repeat; nil where there is none. */
k_value k_get(k_value structure, const char *name);
/* The same, to tell nil from none: NULL where there is none. */
const k_value *k_find(k_value structure, const char *name);
/* The same kind and content; members in any order. */
bool k_equal(k_value one, k_value other);
/* For messages: the content in short, [1, "two", {"id": 7}]. */
const char *k_show(k_value value);

/* --- Calls -------------------------------------------------------------------------------------------------- */

typedef enum k_failure {
    K_NONE, /* a good reply */
    K_FAULT,
    K_STATUS,
    K_TIMEOUT,
    K_TRANSPORT,
    K_PROTOCOL,
    K_REJECTED,    /* not sent: it cannot be written as XML-RPC, or breaks a limit */
    K_INTERRUPTED, /* the run is over */
} k_failure;

/* What came of a request. The host has counted it: a failure is data, not an error of the scenario. */
typedef struct k_reply {
    k_failure failure;   /* K_NONE, which is false, where there is a value */
    int32_t code;        /* of a fault, or the HTTP status */
    const char *message; /* of any failure: what it says; "" where there is nothing to say */
    k_value value;
} k_reply;

/* k_call("get_random_number", k_int(0), k_int(100)) */
#define k_call(method, ...) k_call_of(method, K_LIST_(k_value, __VA_ARGS__) + 1, K_COUNT_(k_value, __VA_ARGS__))
k_reply k_call_of(const char *method, const k_value *arguments, size_t count);
/* K_OK for a good reply. A failure answered by a task ends the iteration and is no failed one, since it is data;
 * one that is answered by on_start, setup or teardown is an error in the words of k_failure_text. */
k_result k_failed(k_reply reply);
/* In the host's words: `fault 4: out of stock`, `timeout: total`. */
const char *k_failure_text(k_reply reply);

/* What a judged call may say beside the method and its arguments. */
typedef struct k_options {
    const char *label; /* counts the request under this name in place of the method's */
    double timeout;    /* of this request; 0: the run's own, which is never exceeded */
} k_options;

/* A call whose outcome the scenario judges. Without a verdict it is counted by its reply. */
typedef struct k_exchange k_exchange;
/* k_request(((k_options){.label = "search, cold"}), "search", k_text("tea")) */
#define k_request(options, method, ...)                                                                            \
    k_request_of(options, method, K_LIST_(k_value, __VA_ARGS__) + 1, K_COUNT_(k_value, __VA_ARGS__))
k_exchange *k_request_of(k_options options, const char *method, const k_value *arguments, size_t count);
/* May be asked again. */
k_reply k_exchange_reply(k_exchange *exchange);
/* Counts it as a success, or as a failure with a reason. A second verdict is ignored. */
void k_pass(k_exchange *exchange);
void k_fail(k_exchange *exchange, const char *reason);
/* Has done with it. The end of the iteration does so, too. */
void k_drop(k_exchange *exchange);

/* One call inside a request of several. */
typedef struct k_inner {
    const char *method;
    k_value arguments; /* an array; nil: none */
} k_inner;
/* k_reply answers[2]; k_reply all = k_multicall(answers, {"get_time"}, {"echo", k_array(k_int(7))}) */
#define k_multicall(answers, ...)                                                                                  \
    k_multicall_of(answers, K_LIST_(k_inner, __VA_ARGS__) + 1, K_COUNT_(k_inner, __VA_ARGS__))
k_reply k_multicall_of(k_reply *answers, const k_inner *calls, size_t count);

/* --- What the host offers ----------------------------------------------------------------------------------- */

typedef enum k_level { K_DEBUG, K_INFO, K_WARN, K_ERROR } k_level;
/* Writes a line of the log, in the words of printf. What is printed goes there, too, line by line. */
void k_log(k_level level, const char *format, ...) K_PRINTS(2, 3);

/* Counts an assertion, and answers it. One that fails fails nothing else. */
bool k_check(const char *name, bool ok);
/* The number of this user, and of its iteration, from 0. */
uint64_t k_user_id(void);
uint64_t k_iteration(void);
/* Since the run began. */
double k_now(void);
/* Ends early when the run does. */
void k_sleep(double seconds);
/* Ends the run with exit code 4. */
void k_stop_run(const char *reason);

/* Determined by the run's seed, the user and the iteration. So is rand(), which none needs to seed. */
uint64_t k_random_bits(void);
double k_random(void);                                  /* from 0, less than 1 */
int64_t k_random_range(int64_t least, int64_t most);    /* both included */

/* A parameter of the run (--param name=value), or its default; NULL where there is none. */
const char *k_parameter(const char *name);
int64_t k_parameter_int(const char *name, int64_t otherwise);
double k_parameter_double(const char *name, double otherwise);
bool k_parameter_bool(const char *name, bool otherwise);
/* The next row of --data set=file. K_STOP_USER when they are used up, an error where there is no such set. */
k_result k_row(const char *set, k_value *row);
/* What setup answered; nil where there is nothing. */
k_value k_setup_data(void);

/* Figures of your own. */
void k_counter(const char *name, uint64_t add);
void k_gauge(const char *name, double value);
void k_rate(const char *name, bool hit);
void k_trend(const char *name, uint64_t value);
/* Counts a request of a client of your own that took so many seconds. */
void k_request_success(const char *type, const char *name, double seconds, uint64_t length);
void k_request_failure(const char *type, const char *name, double seconds, uint64_t length, const char *reason);

/* Memory until the end of the iteration, zeroed. NULL beyond the limit, which fails the iteration. */
void *k_alloc(size_t bytes);
/* A text until then, in the words of printf. */
char *k_format(const char *format, ...) K_PRINTS(1, 2);

/* --- Declarations ------------------------------------------------------------------------------------------- */

typedef struct k_wait {
    enum { K_WAIT_NONE, K_WAIT_CONSTANT, K_WAIT_BETWEEN, K_WAIT_PACING, K_WAIT_POISSON, K_WAIT_ASKED } kind;
    double least, most;
} k_wait;
/* The pause between two iterations; none by default. */
#define K_CONSTANT(seconds) {K_WAIT_CONSTANT, (seconds), (seconds)}
#define K_BETWEEN(least, most) {K_WAIT_BETWEEN, (least), (most)}
/* An iteration begins so long after the one before it began; or so many begin each second. */
#define K_CONSTANT_PACING(seconds) {K_WAIT_PACING, (seconds), (seconds)}
#define K_CONSTANT_THROUGHPUT(per_second) {K_WAIT_PACING, 1.0 / (per_second), 1.0 / (per_second)}
/* At random, so long on average, as between the arrivals of a Poisson process. */
#define K_POISSON(mean) {K_WAIT_POISSON, (mean), (mean)}

/* How the next task is chosen. */
typedef enum k_order { K_WEIGHTED, K_SEQUENTIAL, K_TRANSITIONS } k_order;

/* What may follow a task, and how often against the others; 0 is 1, and K_NEVER is never. */
typedef struct k_transition {
    const char *task;
    uint32_t weight;
} k_transition;
#define K_NEVER UINT32_MAX

typedef struct k_task_set k_task_set;
/* A task, or a set inside; a table of them ends with an empty one. */
typedef struct k_task {
    const char *name;            /* of a set: only for people, its own where it has one */
    k_result (*run)(void *user); /* NULL for a set */
    uint32_t weight;             /* how often it is chosen; 0 is 1, and K_NEVER is never */
    const char *const *tags;     /* K_TAGS(...) */
    const k_transition *then;    /* K_THEN(...), where the order is K_TRANSITIONS */
    const k_task_set *set;
} k_task;

/* Tasks inside others: a user that enters it stays until a task answers K_INTERRUPT. */
struct k_task_set {
    const char *name;
    k_order order;
    const char *const *tags;
    const k_task *tasks;
    /* When a user enters and leaves it. */
    k_result (*on_start)(void *user);
    k_result (*on_stop)(void *user);
};

/* A kind of user. */
typedef struct k_class {
    const char *name;
    const char *host;     /* the URL of its target; a run may override it */
    uint32_t weight;      /* its share of the users; 0 is 1, and K_NEVER is never */
    uint32_t fixed_count; /* so many exactly; 0: by weight */
    k_wait wait;
    k_order order;
    const char *const *tags;
    const k_task *tasks; /* K_TASKS(...) */
    size_t size;         /* of what each user is: sizeof(struct shopper), zeroed; its functions are given it */
    k_result (*on_start)(void *user);
    k_result (*on_stop)(void *user);
    double (*wait_time)(void *user); /* seconds; in place of `wait` */
    /* A user's state outlives an exchange of its module: what save_state answers (nil: it starts anew) is given to
     * restore_state of the other version, in place of on_stop and on_start. */
    k_value (*save_state)(void *user);
    k_result (*restore_state)(void *user, k_value state);
} k_class;

typedef enum k_parameter_kind { K_ANY_TEXT, K_WHOLE_NUMBER, K_NUMBER, K_TRUE_OR_FALSE } k_parameter_kind;
typedef struct k_parameter_declaration {
    const char *name;
    k_parameter_kind kind;
    const char *otherwise; /* its value where the run gives none; NULL: it must be given */
    const char *about;     /* one line */
} k_parameter_declaration;

/* Where a run is; times in seconds. */
typedef struct k_status {
    double elapsed;
    uint32_t users;
    uint64_t requests, failed, requests_per_second; /* since the run began, those that failed, of the last second */
    double p95;                                     /* of the response times of the last second */
} k_status;

typedef struct k_load {
    enum { K_LOAD_USERS, K_LOAD_ARRIVALS, K_LOAD_STOP } kind;
    uint32_t users;
    double arrivals;
} k_load;
k_load k_users(uint32_t users);
/* So many iterations begun in each second, whoever is free. */
k_load k_arrivals(double per_second);
k_load k_no_load(void);

/* The whole scenario. */
typedef struct k_scenario {
    const k_class *const *classes;             /* K_CLASSES(...) */
    const k_parameter_declaration *parameters; /* K_PARAMETERS(...); none: a run may give any */
    k_result (*setup)(k_value *data);          /* once, before the first user; `data` is for k_setup_data */
    k_result (*teardown)(void);                /* once, after the last one */
    k_load (*shape)(k_status now);             /* each second: the load */
} k_scenario;
extern const k_scenario katydid_scenario;

/* K_SCENARIO(.classes = K_CLASSES(&shopper), .setup = open_shop) */
#define K_SCENARIO(...) const k_scenario katydid_scenario = {__VA_ARGS__};
#define K_CLASSES(...) ((const k_class *const[]){__VA_ARGS__, NULL})
#define K_TASKS(...) ((const k_task[]){__VA_ARGS__, {0}})
#define K_TAGS(...) ((const char *const[]){__VA_ARGS__, NULL})
#define K_THEN(...) ((const k_transition[]){__VA_ARGS__, {0}})
#define K_PARAMETERS(...) ((const k_parameter_declaration[]){__VA_ARGS__, {0}})

/* The first element stands for nothing, so that there may be no others. */
#define K_LIST_(type, ...) ((const type[]){{0}, __VA_ARGS__})
#define K_COUNT_(type, ...) (sizeof(K_LIST_(type, __VA_ARGS__)) / sizeof(type) - 1)

#ifdef __cplusplus
}
#endif
#endif
