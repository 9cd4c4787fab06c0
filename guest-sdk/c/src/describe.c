/* The scenario's declarations in the contract's words. */

#include "inside.h"

#include <string.h>

uint32_t k_weight(uint32_t weight) { return weight == 0 ? 1 : weight == K_NEVER ? 0 : weight; }

/* Sets inside one another; a table that holds itself has no end. */
#define DEPTH 50

static void measure(const k_task *tasks, k_plan *plan, const char *class_name, int depth) {
    if (depth > DEPTH) k_panic("user class \"%s\": sets are nested more than %d deep; is one inside itself?", class_name, DEPTH);
    for (const k_task *task = tasks; task && (task->name || task->run || task->set); task++) {
        if (task->set) {
            plan->set_count++;
            measure(task->set->tasks, plan, class_name, depth + 1);
        } else if (task->run && task->name) {
            plan->task_count++;
        } else {
            const char *name = task->name ? task->name : "(no name)";
            k_panic("user class \"%s\": task \"%s\" needs a name and one of .run and .set", class_name, name);
        }
    }
}

static void fill(const k_task *tasks, uint32_t inside, k_plan *plan) {
    for (const k_task *task = tasks; task && (task->run || task->set); task++) {
        if (!task->set) {
            plan->tasks[plan->task_count++] = (k_flat_task){task, inside};
            continue;
        }
        uint32_t set = plan->set_count++;
        plan->sets[set] = (k_flat_set){task->set, task, inside};
        fill(task->set->tasks, set, plan);
    }
}

k_plan *k_plan_of(const k_class *class_) {
    k_plan *plan = k_keep(sizeof *plan);
    plan->class_ = class_;
    plan->set_count = 1;
    measure(class_->tasks, plan, class_->name, 0);
    plan->sets = k_keep(plan->set_count * sizeof *plan->sets);
    plan->tasks = k_keep(plan->task_count * sizeof *plan->tasks);
    plan->set_count = 1;
    plan->task_count = 0;
    fill(class_->tasks, 0, plan);
    return plan;
}

k_order k_plan_order(const k_plan *plan, uint32_t set) {
    return set ? plan->sets[set].set->order : plan->class_->order;
}

static load_list_string_t tags_of(const char *const *tags, const char *const *more) {
    size_t count = 0;
    for (const char *const *tag = tags; tag && *tag; tag++) count++;
    for (const char *const *tag = more; tag && *tag; tag++) count++;
    load_list_string_t list = {count ? k_keep(count * sizeof *list.ptr) : NULL, 0};
    for (const char *const *tag = tags; tag && *tag; tag++) list.ptr[list.len++] = k_keep_text(*tag);
    for (const char *const *tag = more; tag && *tag; tag++) list.ptr[list.len++] = k_keep_text(*tag);
    return list;
}

/* A task of a set by its name. One that there is not, the host tells of. */
static uint32_t task_named(const k_plan *plan, uint32_t set, const char *name) {
    for (uint32_t task = 0; task < plan->task_count; task++) {
        if (plan->tasks[task].set == set && strcmp(plan->tasks[task].task->name, name) == 0) return task;
    }
    return UINT32_MAX;
}

static exports_katydid_load_scenario_list_transition_t transitions_of(const k_plan *plan, uint32_t set) {
    exports_katydid_load_scenario_list_transition_t list = {NULL, 0};
    if (k_plan_order(plan, set) != K_TRANSITIONS) return list;
    for (int pass = 0; pass < 2; pass++) {
        size_t count = 0;
        for (uint32_t task = 0; task < plan->task_count; task++) {
            const k_transition *then = plan->tasks[task].set == set ? plan->tasks[task].task->then : NULL;
            for (; then && then->task; then++, count++) {
                if (!pass) continue;
                list.ptr[count] = (exports_katydid_load_scenario_transition_t){
                    task, task_named(plan, set, then->task), k_weight(then->weight)};
            }
        }
        if (!pass && count) list.ptr = k_keep(count * sizeof *list.ptr);
        list.len = count;
    }
    return list;
}

static exports_katydid_load_scenario_task_set_t set_of(const k_plan *plan, uint32_t place) {
    const k_flat_set *flat = &plan->sets[place];
    bool outermost = place == 0;
    const char *name = outermost ? plan->class_->name : flat->set->name ? flat->set->name : flat->task->name;
    if (!name) k_panic("user class \"%s\": a set without a name", plan->class_->name);
    return (exports_katydid_load_scenario_task_set_t){
        .name = k_keep_text(name),
        .parent = {!outermost, flat->parent},
        .weight = outermost ? 1 : k_weight(flat->task->weight),
        .order = (exports_katydid_load_scenario_order_t)k_plan_order(plan, place),
        .tags = outermost ? tags_of(plan->class_->tags, NULL) : tags_of(flat->set->tags, flat->task->tags),
        .transitions = transitions_of(plan, place),
    };
}

