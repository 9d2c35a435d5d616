//! The sampling rule: which traces are exported.

use opentelemetry::trace::TraceId;

/// A pure rule over a trace's id and its sampled flag, so that no trace is ever exported in part.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Sampler {
    ratio: f64,
    parent_based: bool,
    minor_ratio: f64,
}

impl Default for Sampler {
    /// Exports every trace unless its flag says otherwise.
    fn default() -> Self {
        Self::new(1.0, true)
    }
}

impl Sampler {
    /// Exports `ratio` (0 to 1) of the traces that begin here. With `parent_based`, the flag decides about a trace that
    /// began elsewhere.
    #[must_use]
    pub const fn new(ratio: f64, parent_based: bool) -> Self {
        Self {
            ratio,
            parent_based,
            minor_ratio: 1.0,
        }
    }

    /// Exports no more than `ratio` (0 to 1) of the traces that are marked as minor ([`crate::span::mark_minor`]).
    #[must_use]
    pub const fn with_minor_ratio(self, ratio: f64) -> Self {
        Self {
            minor_ratio: ratio,
            ..self
        }
    }

    /// Whether nothing can ever be exported.
    #[must_use]
    pub const fn is_never(self) -> bool {
        self.ratio <= 0.0 && !self.parent_based
    }

    /// Whether a trace is among those that are exported even if it is marked as minor.
    #[must_use]
    pub fn keeps_minor(self, trace: TraceId) -> bool {
        is_within(trace, self.minor_ratio)
    }

    /// Whether a trace is exported. `flag` is the sampled flag of the trace's first span, when that is known.
    #[must_use]
    pub fn keeps(self, flag: Option<bool>, trace: TraceId) -> bool {
        match flag {
            Some(sampled) if self.parent_based => sampled,
            _ => is_within(trace, self.ratio),
        }
    }
}

/// Whether a sampler that keeps `ratio` (0 to 1) of all traces keeps this one. The answer depends on the id alone, so
/// that every process gives the same. Source: OpenTelemetry, `TraceIdRatioBased`.
fn is_within(trace: TraceId, ratio: f64) -> bool {
    #[expect(
        clippy::cast_possible_truncation,
        reason = "the rule takes the low 64 bits of the id"
    )]
    let place = u128::from_be_bytes(trace.to_bytes()) as u64 >> 1;
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        clippy::cast_precision_loss,
        reason = "a bound within the 63 bits, as every implementation of this sampler makes it"
    )]
    let bound = (ratio.clamp(0.0, 1.0) * (1_u64 << 63) as f64) as u64;
    place < bound
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_flag_decides_only_about_traces_that_began_elsewhere_and_only_when_parent_based() {
        let trace = TraceId::from_bytes([0x80; 16]);
        for (ratio, parent_based, begins, sampled, unsampled) in [
            (1.0, true, true, true, false),
            (0.0, true, false, true, false),
            (0.6, true, true, true, false),
            (0.4, true, false, true, false),
            (1.0, false, true, true, true),
            (0.0, false, false, false, false),
            (0.6, false, true, true, true),
            (0.4, false, false, false, false),
        ] {
            let sampler = Sampler::new(ratio, parent_based);
            assert_eq!(
                [None, Some(true), Some(false)].map(|flag| sampler.keeps(flag, trace)),
                [begins, sampled, unsampled],
                "{ratio} {parent_based}"
            );
            assert_eq!(sampler.is_never(), ratio <= 0.0 && !parent_based);
        }
    }

    #[test]
    fn a_ratio_keeps_that_part_of_the_traces_and_always_the_same_ones() {
        // Multiples of the golden ratio are spread evenly over all numbers.
        let ids: Vec<_> = (0..2000_u64)
            .map(|n| TraceId::from(u128::from(n.wrapping_mul(0x9e37_79b9_7f4a_7c15))))
            .collect();
        let kept = |ratio: f64| ids.iter().filter(|id| is_within(**id, ratio)).count();
        assert_eq!((kept(0.0), kept(1.0)), (0, 2000));
        assert!((400..600).contains(&kept(0.25)), "{}", kept(0.25));
        assert!(ids.iter().all(|id| !is_within(*id, 0.1) || is_within(*id, 0.2)));
    }
}
