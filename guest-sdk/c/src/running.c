/* One virtual user at work, and what happens beside the users: the contract's exports. */

#include "inside.h"

#include <string.h>

/* The rest of what the contract calls a user. There is one for each instance, in nobody else's memory.
 *
 * The host picks tasks, and it keeps to the sets: it names tasks of a set, or of one inside it, until one of them
 * answers `interrupt`. Which sets have been entered and left can thus be told from the set of each task. */
struct exports_katydid_load_scenario_user_t {
    const k_plan *plan;
    void *self;
    uint32_t inside; /* the innermost set that was entered; 0: the class itself */
    bool done;       /* this user has done enough before its first iteration */
    char *owed;      /* an error of a set's on_stop, which has no iteration of its own that could fail */
};
typedef struct exports_katydid_load_scenario_user_t user;

/* Whatever was called has ended: what it made is given back. */
static void end(void) {
    k_calls_end();
    k_arena_reset();
}

static bool is_error(k_result result) { return result && result != K_INTERRUPT && result != K_STOP_USER; }

/* What is left out where memory was short is an error, whatever the scenario makes of it. */
static k_result settled(k_result result) {
    if (is_error(result) && !k_is_failure(result)) return result;
    return k_arena_exhausted() ? "out of memory: what this made does not fit (--max-memory)" : result;
}

/* Ends a call that answers nothing or an error. */
static bool ended(k_result result, load_string_t *error) {
    result = settled(result);
    bool ok = !is_error(result);
    if (!ok) *error = k_keep_text(result);
    end();
    return ok;
}

/* Leaves the innermost set. The host hears of an error when the user stops; a person at once. */
static void leave(user *user) {
    const k_flat_set *left = &user->plan->sets[user->inside];
    user->inside = left->parent;
    k_result result = left->set->on_stop ? left->set->on_stop(user->self) : K_OK;
    if (!is_error(result) || k_is_failure(result)) return;
    const char *name = left->set->name ? left->set->name : left->task->name;
    k_log(K_ERROR, "%s.on_stop: %s", name, result);
    if (!user->owed) {
        const char *text = k_format("%s.on_stop: %s", name, result);
        user->owed = strcpy(k_keep(strlen(text) + 1), text);
    }
}

static bool is_inside(const k_plan *plan, uint32_t set, uint32_t outer) {
    while (set != outer && set != 0) set = plan->sets[set].parent;
    return set == outer;
}

/* Enters a set and those around it that the user is not in. What is no K_OK comes from a set's on_start; that set is
 * not entered. */
static k_result enter(user *user, uint32_t set) {
    if (set == user->inside) return K_OK;
    const k_flat_set *entered = &user->plan->sets[set];
    K_TRY(enter(user, entered->parent));
    if (entered->set->on_start) K_TRY(entered->set->on_start(user->self));
    user->inside = set;
    return K_OK;
}

/* Whether nothing follows this task, where its set is a chain: the user leaves it then, as the host does. */
static bool ends_chain(const k_plan *plan, const k_flat_task *task) {
    if (k_plan_order(plan, task->set) != K_TRANSITIONS) return false;
    for (const k_transition *then = task->task->then; then && then->task; then++) {
        if (k_weight(then->weight)) return false;
    }
    return true;
}

static k_result iterate(user *user, uint32_t id) {
    if (user->done) return K_STOP_USER;
    if (id >= user->plan->task_count) return k_error("there is no task %lu", (unsigned long)id);
    const k_flat_task *task = &user->plan->tasks[id];
    while (!is_inside(user->plan, task->set, user->inside)) leave(user);
    K_TRY(enter(user, task->set));
    k_result result = task->task->run(user->self);
    bool leaves = result == K_INTERRUPT || (result != K_STOP_USER && ends_chain(user->plan, task));
    if (leaves && user->inside) leave(user);
    return result;
}

bool exports_katydid_load_scenario_method_user_run_task(user *user, uint32_t id,
                                                        exports_katydid_load_scenario_next_t *next,
                                                        load_string_t *error) {
    k_result result = settled(iterate(user, id));
    /* A failure is data: the host has counted that request. */
    if (k_is_failure(result)) result = K_OK;
    next->tag = result == K_INTERRUPT   ? EXPORTS_KATYDID_LOAD_SCENARIO_NEXT_INTERRUPT
                : result == K_STOP_USER ? EXPORTS_KATYDID_LOAD_SCENARIO_NEXT_STOP_USER
                                        : EXPORTS_KATYDID_LOAD_SCENARIO_NEXT_PROCEED;
    return ended(result, error);
}

