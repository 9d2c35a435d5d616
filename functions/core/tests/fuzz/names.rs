//! Tokens, names, times and trace contexts: a text is refused, or its value prints the same text.

use std::fmt::Display;
use std::str::FromStr;

use tracehook_core::link::LinkTemplate;
use tracehook_core::record::{
    ExecutionPrefix, Status, StepName, StepStatus, execution_name, name_in_arn, token_in_name,
};
use tracehook_core::trace::{SpanId, TraceParent};
use tracehook_core::{ExecutionToken, SourceName, Timestamp};
use tracehook_test_support::fuzzing::{fuzz, texts};

/// One text a line.
const TEXTS: &str = include_str!("../corpus/texts.txt");

/// A parsed value prints a text that parses to it again; `exact` where this is its only text.
fn survives<T: FromStr + Display + PartialEq + std::fmt::Debug>(text: &str, exact: bool) {
    if let Ok(value) = text.parse::<T>() {
        let shown = value.to_string();
        assert_eq!(shown.parse::<T>().ok(), Some(value), "{text}");
        assert!(!exact || shown == text, "{shown} of {text}");
    }
}

#[test]
fn what_is_read_from_a_text_is_what_the_text_says() {
    let corpus: Vec<_> = TEXTS.lines().map(|line| line.as_bytes().to_vec()).collect();
    let prefix: ExecutionPrefix = "tracehook".parse().unwrap();
    fuzz("names", corpus.len(), 20_000, texts(&corpus), |text| {
        survives::<ExecutionToken>(&text, true);
        survives::<SourceName>(&text, true);
        survives::<ExecutionPrefix>(&text, true);
        survives::<Status>(&text, true);
        survives::<StepName>(&text, true);
        survives::<SpanId>(&text, false);
        survives::<TraceParent>(&text, false);
        survives::<Timestamp>(&text, false);
        if let Ok(status) = text.parse::<StepStatus>() {
            assert_eq!(status.as_str(), text);
        }
        if let Some(token) = token_in_name(&prefix, &text) {
            let [.., born, attempt] = text.split('-').collect::<Vec<_>>()[..] else {
                panic!("{text}")
            };
            let born = Timestamp::from_epoch_ms(i64::from_str_radix(born, 36).unwrap() * 1000);
            let attempt = u32::from_str_radix(attempt, 36).unwrap();
            assert_eq!(execution_name(&prefix, &token, born, attempt), text);
        }
        if let Some(name) = name_in_arn(&text) {
            assert!(text.contains(name) && !name.is_empty());
        }
        for template in [
            LinkTemplate::trace(&text, "eu-west-1"),
            LinkTemplate::logs(&text, "eu-west-1"),
        ] {
            // Both results are texts for the operator.
            assert!(template.is_ok() || template.is_err_and(|problem| !problem.is_empty()));
        }
    });
}
