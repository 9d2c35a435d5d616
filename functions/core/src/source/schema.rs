//! `sources.schema.json`: the written form of sources for editors.

use std::path::Path;

use serde_json::{Map, Value, json};

use super::answer::{ANSWERED, MAX_BODY_BYTES, MAX_HEADERS};
use super::config::Summarise;
use super::conflict::OnConflict;
use super::locator::{CREDENTIAL_ENDS, CREDENTIAL_WORDS, CREDENTIALS, MAX_JOINED};
use super::read::{ADDRESSES, MAX_ENTRIES, MAX_LABELS, MAX_RETENTION_DAYS};
use crate::preset;
use crate::schema::words::{
    ANY, NAME, Object, POINTER, any_case, any_of, flag, list, map, name_of, number, one_of, or, text,
};
use crate::source_name::MAX_NAME_CHARS;
use crate::verify::schema as verify;

/// The whole schema.
pub(super) fn schema() -> Value {
    let mut definitions = Map::from_iter(verify::definitions());
    definitions.insert("source".to_owned(), source());
    definitions.insert("locator".to_owned(), locator());
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Sources",
        "description": "Where webhooks come from, by name. functions/core/SOURCES.md describes the form.",
        "type": "object",
        "minProperties": 1,
        "propertyNames": {"pattern": format!("^[a-z0-9][a-z0-9_-]{{0,{}}}$", MAX_NAME_CHARS - 1)},
        "additionalProperties": {"$ref": "#/$defs/source"},
        "$defs": definitions,
    })
}

fn source() -> Value {
    let mut schema = described(verified(Object::default())).schema();
    schema["description"] = json!("A source: a preset and what differs from it, or a source of its own.");
    schema["anyOf"] = json!([
        {"required": ["preset"], "properties": {"preset": {"type": "string"}}},
        {"required": ["verify"], "properties": {"verify": {"type": "array"}}},
    ]);
    schema
}

/// How deliveries are verified.
fn verified(fields: Object) -> Object {
    fields
        .field(
            "preset",
            one_of(preset::names()),
            "The source of a known producer, which PRESETS.md describes. A field beside it takes the place of the preset's, verify \
             as a whole.",
        )
        .field(
            "verify",
            verify::alternatives(),
            "The ways in which the producer proves itself. A delivery is accepted when one of them accepts it with one live secret.",
        )
        .field(
            "public_url",
            verify::public_url(),
            "Scheme, host and path of the webhook as the producer has them, for {url}, {path} and claims.",
        )
        .field(
            "parameters",
            map(MAX_ENTRIES, json!({"type": "string", "minLength": 1})),
            "Texts that are not secret, for {parameter:NAME}.",
        )
        .field("allow_unsigned", flag(), "Lets a source of kind none accept what anybody sends.")
}

/// What deliveries are, and what they are answered.
fn described(fields: Object) -> Object {
    fields
        .field(
            "body",
            or(body(), json!("json")),
            "The form of the body: json, form, form:FIELD (JSON in that field), jwt (the claims of a token), text, empty (may be \
             empty).",
        )
        .field(
            "id",
            identity(),
            "Places of the delivery's identity; the first that is there counts. none ends the list: what comes then is no \
             duplicate of anything.",
        )
        .field("event", locators(), "Places of the event's type; the first that is there counts.")
        .field("subject", locators(), "Places of the thing that the event concerns; the first that is there counts.")
        .field(
            "labels",
            labels(),
            "Places that people look for, by a name of yours. They are shown in state, status, log lines and spans.",
        )
        .field("keep_headers", list(0, MAX_ENTRIES, kept_header()), "Headers that a handler sees.")
        .field(
            "on_conflict",
            name_of(&OnConflict::NAMES),
            "What becomes of a delivery whose identity was used with another body: duplicate (the first stays) or accept (it is a \
             webhook of its own). By default duplicate where the identity is signed.",
        )
        .field(
            "summary",
            or(name_of(&Summarise::NAMES), json!("on")),
            "Whether type, subject and labels of the payload are shown in status, log lines and spans.",
        )
        .field(
            "answer",
            answer(),
            "What an accepted delivery is answered where the producer does not take 202 with the contract of the API.",
        )
        .field(
            "retention_days",
            number(1, MAX_RETENTION_DAYS),
            "For how many days payloads are kept, where it differs from the deployment's.",
        )
        .field(
            "batch",
            text(POINTER),
            "The place of the array of events in the document. Read, and without effect yet.",
        )
        .field(
            "probes",
            flag(),
            "Says that the producer sends wrong signatures on purpose.",
        )
}

pub(crate) fn body() -> Value {
    let forms = ["json", "form", "jwt", "text", "empty"];
    json!({"type": "string", "anyOf": [{"enum": forms}, {"pattern": format!("^form:{ANY}")}, {"type": "null"}]})
}

