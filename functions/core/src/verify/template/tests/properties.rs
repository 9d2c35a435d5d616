//! Whatever is written and whatever comes: the signed bytes are those of the model.

use std::cell::Cell;
use std::collections::BTreeSet;

use http::{HeaderMap, HeaderName, HeaderValue};
use proptest::prelude::*;
use tracehook_test_support::fuzzing::fuzz;

use super::super::*;
use super::any::{parts, world};
use super::model::{From, Not, PATH, Part, URL, World, written};
use crate::signature::Delivery;
use crate::timestamp::Timestamp;

/// A template and a delivery, whose body both of them have as a form or as JSON.
fn case() -> impl Strategy<Value = (Vec<Part>, World)> {
    any::<bool>().prop_flat_map(|is_form| (parts(is_form), world(is_form)))
}

fn headers(world: &World) -> HeaderMap {
    let mut headers = HeaderMap::new();
    for (name, value) in &world.headers {
        // What HTTP does not allow does not arrive.
        if let Ok(value) = HeaderValue::from_bytes(value) {
            headers.append(HeaderName::from_static(name), value);
        }
    }
    headers
}

/// The headers that arrive.
fn arrived(mut world: World) -> World {
    world
        .headers
        .retain(|(_, value)| HeaderValue::from_bytes(value).is_ok());
    world
}

fn filled(template: &Template, world: &World) -> Result<Vec<u8>, SignatureError> {
    let (headers, body, query) = (headers(world), world.body(), world.query());
    let delivery = Delivery {
        query: &query,
        ..Delivery::post(&headers, &body, Timestamp::from_epoch_ms(0))
    };
    let parameters = world.parameters.iter();
    let setting = Setting {
        parameters: parameters
            .map(|(name, text)| ((*name).to_owned(), text.clone()))
            .collect(),
        public_url: Some(format!("{URL}{PATH}").parse().unwrap()),
        body: if world.is_form { BodyForm::Form } else { BodyForm::Json },
    };
    template.fill(&Values {
        parts: &Parts::of(&delivery),
        timestamp: world.timestamp.as_deref(),
        captures: &world
            .captures
            .iter()
            .map(|(name, text)| (*name, text.as_str()))
            .collect(),
        setting: &setting,
    })
}

#[test]
fn a_template_is_filled_as_the_model_says() {
    let (full, missing, malformed) = (Cell::new(0_u32), Cell::new(0_u32), Cell::new(0_u32));
    fuzz("template", 0, 1_500, case(), |(parts, world)| {
        let world = arrived(world);
        let text = written(&parts);
        let template = Template::parse(&text).unwrap_or_else(|error| panic!("{text}: {error}"));
        let (expected, count) = match world.signed(&parts) {
            Ok(bytes) => (Ok(bytes), &full),
            Err(Not::Missing) => (Err(SignatureError::Missing), &missing),
            Err(Not::Malformed) => (Err(SignatureError::Malformed), &malformed),
        };
        assert_eq!(filled(&template, &world), expected, "{text}");
        count.set(count.get() + 1);
    });
    let counts = [full.get(), missing.get(), malformed.get()];
    assert!(counts.iter().all(|count| *count > 20), "{counts:?}");
}

#[test]
fn what_a_template_says_of_itself_is_what_is_written() {
    fuzz("template parts", 0, 500, case(), |(parts, _)| {
        let template = Template::parse(&written(&parts)).unwrap();
        let all: Vec<&Part> = parts
            .iter()
            .flat_map(|part| match part {
                Part::Optional(parts) => parts.iter().collect(),
                part => vec![part],
            })
            .collect();
        let is_there = |wanted: &[Part]| all.iter().any(|part| wanted.contains(part));
        assert_eq!(template.needs_url(), is_there(&[Part::Url, Part::Path]));
        assert_eq!(template.sorts_form(), is_there(&[Part::Sorted]));
        // What may be left out is not covered.
        assert_eq!(template.covers_time(), parts.contains(&Part::Timestamp));
        let covering = [Part::Body, Part::Digest, Part::Sorted];
        let covers = parts.iter().any(|part| covering.contains(part));
        assert_eq!(template.covers_body(&BodyForm::Json), covers);
        let captured = all.iter().filter_map(|part| match part {
            Part::Captured(name) => Some(*name),
            _ => None,
        });
        assert_eq!(template.captures().collect::<BTreeSet<_>>(), captured.collect());
        let parameters = all.iter().filter_map(|part| match part {
            Part::Parameter(name) => Some(*name),
            _ => None,
        });
        assert_eq!(template.parameters().collect::<BTreeSet<_>>(), parameters.collect());
    });
}

#[test]
fn whoever_changes_what_is_covered_changes_the_signed_bytes() {
    let (bodies, covered) = (Cell::new(0_u32), Cell::new(0_u32));
    let cases = (case(), world(false), "[A-Za-z0-9]{1,5}", "[A-Za-z0-9]{1,5}");
    fuzz(
        "template cover",
        0,
        1_200,
        cases,
        |((parts, world), other, one, two)| {
            let template = Template::parse(&written(&parts)).unwrap();
            let world = arrived(world);
            // Nothing but the body is of another delivery.
            let is_of_body = |part: &Part| {
                matches!(
                    part,
                    Part::Value {
                        from: From::Json(..) | From::Form(_),
                        ..
                    }
                )
            };
            let stands_alone = !parts.iter().any(|part| match part {
                Part::Optional(parts) => !parts.is_empty(),
                part => is_of_body(part) || *part == Part::Sorted,
            });
            if !world.is_form
                && stands_alone
                && template.covers_body(&BodyForm::Json)
                && other.document != world.document
            {
                let changed = World {
                    document: other.document,
                    ..world.clone()
                };
                if let Ok(bytes) = filled(&template, &world) {
                    assert_ne!(filled(&template, &changed), Ok(bytes));
                    bodies.set(bodies.get() + 1);
                }
            }
            let named = HeaderName::from_static("x-a");
            if template.covers_header(&named) && one != two {
                let with = |value: &str| World {
                    headers: vec![("x-a", value.as_bytes().to_vec()), ("x-b", b"b".to_vec())],
                    ..world.clone()
                };
                if let Ok(bytes) = filled(&template, &with(&one)) {
                    assert_ne!(filled(&template, &with(&two)), Ok(bytes));
                    covered.set(covered.get() + 1);
                }
            }
        },
    );
    assert!(bodies.get() > 3 && covered.get() > 3, "{bodies:?} {covered:?}");
}
