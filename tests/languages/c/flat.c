/* Memory stays as it is, however many iterations there are (`-i 100000`): what an iteration makes is given back. */

#include "katydid.h"

#include <stdio.h>

struct flat {
    unsigned iterations;
    size_t pages;
};

static k_result makes(void *user) {
    struct flat *flat = user;
    k_value list = k_array();
    for (int item = 0; item < 10; item++) {
        k_append(&list, k_struct({"id", k_int(item)}, {"name", k_text(k_format("item %d", item))}));
    }
    k_reply reply = k_call("echo", list);
    K_TRY(k_failed(reply));
    if (!k_equal(reply.value, list)) return k_error("%s came back", k_show(reply.value));
    k_fail(k_request(((k_options){.label = "judged"}), "echo", list), "for the sake of it");
    char line[32];
    snprintf(line, sizeof line, "%.3f", k_now());
    if (flat->iterations % 10 == 0) k_alloc(1 << 20);
    size_t pages = __builtin_wasm_memory_size(0);
    if (flat->iterations++ == 20) flat->pages = pages;
    if (flat->pages && pages != flat->pages) return k_error("%zu pages, %zu before", pages, flat->pages);
    if (flat->iterations % 7 == 0) return k_error("one in seven");
    return flat->iterations % 5 ? K_OK : k_failed(k_call("no.such.method"));
}

static const k_class grows = {.name = "Flat", .tasks = K_TASKS({"makes", makes}), .size = sizeof(struct flat)};

K_SCENARIO(.classes = K_CLASSES(&grows))
