//! The tree of a trace: the rows of a waterfall, in reading order.

use std::collections::{BTreeMap, HashMap, HashSet};

use super::span::Span;

/// A trace's spans in depth-first order, each after its parent and before its later siblings.
#[derive(Clone, Debug, Default)]
pub struct Tree<'a> {
    /// The roots and all that hangs on them.
    pub rows: Vec<Row<'a>>,
    /// Spans whose parent was not received, by the parent's id, in the order of their first span. While a webhook is
    /// on its way its root is missing, because a span is exported when it ends.
    pub missing: Vec<MissingParent<'a>>,
}

/// One span and its place.
#[derive(Clone, Copy, Debug)]
pub struct Row<'a> {
    /// The span.
    pub span: &'a Span,
    /// 0 for a root, and for a span whose parent is missing.
    pub depth: usize,
}

/// The spans that wait for a parent.
#[derive(Clone, Debug)]
pub struct MissingParent<'a> {
    /// The parent's span id.
    pub span_id: &'a str,
    /// They and all that hangs on them.
    pub rows: Vec<Row<'a>>,
}

type Children<'a> = HashMap<&'a str, Vec<&'a Span>>;

impl<'a> Tree<'a> {
    /// Every span is in exactly one row, whatever the parents say. `spans` are in the order of siblings.
    #[must_use]
    pub fn of(spans: &'a [Span]) -> Self {
        let known: HashSet<&str> = spans.iter().map(|span| span.span_id.as_str()).collect();
        let mut children = Children::new();
        let mut missing: Vec<MissingParent<'a>> = Vec::new();
        let mut roots = Vec::new();
        let mut orphans: BTreeMap<&str, (usize, Vec<&Span>)> = BTreeMap::new();
        for (position, span) in spans.iter().enumerate() {
            match span.parent_span_id.as_deref() {
                None => roots.push(span),
                Some(parent) if known.contains(parent) => children.entry(parent).or_default().push(span),
                Some(parent) => orphans.entry(parent).or_insert((position, Vec::new())).1.push(span),
            }
        }
        let mut placed = HashSet::new();
        let rows = flatten(&roots, &children, &mut placed);
        let mut groups: Vec<_> = orphans.into_iter().collect();
        groups.sort_by_key(|(_, (position, _))| *position);
        for (span_id, (_, orphans)) in groups {
            let rows = flatten(&orphans, &children, &mut placed);
            missing.push(MissingParent { span_id, rows });
        }
        // The remaining spans form rings: the first span of each ring becomes a root.
        for span in spans {
            if !placed.contains(span.span_id.as_str()) {
                missing.push(MissingParent {
                    span_id: span.parent_span_id.as_deref().unwrap_or_default(),
                    rows: flatten(&[span], &children, &mut placed),
                });
            }
        }
        Self { rows, missing }
    }

    /// All rows: those of the roots, then those whose parent is missing.
    pub fn all_rows(&self) -> impl Iterator<Item = Row<'a>> + '_ {
        let missing = self.missing.iter().flat_map(|group| &group.rows);
        self.rows.iter().chain(missing).copied()
    }
}

/// With a stack of its own: a chain of spans may be as long as a trace.
fn flatten<'a>(tops: &[&'a Span], children: &Children<'a>, placed: &mut HashSet<&'a str>) -> Vec<Row<'a>> {
    let row = |span, depth| Row { span, depth };
    let mut stack: Vec<Row<'a>> = tops.iter().rev().map(|span| row(*span, 0)).collect();
    let mut rows = Vec::new();
    while let Some(next) = stack.pop() {
        if placed.insert(next.span.span_id.as_str()) {
            let below = children.get(next.span.span_id.as_str());
            stack.extend(below.into_iter().flatten().rev().map(|span| row(*span, next.depth + 1)));
            rows.push(next);
        }
    }
    rows
}

#[cfg(test)]
mod tests {
    use super::*;

    fn span(id: &str, parent: &str, start_ns: u64) -> Span {
        Span {
            span_id: id.to_owned(),
            parent_span_id: (!parent.is_empty()).then(|| parent.to_owned()),
            start_ns,
            end_ns: start_ns + 10,
            ..Span::default()
        }
    }

    fn told(rows: &[Row<'_>]) -> String {
        let rows: Vec<_> = rows
            .iter()
            .map(|row| format!("{}{}", row.span.span_id, row.depth))
            .collect();
        rows.join(" ")
    }

    #[test]
    fn each_span_comes_after_its_parent_and_before_its_later_siblings() {
        let spans = [
            span("root", "", 0),
            span("a", "root", 1),
            span("a1", "a", 2),
            span("b", "root", 3),
            span("a2", "a", 4),
            span("b1", "b", 5),
        ];
        let tree = Tree::of(&spans);
        assert_eq!(told(&tree.rows), "root0 a1 a12 a22 b1 b12");
        assert!(tree.missing.is_empty());
    }

    #[test]
    fn spans_without_their_parent_stand_together_under_its_id() {
        let spans = [
            span("b", "lost", 1),
            span("a", "gone", 2),
            span("b1", "b", 3),
            span("c", "lost", 4),
        ];
        let tree = Tree::of(&spans);
        assert!(tree.rows.is_empty());
        let groups: Vec<_> = tree
            .missing
            .iter()
            .map(|group| (group.span_id, told(&group.rows)))
            .collect();
        assert_eq!(groups, [("lost", "b0 b11 c0".to_owned()), ("gone", "a0".to_owned())]);
    }

    #[test]
    fn a_ring_of_parents_loses_no_span_and_ends() {
        let spans = [
            span("a", "b", 1),
            span("b", "a", 2),
            span("s", "s", 3),
            span("below", "s", 4),
        ];
        let tree = Tree::of(&spans);
        let groups: Vec<_> = tree.missing.iter().map(|group| told(&group.rows)).collect();
        assert_eq!(groups, ["a0 b1", "s0 below1"]);
        assert_eq!(tree.all_rows().count(), 4);
    }

    #[test]
    fn a_chain_as_long_as_a_trace_is_no_recursion() {
        let ids: Vec<String> = (0..20_000).map(|number| number.to_string()).collect();
        let spans: Vec<Span> = ids
            .iter()
            .enumerate()
            .map(|(at, id)| span(id, at.checked_sub(1).map_or("", |parent| &ids[parent]), at as u64))
            .collect();
        let tree = Tree::of(&spans);
        assert_eq!(tree.rows.last().unwrap().depth, 19_999);
    }

    #[test]
    fn two_roots_are_two_roots() {
        let spans = [span("a", "", 1), span("b", "", 2)];
        assert_eq!(told(&Tree::of(&spans).rows), "a0 b0");
    }
}
