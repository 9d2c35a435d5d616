//! Bodies: the decoding of the gateway, and the recognition of JSON.

use std::io::Write as _;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use flate2::Compression;
use flate2::write::GzEncoder;
use proptest::prelude::*;
use tracehook_core::Rejection;
use tracehook_core::body::{
    Coding, MAX_FIELD_CHARS, MAX_GROWTH, MAX_KEYS, MAX_TEXT_CHARS, Pointer, Shape, decode, decoded,
};
use tracehook_test_support::fuzzing::{bytes, corpus, fuzz, texts};

use crate::json::is_json;

const WANTED: [&str; 5] = [
    "/repository/full_name",
    "/type",
    "/data/object/id",
    "/0/type",
    "/items/1/id",
];

pub(crate) fn bodies() -> Vec<Vec<u8>> {
    let mut bodies = corpus("tests/corpus/bodies");
    bodies.extend(corpus("../../tests/e2e/fixtures/github"));
    bodies
}

#[test]
fn a_body_is_taken_exactly_when_it_is_json_and_no_more_of_it_is_kept_than_is_promised() {
    let bodies = bodies();
    fuzz("body", bodies.len(), 12_000, bytes(&bodies), |body| {
        let wanted: Vec<Pointer> = WANTED.iter().map(|text| text.parse().unwrap()).collect();
        let read = Shape::read(&body, &wanted);
        let without_mark = body.strip_prefix("\u{feff}".as_bytes()).unwrap_or(&body);
        assert_eq!(read.is_ok(), is_json(without_mark), "{read:?}");
        match read {
            Ok(shape) => {
                assert!(shape.keys.len() <= MAX_KEYS.min(shape.fields));
                assert!(shape.keys.iter().all(|key| key.chars().count() <= MAX_TEXT_CHARS));
                let mut texts = wanted.iter().filter_map(|pointer| shape.text(pointer));
                assert!(texts.all(|text| text.chars().count() <= MAX_FIELD_CHARS));
            }
            Err(Rejection::BodyEmpty | Rejection::BodyNotUtf8 | Rejection::BodyNotJson) => {}
            Err(other) => panic!("a body is not refused by {other}"),
        }
    });
}

#[test]
fn a_coded_body_is_decoded_within_its_bounds_or_refused_and_no_other_bytes_than_those_coded_come_out() {
    let bodies = bodies();
    let gzip = |body: &[u8]| {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
        encoder.write_all(body).unwrap();
        encoder.finish().unwrap()
    };
    fuzz(
        "gzip",
        bodies.len(),
        3_000,
        (bytes(&bodies), 0..100_000_usize),
        |(body, limit)| {
            let coded = gzip(&body);
            let fits = body.len() <= limit && body.len() <= MAX_GROWTH * coded.len();
            match decoded(&coded, Some(Coding::Gzip), limit) {
                Ok(read) => assert!(fits && read == body),
                Err(rejection) => assert_eq!((rejection, fits), (Rejection::BodyDecodedTooLarge, false)),
            }
        },
    );
    let coded: Vec<_> = bodies.iter().map(|body| gzip(body)).collect();
    fuzz(
        "gzip with faults",
        coded.len(),
        12_000,
        bytes(&coded),
        |body| match decoded(&body, Some(Coding::Gzip), 50_000) {
            Ok(read) => assert!(read.len() <= 50_000 && read.len() <= MAX_GROWTH * body.len()),
            Err(Rejection::BodyNotGzip | Rejection::BodyDecodedTooLarge) => {}
            Err(other) => panic!("a coded body is not refused by {other}"),
        },
    );
}

#[test]
fn what_the_gateway_encodes_comes_back_as_it_was() {
    let bodies = bodies();
    fuzz("base64", bodies.len(), 3_000, bytes(&bodies), |body| {
        assert_eq!(decode(STANDARD.encode(&body).into(), true).unwrap(), body);
    });
    let encoded: Vec<_> = bodies.iter().map(|body| STANDARD.encode(body).into_bytes()).collect();
    fuzz(
        "base64 text",
        encoded.len(),
        3_000,
        (texts(&encoded), any::<bool>()),
        |(text, is_base64)| match decode(text.as_str().into(), is_base64) {
            Ok(decoded) if is_base64 => assert_eq!(STANDARD.encode(&decoded), text),
            Ok(decoded) => assert_eq!(decoded, text),
            Err(rejection) => assert_eq!((rejection, is_base64), (Rejection::BodyEncoding, true)),
        },
    );
}
