// What a module's exports say, in the contract's words, and every mistake in them at once. It happens
// once, when the scenario is built.

import { setupData } from "./context.js";
import { Wait } from "./time.js";
import { TASK, TaskSet, User } from "./user.js";

/** Mistakes in what a scenario declares, one a line. */
export class Mistakes extends Error {
  static HEAD = "mistakes in what the scenario declares:";

  constructor(list) {
    super([Mistakes.HEAD, ...list].join("\n"));
  }
}

/** A whole number that the engine's binding carries unchanged. */
const MAX = 2 ** 31 - 1;

const ORDERS = ["weighted", "sequential", "transitions"];

/** What somebody will write who comes from Locust, by what it is called here. */
const MEANT = Object.fromEntries(
  [
    ["waitTime", "wait_time", "waittime", "min_wait", "max_wait"],
    ["fixedCount", "fixed_count"],
    ["sets", "task_set", "taskSets", "task_sequence"],
    ["tasks", "task"],
    ["onStart", "on_start"],
    ["onStop", "on_stop"],
    ["saveState", "save_state"],
    ["restoreState", "restore_state"],
  ].flatMap(([here, ...elsewhere]) => elsewhere.map((word) => [word, here])),
);

/** Where the options of k6 went. */
const FLAGS = { vus: "-u", duration: "-t", iterations: "--iterations" };

/**
 * Everything that the module's exports declare: its hooks by name, its parameters, and its classes,
 * which hold for each task the function and for each set the class that `running.js` needs.
 */
export function declaration(exported, file) {
  const mistakes = [];
  const classes = userClasses(exported, mistakes, file).map((type) => describeClass(type, mistakes, file));
  if (classes.length === 0 && mistakes.length === 0) {
    mistakes.push(
      "the scenario exports no user: export a class that extends User and has a task, or a default function",
    );
  }
  const names = classes.map(({ name }) => name);
  for (const name of new Set(names)) {
    if (names.indexOf(name) !== names.lastIndexOf(name)) mistakes.push(`user class ${name} is exported twice`);
  }
  const parameters = describeParameters(exported.parameters ?? {}, mistakes);
  const hooks = { state: classes.some(({ keepsState }) => keepsState) };
  for (const hook of ["setup", "teardown", "shape"]) {
    const given = exported[hook];
    if (given !== undefined) checkFunction(given, hook, mistakes);
    hooks[hook] = given !== undefined;
  }
  if (mistakes.length > 0) throw new Mistakes(mistakes);
  return { hooks, parameters, classes };
}

/** The exported classes that have tasks, and a class made of an exported default function. */
function userClasses(exported, mistakes, file) {
  const main = exported.default;
  const found = [];
  for (const one of new Set([main, ...Object.values(exported)])) {
    if (isA(one, User)) {
      if (one === main || hasTasks(one)) found.push(one);
    } else if (one === main && isA(one, TaskSet)) {
      mistakes.push(`${one.name} is a set of tasks: name it in a user's static sets, and export the user`);
    } else if (one === main && typeof one === "function") {
      found.push(classOf(one, exported.options, mistakes, file));
    }
  }
  if (exported.options !== undefined && (typeof main !== "function" || isA(main, User))) {
    mistakes.push("options are those of a default function; a class says them itself: static host = ...");
  }
  return found;
}

/** A class or a function without a name of its own is called after its file. */
const nameOf = (type, file = "default") => (type.name === "" || type.name === "default" ? file : type.name);

const isA = (type, base) => typeof type === "function" && (type === base || type.prototype instanceof base);

const hasTasks = (type) => type.tasks !== undefined || type.sets !== undefined || marked(type).length > 0;

