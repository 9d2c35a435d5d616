//! Ended spans that wait for their export. Bounded: spans that do not fit are dropped and counted.

#[cfg(test)]
mod tests;

use std::collections::{HashMap, HashSet, VecDeque};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::SystemTime;

use opentelemetry::Key;
use opentelemetry::trace::{SpanContext, SpanId, SpanKind, TraceId};
use opentelemetry_sdk::trace::SpanData;

use crate::assignment::Assignment;
use crate::drops::{DropReason, OnDropped};
use crate::sampler::Sampler;

/// The most spans that wait, about a kilobyte each.
pub(crate) const CAPACITY: usize = 2048;

/// The most assignments that are kept. One invocation has a handful, and one invocation runs at a time.
const MOST_ASSIGNMENTS: usize = 1024;

/// Which spans [`Buffer::take`] takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Take {
    /// The spans whose trace is assigned and whose ancestors have all ended: if the process dies, the exported trace has
    /// no gap.
    Complete,
    /// All spans: the unit of work has ended, and no further assignment will come.
    All,
}

/// Ended spans, and the assignments of their traces.
#[derive(Debug)]
pub struct Buffer {
    sampler: Sampler,
    on_dropped: OnDropped,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    open: HashSet<SpanId>,
    ended: VecDeque<SpanData>,
    assignments: HashMap<TraceId, Assignment>,
    /// The assigned traces, oldest first.
    order: VecDeque<TraceId>,
}

