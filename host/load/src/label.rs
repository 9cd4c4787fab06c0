//! What a request is counted under.
use crate::text;
use std::collections::HashMap;
use std::fmt;

/// Longest request type or name of a label, in characters.
pub const MAX_LABEL_CHARS: usize = 200;
/// Default of the most labels in a run, `(other)` not counted.
pub const DEFAULT_LABEL_CAP: u32 = 1_000;
/// The request type and the name of the label that takes what is above the cap.
pub const OTHER: &str = "(other)";

/// The (request type, name) pair that a request is counted under: at most [`MAX_LABEL_CHARS`] characters
/// each, no control characters.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Label {
    /// What kind of request: `xmlrpc`, or what a custom client says.
    pub request_type: Box<str>,
    /// The method, or what the scenario says in its place.
    pub name: Box<str>,
}

impl fmt::Display for Label {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.request_type, self.name)
    }
}

/// The place of a label in the registry that gave it: dense, from 0. Only ids of one registry may meet in one
/// [`crate::Window`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct LabelId(pub u32);

impl LabelId {
    /// The place as an index.
    #[inline]
    pub fn index(self) -> usize {
        self.0 as usize
    }
}

/// The labels of one request type.
type Names = HashMap<Box<str>, LabelId>;

/// The labels of one run. Bounded: a scenario that puts an id into each name fills it up, and the rest is
/// counted, exactly, under ([`OTHER`], [`OTHER`]). First come, first kept.
#[derive(Debug, Clone)]
pub struct Labels {
    cap: u32,
    all: Vec<Label>,
    /// Names by request type. Types are few, so a list of maps is searched without making a key.
    by_name: Vec<(Box<str>, Names)>,
}

impl Default for Labels {
    fn default() -> Self {
        Self::new(DEFAULT_LABEL_CAP)
    }
}

impl Labels {
    /// A registry of at most `cap` labels, and `(other)`.
    pub fn new(cap: u32) -> Self {
        Self { cap, all: Vec::new(), by_name: Vec::new() }
    }

    /// The id of a label, new or known. Over-long parts are cut, control characters replaced by U+FFFD. No
    /// allocation for a label that is known under exactly this text.
    pub fn intern(&mut self, request_type: &str, name: &str) -> LabelId {
        if let Some(id) = self.find(request_type, name) {
            return id;
        }
        // Only tame text is kept, so text that was found needed no taming.
        let request_type = text::tame(request_type, MAX_LABEL_CHARS).into_boxed_str();
        let name = text::tame(name, MAX_LABEL_CHARS).into_boxed_str();
        if let Some(id) = self.find(&request_type, &name) {
            return id;
        }
        let id = LabelId(self.all.len() as u32);
        if id.0 >= self.cap {
            return self.overflow();
        }
        self.all.push(Label { request_type: request_type.clone(), name: name.clone() });
        match self.by_name.iter_mut().find(|(known, _)| *known == request_type) {
            Some((_, names)) => _ = names.insert(name, id),
            None => self.by_name.push((request_type, HashMap::from([(name, id)]))),
        }
        id
    }

    /// The label with this id, if this registry gave it.
    pub fn get(&self, id: LabelId) -> Option<&Label> {
        self.all.get(id.index())
    }

    /// All labels; each one's place is its id.
    pub fn all(&self) -> &[Label] {
        &self.all
    }

    /// The label that takes what is above the cap, once there is any.
    pub fn other(&self) -> Option<LabelId> {
        (self.all.len() as u32 > self.cap).then_some(LabelId(self.cap))
    }

    fn find(&self, request_type: &str, name: &str) -> Option<LabelId> {
        let (_, names) = self.by_name.iter().find(|(known, _)| **known == *request_type)?;
        names.get(name).copied()
    }

    /// The label `(other)`, made at its first use so that no report shows it in vain.
    fn overflow(&mut self) -> LabelId {
        if self.all.len() as u32 == self.cap {
            self.all.push(Label { request_type: OTHER.into(), name: OTHER.into() });
        }
        LabelId(self.cap)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_pair_has_the_same_id() {
        let mut labels = Labels::default();
        let first = labels.intern("xmlrpc", "math.add");
        let other_type = labels.intern("grpc", "math.add");
        let other_name = labels.intern("xmlrpc", "math.sub");
        assert_eq!([first, other_type, other_name], [LabelId(0), LabelId(1), LabelId(2)]);
        assert_eq!(labels.intern("xmlrpc", "math.add"), first);
        assert_eq!(
            labels.get(other_name).map(|l| l.to_string()).as_deref(),
            Some("xmlrpc math.sub")
        );
        assert_eq!(labels.get(LabelId(3)), None);
    }

    #[test]
    fn what_is_above_the_cap_is_counted_under_other() {
        let mut labels = Labels::new(2);
        let known = labels.intern("xmlrpc", "a");
        labels.intern("xmlrpc", "b");
        assert_eq!(labels.all().len(), 2, "(other) does not exist before it is needed");
        assert_eq!(labels.other(), None);
        let over = ["c", "d", "c"].map(|name| labels.intern("xmlrpc", name));
        assert_eq!(over, [LabelId(2); 3]);
        assert_eq!(labels.other(), Some(over[0]));
        assert_eq!(labels.all().len(), 3);
        assert_eq!(labels.get(over[0]).map(|l| (&*l.request_type, &*l.name)), Some((OTHER, OTHER)));
        assert_eq!(labels.intern("xmlrpc", "a"), known, "known labels go on being known");
    }

    #[test]
    fn a_cap_of_nothing_counts_everything_under_other() {
        let mut labels = Labels::new(0);
        assert_eq!(labels.intern("xmlrpc", "a"), LabelId(0));
        assert_eq!(labels.intern("xmlrpc", "b"), LabelId(0));
        assert_eq!(labels.other(), Some(LabelId(0)));
    }

    #[test]
    fn names_are_tamed_and_found_again() {
        let mut labels = Labels::default();
        let id = labels.intern("xml\u{7}rpc", "a\nb");
        assert_eq!(labels.intern("xml\u{7}rpc", "a\nb"), id);
        assert_eq!(labels.get(id).map(|l| &*l.name), Some("a\u{fffd}b"));
        let long = labels.intern("xmlrpc", &"x".repeat(1_000));
        assert_eq!(labels.get(long).map(|l| l.name.chars().count()), Some(MAX_LABEL_CHARS));
        assert_eq!(
            labels.intern("xmlrpc", &"x".repeat(2_000)),
            long,
            "what looks the same is the same"
        );
    }
}