/** A user class of one task, as k6 has it. */
export function classOf(run, options = {}, mistakes = [], file = undefined) {
  const name = nameOf(run, file);
  const known = ["host", "weight", "fixedCount", "waitTime", "tags"];
  for (const key of Object.keys(options)) {
    if (known.includes(key)) continue;
    if (MEANT[key]) mistakes.push(`options.${key}: it is called ${MEANT[key]} here`);
    else if (FLAGS[key]) mistakes.push(`options.${key}: the run says it: katydid run ${FLAGS[key]} ...`);
    else mistakes.push(`options.${key} is not known; ${known.join(", ")} are`);
  }
  checkFunction(run, name, mistakes);
  const Single = { [name]: class extends User {} }[name];
  for (const key of known) {
    if (options[key] !== undefined) Single[key] = options[key];
  }
  // The data of `setup` comes as the parameter, as in k6.
  Single.prototype[name] = function () {
    return run.call(this, setupData());
  };
  Single.tasks = { [name]: 1 };
  return Single;
}

export function describeClass(type, mistakes = [], file = undefined) {
  const name = nameOf(type, file);
  const say = (what) => mistakes.push(`${name}${what}`);
  checkWords(type, say);
  const found = { sets: [], tasks: [] };
  describeSet(type, { name }, found, mistakes);
  if (found.tasks.length === 0) say(" has no task: mark methods with @task, or name them in static tasks");
  if (type.host !== undefined && typeof type.host !== "string") say(".host is no text");
  const [saves, restores] = ["saveState", "restoreState"].map((hook) => typeof type.prototype[hook] === "function");
  const [there, missing] = saves ? ["saveState", "restoreState"] : ["restoreState", "saveState"];
  if (saves !== restores) say(`.${there} comes with ${missing}, or not at all`);
  const { weight = 1, fixedCount } = type;
  return {
    name,
    type,
    weight: whole(weight, (what) => say(`.weight ${what}`)),
    fixedCount: fixedCount === undefined ? undefined : whole(fixedCount, (what) => say(`.fixedCount ${what}`)),
    host: type.host,
    wait: describeWait(type, say),
    keepsState: saves,
    ...found,
  };
}

function describeWait(type, say) {
  const asked = type.prototype.waitTime;
  const { waitTime } = type;
  if (asked !== undefined && waitTime !== undefined) say(".waitTime is there twice: as a static one and as a method");
  if (asked !== undefined) return { tag: "asked" };
  if (waitTime === undefined) return { tag: "none" };
  if (!(waitTime instanceof Wait)) {
    say(".waitTime is made by constant, between, constantPacing, constantThroughput or poisson, or is a method");
  } else if (waitTime.tag === "between" && waitTime.val[0] > waitTime.val[1]) {
    say(".waitTime: between has its lower number first");
  }
  return { tag: waitTime.tag, val: waitTime.val };
}

/** A class or a set, its tasks, then the sets inside it. */
function describeSet(type, { name = nameOf(type), parent, inside = [] }, found, mistakes) {
  const place = found.sets.length;
  const say = (what) => mistakes.push(`${name}${what}`);
  if (parent !== undefined) checkWords(type, say);
  const order = type.transitions === undefined ? (type.order ?? "weighted") : "transitions";
  if (!ORDERS.includes(order)) say(`.order is "weighted" or "sequential", not ${JSON.stringify(order)}`);
  const ownTags = tags(type.tags, (what) => say(`.tags ${what}`));
  const set = { name, type, parent, weight: 1, order, tags: ownTags, transitions: [] };
  // A class's weight is its share of the users, a set's how often it is entered.
  if (parent !== undefined) set.weight = whole(type.weight ?? 1, (what) => say(`.weight ${what}`));
  found.sets.push(set);
  for (const { key, weight, tags: own, name: label } of tasksOf(type, mistakes)) {
    found.tasks.push({
      id: found.tasks.length,
      name: label ?? key,
      set: place,
      weight: whole(weight, (what) => say(`.${key}: its weight ${what}`)),
      tags: tags(own, (what) => say(`.${key}: its tags ${what}`)),
      key,
    });
  }
  if (type.transitions !== undefined) {
    const own = found.tasks.filter((task) => task.set === place);
    set.transitions = describeTransitions(type.transitions, own, (what) => say(`.transitions${what}`));
  }
  if (order === "transitions" && (type.sets ?? []).length > 0)
    say(".sets: where transitions lead, there are no sets inside");
  for (const inner of type.sets ?? []) {
    if (!isA(inner, TaskSet)) say(`.sets holds ${inner?.name ?? typeof inner}, which is no class that extends TaskSet`);
    else if (inside.includes(inner)) say(`.sets holds ${inner.name}, which it is inside of`);
    else describeSet(inner, { parent: place, inside: [...inside, inner] }, found, mistakes);
  }
}