static exports_katydid_load_scenario_wait_time_t wait_of(const k_class *class_) {
    exports_katydid_load_scenario_wait_time_t wait = {.tag = (uint8_t)class_->wait.kind};
    if (class_->wait_time) wait.tag = K_WAIT_ASKED;
    uint64_t least = k_micros(class_->wait.least), most = k_micros(class_->wait.most);
    switch (wait.tag) {
    case K_WAIT_CONSTANT: wait.val.constant = least; break;
    case K_WAIT_BETWEEN: wait.val.between = (load_tuple2_u64_u64_t){least, most}; break;
    case K_WAIT_PACING:
        wait.tag = EXPORTS_KATYDID_LOAD_SCENARIO_WAIT_TIME_PACING;
        wait.val.pacing = least;
        break;
    case K_WAIT_POISSON:
        wait.tag = EXPORTS_KATYDID_LOAD_SCENARIO_WAIT_TIME_POISSON;
        wait.val.poisson = least;
        break;
    case K_WAIT_ASKED: wait.tag = EXPORTS_KATYDID_LOAD_SCENARIO_WAIT_TIME_ASKED; break;
    default: break;
    }
    return wait;
}

static exports_katydid_load_scenario_user_class_t class_of(const k_class *class_) {
    if (!class_->name) k_panic("a user class without a .name");
    const k_plan *plan = k_plan_of(class_);
    exports_katydid_load_scenario_user_class_t said = {
        .name = k_keep_text(class_->name),
        .weight = k_weight(class_->weight),
        .fixed_count = {class_->fixed_count > 0, class_->fixed_count},
        .host = {class_->host != NULL, k_keep_text(class_->host)},
        .wait = wait_of(class_),
        .sets = {k_keep(plan->set_count * sizeof *said.sets.ptr), plan->set_count},
        .tasks = {k_keep(plan->task_count * sizeof *said.tasks.ptr), plan->task_count},
    };
    for (uint32_t place = 0; place < plan->set_count; place++) said.sets.ptr[place] = set_of(plan, place);
    for (uint32_t id = 0; id < plan->task_count; id++) {
        const k_task *task = plan->tasks[id].task;
        said.tasks.ptr[id] = (exports_katydid_load_scenario_task_t){
            id, k_keep_text(task->name), plan->tasks[id].set, k_weight(task->weight), tags_of(task->tags, NULL)};
    }
    return said;
}

static bool keeps_state(const k_class *const *classes) {
    for (; classes && *classes; classes++) {
        if ((*classes)->save_state && (*classes)->restore_state) return true;
    }
    return false;
}

static exports_katydid_load_scenario_list_parameter_t parameters_of(const k_parameter_declaration *declared) {
    size_t count = 0;
    while (declared && declared[count].name) count++;
    exports_katydid_load_scenario_list_parameter_t list = {count ? k_keep(count * sizeof *list.ptr) : NULL, count};
    for (size_t place = 0; place < count; place++) {
        const k_parameter_declaration *each = &declared[place];
        list.ptr[place] = (exports_katydid_load_scenario_parameter_t){
            .name = k_keep_text(each->name),
            .kind = (exports_katydid_load_scenario_parameter_kind_t)each->kind,
            .default_ = {each->otherwise != NULL, k_keep_text(each->otherwise)},
            .about = k_keep_text(each->about),
        };
    }
    return list;
}

void exports_katydid_load_scenario_describe(exports_katydid_load_scenario_description_t *said) {
    const k_scenario *scenario = &katydid_scenario;
    size_t count = 0;
    while (scenario->classes && scenario->classes[count]) count++;
    said->hooks = (keeps_state(scenario->classes) ? EXPORTS_KATYDID_LOAD_SCENARIO_HOOKS_STATE : 0) |
                  (scenario->setup ? EXPORTS_KATYDID_LOAD_SCENARIO_HOOKS_SETUP : 0) |
                  (scenario->teardown ? EXPORTS_KATYDID_LOAD_SCENARIO_HOOKS_TEARDOWN : 0) |
                  (scenario->shape ? EXPORTS_KATYDID_LOAD_SCENARIO_HOOKS_SHAPE : 0);
    said->parameters = parameters_of(scenario->parameters);
    said->classes.ptr = count ? k_keep(count * sizeof *said->classes.ptr) : NULL;
    said->classes.len = count;
    for (size_t place = 0; place < count; place++) said->classes.ptr[place] = class_of(scenario->classes[place]);
}

/* The bindings ask for an object file that says which world this module is of; the host knows that without. */
extern void __component_type_object_force_link_load(void);
void __component_type_object_force_link_load(void) {}
