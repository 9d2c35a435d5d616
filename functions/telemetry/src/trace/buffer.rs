//! Ended spans, waiting for their export. Bounded: what does not fit is dropped and counted.

use std::collections::{HashMap, HashSet, VecDeque};
use std::sync::{Mutex, MutexGuard, PoisonError};

use opentelemetry::trace::{SpanContext, SpanId, SpanKind, TraceId};
use opentelemetry::{Key, KeyValue};
use opentelemetry_sdk::trace::SpanData;
use tracehook_core::trace::{TraceId as OurTraceId, TraceParent};

use super::{Sampler, remote};
use crate::metrics;

/// The most spans that wait, about a kilobyte each.
pub(crate) const CAPACITY: usize = 2048;

/// The most traces of which is known where they belong. One invocation has a handful, and one invocation runs at a time.
const KNOWN: usize = 1024;

/// Where the spans of a provisional trace belong.
#[derive(Debug, Clone, Default)]
pub(crate) struct Belonging {
    /// The trace and the span that they are to be found under; none leaves them where they are.
    pub(crate) home: Option<TraceParent>,
    /// What every one of them says, unless it says otherwise itself.
    pub(crate) attributes: Vec<KeyValue>,
}

/// Which spans are taken out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Which {
    /// Those of traces that are known to belong somewhere, and with every span that they are under: whatever happens to
    /// this process, nothing of them is missing.
    Settled,
    /// All of them: the unit of work has ended, and nothing more will be known.
    All,
}

#[derive(Debug)]
pub(crate) struct Buffer {
    sampler: Sampler,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    open: HashSet<SpanId>,
    ended: VecDeque<SpanData>,
    known: HashMap<TraceId, Belonging>,
    order: VecDeque<TraceId>,
}

