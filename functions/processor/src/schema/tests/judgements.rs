//! Every keyword, in the drafts that have it, and numbers, which have the value that is written however large, small or
//! long they are.

use serde::Deserialize;
use serde_json::value::RawValue;

use super::*;

/// Values are kept as they are written: no other reader holds these numbers.
#[derive(Deserialize)]
struct Case<'c> {
    draft: Option<&'c str>,
    #[serde(borrow)]
    schema: &'c RawValue,
    #[serde(borrow)]
    valid: Vec<&'c RawValue>,
    #[serde(borrow)]
    invalid: Vec<&'c RawValue>,
}

impl Case<'_> {
    /// The schema, which says its draft unless it is the one that is meant without.
    fn schema(&self) -> String {
        let schema = self.schema.get();
        let address = match self.draft {
            None | Some("2020-12") => return schema.to_owned(),
            Some("2019-09") => "https://json-schema.org/draft/2019-09/schema".to_owned(),
            Some(number) => format!("http://json-schema.org/draft-{number}/schema#"),
        };
        schema.replacen('{', &format!(r#"{{"$schema": "{address}", "#), 1)
    }
}

fn assert_judgements(cases: &str) {
    for case in serde_json::from_str::<Vec<Case<'_>>>(cases).unwrap() {
        let schema = case.schema();
        for body in case.valid {
            assert_eq!(judged(&schema, body.get()), Ok(()), "{body} under {schema}");
        }
        for body in case.invalid {
            let Err(failure) = judged(&schema, body.get()) else {
                panic!("{body} is valid under {schema}");
            };
            assert_eq!(failure.failure.code, SCHEMA_VIOLATION, "{body} under {schema}");
        }
    }
}

#[test]
fn every_keyword_judges_as_its_draft_says() {
    assert_judgements(include_str!("keywords.json"));
}

#[test]
fn every_keyword_of_numbers_judges_their_decimal_values() {
    assert_judgements(include_str!("numbers.json"));
}