/** What stands under the task's name: its weight, or more. */
function tasksOf(type, mistakes) {
  const declared = new Map(marked(type));
  for (const [key, given] of Object.entries(type.tasks ?? {})) {
    declared.set(key, typeof given === "object" && given !== null ? { weight: 1, ...given } : { weight: given });
  }
  return [...declared].map(([key, options]) => {
    checkFunction(type.prototype[key], `${type.name}.${key}`, mistakes);
    return { key, ...options };
  });
}

/** The methods that `task` has marked, those of base classes first, each in the order of declaration. */
function marked(type) {
  const chain = [];
  for (let at = type.prototype; at && at !== Object.prototype; at = Object.getPrototypeOf(at)) chain.unshift(at);
  const found = new Map();
  for (const prototype of chain) {
    for (const [key, { value }] of Object.entries(Object.getOwnPropertyDescriptors(prototype))) {
      if (typeof value === "function" && value[TASK] !== undefined) found.set(key, value[TASK]);
    }
  }
  return [...found];
}

function describeTransitions(given, tasks, say) {
  const id = (name) => tasks.find(({ key }) => key === name)?.id;
  const described = [];
  for (const [before, followers] of Object.entries(given)) {
    for (const [after, weight] of Object.entries(followers)) {
      for (const name of [before, after]) {
        if (id(name) === undefined) say(` names ${name}, which is no task of it`);
      }
      const often = whole(weight, (what) => say(`: the weight from ${before} to ${after} ${what}`));
      described.push({ before: id(before), after: id(after), weight: often });
    }
  }
  return described;
}

function describeParameters(given, mistakes) {
  return Object.entries(given).map(([name, declared]) => {
    const { default: value, about = "" } = declared;
    const kind = declared.kind ?? kindOf(value);
    if (!["text", "integer", "number", "boolean"].includes(kind)) {
      mistakes.push(`parameter ${name}: its kind is text, integer, number or boolean, not ${kind}`);
    }
    return { name, kind, default: value === undefined ? undefined : String(value), about: String(about) };
  });
}

function kindOf(value) {
  switch (typeof value) {
    case "number":
      return Number.isInteger(value) ? "integer" : "number";
    case "bigint":
      return "integer";
    case "boolean":
      return "boolean";
    default:
      return "text";
  }
}

function whole(value, say) {
  if (!Number.isInteger(value) || value < 0 || value > MAX)
    say(`is a whole number from 0 to ${MAX}, not ${String(value)}`);
  return value;
}

function tags(given = [], say) {
  if (!Array.isArray(given) || given.some((tag) => typeof tag !== "string")) {
    say("are a list of texts");
    return [];
  }
  return given;
}

/** A task, a hook or a default function. Nothing in a scenario can be awaited: a call is over when it returns. */
export function checkFunction(run, what, mistakes) {
  if (typeof run !== "function") {
    mistakes.push(`${what} is no function`);
    return;
  }
  const kind = Object.getPrototypeOf(run).constructor?.name ?? "";
  if (kind.startsWith("Async")) mistakes.push(`${what} is async: leave that and await out, calls wait by themselves`);
  else if (kind.startsWith("Generator")) mistakes.push(`${what} is a generator, which nobody would ask for more`);
}

/** Words that mean something elsewhere, and nothing here. */
function checkWords(type, say) {
  const own = [...Object.getOwnPropertyNames(type), ...Object.getOwnPropertyNames(type.prototype)];
  for (const name of own) {
    if (Object.hasOwn(MEANT, name) && typeof type.prototype[name]?.[TASK] === "undefined") {
      say(`.${name}: it is called ${MEANT[name]} here`);
    }
  }
  for (const hook of ["onStart", "onStop", "waitTime", "saveState", "restoreState"]) {
    if (Object.hasOwn(type.prototype, hook)) {
      const mistakes = [];
      checkFunction(type.prototype[hook], hook, mistakes);
      mistakes.forEach((mistake) => say(`.${mistake}`));
    }
  }
}
