/* How an engine with a scenario in it is made: `build/engine.mjs` calls these two functions while it is built, and keeps
 * the memory that they leave. */

#include <stdlib.h>
#include <string.h>

#include "engine.h"

JSContext *engine_js;
engine_guest engine_guest_;

/* Of the stack that the engine may use itself: what a scenario calls beyond that is an error, not a trap. */
enum { STACK_BYTES = 256 << 10 };

void __wasm_call_ctors(void);

/* Room for the text of a module, for whoever calls `katydid_start`. */
__attribute__((__export_name__("katydid_room"))) void *katydid_room(size_t size) { return malloc(size); }

static JSValue evaluated(const char *module, size_t size) {
    JSValue global = JS_GetGlobalObject(js), native = JS_NewObject(js);
    engine_functions(native);
    JS_SetPropertyStr(js, global, "katydid", native);
    JS_FreeValue(js, global);
    JSValue promise = JS_Eval(js, module, size, "user.js", JS_EVAL_TYPE_MODULE);
    JSContext *context;
    while (JS_IsJobPending(JS_GetRuntime(js)) && JS_ExecutePendingJob(JS_GetRuntime(js), &context) >= 0) {}
    if (JS_IsException(promise)) return promise;
    JSPromiseStateEnum state = JS_PromiseState(js, promise);
    if (state == JS_PROMISE_PENDING) return JS_ThrowTypeError(js, "the top level waits for something that never comes");
    JSValue result = JS_PromiseResult(js, promise);
    JS_FreeValue(js, promise);
    return state == JS_PROMISE_REJECTED ? JS_Throw(js, result) : result;
}

/* What was thrown, with its stack, as text that ends with a zero. */
static char *thrown(void) {
    JSValue error = JS_GetException(js);
    JSValue stack = JS_IsError(error) ? JS_GetPropertyStr(js, error, "stack") : JS_UNDEFINED;
    const char *said = JS_ToCString(js, error), *frames = JS_IsUndefined(stack) ? "" : JS_ToCString(js, stack);
    if (!said || !frames) return "out of memory";
    char *text = malloc(strlen(said) + strlen(frames) + 2);
    if (!text) return "out of memory";
    strcpy(text, said);
    strcat(text, "\n");
    return strcat(text, frames);
}

/* Evaluates a module of JavaScript, which calls `katydid.serve`. NULL, or what it throws. The text is no longer needed. */
__attribute__((__export_name__("katydid_start"))) char *katydid_start(char *module, size_t size) {
    __wasm_call_ctors();
    JSRuntime *runtime = JS_NewRuntime();
    engine_js = runtime ? JS_NewContext(runtime) : NULL;
    if (!js) return "out of memory";
    JS_SetMaxStackSize(runtime, STACK_BYTES);
    JSValue result = evaluated(module, size);
    if (JS_IsException(result)) return thrown();
    JS_FreeValue(js, result);
    free(module);
    /* The engine looks for cycles when its heap has grown by half, which writes on every page of it, and each user would
     * then have a heap of its own in place of the one that all share. So it looks now, and next time when there is
     * much to be found. */
    JS_RunGC(runtime);
    JSMemoryUsage usage;
    JS_ComputeMemoryUsage(runtime, &usage);
    JS_SetGCThreshold(runtime, (size_t)(usage.malloc_size + usage.malloc_size / 2) + (1 << 20));
    return NULL;
}