/// A list of places of an identity.
fn identity() -> Value {
    let mut schema = locators();
    // The same for every delivery.
    schema["items"] = json!({"$ref": "#/$defs/locator", "not": {"pattern": constant()}});
    schema
}

fn locators() -> Value {
    list(0, MAX_ENTRIES, json!({"$ref": "#/$defs/locator"}))
}

fn labels() -> Value {
    let place = json!({
        "$ref": "#/$defs/locator",
        "not": {"anyOf": [{"pattern": constant()}, {"const": "none"}]},
    });
    let mut schema = map(MAX_LABELS, place);
    schema["propertyNames"] = json!({"pattern": "^[a-z0-9_]{1,20}$"});
    schema
}

fn constant() -> String {
    r"^const:[^+]+(\+const:[^+]+)*$".to_owned()
}

/// A place of the identity, the type, or a label. Beside it the words for a credential, which no header's name has.
pub(crate) fn locator() -> Value {
    // A plus joins places.
    let (name, pointer) = (NAME.replace('+', ""), POINTER.replace("[^~]", "[^~+]"));
    let part = format!(r"header:{name}+|json:{pointer}|form:[^+]+|const:[^+]+|hash");
    let more = MAX_JOINED - 1;
    let mut schema = text(&format!(r"none|({part})(\+({part})){{0,{more}}}"));
    schema["not"] = credential(r"(^|\+)header:", "[^+]*", r"(\+|$)");
    schema["description"] = json!(
        "header:NAME, json:/POINTER, form:NAME (with body: form), hash (of the body), const:TEXT, several of them joined by +, or \
         none."
    );
    schema
}

pub(crate) fn kept_header() -> Value {
    let mut schema = text(&format!("{NAME}+"));
    let address = format!("^{}$|{}$", any_of(&ADDRESSES), any_case("client-ip"));
    schema["not"] = json!({"anyOf": [credential("^", ".*", "$"), {"pattern": address}]});
    schema
}

/// A header that carries a credential, after what stands before its name, with what a name is made of and what ends it.
fn credential(before: &str, within: &str, end: &str) -> Value {
    let is = any_of(&CREDENTIALS);
    let (has, ends) = (any_of(&CREDENTIAL_WORDS), any_of(&CREDENTIAL_ENDS));
    let (token, identity) = (any_case("token"), any_case("idempotency"));
    json!({"anyOf": [
        {"pattern": format!("{before}({is}|{within}{ends}){end}")},
        {"pattern": format!("{before}{within}{has}")},
        {"pattern": format!("{before}{within}{token}"), "not": {"pattern": identity}},
    ]})
}

fn answer() -> Value {
    let printable = r"[^\u0000-\u0008\u000a-\u001f\u007f]*";
    // A part of the request would be pasted into it.
    let value = json!({"type": "string", "pattern": r"^[^\u0000-\u0008\u000a-\u001f\u007f{]*$"});
    let mut headers = map(MAX_HEADERS, value);
    let name = format!("^{NAME}+$");
    headers["propertyNames"] = json!({"pattern": name, "not": {"pattern": format!("^{}$", any_of(&ANSWERED))}});
    let body = json!({
        "type": "string",
        "maxLength": MAX_BODY_BYTES,
        "not": {"type": "string", "pattern": r"\{(header|json|query):"},
    });
    let fields = Object::default()
        .field("status", or(number(200, 299), json!(200)), "The status.")
        .field(
            "type",
            text(printable),
            "The content type: text/plain, or application/json with json.",
        )
        .field("body", body, "The body, as text.")
        .field("headers", headers, "Headers beside those that every answer has.");
    let mut schema = fields.schema();
    schema["properties"]["json"] = json!({"description": "The body, as JSON."});
    schema["not"] = json!({
        "type": "object",
        "required": ["body", "json"],
        "properties": {"body": {"type": "string"}, "json": {"not": {"type": "null"}}},
    });
    schema["if"] = json!({"type": "object", "required": ["status"], "properties": {"status": {"const": 204}}});
    schema["then"] = json!({"properties": {"body": {"maxLength": 0}, "json": {"type": "null"}}});
    schema
}

/// True if the reader takes it as a header that may be kept.
pub(crate) fn is_kept_header(name: &str) -> bool {
    super::read::kept_header(name).is_ok()
}

#[test]
fn the_schema_is_that_of_the_reader() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("sources.schema.json");
    let expected = schema();
    if std::env::var_os("UPDATE_SCHEMA").is_some() {
        let text = serde_json::to_string_pretty(&expected).unwrap();
        std::fs::write(&path, text + "\n").unwrap();
    }
    let found = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        serde_json::from_str(&found).ok() == Some(expected),
        "sources.schema.json is not that of the reader: UPDATE_SCHEMA=1 writes it"
    );
}
