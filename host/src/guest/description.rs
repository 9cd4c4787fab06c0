//! What a scenario says of itself, from the contract's words into those of a load test.

use super::bindings::exports::katydid::load::scenario as wit;
use katydid_load::describe::{Description, Hooks, Order, Task, TaskSet, Transition, UserClass};
use katydid_load::parameter::{Parameter, ParameterKind};
use katydid_load::wait::Wait;
use std::collections::HashMap;

/// The same, not checked yet.
pub(super) fn convert(description: wit::Description) -> Description {
    let has = |hook| description.hooks.contains(hook);
    Description {
        hooks: Hooks {
            state: has(wit::Hooks::STATE),
            setup: has(wit::Hooks::SETUP),
            teardown: has(wit::Hooks::TEARDOWN),
            shape: has(wit::Hooks::SHAPE),
        },
        parameters: description.parameters.into_iter().map(parameter).collect(),
        classes: description.classes.into_iter().map(class).collect(),
    }
}

fn parameter(parameter: wit::Parameter) -> Parameter {
    let wit::Parameter { name, kind, default, about } = parameter;
    let kind = match kind {
        wit::ParameterKind::Text => ParameterKind::Text,
        wit::ParameterKind::Integer => ParameterKind::Integer,
        wit::ParameterKind::Number => ParameterKind::Number,
        wit::ParameterKind::Boolean => ParameterKind::Boolean,
    };
    Parameter { name, kind, default, about }
}

fn class(class: wit::UserClass) -> UserClass {
    // The contract names tasks by their ids, a load test by their places; an id that no task has has no place.
    let mut places = HashMap::new();
    for (place, task) in (0..).zip(&class.tasks) {
        places.entry(task.id).or_insert(place);
    }
    let place = |id: u32| places.get(&id).copied().unwrap_or(u32::MAX);
    UserClass {
        name: class.name,
        weight: class.weight,
        fixed_count: class.fixed_count,
        host: class.host,
        wait: match class.wait {
            wit::WaitTime::None => Wait::None,
            wit::WaitTime::Constant(us) => Wait::Constant(us),
            wit::WaitTime::Between((low, high)) => Wait::Between(low, high),
            wit::WaitTime::Pacing(us) => Wait::Pacing(us),
            wit::WaitTime::Asked => Wait::Asked,
            wit::WaitTime::Poisson(us) => Wait::Poisson(us),
        },
        sets: class.sets.into_iter().map(|one| set(one, place)).collect(),
        tasks: class.tasks.into_iter().map(task).collect(),
    }
}

fn set(set: wit::TaskSet, place: impl Fn(u32) -> u32) -> TaskSet {
    let transition = |transition: wit::Transition| {
        let wit::Transition { before, after, weight } = transition;
        Transition { from: place(before), to: place(after), weight }
    };
    TaskSet {
        name: set.name,
        parent: set.parent,
        weight: set.weight,
        order: match set.order {
            wit::Order::Weighted => Order::Weighted,
            wit::Order::Sequential => Order::Sequential,
            wit::Order::Transitions => Order::Transitions,
        },
        tags: set.tags,
        transitions: set.transitions.into_iter().map(transition).collect(),
    }
}

fn task(task: wit::Task) -> Task {
    let wit::Task { id, name, set, weight, tags } = task;
    Task { id, name, set, weight, tags }
}
