//! The time axis: where a moment lies between 0 and 100 per cent.
//!
//! A webhook that works for 50 ms and waits for a minute would be a row of slivers. When waits are most of the time
//! they are drawn short, and the axis says so.

use super::super::format;
use super::waits::Wait;

/// Waits are shortened when they are more than this share of the time.
const FOLD_FROM: f64 = 0.4;
/// The width of a shortened wait, and of all of them together.
const FOLDED: f64 = 9.0;
const ALL_FOLDED: f64 = 40.0;
/// Ticks on the whole axis, about.
const TICKS: f64 = 7.0;
/// The room that a label needs.
pub(super) const LABEL: f64 = 7.0;

/// The axis of one trace.
#[derive(Debug)]
pub(super) struct Axis {
    origin_ns: u64,
    segments: Vec<Segment>,
    is_folded: bool,
}

#[derive(Clone, Copy, Debug)]
struct Segment {
    from_ns: u64,
    to_ns: u64,
    left: f64,
    width: f64,
    is_wait: bool,
}

/// A line of the grid.
#[derive(Debug)]
pub(super) struct Tick {
    pub(super) at: f64,
    /// The time since the begin of the trace; none where there is no room.
    pub(super) label: Option<String>,
}

/// A wait on the axis.
#[derive(Debug)]
pub(super) struct Band {
    pub(super) left: f64,
    pub(super) width: f64,
    pub(super) duration_ns: u64,
}

impl Axis {
    /// `waits` are in order and do not overlap.
    pub(super) fn new((start_ns, end_ns): (u64, u64), waits: &[Wait<'_>], to_scale: bool) -> Self {
        let total_ns = end_ns.saturating_sub(start_ns).max(1);
        let waiting_ns: u64 = waits.iter().map(Wait::duration_ns).sum();
        let is_folded = !to_scale && waiting_ns as f64 > total_ns as f64 * FOLD_FROM;
        let each = FOLDED.min(ALL_FOLDED / waits.len().max(1) as f64);
        let working = 100.0 - if is_folded { each * waits.len() as f64 } else { 0.0 };
        let measured_ns = if is_folded {
            total_ns.saturating_sub(waiting_ns)
        } else {
            total_ns
        }
        .max(1);
        let mut axis = Self {
            origin_ns: start_ns,
            segments: Vec::new(),
            is_folded,
        };
        let linear = |from_ns: u64, to_ns: u64| to_ns.saturating_sub(from_ns) as f64 / measured_ns as f64 * working;
        let mut from_ns = start_ns;
        for wait in waits {
            axis.push(from_ns, wait.start_ns, linear(from_ns, wait.start_ns), false);
            let width = if is_folded {
                each
            } else {
                linear(wait.start_ns, wait.end_ns)
            };
            axis.push(wait.start_ns, wait.end_ns, width, true);
            from_ns = wait.end_ns;
        }
        axis.push(
            from_ns,
            start_ns.saturating_add(total_ns),
            linear(from_ns, start_ns.saturating_add(total_ns)),
            false,
        );
        axis
    }

    fn push(&mut self, from_ns: u64, to_ns: u64, width: f64, is_wait: bool) {
        let left = self.segments.last().map_or(0.0, |last| last.left + last.width);
        self.segments.push(Segment {
            from_ns,
            to_ns,
            left,
            width,
            is_wait,
        });
    }

    pub(super) const fn is_folded(&self) -> bool {
        self.is_folded
    }

    /// The position of a moment, in per cent.
    pub(super) fn at(&self, ns: u64) -> f64 {
        let segment = self
            .segments
            .iter()
            .find(|segment| ns <= segment.to_ns)
            .or(self.segments.last());
        segment.map_or(0.0, |segment| segment.at(ns))
    }

    pub(super) fn bands(&self) -> impl Iterator<Item = Band> + '_ {
        let waits = self.segments.iter().filter(|segment| segment.is_wait);
        waits.map(|segment| Band {
            left: segment.left,
            width: segment.width,
            duration_ns: segment.to_ns.saturating_sub(segment.from_ns),
        })
    }

