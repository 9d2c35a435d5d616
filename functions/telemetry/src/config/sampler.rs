//! The variables of the sampler. Source of the names: OpenTelemetry, "General SDK configuration".

use durable_traces::Sampler;
use tracehook_core::env::Env;

/// The default of `REJECTED_TRACES_RATIO`: anybody can make such traces, and each is paid.
const REJECTED_RATIO: f64 = 0.01;

/// Reads `OTEL_TRACES_SAMPLER` with `OTEL_TRACES_SAMPLER_ARG`, and `REJECTED_TRACES_RATIO`, which bounds the traces of rejected requests
/// whose signature is not good. None when one of them is bad.
pub(super) fn read<F: Fn(&str) -> Option<String>>(env: &mut Env<F>) -> Option<Sampler> {
    let argument = env.within("OTEL_TRACES_SAMPLER_ARG", 0.0..=1.0, 1.0);
    let rejected = env.within("REJECTED_TRACES_RATIO", 0.0..=1.0, REJECTED_RATIO);
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
        Ok(Sampler::new(ratio, parent_based))
    });
    argument?;
    Some(sampler?.unwrap_or_default().with_minor_ratio(rejected?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_standard_names_choose_the_standard_samplers() {
        for (name, argument, expected) in [
            ("", "", Sampler::new(1.0, true)),
            ("always_on", "", Sampler::new(1.0, false)),
            ("always_off", "", Sampler::new(0.0, false)),
            ("traceidratio", "0.6", Sampler::new(0.6, false)),
            ("parentbased_always_on", "", Sampler::new(1.0, true)),
            ("parentbased_always_off", "", Sampler::new(0.0, true)),
            ("parentbased_traceidratio", "0.4", Sampler::new(0.4, true)),
        ] {
            let mut env = Env::new(|variable| match variable {
                "OTEL_TRACES_SAMPLER" => Some(name.to_owned()),
                "OTEL_TRACES_SAMPLER_ARG" => Some(argument.to_owned()),
                _ => None,
            });
            assert_eq!(
                read(&mut env),
                Some(expected.with_minor_ratio(0.01)),
                "{name} {argument}"
            );
        }
    }

    #[test]
    fn rejected_requests_have_a_ratio_of_their_own() {
        for (ratio, expected) in [("0", 0.0), ("0.5", 0.5), ("1", 1.0)] {
            let mut env = Env::new(|variable| (variable == "REJECTED_TRACES_RATIO").then(|| ratio.to_owned()));
            assert_eq!(read(&mut env), Some(Sampler::default().with_minor_ratio(expected)));
        }
    }
}
