//! The order of ends and assignments, and the bounds.

use std::sync::Arc;
use std::time::Duration;

use opentelemetry::trace::{Link, Status, TraceFlags, TraceState};
use opentelemetry::{InstrumentationScope, KeyValue};
use opentelemetry_sdk::trace::{SpanEvents, SpanLinks};

use super::*;
use crate::traceparent::TraceParent;

const PARENT: &str = "00-6553f100d7e21b8ed24b0a7d4b0a7d4b-00f067aa0ba902b7-01";

fn buffer() -> Buffer {
    Buffer::new(Sampler::default(), OnDropped::new(|_, _| {}))
}

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
        events: SpanEvents::default(),
        links: SpanLinks::default(),
        status: Status::Unset,
        instrumentation_scope: InstrumentationScope::default(),
    }
}

fn assignment(parent: &str) -> Assignment {
    Assignment {
        parent: Some(parent.parse().unwrap()),
        attributes: vec![KeyValue::new("order.id", "t")],
        is_minor: false,
    }
}

#[test]
fn an_assignment_holds_for_spans_that_ended_before_it_and_after_it() {
    let buffer = buffer();
    let mut late = span(1, 3, 2);
    late.links.links.push(Link::with_context(context(1, 2)));
    late.links.links.push(Link::with_context(context(9, 9)));
    buffer.push(span(1, 2, 0));
    buffer.assign(context(1, 2).trace_id(), assignment(PARENT));
    buffer.push(late);
    let parent = PARENT.parse::<TraceParent>().unwrap().span_context();
    let [first, second] = &buffer.take(10, Take::All)[..] else {
        panic!()
    };
    for span in [first, second] {
        assert_eq!(span.span_context.trace_id(), parent.trace_id());
        assert_eq!(span.attributes, [KeyValue::new("order.id", "t")]);
    }
    assert_eq!(first.parent_span_id, parent.span_id());
    assert_eq!(second.parent_span_id, SpanId::from_bytes([2; 8]));
    let links: Vec<_> = second.links.iter().map(|link| link.span_context.trace_id()).collect();
    assert_eq!(links, [parent.trace_id(), TraceId::from_bytes([9; 16])]);
    assert_eq!(buffer.resolve(context(1, 7)).trace_id(), parent.trace_id());
}

#[test]
fn the_span_of_the_assigned_parent_does_not_become_its_own_child() {
    let buffer = buffer();
    let parent = PARENT.parse::<TraceParent>().unwrap().span_context();
    let mut root = span(1, 1, 0);
    root.span_context = parent.clone();
    buffer.push(root);
    buffer.assign(parent.trace_id(), assignment(PARENT));
    assert_eq!(buffer.take(1, Take::All)[0].parent_span_id, SpanId::INVALID);
}

#[test]
fn a_client_call_outside_of_every_span_is_no_trace_of_its_own() {
    let buffer = buffer();
    for (id, parent) in [(1, 0), (2, 7)] {
        buffer.push(SpanData {
            span_kind: SpanKind::Client,
            ..span(1, id, parent)
        });
    }
    let taken = buffer.take(10, Take::All);
    assert_eq!((taken.len(), &*taken[0].name), (1, "2"));
}

#[test]
fn spans_of_an_unassigned_trace_wait_until_the_work_has_ended() {
    let buffer = buffer();
    buffer.push(span(1, 1, 0));
    buffer.push(span(2, 2, 0));
    buffer.assign(context(2, 2).trace_id(), Assignment::default());
    let names = |spans: Vec<SpanData>| spans.into_iter().map(|span| span.name.into_owned()).collect::<Vec<_>>();
    assert_eq!(names(buffer.take(10, Take::Complete)), ["2"]);
    assert_eq!(names(buffer.take(10, Take::Complete)), [""; 0]);
    assert_eq!(names(buffer.take(10, Take::All)), ["1"]);
}

#[test]
fn a_span_below_an_open_span_waits_for_it() {
    let buffer = buffer();
    buffer.assign(context(1, 1).trace_id(), Assignment::default());
    for id in [1, 2, 3, 4] {
        buffer.opened(SpanId::from_bytes([id; 8]));
    }
    buffer.push(span(1, 3, 2));
    buffer.push(span(1, 2, 1));
    buffer.push(span(1, 4, 9));
    let names = |spans: Vec<SpanData>| spans.into_iter().map(|span| span.name.into_owned()).collect::<Vec<_>>();
    assert_eq!(names(buffer.take(10, Take::Complete)), ["4"]);
    buffer.push(span(1, 1, 9));
    assert_eq!(names(buffer.take(10, Take::Complete)), ["3", "2", "1"]);
}

