//! The forms of texts in the schema take exactly what the reader takes.

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;
use serde_json::{Value, json};
use tracehook_test_support::fuzzing::fuzz;

use super::judge::Judge;
use crate::body::{BodyForm, Pointer};
use crate::source::Locator;
use crate::verify::{PublicUrl, schema as verify};

/// A text of some words in any order: near enough to the form that half of them are of it.
fn texts(words: &'static [&'static str]) -> impl Strategy<Value = String> {
    let word =
        prop_oneof![8 => select(words).prop_map(str::to_owned), 1 => "[ -~]", 1 => "\\PC", 1 => "[\\n\\t\u{85}é]"];
    vec(word, 0..7).prop_map(|words| words.concat())
}

/// Holds a form of the schema against the reader of such texts.
fn agree(name: &str, form: &Value, words: &'static [&'static str], reads: impl Fn(&str) -> bool) {
    let judge = Judge::of(form);
    let taken = std::cell::Cell::new(0_u32);
    fuzz(name, 0, 2_000, texts(words), |text| {
        let is_taken = reads(&text);
        assert_eq!(judge.accepts(&json!(text)), is_taken, "{text:?}");
        taken.set(taken.get() + u32::from(is_taken));
    });
    assert!(taken.get() > 25, "only {} texts are of the form", taken.get());
}

#[test]
fn a_template_is_one_in_the_schema_when_it_is_one_to_the_reader() {
    const WORDS: &[&str] = &[
        "{body}",
        "{timestamp}",
        ".",
        "{",
        "}",
        "[",
        "]",
        "{header:",
        "X-Id",
        "*",
        "{json:/",
        "{json?:/a",
        "/b",
        "~1",
        "~",
        "{query:",
        "{form:",
        "{form:sorted}",
        "lower:",
        "{parameter:",
        "{sig}",
        "{secret}",
        "{v_1}",
        "{url}",
        "{sha256-hex:body}",
        "json?:",
        "{lower:header:x}",
    ];
    agree("schema template", &verify::template(), WORDS, verify::is_template);
}

#[test]
fn a_claim_is_one_in_the_schema_when_it_is_one_to_the_reader() {
    const WORDS: &[&str] = &[
        "{url}",
        "{path}",
        "{parameter:a}",
        "{body}",
        "{",
        "}",
        "[",
        "]",
        "[]",
        "a",
        "{x}",
    ];
    agree("schema claim", &verify::claim(), WORDS, verify::is_claim);
}

#[test]
fn an_item_is_one_in_the_schema_when_it_is_one_to_the_reader() {
    const WORDS: &[&str] = &["{sig}", "{t}", "v1=", ",", "{", "}", "{T}", "_", "[a]"];
    agree("schema item", &verify::item(), WORDS, verify::is_item);
}

#[test]
fn a_place_is_one_in_the_schema_when_it_is_one_to_the_reader() {
    const WORDS: &[&str] = &[
        "header:", "X-A", "*", "-*", "-", "query:", "form:", "json:", "/a", "/*", "~0", "~", "body", "path:", "+", ":",
        "\"",
    ];
    agree("schema place", &verify::place(), WORDS, verify::is_place);
}

#[test]
fn a_url_is_one_in_the_schema_when_it_is_one_to_the_reader() {
    const WORDS: &[&str] = &[
        "https://a",
        "http://b.example",
        "https://",
        "a.example",
        ":443",
        "/",
        "/b",
        "?",
        "#",
        "@",
        "[::1]",
        "%20",
        "\\",
    ];
    agree("schema url", &verify::public_url(), WORDS, |text| {
        text.parse::<PublicUrl>().is_ok()
    });
}

#[test]
fn a_form_of_the_body_is_one_in_the_schema_when_it_is_one_to_the_reader() {
    const WORDS: &[&str] = &[
        "json",
        "form",
        "form:",
        "payload",
        "jwt",
        "text",
        "empty",
        "multipart:",
        ":",
    ];
    let form = crate::source::schema::body();
    agree("schema body", &form, WORDS, |text| text.parse::<BodyForm>().is_ok());
}

#[test]
fn a_pointer_is_one_in_the_schema_when_it_is_one_to_the_reader() {
    const WORDS: &[&str] = &["/", "a", "~0", "~1", "~", "/*", "0"];
    let form = super::words::text(super::words::POINTER);
    agree("schema pointer", &form, WORDS, |text| text.parse::<Pointer>().is_ok());
}

#[test]
fn a_locator_is_one_in_the_schema_when_it_is_one_to_the_reader() {
    const WORDS: &[&str] = &[
        "header:",
        "X-Id",
        "Cookie",
        "-Auth",
        "-SIG",
        "hmac",
        "Token",
        "Idempotency-",
        "+",
        "json:",
        "/a",
        "~0",
        "~",
        "form:",
        "b",
        "hash",
        "const:",
        "none",
        "X-Trello-Webhook",
        "x",
    ];
    // A token beside an idempotency token is one too many for a schema.
    let reads = |text: &str| {
        let text = text.to_lowercase();
        (text.contains("token") && text.contains("idempotency")) || text.parse::<Locator>().is_ok()
    };
    let form = crate::source::schema::locator();
    let judge = Judge::of(&form);
    agree("schema locator", &form, WORDS, |text| {
        if reads(text) && text.parse::<Locator>().is_err() {
            // Either verdict.
            return judge.accepts(&json!(text));
        }
        text.parse::<Locator>().is_ok()
    });
}

#[test]
fn a_kept_header_is_one_in_the_schema_when_it_is_one_to_the_reader() {
    const WORDS: &[&str] = &[
        "X-Id",
        "Cookie",
        "-Auth",
        "-Signature",
        "Token",
        "Idempotency-",
        "via",
        "Forwarded",
        "X-",
        "-Client-IP",
        " ",
        "é",
        "+",
    ];
    let form = crate::source::schema::kept_header();
    agree(
        "schema kept header",
        &form,
        WORDS,
        crate::source::schema::is_kept_header,
    );
}
