//! The judgements of schemas and payloads that no person wrote, beside those of `boon`.

use proptest::prelude::*;
use serde_json::{Map, Value, json};
use tracehook_test_support::fuzzing::fuzz;

use super::*;

/// Few names and small numbers, so that schema and payload meet.
fn payload() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        (-2..4_i64).prop_map(Value::from),
        Just(json!(1.5)),
        "[ab]{0,3}".prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 24, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::btree_map("[abc]", inner, 0..4).prop_map(|members| object(members.into_iter())),
        ]
    })
}

fn schema() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        any::<bool>().prop_map(Value::from),
        prop::sample::select(vec![
            json!({"$ref": "#"}),
            json!({"$ref": "#/$defs/a"}),
            json!({"$ref": "b"}),
            json!({"$dynamicRef": "#n"}),
            json!({"pattern": "^a"}),
            json!({"uniqueItems": true}),
        ]),
        prop::sample::subsequence(
            vec!["null", "boolean", "integer", "number", "string", "array", "object"],
            1..4
        )
        .prop_map(|types| json!({ "type": types })),
        payload().prop_map(|value| json!({ "const": value })),
        prop::collection::vec(payload(), 1..3).prop_map(|values| json!({ "enum": values })),
        counted().prop_map(|(keyword, count)| object([(keyword.to_owned(), count.into())].into_iter())),
        prop::collection::vec("[abc]", 1..3).prop_map(|mut names| {
            names.dedup();
            json!({ "required": names })
        }),
    ];
    leaf.prop_recursive(3, 24, 4, |inner| {
        prop::collection::vec(applied(inner), 1..4).prop_map(|keywords| object(keywords.into_iter()))
    })
}

fn counted() -> impl Strategy<Value = (&'static str, u32)> {
    let keywords = [
        "minimum",
        "maximum",
        "exclusiveMinimum",
        "exclusiveMaximum",
        "minLength",
        "maxLength",
        "minItems",
        "maxItems",
        "minProperties",
        "maxProperties",
    ];
    (prop::sample::select(keywords.to_vec()), 0..4_u32)
}

fn applied(inner: impl Strategy<Value = Value> + Clone + 'static) -> impl Strategy<Value = (String, Value)> {
    let single = prop::sample::select(vec![
        "not",
        "items",
        "contains",
        "if",
        "then",
        "else",
        "additionalProperties",
        "propertyNames",
        "unevaluatedItems",
        "unevaluatedProperties",
    ]);
    let several = prop::sample::select(vec!["allOf", "anyOf", "oneOf", "prefixItems"]);
    let named = prop::sample::select(vec!["properties", "patternProperties", "dependentSchemas"]);
    prop_oneof![
        (single, inner.clone()).prop_map(|(keyword, schema)| (keyword.to_owned(), schema)),
        (several, prop::collection::vec(inner.clone(), 1..4))
            .prop_map(|(keyword, schemas)| (keyword.to_owned(), schemas.into())),
        (named, prop::collection::btree_map("[abc]", inner, 1..3))
            .prop_map(|(keyword, schemas)| (keyword.to_owned(), object(schemas.into_iter()))),
        counted().prop_map(|(keyword, count)| (keyword.to_owned(), count.into())),
    ]
}

fn object(members: impl Iterator<Item = (String, Value)>) -> Value {
    members.collect::<Map<_, _>>().into()
}

/// A schema that the references of [`schema`] find their targets in.
fn whole() -> impl Strategy<Value = Value> {
    (schema(), schema(), schema()).prop_map(|(root, a, b)| {
        let resource = json!({"$id": "b", "$dynamicAnchor": "n", "allOf": [b], "$defs": {"a": a.clone()}});
        json!({"$dynamicAnchor": "n", "anyOf": [root], "$defs": {"a": a, "b": resource}})
    })
}

#[test]
fn a_judgement_is_that_of_boon() {
    fuzz(
        "judgement",
        0,
        3_000,
        (whole(), prop::collection::vec(payload(), 8)),
        |(schema, payloads)| {
            let mut compiler = boon::Compiler::new();
            compiler.enable_format_assertions();
            let mut known = boon::Schemas::new();
            compiler.add_resource("schema:///shop.json", schema.clone()).unwrap();
            let index = compiler.compile("schema:///shop.json", &mut known).unwrap();
            let text = schema.to_string();
            let mut schemas = SourceSchemas::default();
            schemas.add(shop(), &text).unwrap();
            for payload in payloads {
                let expected = known.validate(&payload, index).is_ok();
                match schemas.check(&shop(), payload.to_string().as_bytes(), None, &BodyForm::Json) {
                    Ok(()) => assert!(expected, "{payload} under {text} is valid here"),
                    Err(failure) if failure.failure.code == SCHEMA_VIOLATION => {
                        assert!(!expected, "{payload} under {text} is not valid here");
                    }
                    // A schema that applies itself to the same value: `boon` takes it for a violation.
                    Err(failure) => assert_eq!((&*failure.failure.code, expected), (SCHEMA_TOO_EXPENSIVE, false)),
                }
            }
        },
    );
}
