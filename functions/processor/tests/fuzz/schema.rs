//! Schemas: any text is one or is refused.

use tracehook_processor::schema::SourceSchemas;
use tracehook_test_support::fuzzing::{corpus, fuzz, texts};

#[test]
fn a_text_is_a_schema_or_is_refused_with_a_reason() {
    let schemas = corpus("tests/corpus/schemas");
    let source = "shop".parse::<tracehook_core::SourceName>().unwrap();
    fuzz("schema", schemas.len(), 2_000, texts(&schemas), |text| {
        let added = SourceSchemas::default().add(source.clone(), &text);
        assert!(added.is_ok() || added.is_err_and(|problem| !problem.is_empty()));
    });
}
