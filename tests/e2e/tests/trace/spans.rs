//! Received spans, and the rules that hold for all of them.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

#[derive(Debug, Clone)]
pub(crate) struct Link {
    pub(crate) trace: String,
    pub(crate) span: String,
    pub(crate) relation: String,
}

#[derive(Debug, Clone)]
pub(crate) struct Span {
    pub(crate) service: String,
    pub(crate) trace: String,
    pub(crate) id: String,
    /// Empty for a span without a parent.
    pub(crate) parent: String,
    /// OTLP's number: 1 internal, 2 server, 3 client.
    pub(crate) kind: i32,
    pub(crate) name: String,
    pub(crate) began: u64,
    pub(crate) ended: u64,
    pub(crate) attributes: BTreeMap<String, String>,
    /// The types of the attributes' values.
    pub(crate) types: BTreeMap<String, &'static str>,
    pub(crate) links: Vec<Link>,
    /// The message of a failed span.
    pub(crate) failure: Option<String>,
}

impl Span {
    pub(crate) fn is(&self, name: &str, value: &str) -> bool {
        self.attributes.get(name).is_some_and(|known| known == value)
    }

    pub(crate) fn link(&self, relation: &str) -> Option<&Link> {
        self.links.iter().find(|link| link.relation == relation)
    }
}

#[derive(Clone, Default)]
pub(crate) struct Spans(pub(crate) Vec<Span>);

impl Spans {
    fn kept(&self, keep: impl Fn(&Span) -> bool) -> Self {
        Self(self.0.iter().filter(|span| keep(span)).cloned().collect())
    }

    /// The spans with the token of a webhook.
    pub(crate) fn of(&self, token: &str) -> Self {
        self.kept(|span| span.is("webhook.execution_token", token))
    }

    pub(crate) fn in_trace(&self, trace: &str) -> Self {
        self.kept(|span| span.trace == trace)
    }

    pub(crate) fn named<'a>(&'a self, name: &str) -> impl Iterator<Item = &'a Span> + use<'a> {
        let name = name.to_owned();
        self.0.iter().filter(move |span| span.name == name)
    }

    pub(crate) fn roots(&self) -> impl Iterator<Item = &Span> {
        self.0.iter().filter(|span| span.name.starts_with("webhook "))
    }

    /// The one span of that name.
    pub(crate) fn one(&self, name: &str) -> &Span {
        let found: Vec<_> = self.named(name).collect();
        assert_eq!(found.len(), 1, "{name} in {self}");
        found[0]
    }

    /// The attempts of a step, in the order in which they began.
    pub(crate) fn attempts(&self, step: &str) -> Vec<&Span> {
        let of_step = |span: &&Span| span.is("durable.operation.name", step);
        let attempts = self.0.iter().filter(of_step);
        let mut attempts: Vec<_> = attempts
            .filter(|span| span.attributes.contains_key("durable.attempt.outcome"))
            .collect();
        attempts.sort_by_key(|span| span.began);
        attempts
    }

    /// The trace of a webhook: one root, everything under it and about it, nothing twice.
    pub(crate) fn story(&self, token: &str) -> Self {
        let ids: BTreeSet<_> = self.0.iter().map(|span| (&span.trace, &span.id)).collect();
        assert_eq!(ids.len(), self.0.len(), "a span is there twice: {self}");
        let roots: Vec<_> = self
            .roots()
            .filter(|span| span.is("webhook.execution_token", token))
            .collect();
        assert_eq!(roots.len(), 1, "{self}");
        let root = roots[0];
        assert_eq!(root.parent, "");
        let story = self.in_trace(&root.trace);
        for span in &story.0 {
            assert!(span.is("webhook.execution_token", token), "{span:?}");
            assert!(span.began <= span.ended, "{span:?}");
            let mut at = span;
            for _ in 0..10 {
                if at.parent.is_empty() {
                    break;
                }
                let parent = story.0.iter().find(|other| other.id == at.parent);
                let parent = parent.unwrap_or_else(|| panic!("{} is not under a root: {story}", at.name));
                assert!(
                    parent.began <= at.began && at.ended <= parent.ended,
                    "{} is not within {}: {story}",
                    at.name,
                    parent.name
                );
                at = parent;
            }
            assert!(at.id == root.id || at.name.starts_with("redrive "), "{span:?}");
        }
        story
    }

    /// The spans under another one, as `name` in the order in which they began.
    pub(crate) fn under(&self, parent: &Span) -> Vec<&str> {
        let mut children: Vec<_> = self.0.iter().filter(|span| span.parent == parent.id).collect();
        children.sort_by_key(|span| span.began);
        children.into_iter().map(|span| &*span.name).collect()
    }
}

impl fmt::Display for Spans {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for span in &self.0 {
            writeln!(
                f,
                "\n{} {} <- {} {} {} {:?} {:?}",
                span.trace, span.id, span.parent, span.service, span.name, span.failure, span.attributes
            )?;
        }
        Ok(())
    }
}
