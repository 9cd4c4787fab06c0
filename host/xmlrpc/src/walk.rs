//! Where values end in a stream of nodes.

use crate::Node;

/// Follows a value node by node. Iterative; its memory grows with the containers that are open, never
/// with an announced count.
#[derive(Debug, Default)]
pub(crate) struct Walk {
    open: Vec<Open>,
}

/// A container that misses something.
#[derive(Debug)]
struct Open {
    /// Values still to come.
    left: u32,
    /// A struct: names stand before the values.
    named: bool,
    /// The name has been seen, its value has not.
    name_seen: bool,
}

impl Walk {
    /// Takes the next node and tells whether the value ends with it, or `None` where that node cannot
    /// stand here: a name instead of a value or a value instead of a name.
    pub(crate) fn step(&mut self, node: Node<'_>) -> Option<bool> {
        if let Node::Member(_) = node {
            let around = self.open.last_mut().filter(|open| open.named && !open.name_seen)?;
            around.name_seen = true;
            return Some(false);
        }
        if self.open.last().is_some_and(|open| open.named && !open.name_seen) {
            return None;
        }
        let (left, named) = match node {
            Node::Array(left) => (left, false),
            Node::Members(left) => (left, true),
            _ => (0, false),
        };
        if left > 0 {
            self.open.push(Open { left, named, name_seen: false });
            return Some(false);
        }
        Some(self.end())
    }

    /// A value ends, and perhaps those around it. Tells whether all of them do.
    fn end(&mut self) -> bool {
        while let Some(open) = self.open.last_mut() {
            // An open container misses at least one value.
            open.left -= 1;
            open.name_seen = false;
            if open.left > 0 {
                return false;
            }
            self.open.pop();
        }
        true
    }

    /// Takes a whole value from the stream, whose first node is `first`. `None` where it is none.
    pub(crate) fn skip<'n>(
        first: Node<'n>,
        rest: &mut impl Iterator<Item = Node<'n>>,
    ) -> Option<()> {
        let mut walk = Self::default();
        let mut node = first;
        while !walk.step(node)? {
            node = rest.next()?;
        }
        Some(())
    }
}

/// Reads the members of a struct; each is told by its name and the first node of its value.
pub(crate) fn members<'n>(
    count: u32,
    nodes: &mut impl Iterator<Item = Node<'n>>,
    mut member: impl FnMut(&'n str, Node<'n>),
) -> Option<()> {
    for _ in 0..count {
        let (Node::Member(name), value) = (nodes.next()?, nodes.next()?) else { return None };
        member(name, value);
        Walk::skip(value, nodes)?;
    }
    Some(())
}
