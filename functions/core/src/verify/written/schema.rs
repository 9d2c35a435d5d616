//! The JSON Schema of alternatives.

mod text;

use serde_json::{Value, json};

use super::jwt::{KEYS, MAX_CLAIMS, MAX_LEEWAY};
use super::place::MAX_PLACES;
use super::signed::{DEFAULT_TOLERANCE, MAX_ITEMS, MAX_SEPARATORS, MAX_TOLERANCE};
use super::{KINDS, MAX_ALTERNATIVES};
use crate::schema::words::{Object, flag, list, map, name_of, number, or};
use crate::verify::encoding::Encoding;
use crate::verify::hash::Hash;
use crate::verify::jwt::{ALGORITHMS, Bound};
use crate::verify::key::KeyForm;
use crate::verify::proof::Proof;
use crate::verify::public_key::{Algorithm, PublicKeyForm};
use crate::verify::time::TimeFormat;

pub(crate) use text::{claim, is_claim, is_item, is_place, is_template, item, place, public_url, template};

const KIND: &str = "How the producer proves that a delivery is its own: hmac (a MAC under a shared secret), public-key (a signature \
     that a public key verifies), token (the secret itself), basic (HTTP Basic), jwt (a signed token), none (nothing).";

/// The list `verify`.
pub(crate) fn alternatives() -> Value {
    let mut schema = list(1, MAX_ALTERNATIVES, json!({"$ref": "#/$defs/way"}));
    // Unsigned beside signed accepts everything.
    schema["if"] = json!({"contains": is("kind", &["none"])});
    schema["then"] = json!({"maxItems": 1});
    schema
}

/// What the list refers to, by name.
pub(crate) fn definitions() -> Vec<(String, Value)> {
    let of_kind =
        |(kind, _): &(&str, _)| json!({"if": is("kind", &[kind]), "then": {"$ref": format!("#/$defs/{kind}")}});
    let mut kind = name_of(&KINDS);
    kind["description"] = json!(KIND);
    let way = json!({
        "description": "A way in which the producer proves itself.",
        "type": "object",
        "required": ["kind"],
        "properties": {"kind": kind},
        "allOf": KINDS.iter().map(of_kind).collect::<Vec<_>>(),
    });
    let kinds = KINDS.iter().map(|(kind, _)| ((*kind).to_owned(), fields_of(kind)));
    kinds.chain([("way".to_owned(), way)]).collect()
}

/// True of an object whose field is one of these.
fn is(field: &str, names: &[&str]) -> Value {
    json!({"type": "object", "properties": {field: {"enum": names}}, "required": [field]})
}

fn fields_of(kind: &str) -> Value {
    let fields = Object::default().required("kind", json!({"const": kind}), KIND);
    match kind {
        "hmac" => hmac(fields),
        "public-key" => public_key(fields),
        "token" => token(fields),
        "jwt" => jwt(fields),
        "basic" | "none" => fields.schema(),
        other => panic!("{other} has no schema"),
    }
}

fn hmac(fields: Object) -> Value {
    let fields = fields
        .required("hash", name_of(&Hash::NAMES), "The hash of the MAC.")
        .field(
            "key",
            or(name_of(&KeyForm::NAMES), json!("utf8")),
            "How the secret becomes the key: utf8 (its text), hex, base64, whsec (base64 after whsec_), sha1 (the SHA-1 of its \
             text).",
        );
    signed(fields).schema()
}

fn public_key(fields: Object) -> Value {
    let key = "How the public key, which is the source's secret, is written. RSA has pem and spki-base64.";
    let fields = fields
        .required("alg", name_of(&Algorithm::NAMES), "The algorithm of the signature.")
        .field("key", or(name_of(&PublicKeyForm::NAMES), json!("pem")), key);
    let mut schema = signed(fields).schema();
    let without_raw_keys = Algorithm::NAMES
        .iter()
        .filter(|(_, algorithm)| !algorithm.has_raw_keys());
    let without_raw_keys: Vec<_> = without_raw_keys.map(|(name, _)| *name).collect();
    let named = PublicKeyForm::NAMES.iter().filter(|(_, form)| !form.is_raw());
    let mut named: Vec<_> = named.map(|(name, _)| Value::from(*name)).collect();
    named.push(Value::Null);
    schema["if"] = is("alg", &without_raw_keys);
    schema["then"] = json!({"properties": {"key": {"enum": named}}});
    schema
}

fn token(fields: Object) -> Value {
    let from = "Where the token stands. json:/A/*/B asks it of every element.";
    let fields = fields.required("from", places(), from);
    prefix(fields).schema()
}