#[test]
fn a_trace_that_is_not_sampled_is_not_exported_at_all() {
    let buffer = buffer();
    buffer.assign(context(1, 1).trace_id(), assignment(&PARENT.replace("-01", "-00")));
    buffer.push(span(1, 1, 0));
    buffer.push(span(1, 2, 1));
    assert!(buffer.take(10, Take::All).is_empty());
}

#[test]
fn of_minor_traces_only_a_part_is_exported_whatever_was_assigned_before() {
    let exported = |ratio: f64, is_assigned: bool| {
        let sampler = Sampler::default().with_minor_ratio(ratio);
        let buffer = Buffer::new(sampler, OnDropped::new(|_, _| {}));
        // The ids are spread evenly over all numbers.
        for trace in (1..=255).step_by(2) {
            let id = context(trace, 1);
            if is_assigned {
                buffer.assign(id.trace_id(), assignment_of_attributes());
            }
            buffer.mark_minor(id.trace_id());
            buffer.push(span(trace, 1, 0));
            let is_sampled = buffer.resolve(id).is_sampled();
            assert_eq!(is_sampled, buffer.sampler.keeps_minor(context(trace, 1).trace_id()));
        }
        // What is not minor is exported.
        buffer.push(span(2, 1, 0));
        let taken = buffer.take(usize::MAX, Take::All);
        let has_attribute = taken.iter().filter(|span| !span.attributes.is_empty()).count();
        assert_eq!(has_attribute, if is_assigned { taken.len() - 1 } else { 0 });
        taken.len()
    };
    for is_assigned in [false, true] {
        assert_eq!(exported(0.0, is_assigned), 1);
        assert_eq!(exported(0.25, is_assigned), 33);
        assert_eq!(exported(1.0, is_assigned), 129);
    }
}

fn assignment_of_attributes() -> Assignment {
    Assignment {
        parent: None,
        ..assignment(PARENT)
    }
}

#[test]
fn spans_and_assignments_stay_bounded_and_the_oldest_spans_stay() {
    let dropped = Arc::new(Mutex::new(0));
    let count = Arc::clone(&dropped);
    let on_dropped = OnDropped::new(move |spans, reason| {
        assert_eq!(reason, DropReason::BufferFull);
        *count.lock().unwrap() += spans;
    });
    let buffer = Buffer::new(Sampler::default(), on_dropped);
    for n in 0..CAPACITY + 10 {
        let mut span = span(1, 1, 0);
        span.name = n.to_string().into();
        buffer.push(span);
        buffer.assign(TraceId::from((n + 1) as u128), Assignment::default());
    }
    assert_eq!(buffer.state().assignments.len(), MOST_ASSIGNMENTS);
    let taken = buffer.take(usize::MAX, Take::All);
    assert_eq!((taken.len(), &*taken[0].name), (CAPACITY, "0"));
    buffer.push(span(1, 1, 0));
    buffer.put_back(taken);
    assert_eq!(buffer.take(usize::MAX, Take::All).len(), CAPACITY);
    assert_eq!(*dropped.lock().unwrap(), 11, "10 new spans, and one that was put back");
}

#[test]
fn what_ended_too_late_and_all_below_it_moves_beside_its_trace_and_the_rest_stays() {
    let buffer = buffer();
    let at = |seconds: u64| SystemTime::UNIX_EPOCH + Duration::from_secs(seconds);
    let ended = |trace, id, parent, seconds| SpanData {
        end_time: at(seconds),
        ..span(trace, id, parent)
    };
    // An early span; a call that ended early below a late one; another trace.
    for span in [
        ended(1, 2, 9, 5),
        ended(1, 4, 3, 6),
        ended(1, 3, 9, 20),
        ended(2, 5, 0, 20),
    ] {
        buffer.push(span);
    }
    let root = context(7, 8);
    buffer.move_beside(context(1, 1).trace_id(), Some(at(10)), &root);
    let placed = |spans: &[SpanData]| -> Vec<_> {
        let place = |span: &SpanData| (span.name.to_string(), span.span_context.trace_id(), span.parent_span_id);
        spans.iter().map(place).collect()
    };
    let (main, beside) = (context(1, 1).trace_id(), root.trace_id());
    let parent = |id| SpanId::from_bytes([id; 8]);
    assert_eq!(
        placed(&buffer.take(10, Take::All)),
        [
            ("2".to_owned(), main, parent(9)),
            ("4".to_owned(), beside, parent(3)),
            ("3".to_owned(), beside, root.span_id()),
            ("5".to_owned(), context(2, 1).trace_id(), SpanId::INVALID),
        ]
    );
}