    /// Round times, and where waits are shortened also the end of each.
    pub(super) fn ticks(&self) -> Vec<Tick> {
        let shown = || {
            self.segments
                .iter()
                .filter(|segment| !(segment.is_wait && self.is_folded))
        };
        let (length_ns, width) = shown().fold((0, 0.0), |(length_ns, width), segment| {
            (
                length_ns + segment.to_ns.saturating_sub(segment.from_ns),
                width + segment.width,
            )
        });
        let step_ns = round_step(length_ns as f64 / (width / 100.0 * TICKS).max(1.0));
        let mut ticks: Vec<Tick> = Vec::new();
        let mut labelled = f64::NEG_INFINITY;
        for segment in shown() {
            let begin_ns = segment.from_ns.saturating_sub(self.origin_ns);
            let end_ns = segment.to_ns.saturating_sub(self.origin_ns);
            let begin = self.is_folded.then_some(begin_ns);
            let step = usize::try_from(step_ns).unwrap_or(usize::MAX);
            let rounds = (begin_ns.next_multiple_of(step_ns)..end_ns).step_by(step);
            for offset_ns in begin.into_iter().chain(rounds) {
                let at = segment.at(self.origin_ns.saturating_add(offset_ns));
                let is_begin = begin == Some(offset_ns);
                // The label is to the right of its line. Labels of begins may reach into the wait behind.
                let end = if self.is_folded {
                    segment.left + segment.width
                } else {
                    100.0
                };
                let fits = at - labelled >= LABEL && (is_begin || at + LABEL <= end);
                if fits {
                    labelled = at;
                }
                if fits || is_begin {
                    let label = fits.then(|| format::offset(offset_ns, step_ns));
                    ticks.push(Tick { at, label });
                }
            }
        }
        ticks
    }
}

impl Segment {
    fn at(&self, ns: u64) -> f64 {
        let length_ns = self.to_ns.saturating_sub(self.from_ns).max(1);
        let share = ns.saturating_sub(self.from_ns) as f64 / length_ns as f64;
        self.left + self.width * share.clamp(0.0, 1.0)
    }
}

/// The next of 1, 2, 5, 10, 20, …
fn round_step(ns: f64) -> u64 {
    (0..19)
        .flat_map(|power| [1, 2, 5].map(|digit| digit * 10_u64.pow(power)))
        .find(|step| *step as f64 >= ns)
        .unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::super::waits::Reason;
    use super::*;

    const MS: u64 = 1_000_000;

    fn wait(start_ms: u64, end_ms: u64) -> Wait<'static> {
        Wait {
            start_ns: start_ms * MS,
            end_ns: end_ms * MS,
            reason: Reason::Suspended,
        }
    }

    #[test]
    fn without_waits_the_axis_is_linear() {
        let axis = Axis::new((100 * MS, 200 * MS), &[], false);
        for (ms, at) in [(0, 0.0), (100, 0.0), (150, 50.0), (200, 100.0), (300, 100.0)] {
            assert!((axis.at(ms * MS) - at).abs() < 1e-9, "{ms}");
        }
        let labels: Vec<_> = axis.ticks().into_iter().filter_map(|tick| tick.label).collect();
        assert_eq!(labels, ["0 ms", "20 ms", "40 ms", "60 ms", "80 ms"]);
    }

    #[test]
    fn long_waits_are_shortened_and_what_ran_keeps_its_proportions() {
        let waits = [wait(20, 1020), wait(1040, 61_040)];
        let axis = Axis::new((0, 61_100 * MS), &waits, false);
        assert!(axis.is_folded());
        let bands: Vec<_> = axis.bands().map(|band| (band.width, band.duration_ns / MS)).collect();
        assert_eq!(bands, [(FOLDED, 1000), (FOLDED, 60_000)]);
        let width = |from: u64, to: u64| axis.at(to * MS) - axis.at(from * MS);
        assert!((width(0, 20) - width(1020, 1040)).abs() < 1e-9);
        assert!((width(61_040, 61_100) - 3.0 * width(0, 20)).abs() < 1e-9);
        assert!((axis.at(61_100 * MS) - 100.0).abs() < 1e-9);
    }

    #[test]
    fn to_scale_and_with_short_waits_nothing_is_shortened() {
        let waits = [wait(20, 1020)];
        assert!(!Axis::new((0, 1040 * MS), &waits, true).is_folded());
        assert!(!Axis::new((0, 4000 * MS), &waits, false).is_folded());
    }

    #[test]
    fn any_number_of_waits_fits() {
        let waits: Vec<_> = (0..50).map(|at| wait(at * 100 + 1, at * 100 + 100)).collect();
        let axis = Axis::new((0, 5001 * MS), &waits, false);
        assert!((axis.at(5001 * MS) - 100.0).abs() < 1e-6);
        assert!(axis.ticks().len() < 120);
    }

    #[test]
    fn labels_keep_their_distance() {
        for total_ms in [1, 7, 33, 250, 9_999, 86_400_000] {
            let axis = Axis::new((0, total_ms * MS), &[], false);
            let labelled: Vec<f64> = axis
                .ticks()
                .iter()
                .filter(|t| t.label.is_some())
                .map(|t| t.at)
                .collect();
            assert!((3..=14).contains(&labelled.len()), "{total_ms}: {labelled:?}");
            assert!(
                labelled.windows(2).all(|two| two[1] - two[0] >= LABEL),
                "{total_ms}: {labelled:?}"
            );
        }
    }

    #[test]
    fn a_trace_without_length_divides_by_nothing() {
        let axis = Axis::new((5, 5), &[], false);
        assert!(axis.at(5).is_finite());
        assert!(axis.ticks().len() <= 1);
    }
}
