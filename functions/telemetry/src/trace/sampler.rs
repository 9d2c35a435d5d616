//! Which traces are exported. Source of the names: OpenTelemetry, "General SDK configuration".

use tracehook_core::env::Env;
use tracehook_core::trace::TraceId;

/// `OTEL_TRACES_SAMPLER` with `OTEL_TRACES_SAMPLER_ARG`. A pure rule over a trace's id and the flag in the record, so
/// that no trace is ever exported in part.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Sampler {
    /// The part of the traces that begin here, 0 to 1.
    ratio: f64,
    /// Whether the flag of a trace that began elsewhere decides.
    parent_based: bool,
}

impl Default for Sampler {
    fn default() -> Self {
        Self {
            ratio: 1.0,
            parent_based: true,
        }
    }
}

impl Sampler {
    pub(crate) fn read<F: Fn(&str) -> Option<String>>(env: &mut Env<F>) -> Option<Self> {
        let argument = env.within("OTEL_TRACES_SAMPLER_ARG", 0.0..=1.0, 1.0);
        let sampler = env.optional_with("OTEL_TRACES_SAMPLER", |name| {
            let (parent_based, rule) = match name.strip_prefix("parentbased_") {
                Some(rule) => (true, rule),
                None => (false, name),
            };
            let ratio = match rule {
                "always_on" => 1.0,
                "always_off" => 0.0,
                "traceidratio" => argument.unwrap_or(1.0),
                _ => {
                    return Err(
                        "must be always_on, always_off or traceidratio, or parentbased_ and one of them".to_owned(),
                    );
                }
            };
            Ok(Self { ratio, parent_based })
        });
        argument?;
        Some(sampler?.unwrap_or_default())
    }

    /// Whether nothing can ever be exported.
    pub(crate) const fn is_never(self) -> bool {
        self.ratio <= 0.0 && !self.parent_based
    }

    /// Whether a trace is exported. `flag` is that of the trace's beginning, when that is known.
    pub(crate) fn keeps(self, flag: Option<bool>, trace: TraceId) -> bool {
        match flag {
            Some(sampled) if self.parent_based => sampled,
            _ => trace.is_within(self.ratio),
        }
    }
}

#[cfg(test)]
mod tests {
    use tracehook_core::Timestamp;

    use super::*;

    fn read(name: &'static str, argument: &'static str) -> Sampler {
        let mut env = Env::new(|variable| match variable {
            "OTEL_TRACES_SAMPLER" => Some(name.to_owned()),
            _ => Some(argument.to_owned()),
        });
        Sampler::read(&mut env).unwrap()
    }

    #[test]
    fn the_standard_names_decide_as_they_say() {
        let trace = TraceId::from_random(Timestamp::from_epoch_ms(0), [0x80; 12]);
        for (name, argument, begins, sampled, unsampled) in [
            ("", "", true, true, false),
            ("always_on", "", true, true, true),
            ("always_off", "", false, false, false),
            ("traceidratio", "0.6", true, true, true),
            ("traceidratio", "0.4", false, false, false),
            ("parentbased_always_on", "", true, true, false),
            ("parentbased_always_off", "", false, true, false),
            ("parentbased_traceidratio", "0.6", true, true, false),
            ("parentbased_traceidratio", "0.4", false, true, false),
        ] {
            let sampler = read(name, argument);
            assert_eq!(
                [None, Some(true), Some(false)].map(|flag| sampler.keeps(flag, trace)),
                [begins, sampled, unsampled],
                "{name} {argument}"
            );
        }
    }
}
