//! Every vector of a preset: accepted with the preset's own verification, and refused after each change.

use http::HeaderValue;
use serde_json::Value;
use tracehook_core::preset;
use tracehook_core::secret::Secret;
use tracehook_core::signature::SignatureError;

use super::case::{Case, read};
use super::file::files;
use super::vectors::{Vector, of_presets};
use super::words::{parameters, places};

/// A secret without what its producers write before it.
fn key(vector: &Vector) -> &str {
    vector.secret.trim_start_matches("v1,").trim_start_matches("whsec_")
}

#[test]
fn every_preset_is_read_without_a_fault() {
    let files = files();
    for name in preset::names() {
        // What the source itself must say.
        let verify = files[name].source["verify"].to_string();
        let texts = parameters(&verify).map(|name| (name.to_owned(), "a-text".to_owned()));
        let parameters = texts.collect();
        let (verify, faults) = read(name, &parameters, Some("https://hooks.example.com/webhook/a"));
        assert!(
            verify.is_some() && faults.all().is_empty(),
            "{name}: {:?}",
            faults.all()
        );
        assert_eq!(verify.unwrap().needs_secret(), name != "none", "{name}");
    }
}

#[test]
fn every_vector_of_a_preset_behaves_as_it_says() {
    let vectors = of_presets();
    assert!(vectors.len() > 150, "only {} vectors", vectors.len());
    for vector in &vectors {
        let case = Case::of(vector);
        match &vector.refuse {
            Some(why) => case.refuses(why),
            None => assert_eq!(case.verdict(), Ok(()), "{} of {}", vector.id, vector.origin),
        }
    }
}

#[test]
fn no_vector_of_a_preset_is_accepted_with_another_secret_or_without_one() {
    let vectors = of_presets();
    for vector in vectors.iter().filter(|vector| vector.refuse.is_none()) {
        let mut case = Case::of(vector);
        case.secrets = Vec::new();
        case.refuses("no secret");
        // The secrets of all other producers: each is of some right form.
        let is_another = |other: &&Vector| other.provider != vector.provider && key(other) != key(vector);
        let others = vectors.iter().filter(is_another);
        case.secrets = others.map(|other| Secret::new(&other.secret)).collect();
        case.secrets.push(Secret::new("another-secret-0123456789abcdef"));
        case.refuses("another secret");
    }
}

#[test]
fn no_vector_of_a_preset_is_accepted_with_another_body() {
    let mut covered = 0;
    let (files, vectors) = (files(), of_presets());
    for vector in vectors.iter().filter(|vector| vector.refuse.is_none()) {
        let mut case = Case::of(vector);
        if !case.verify.covers_body() || vector.body.is_empty() {
            continue;
        }
        covered += 1;
        let body = case.body.clone();
        for at in [0, body.len() / 2, body.len() - 1] {
            case.body.clone_from(&body);
            case.body[at] ^= 1;
            case.refuses(&format!("a changed byte at {at}"));
        }
        // What stands around a token is no part of it.
        if files[&vector.provider].source["body"] != "jwt" {
            case.body = [&body[..], b"\n"].concat();
            case.refuses("a line break after the body");
        }
    }
    assert!(covered > 100, "only {covered} vectors cover the body");
}

#[test]
fn no_vector_of_a_preset_is_accepted_at_another_time() {
    let mut judged = 0;
    let (files, vectors) = (files(), of_presets());
    for vector in vectors.iter().filter(|vector| vector.refuse.is_none()) {
        let mut case = Case::of(vector);
        let ways = files[&vector.provider].source["verify"].as_array().unwrap();
        let is_judged = |way: &Value| way.get("timestamp").is_some_and(|time| time["tolerance"] != 0);
        if !ways.iter().all(is_judged) {
            continue;
        }
        judged += 1;
        for days in [-3, 3] {
            case.at = vector.at + days * 86_400;
            assert_eq!(case.verdict(), Err(SignatureError::Stale), "{}", vector.id);
        }
    }
    assert!(judged > 50, "only {judged} vectors are judged by their time");
}

#[test]
fn no_vector_of_a_preset_is_accepted_without_its_proof() {
    let mut in_headers = 0;
    let (files, vectors) = (files(), of_presets());
    for vector in vectors.iter().filter(|vector| vector.refuse.is_none()) {
        let mut case = Case::of(vector);
        let ways = files[&vector.provider].source["verify"].as_array().unwrap();
        let places: Vec<_> = ways.iter().flat_map(places).collect();
        if !places.iter().all(|place| place.starts_with("header:")) {
            continue;
        }
        in_headers += 1;
        let is_proof = |name: &str| {
            let named = places
                .iter()
                .map(|place| place.trim_start_matches("header:").to_lowercase());
            named
                .map(|place| place.trim_end_matches('*').to_owned())
                .any(|place| name.starts_with(&place))
        };
        let proofs: Vec<_> = case
            .headers
            .keys()
            .filter(|name| is_proof(name.as_str()))
            .cloned()
            .collect();
        for name in &proofs {
            case.headers.insert(name, HeaderValue::from_static(""));
        }
        case.refuses("an empty proof");
        for name in proofs {
            case.headers.remove(name);
        }
        assert_eq!(case.verdict(), Err(SignatureError::Missing), "{}", vector.id);
    }
    assert!(
        in_headers > 150,
        "only {in_headers} vectors have their proof in headers"
    );
}

#[test]
fn a_form_of_github_is_signed_as_its_bytes() {
    let vectors = of_presets()
        .into_iter()
        .filter(|vector| vector.provider == "github" && vector.refuse.is_none());
    let verdicts: Vec<_> = vectors
        .map(|vector| Case::judged_by("github-form", &vector).verdict())
        .collect();
    assert!(verdicts.len() > 2 && verdicts.iter().all(Result::is_ok), "{verdicts:?}");
}
