//! Sources and secrets: a document is accepted whole or refused, and a refusal quotes no secret.

use tracehook_core::Sources;
use tracehook_core::secret::{MIN_SECRET_BYTES, MIN_TOKEN_KEY_BYTES, SecretBundle, SecretDocument};
use tracehook_core::source_name::MAX_NAME_CHARS;
use tracehook_test_support::fuzzing::{corpus, fuzz, texts};

#[test]
fn a_document_of_secrets_is_never_quoted_and_never_taken_with_a_weak_one() {
    let documents = corpus("tests/corpus/configuration");
    fuzz(
        "secrets",
        documents.len(),
        12_000,
        texts(&documents),
        |text| match SecretDocument::parse(&text) {
            Ok(document) => {
                let bundle = SecretBundle::new(&document, None);
                assert!(bundle.token_key().expose().len() >= MIN_TOKEN_KEY_BYTES);
                for source in document.sources() {
                    let closed = document.unusable().any(|(name, _)| name == source);
                    let live = bundle.of(source);
                    assert_eq!(live.is_none(), closed, "{source}");
                    for secret in live.unwrap_or_default() {
                        assert!(secret.expose().len() >= MIN_SECRET_BYTES);
                    }
                }
                assert!(!format!("{bundle:?} {document:?}").contains("MARKER"));
            }
            Err(error) => assert!(!format!("{error} {error:?}").contains("MARKER"), "{error}"),
        },
    );
}

#[test]
fn sources_are_taken_with_valid_names_only() {
    let documents = corpus("tests/corpus/configuration");
    fuzz(
        "sources",
        documents.len(),
        12_000,
        texts(&documents),
        |text| match Sources::parse(&text) {
            Ok(sources) => {
                for name in sources.unsigned() {
                    assert!((1..=MAX_NAME_CHARS).contains(&name.as_str().len()));
                    assert!(sources.get(name.as_str()).is_some());
                }
            }
            Err(problem) => assert!(!problem.is_empty()),
        },
    );
}