impl Buffer {
    pub(crate) fn new(sampler: Sampler, on_dropped: OnDropped) -> Self {
        Self {
            sampler,
            on_dropped,
            state: Mutex::default(),
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Notes that a span has begun.
    pub(crate) fn opened(&self, span: SpanId) {
        self.state().open.insert(span);
    }

    /// Keeps a span that has ended. A client call outside of every span is not kept: it is no trace of its own, whether
    /// or not a library opens a span around it.
    pub fn push(&self, span: SpanData) {
        let mut state = self.state();
        state.open.remove(&span.span_context.span_id());
        if span.span_kind == SpanKind::Client && span.parent_span_id == SpanId::INVALID {
            return;
        }
        if state.ended.len() < CAPACITY {
            state.ended.push_back(span);
        } else {
            drop(state);
            self.on_dropped.notify(1, DropReason::BufferFull);
        }
    }

    /// Puts unsent spans back, before those that ended since.
    pub(crate) fn put_back(&self, spans: Vec<SpanData>) {
        let mut state = self.state();
        let room = CAPACITY.saturating_sub(state.ended.len());
        let lost = spans.len().saturating_sub(room);
        for span in spans.into_iter().skip(lost).rev() {
            state.ended.push_front(span);
        }
        drop(state);
        self.on_dropped.notify(lost, DropReason::BufferFull);
    }

    /// Whether a trace that begins here is exported.
    #[must_use]
    pub fn samples(&self, trace: TraceId) -> bool {
        self.sampler.keeps(None, trace)
    }

    /// Assigns the spans of a trace, both those that have ended and those that have not.
    pub fn assign(&self, trace: TraceId, assignment: Assignment) {
        let mut state = self.state();
        if state.assignments.insert(trace, assignment).is_none() {
            state.ordered(trace);
        }
    }

    /// Marks a trace as minor, whatever else is assigned to it.
    pub(crate) fn mark_minor(&self, trace: TraceId) {
        let mut state = self.state();
        if let Some(assignment) = state.assignments.get_mut(&trace) {
            assignment.is_minor = true;
        } else {
            let minor = Assignment {
                is_minor: true,
                ..Assignment::default()
            };
            state.assignments.insert(trace, minor);
            state.ordered(trace);
        }
    }

    /// Moves the ended spans of `trace` that ended after `since` (all of them without it), and all below them, into the trace of
    /// `root`; those whose parents stay become its children. Spans that were made without `tracing` stay.
    pub(crate) fn move_beside(&self, trace: TraceId, since: Option<SystemTime>, root: &SpanContext) {
        let mut state = self.state();
        let is_late = |span: &SpanData| since.is_none_or(|since| span.end_time > since);
        let mut moved = HashSet::new();
        // A span ends after its children.
        for span in state.ended.iter_mut().rev() {
            let context = &span.span_context;
            let is_below = moved.contains(&span.parent_span_id);
            if context.trace_id() != trace || context.is_remote() || !(is_below || is_late(span)) {
                continue;
            }
            moved.insert(context.span_id());
            span.span_context = SpanContext::new(
                root.trace_id(),
                context.span_id(),
                context.trace_flags(),
                false,
                context.trace_state().clone(),
            );
            if !is_below {
                span.parent_span_id = root.span_id();
                span.parent_span_is_remote = false;
            }
        }
    }

    /// A span's ids as they are exported, as far as that is known.
    pub(crate) fn resolve(&self, context: SpanContext) -> SpanContext {
        let state = self.state();
        let trace = context.trace_id();
        let is_minor = state
            .assignments
            .get(&trace)
            .is_some_and(|assignment| assignment.is_minor);
        let own = reparented(&context, &state.assignments).unwrap_or(context);
        if is_minor && !self.sampler.keeps_minor(own.trace_id()) {
            return unsampled(&own);
        }
        own
    }

    /// Takes out at most `most` spans in the form in which they are exported: assigned to their parents, and only those
    /// that are sampled.
    pub fn take(&self, most: usize, which: Take) -> Vec<SpanData> {
        let mut state = self.state();
        let State {
            ended,
            assignments,
            open,
            ..
        } = &mut *state;
        let blocked = match which {
            Take::Complete => blocked_spans(ended, assignments, open),
            Take::All => HashSet::new(),
        };
        let mut taken = Vec::new();
        let mut left = VecDeque::new();
        while let Some(span) = ended.pop_front() {
            if taken.len() >= most || blocked.contains(&span.span_context.span_id()) {
                left.push_back(span);
            } else if let Some(span) = self.reparent(span, assignments) {
                taken.push(span);
            }
        }
        *ended = left;
        taken
    }

    /// The span as its trace's assignment wants it; none when it is not sampled.
    fn reparent(&self, mut span: SpanData, assignments: &HashMap<TraceId, Assignment>) -> Option<SpanData> {
        let trace = span.span_context.trace_id();
        let assignment = assignments.get(&trace);
        let parent = assignment.and_then(|assignment| assignment.parent);
        let exported = parent.map_or(trace, |parent| parent.trace_id);
        let is_minor = assignment.is_some_and(|assignment| assignment.is_minor);
        if !self.sampler.keeps(parent.map(|parent| parent.sampled), exported)
            || is_minor && !self.sampler.keeps_minor(exported)
        {
            return None;
        }
        if let Some(parent) = parent
            && span.parent_span_id == SpanId::INVALID
            && trace != parent.trace_id
        {
            span.parent_span_id = parent.span_id;
            span.parent_span_is_remote = true;
        }
        if let Some(context) = reparented(&span.span_context, assignments) {
            span.span_context = context;
        }
        for link in &mut span.links.links {
            if let Some(context) = reparented(&link.span_context, assignments) {
                link.span_context = context;
            }
        }
        for attribute in assignment.into_iter().flat_map(|assignment| &assignment.attributes) {
            let has = |key: &Key| span.attributes.iter().any(|own| own.key == *key);
            if !has(&attribute.key) {
                span.attributes.push(attribute.clone());
            }
        }
        Some(span)
    }
}

impl State {
    /// Forgets the oldest assignment when there are too many with that of `trace`.
    fn ordered(&mut self, trace: TraceId) {
        self.order.push_back(trace);
        if self.order.len() > MOST_ASSIGNMENTS
            && let Some(oldest) = self.order.pop_front()
        {
            self.assignments.remove(&oldest);
        }
    }
}

/// The same span, not sampled.
fn unsampled(context: &SpanContext) -> SpanContext {
    SpanContext::new(
        context.trace_id(),
        context.span_id(),
        context.trace_flags().with_sampled(false),
        context.is_remote(),
        context.trace_state().clone(),
    )
}

/// The spans that cannot be exported yet: their trace is not assigned, or one of their ancestors has not ended.
fn blocked_spans(
    ended: &VecDeque<SpanData>,
    assignments: &HashMap<TraceId, Assignment>,
    open: &HashSet<SpanId>,
) -> HashSet<SpanId> {
    let mut blocked = HashSet::new();
    // A span ends after its children.
    for span in ended.iter().rev() {
        let parent = &span.parent_span_id;
        if !assignments.contains_key(&span.span_context.trace_id()) || open.contains(parent) || blocked.contains(parent)
        {
            blocked.insert(span.span_context.span_id());
        }
    }
    blocked
}

/// The ids of a span in the trace of its assigned parent; none when it has no such parent.
fn reparented(context: &SpanContext, assignments: &HashMap<TraceId, Assignment>) -> Option<SpanContext> {
    let parent = assignments.get(&context.trace_id())?.parent?;
    Some(SpanContext::new(
        parent.trace_id,
        context.span_id(),
        context.trace_flags().with_sampled(parent.sampled),
        context.is_remote(),
        context.trace_state().clone(),
    ))
}