/// The fields of hmac and public-key.
fn signed(fields: Object) -> Object {
    fields
        .required("signature", signature(), "Where the signature stands, and how it is written.")
        .field(
            "signed",
            or(template(), json!("{body}")),
            "The signed bytes: {body}, {timestamp}, {method}, {url}, {path}, {form:sorted}, {sha256-hex:body}, {header:NAME}, \
             {query:NAME}, {form:NAME}, {json:/POINTER}, {json?:/POINTER} (absent is empty), lower: before one of these five, \
             {parameter:NAME}, and what items capture. [...] is left out when a value in it is absent.",
        )
        .field(
            "timestamp",
            timestamp(),
            "When the delivery was sent. It must be among the signed bytes, and is judged at the time of receipt.",
        )
        .field("body_hash", body_hash(), "A signed hash that stands for the body.")
        .field(
            "body_unsigned",
            flag(),
            "Says that the signature does not cover the body, where it does not.",
        )
}

fn signature() -> Value {
    let mut items = or(list(1, MAX_ITEMS, item()), json!(["{sig}"]));
    items["contains"] = json!({"pattern": r"\{sig\}"});
    let separator = json!({"type": "string", "minLength": 1});
    Object::default()
        .required(
            "from",
            places(),
            "The places of the signature; those that are absent are passed over.",
        )
        .field(
            "split",
            list(1, MAX_SEPARATORS, separator),
            "What separates items; two separate groups, and the items of a group.",
        )
        .field(
            "items",
            items,
            "The form of an item: v1={sig}, t={timestamp}. Items of another form are passed over.",
        )
        .field("encoding", encoding(), "How the signature is written.")
        .schema()
}

fn timestamp() -> Value {
    let from = "Where the time stands: header:NAME, query:NAME, form:NAME, json:/POINTER, or field:NAME, which an item captures.";
    Object::default()
        .required("from", text::time(), from)
        .field(
            "format",
            or(name_of(&TimeFormat::NAMES), json!("s")),
            "s (seconds since 1970), ms (milliseconds), rfc3339 (without a zone it is UTC), auto (13 digits are milliseconds).",
        )
        .field(
            "tolerance",
            or(number(0, MAX_TOLERANCE), json!(DEFAULT_TOLERANCE)),
            "Seconds that the time may be before or after the receipt; 0 checks nothing.",
        )
        .schema()
}

fn body_hash() -> Value {
    Object::default()
        .required(
            "from",
            place(),
            "Where the hash stands; it must be among the signed bytes.",
        )
        .field(
            "hash",
            or(name_of(&Hash::NAMES), json!("sha256")),
            "The hash of the body.",
        )
        .field("encoding", encoding(), "How the hash is written.")
        .schema()
}

fn jwt(fields: Object) -> Value {
    let (shared, public): (Vec<_>, Vec<_>) = ALGORITHMS
        .iter()
        .partition(|(_, proof)| matches!(proof, Proof::Hmac(..)));
    let names = |table: &[&(&'static str, Proof)]| table.iter().map(|(name, _)| *name).collect::<Vec<_>>();
    let fields = fields
        .required("from", places(), "Where the token stands; body is the whole body.")
        .required(
            "algs",
            list(1, ALGORITHMS.len(), name_of(&ALGORITHMS)),
            "The algorithms that a token may name: HS256 to HS512 with keys: secret, the others with keys: pem.",
        )
        .field(
            "keys",
            or(name_of(&KEYS), json!("secret")),
            "secret (the source's secret is a shared key) or pem (it is a public key).",
        )
        .field(
            "claims",
            map(MAX_CLAIMS, claim()),
            "What claims must be: exactly this, or a text with {url}, {path} and {parameter:NAME}, which a list may have, too.",
        )
        .field("bind", list(0, MAX_CLAIMS, bind()), "Claims that are a hash of the body or the URL.")
        .field(
            "leeway",
            or(number(0, MAX_LEEWAY), json!(0)),
            "Seconds for which a token is taken after its end and before its beginning.",
        );
    let mut schema = prefix(fields).schema();
    schema["if"] = is("keys", &["pem"]);
    schema["then"] = json!({"properties": {"algs": {"items": {"enum": names(&public)}}}});
    schema["else"] = json!({"properties": {"algs": {"items": {"enum": names(&shared)}}}});
    schema
}

fn bind() -> Value {
    Object::default()
        .required("claim", json!({"type": "string"}), "The name of the claim.")
        .required("of", name_of(&Bound::NAMES), "What it is a hash of.")
        .field("hash", or(name_of(&Hash::NAMES), json!("sha256")), "The hash.")
        .field("encoding", encoding(), "How the hash is written.")
        .field("empty_ok", flag(), "Lets the claim be absent where the body is empty.")
        .schema()
}

fn prefix(fields: Object) -> Object {
    fields.field(
        "prefix",
        or(json!({"type": "string"}), json!("")),
        "What stands before the token: \"Bearer \".",
    )
}

fn encoding() -> Value {
    or(name_of(&Encoding::NAMES), json!("hex"))
}

fn places() -> Value {
    list(1, MAX_PLACES, place())
}
