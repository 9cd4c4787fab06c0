//! Where decoded nodes go, and what they cost.

use crate::{DecodeError, Limits, Node, OwnedNode, Sink};

/// The sink, what it has cost so far, and the fault that is kept out of it.
pub(crate) struct Nodes<'s, S> {
    pub(crate) sink: &'s mut S,
    /// The fault's value, while and where there is one.
    pub(crate) fault: Option<Vec<OwnedNode>>,
    pub(crate) count: usize,
    /// Arrays and structs that are open.
    pub(crate) depth: usize,
    pub(crate) limits: Limits,
}

impl<S: Sink> Nodes<'_, S> {
    pub(crate) fn push(&mut self, node: Node<'_>) -> Result<(), DecodeError> {
        if self.count >= self.limits.max_nodes {
            return Err(DecodeError::Limit { what: "nodes", limit: self.limits.max_nodes });
        }
        self.count += 1;
        match &mut self.fault {
            None => self.sink.push(node),
            Some(document) => document.push(node.into()),
        }
        Ok(())
    }

    /// Pushes a container, whose count is set at its end.
    pub(crate) fn open(&mut self, node: Node<'_>) -> Result<(), DecodeError> {
        if self.depth >= self.limits.max_depth {
            return Err(DecodeError::Limit { what: "levels", limit: self.limits.max_depth });
        }
        self.depth += 1;
        self.push(node)
    }

    pub(crate) fn len(&self) -> usize {
        self.fault.as_ref().map_or_else(|| self.sink.len(), Vec::len)
    }

    pub(crate) fn set_count(&mut self, at: usize, count: u32) {
        match &mut self.fault {
            None => self.sink.set_count(at, count),
            Some(document) => document.set_count(at, count),
        }
    }

    pub(crate) fn set_name(&mut self, at: usize, name: &str) {
        match &mut self.fault {
            None => self.sink.set_name(at, name),
            Some(document) => document.set_name(at, name),
        }
    }

    /// One more value in a container. Announced counts have 32 bits.
    pub(crate) fn next_count(&self, count: u32) -> Result<u32, DecodeError> {
        count
            .checked_add(1)
            .ok_or(DecodeError::Limit { what: "nodes", limit: self.limits.max_nodes })
    }
}