exports_katydid_load_scenario_own_user_t exports_katydid_load_scenario_constructor_user(load_string_t *name) {
    const k_class *const *class_ = katydid_scenario.classes;
    while (class_ && *class_ && (strlen((*class_)->name) != name->len || memcmp((*class_)->name, name->ptr, name->len))) {
        class_++;
    }
    if (!class_ || !*class_) k_panic("there is no user class \"%.*s\"", (int)name->len, (char *)name->ptr);
    user *created = k_keep(sizeof *created);
    created->plan = k_plan_of(*class_);
    created->self = k_keep((*class_)->size);
    end();
    return exports_katydid_load_scenario_user_new(created);
}

/* The instance ends with its user: there is nobody to give memory back to. */
void exports_katydid_load_scenario_user_destructor(user *user) { (void)user; }

static k_result restored(user *user, const load_list_u8_t *state) {
    k_value value;
    if (!k_unpack(state->ptr, state->len, &value)) {
        return k_error("the state that another version saved is none of this SDK's");
    }
    return user->plan->class_->restore_state(user->self, value);
}

bool exports_katydid_load_scenario_method_user_on_start(user *user, load_list_u8_t *state, load_string_t *error) {
    const k_class *class_ = user->plan->class_;
    k_result result = state && class_->restore_state ? restored(user, state)
                      : class_->on_start             ? class_->on_start(user->self)
                                                     : K_OK;
    /* Where the run was over before this user began, that is nobody's fault. */
    user->done = result == K_STOP_USER || k_is_interrupted(result);
    return ended(user->done ? K_OK : result, error);
}

uint64_t exports_katydid_load_scenario_method_user_wait_us(user *user) {
    uint64_t wait = user->plan->class_->wait_time ? k_micros(user->plan->class_->wait_time(user->self)) : 0;
    end();
    return wait;
}

/* What the host takes over from the arena. */
static load_list_u8_t kept(load_list_u8_t bytes) {
    return (load_list_u8_t){memcpy(k_keep(bytes.len), bytes.ptr, bytes.len), bytes.len};
}

bool exports_katydid_load_scenario_method_user_save(user *user, load_list_u8_t *state) {
    const k_class *class_ = user->plan->class_;
    /* One that has done enough before its first iteration is to find that out anew. */
    bool saves = class_->save_state && !user->done;
    k_value value = saves ? class_->save_state(user->self) : k_nil();
    load_list_u8_t bytes;
    saves = value.kind != K_NIL && k_pack(value, &bytes);
    if (saves) *state = kept(bytes);
    end();
    return saves;
}

bool exports_katydid_load_scenario_method_user_on_stop(user *user, load_string_t *error) {
    while (user->inside) leave(user);
    const k_class *class_ = user->plan->class_;
    k_result result = class_->on_stop ? class_->on_stop(user->self) : K_OK;
    if (k_is_failure(result)) result = K_OK;
    return ended(is_error(result) || !user->owed ? result : user->owed, error);
}

bool exports_katydid_load_scenario_setup(load_option_list_u8_t *left, load_string_t *error) {
    k_value data = k_nil();
    k_result result = settled(katydid_scenario.setup ? katydid_scenario.setup(&data) : K_OK);
    left->is_some = false;
    load_list_u8_t bytes;
    if (!is_error(result) && data.kind != K_NIL) {
        left->is_some = k_pack(data, &bytes);
        if (left->is_some) left->val = kept(bytes);
        else result = "what setup answered is nested too deeply, or does not fit (--max-memory)";
    }
    return ended(result, error);
}

bool exports_katydid_load_scenario_teardown(load_string_t *error) {
    k_result result = katydid_scenario.teardown ? katydid_scenario.teardown() : K_OK;
    return ended(k_is_failure(result) ? K_OK : result, error);
}

void exports_katydid_load_scenario_shape(exports_katydid_load_scenario_status_t *now,
                                         exports_katydid_load_scenario_load_t *load) {
    k_status status = {
        .elapsed = (double)now->elapsed_us / 1e6,
        .users = now->users,
        .requests = now->requests,
        .failed = now->failed,
        .requests_per_second = now->requests_per_second,
        .p95 = (double)now->p95_us / 1e6,
    };
    k_load wanted = katydid_scenario.shape ? katydid_scenario.shape(status) : k_no_load();
    load->tag = (uint8_t)wanted.kind;
    if (wanted.kind == K_LOAD_USERS) load->val.users = wanted.users;
    else load->val.arrivals = wanted.arrivals;
    end();
}