impl Buffer {
    pub(crate) fn new(sampler: Sampler) -> Self {
        Self {
            sampler,
            state: Mutex::default(),
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes note of a span that begins.
    pub(crate) fn opened(&self, span: SpanId) {
        self.state().open.insert(span);
    }

    /// Keeps a span that has ended. A call that is part of nothing, such as the reads of a sweep, is no trace of its own:
    /// whether a library has a span around it must not matter.
    pub(crate) fn push(&self, span: SpanData) {
        let mut state = self.state();
        state.open.remove(&span.span_context.span_id());
        if span.span_kind == SpanKind::Client && span.parent_span_id == SpanId::INVALID {
            return;
        }
        if state.ended.len() < CAPACITY {
            state.ended.push_back(span);
        } else {
            drop(state);
            metrics::telemetry_dropped(1, metrics::DropReason::BufferFull);
        }
    }

    /// Puts spans back that could not be sent, before those that came since.
    pub(crate) fn put_back(&self, spans: Vec<SpanData>) {
        let mut state = self.state();
        let room = CAPACITY.saturating_sub(state.ended.len());
        let lost = spans.len().saturating_sub(room);
        for span in spans.into_iter().skip(lost).rev() {
            state.ended.push_front(span);
        }
        drop(state);
        metrics::telemetry_dropped(lost, metrics::DropReason::BufferFull);
    }

    /// Whether a trace that begins here is exported.
    pub(crate) fn samples(&self, trace: OurTraceId) -> bool {
        self.sampler.keeps(None, trace)
    }

    /// Says where the spans of a trace belong, those that have ended and those that have not.
    pub(crate) fn settle(&self, trace: TraceId, belonging: Belonging) {
        let mut state = self.state();
        if state.known.insert(trace, belonging).is_none() {
            state.order.push_back(trace);
            if state.order.len() > KNOWN
                && let Some(oldest) = state.order.pop_front()
            {
                state.known.remove(&oldest);
            }
        }
    }

    /// A span's ids as they are exported, as far as that is known.
    pub(crate) fn resolve(&self, context: SpanContext) -> SpanContext {
        moved(&context, &self.state().known).unwrap_or(context)
    }

    /// Takes out at most so many spans, as they are to be exported: each where it belongs, and none that is not sampled.
    pub(crate) fn take(&self, most: usize, which: Which) -> Vec<SpanData> {
        let mut state = self.state();
        let State { ended, known, open, .. } = &mut *state;
        let held = match which {
            Which::Settled => held(ended, known, open),
            Which::All => HashSet::new(),
        };
        let mut taken = Vec::new();
        let mut left = VecDeque::new();
        while let Some(span) = ended.pop_front() {
            if taken.len() >= most || held.contains(&span.span_context.span_id()) {
                left.push_back(span);
            } else if let Some(span) = self.at_home(span, known) {
                taken.push(span);
            }
        }
        *ended = left;
        taken
    }

    fn at_home(&self, mut span: SpanData, known: &HashMap<TraceId, Belonging>) -> Option<SpanData> {
        let trace = span.span_context.trace_id();
        let belonging = known.get(&trace);
        let home = belonging.and_then(|belonging| belonging.home);
        let id = home.map_or_else(|| OurTraceId::from_bytes(trace.to_bytes()), |home| home.trace_id);
        if !self.sampler.keeps(home.map(|home| home.sampled), id) {
            return None;
        }
        if let Some(home) = home {
            let at = remote(&home);
            if span.parent_span_id == SpanId::INVALID && span.span_context.span_id() != at.span_id() {
                span.parent_span_id = at.span_id();
                span.parent_span_is_remote = true;
            }
        }
        if let Some(context) = moved(&span.span_context, known) {
            span.span_context = context;
        }
        for link in &mut span.links.links {
            if let Some(context) = moved(&link.span_context, known) {
                link.span_context = context;
            }
        }
        for attribute in belonging.into_iter().flat_map(|belonging| &belonging.attributes) {
            let said = |key: &Key| span.attributes.iter().any(|known| known.key == *key);
            if !said(&attribute.key) {
                span.attributes.push(attribute.clone());
            }
        }
        Some(span)
    }
}

/// The spans that cannot go without others: their trace is not known, or a span that they are under has not ended.
fn held(ended: &VecDeque<SpanData>, known: &HashMap<TraceId, Belonging>, open: &HashSet<SpanId>) -> HashSet<SpanId> {
    let mut held = HashSet::new();
    // A span ends after those under it.
    for span in ended.iter().rev() {
        let parent = &span.parent_span_id;
        if !known.contains_key(&span.span_context.trace_id()) || open.contains(parent) || held.contains(parent) {
            held.insert(span.span_context.span_id());
        }
    }
    held
}

/// The same span in the trace where it belongs, when that is another one.
fn moved(context: &SpanContext, known: &HashMap<TraceId, Belonging>) -> Option<SpanContext> {
    let home = known.get(&context.trace_id())?.home?;
    Some(SpanContext::new(
        TraceId::from_bytes(home.trace_id.to_bytes()),
        context.span_id(),
        context.trace_flags().with_sampled(home.sampled),
        context.is_remote(),
        context.trace_state().clone(),
    ))
}

#[cfg(test)]
mod tests {
    use opentelemetry::trace::{Link, Status, TraceFlags, TraceState};

    use super::*;
    use crate::trace::scope;

    const HOME: &str = "00-6553f100d7e21b8ed24b0a7d4b0a7d4b-00f067aa0ba902b7-01";

    fn context(trace: u8, span: u8) -> SpanContext {
        SpanContext::new(
            TraceId::from_bytes([trace; 16]),
            SpanId::from_bytes([span; 8]),
            TraceFlags::SAMPLED,
            false,
            TraceState::default(),
        )
    }

    fn span(trace: u8, id: u8, parent: u8) -> SpanData {
        SpanData {
            span_context: context(trace, id),
            parent_span_id: SpanId::from_bytes([parent; 8]),
            parent_span_is_remote: false,
            span_kind: SpanKind::Internal,
            name: format!("{id}").into(),
            start_time: std::time::SystemTime::UNIX_EPOCH,
            end_time: std::time::SystemTime::UNIX_EPOCH,
            attributes: Vec::new(),
            dropped_attributes_count: 0,
            events: Default::default(),
            links: Default::default(),
            status: Status::Unset,
            instrumentation_scope: scope(),
        }
    }

    fn belonging(home: &str) -> Belonging {
        Belonging {
            home: Some(home.parse().unwrap()),
            attributes: vec![KeyValue::new("webhook.execution_token", "t")],
        }
    }

    #[test]
    fn spans_are_exported_where_they_belong_whether_that_was_known_before_or_after_they_ended() {
        let buffer = Buffer::new(Sampler::default());
        let mut late = span(1, 3, 2);
        late.links.links.push(Link::with_context(context(1, 2)));
        late.links.links.push(Link::with_context(context(9, 9)));
        buffer.push(span(1, 2, 0));
        buffer.settle(context(1, 2).trace_id(), belonging(HOME));
        buffer.push(late);
        let home = remote(&HOME.parse().unwrap());
        let [first, second] = &buffer.take(10, Which::All)[..] else {
            panic!()
        };
        for span in [first, second] {
            assert_eq!(span.span_context.trace_id(), home.trace_id());
            assert_eq!(span.attributes, [KeyValue::new("webhook.execution_token", "t")]);
        }
        assert_eq!(first.parent_span_id, home.span_id());
        assert_eq!(second.parent_span_id, SpanId::from_bytes([2; 8]));
        let links: Vec<_> = second.links.iter().map(|link| link.span_context.trace_id()).collect();
        assert_eq!(links, [home.trace_id(), TraceId::from_bytes([9; 16])]);
        assert_eq!(buffer.resolve(context(1, 7)).trace_id(), home.trace_id());
    }

    #[test]
    fn the_home_s_own_span_does_not_become_its_own_child() {
        let buffer = Buffer::new(Sampler::default());
        let home = remote(&HOME.parse().unwrap());
        let mut root = span(1, 1, 0);
        root.span_context = home.clone();
        buffer.push(root);
        buffer.settle(home.trace_id(), belonging(HOME));
        assert_eq!(buffer.take(1, Which::All)[0].parent_span_id, SpanId::INVALID);
    }

    #[test]
    fn a_call_that_is_part_of_nothing_is_no_trace_of_its_own() {
        let buffer = Buffer::new(Sampler::default());
        for (id, parent) in [(1, 0), (2, 7)] {
            buffer.push(SpanData {
                span_kind: SpanKind::Client,
                ..span(1, id, parent)
            });
        }
        let taken = buffer.take(10, Which::All);
        assert_eq!((taken.len(), &*taken[0].name), (1, "2"));
    }

    #[test]
    fn what_is_not_settled_waits_until_the_work_has_ended() {
        let buffer = Buffer::new(Sampler::default());
        buffer.push(span(1, 1, 0));
        buffer.push(span(2, 2, 0));
        buffer.settle(context(2, 2).trace_id(), Belonging::default());
        let names = |spans: Vec<SpanData>| spans.into_iter().map(|span| span.name.into_owned()).collect::<Vec<_>>();
        assert_eq!(names(buffer.take(10, Which::Settled)), ["2"]);
        assert_eq!(names(buffer.take(10, Which::Settled)), [""; 0]);
        assert_eq!(names(buffer.take(10, Which::All)), ["1"]);
    }

    #[test]
    fn what_is_under_a_span_that_has_not_ended_waits_for_it() {
        let buffer = Buffer::new(Sampler::default());
        buffer.settle(context(1, 1).trace_id(), Belonging::default());
        for id in [1, 2, 3, 4] {
            buffer.opened(SpanId::from_bytes([id; 8]));
        }
        buffer.push(span(1, 3, 2));
        buffer.push(span(1, 2, 1));
        buffer.push(span(1, 4, 9));
        let names = |spans: Vec<SpanData>| spans.into_iter().map(|span| span.name.into_owned()).collect::<Vec<_>>();
        assert_eq!(names(buffer.take(10, Which::Settled)), ["4"]);
        buffer.push(span(1, 1, 9));
        assert_eq!(names(buffer.take(10, Which::Settled)), ["3", "2", "1"]);
    }

    #[test]
    fn a_trace_that_is_not_sampled_is_not_exported_at_all() {
        let buffer = Buffer::new(Sampler::default());
        buffer.settle(context(1, 1).trace_id(), belonging(&HOME.replace("-01", "-00")));
        buffer.push(span(1, 1, 0));
        buffer.push(span(1, 2, 1));
        assert!(buffer.take(10, Which::All).is_empty());
    }

    #[test]
    fn the_buffer_and_what_is_known_stay_bounded_and_the_oldest_spans_stay() {
        let buffer = Buffer::new(Sampler::default());
        for n in 0..CAPACITY + 10 {
            let mut span = span(1, 1, 0);
            span.name = n.to_string().into();
            buffer.push(span);
            buffer.settle(TraceId::from((n + 1) as u128), Belonging::default());
        }
        assert_eq!(buffer.state().known.len(), KNOWN);
        let taken = buffer.take(usize::MAX, Which::All);
        assert_eq!((taken.len(), &*taken[0].name), (CAPACITY, "0"));
        buffer.push(span(1, 1, 0));
        buffer.put_back(taken);
        assert_eq!(buffer.take(usize::MAX, Which::All).len(), CAPACITY);
    }
}
