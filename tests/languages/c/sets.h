/* Nested sets, chains and states, of `everything.c`: where a user has been, a letter or a word for each step. */

struct walker {
    char way[200];
};

static void step(void *user, const char *where) {
    struct walker *walker = user;
    size_t length = strlen(walker->way);
    snprintf(walker->way + length, sizeof walker->way - length, "%s%s", length ? ", " : "", where);
}

#define STEP(function, where, result)                                                                              \
    static k_result function(void *user) {                                                                         \
        step(user, where);                                                                                         \
        return result;                                                                                             \
    }

STEP(enter_outer, "enter outer", K_OK)
STEP(one, "one", K_OK)
STEP(enter_inner, "enter inner", K_OK)
STEP(look, "look", K_INTERRUPT)
STEP(leave_inner, "leave inner", K_OK)
STEP(leave_outer, "leave outer", K_OK)

static k_result two(void *user) {
    step(user, "two");
    return strstr(((struct walker *)user)->way, "look") ? K_INTERRUPT : K_OK;
}

static k_result never(void *user) {
    (void)user;
    return k_error("a task of the weight 0 was chosen");
}

static k_result begin(void *user) {
    struct walker *walker = user;
    if (!walker->way[0]) return K_OK;
    const char *wanted = "enter outer, one, two, enter inner, look, leave inner, one, two, leave outer";
    EXPECT(k_text(walker->way), k_text(wanted));
    return K_STOP_USER;
}

static const k_task_set inner = {
    .name = "Inner",
    .tasks = K_TASKS({"look", look}, {"never", never, .weight = K_NEVER}),
    .on_start = enter_inner,
    .on_stop = leave_inner,
};
static const char *const inner_tags[] = {"inner", NULL};
static const k_task_set outer = {
    .name = "Outer",
    .order = K_SEQUENTIAL,
    .tasks = K_TASKS({"one", one}, {"two", two}, {.set = &inner, .tags = inner_tags}),
    .on_start = enter_outer,
    .on_stop = leave_outer,
};
static const char *const set_tags[] = {"sets", NULL};
static const k_class sets = {
    .name = "Sets",
    .fixed_count = 1,
    .order = K_SEQUENTIAL,
    .tags = set_tags,
    .tasks = K_TASKS({"begin", begin}, {.set = &outer}),
    .size = sizeof(struct walker),
};

/* One task leads to the next. */
static k_result walk(struct walker *walker, const char *where) {
    strcat(walker->way, where);
    if (strlen(walker->way) < 7) return K_OK;
    EXPECT(k_text(walker->way), k_text("1231231"));
    return K_STOP_USER;
}
static k_result first(void *user) { return walk(user, "1"); }
static k_result second(void *user) { return walk(user, "2"); }
static k_result third(void *user) { return walk(user, "3"); }
static double walk_wait(void *user) { return (double)strlen(((struct walker *)user)->way) / 1000; }

static k_value walk_save(void *user) {
    return k_struct({"way", k_text(((struct walker *)user)->way)}, {"big", k_int((int64_t)1 << 60)});
}

static k_result walk_restore(void *user, k_value state) {
    struct walker *walker = user;
    EXPECT(k_get(state, "big"), k_int((int64_t)1 << 60));
    snprintf(walker->way, sizeof walker->way, "%s", k_as_text(k_get(state, "way"), ""));
    return K_OK;
}

static const k_class walks = {
    .name = "Walks",
    .fixed_count = 1,
    .order = K_TRANSITIONS,
    .tags = set_tags,
    .tasks = K_TASKS({"first", first, .then = K_THEN({"second"})},
                     {"second", second, .then = K_THEN({"third", 1}, {"first", K_NEVER})},
                     {"third", third, .then = K_THEN({"first"})}),
    .size = sizeof(struct walker),
    .wait_time = walk_wait,
    .save_state = walk_save,
    .restore_state = walk_restore,
};

/* A chain that ends: the user leaves it. */
static k_result link_a(void *user) { return strcat(((struct walker *)user)->way, "a"), K_OK; }
static k_result link_b(void *user) { return strcat(((struct walker *)user)->way, "b"), K_OK; }
static k_result chain_ends(void *user) { return strcat(((struct walker *)user)->way, "."), K_OK; }
static k_result out(void *user) {
    const char *way = ((struct walker *)user)->way;
    for (; strncmp(way, "ab.", 3) == 0; way += 3) {}
    HOLDS(!*way);
    return strlen(((struct walker *)user)->way) > 4 ? K_STOP_USER : K_OK;
}
static const k_task_set chain = {
    .name = "Chain",
    .order = K_TRANSITIONS,
    .tasks = K_TASKS({"a", link_a, .then = K_THEN({"b"})}, {"b", link_b}),
    .on_stop = chain_ends,
};
static const k_class chains = {
    .name = "Chains",
    .fixed_count = 1,
    .tags = set_tags,
    .tasks = K_TASKS({"out", out}, {.set = &chain}),
    .size = sizeof(struct walker),
};
