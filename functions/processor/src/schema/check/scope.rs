//! What the judgement of a value depends on beside the schema: the resources that led to it, and what was looked at.

use super::super::program::{Dynamic, Id, Resource};

/// The resources whose schemas are being applied, the innermost first.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Scope<'s> {
    resource: usize,
    outer: Option<&'s Scope<'s>>,
}

impl<'s> Scope<'s> {
    /// This scope from within a resource.
    pub(super) fn within<'i>(&'i self, resource: usize) -> Scope<'i>
    where
        's: 'i,
    {
        if resource == self.resource {
            *self
        } else {
            Scope {
                resource,
                outer: Some(self),
            }
        }
    }

    /// The target of a dynamic reference: the outermost one, else the one that is written.
    pub(super) fn find(&self, resources: &[Resource], written: Id, dynamic: &Dynamic) -> Id {
        let mut target = written;
        let mut scope = Some(self);
        while let Some(Scope { resource, outer }) = scope {
            let found = resources.get(*resource).and_then(|resource| match dynamic {
                Dynamic::Anchor(name) => resource.dynamic_anchors.get(name).copied(),
                Dynamic::Recursive => resource.recursive,
            });
            target = found.unwrap_or(target);
            scope = *outer;
        }
        target
    }
}

/// Which items of an array, or members of an object, a schema has looked at. Empty where no rule asks for it.
#[derive(Debug, Default)]
pub(super) struct Seen(Vec<bool>);

impl Seen {
    pub(super) fn mark(&mut self, index: usize) {
        if self.0.len() <= index {
            self.0.resize(index + 1, false);
        }
        if let Some(seen) = self.0.get_mut(index) {
            *seen = true;
        }
    }

    pub(super) fn has(&self, index: usize) -> bool {
        self.0.get(index).copied().unwrap_or_default()
    }

    pub(super) fn len(&self) -> usize {
        self.0.len()
    }

    pub(super) fn add(&mut self, other: &Self) {
        if self.0.len() < other.0.len() {
            self.0.resize(other.0.len(), false);
        }
        for (seen, other) in self.0.iter_mut().zip(&other.0) {
            *seen |= other;
        }
    }
}
