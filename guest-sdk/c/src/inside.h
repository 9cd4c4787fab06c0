/* What the SDK's own files know of each other. */
#ifndef KATYDID_INSIDE_H
#define KATYDID_INSIDE_H

#include "../bindings/load.h"
#include "../katydid.h"

/* Forgets everything that was allocated since the last time. */
void k_arena_reset(void);
/* Whether something did not fit since then. */
bool k_arena_exhausted(void);
/* Like k_alloc, but the bytes are what they were; `align` is a power of two. */
void *k_arena_take(size_t bytes, size_t align);
/* Outlives the arena; what the host is answered, which the bindings free. */
void *k_keep(size_t bytes);
load_string_t k_keep_text(const char *text);

/* The contract's string of a C text; NULL is "". What is no UTF-8, which would trap, becomes question marks. */
load_string_t k_string(const char *text);
/* The place of the first byte that is no UTF-8; `length` where all are. */
size_t k_utf8_until(const char *text, size_t length);
/* Moves an array's items or a struct's members to where there is room for `count`; false beyond the limit. */
bool k_make_room(k_value *value, size_t count);
/* A value of the contract's nodes: one that begins at `nodes`. */
k_value k_read_nodes(const katydid_load_data_node_t *nodes, size_t count);
/* The nodes of values; false with the reason in `why` where there are none. */
bool k_write_nodes(const k_value *values, size_t count, katydid_load_data_document_t *nodes, const char **why);

/* Bytes for what outlives an instance, in the arena: what setup answers, and states. */
bool k_pack(k_value value, load_list_u8_t *bytes);
/* False where another language or version wrote something else. */
bool k_unpack(const uint8_t *bytes, size_t length, k_value *value);

/* Whether a result is that of k_failed, and if so whether the run was over. */
bool k_is_failure(k_result result);
bool k_is_interrupted(k_result result);
/* Ends the iteration: drops the exchanges that it has left open, and forgets its failures. */
void k_calls_end(void);

/* A class with its sets and tasks in the contract's order: parents before what is in them. */
typedef struct k_flat_set {
    const k_task_set *set; /* NULL for the class itself, the outermost */
    const k_task *task;
    uint32_t parent;
} k_flat_set;
typedef struct k_flat_task {
    const k_task *task;
    uint32_t set;
} k_flat_task;
typedef struct k_plan {
    const k_class *class_;
    uint32_t set_count, task_count;
    k_flat_set *sets;
    k_flat_task *tasks;
} k_plan;
/* Kept for the instance's life. */
k_plan *k_plan_of(const k_class *class_);
k_order k_plan_order(const k_plan *plan, uint32_t set);
/* 0 is 1, and K_NEVER is 0. */
uint32_t k_weight(uint32_t weight);
/* Negative and no numbers are 0. */
uint64_t k_micros(double seconds);

#endif
