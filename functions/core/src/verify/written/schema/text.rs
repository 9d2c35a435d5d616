//! The forms of texts: places, templates, items and URLs.

use serde_json::{Value, json};

use crate::schema::words::{ANY, NAME, POINTER, text};
use crate::verify::pattern::Pattern;
use crate::verify::template::Template;
use crate::verify::value::ValuePlace;

/// A header's name that does not end with an asterisk.
fn header() -> String {
    let last = NAME.replace('*', "");
    format!("header:{NAME}*{last}")
}

/// A place of a request.
fn place_form() -> String {
    format!(
        "body|{}|header:{NAME}*-\\*|(query|form):{ANY}+|json:{POINTER}",
        header()
    )
}

/// A place of a request.
pub(crate) fn place() -> Value {
    text(&place_form())
}

/// A place of a time.
pub(crate) fn time() -> Value {
    text(&format!("{}|field:[a-z0-9_]+", place_form()))
}

/// An item of a signature.
pub(crate) fn item() -> Value {
    let capture = r"\{[a-z0-9_]+\}";
    text(&format!(r"[^{{}}]*{capture}([^{{}}]+{capture})*[^{{}}]*"))
}

/// A text without braces and brackets, and what stands within braces.
const PLAIN: &str = r"[^{}\[\]]";

/// A pointer of a template: none of its keys is an asterisk.
fn pointer() -> String {
    let (first, other) = (r"([^~/*{}\[\]]|~[01])", r"([^~/{}\[\]]|~[01])");
    format!(r"(/({first}{other}*|\*{other}+)?)+")
}

/// The signed bytes.
pub(crate) fn template() -> Value {
    let value = format!("(lower:)?({}|(query|form):{PLAIN}+|json\\??:{})", header(), pointer());
    let piece = format!(r"{PLAIN}|\{{({value}|sha256-hex:body|parameter:{PLAIN}+|[a-z0-9_]+)\}}");
    let mut schema = text(&format!(r"({piece}|\[({piece})*\])*"));
    // A signature of itself, and what a MAC is made with.
    schema["not"] = json!({"type": "string", "pattern": r"\{(sig|secret)\}"});
    schema
}

/// What a claim must be.
pub(crate) fn claim() -> Value {
    let mut schema = text(&format!(r"({PLAIN}|\{{(url|path|parameter:{PLAIN}+)\}})*"));
    schema["type"] = json!(["string", "number", "boolean"]);
    schema
}

/// A URL without a query.
pub(crate) fn public_url() -> Value {
    text(r"https?://[!$-.0-;=A-\[\]-~]+(/[!$-;=A-\[\]-~]*)?")
}

/// True if the reader takes it as a template.
pub(crate) fn is_template(text: &str) -> bool {
    Template::parse(text).is_ok()
}

/// True if the reader takes it as what a claim must be.
pub(crate) fn is_claim(text: &str) -> bool {
    Template::parse(text).is_ok_and(|template| template.is_of_source())
}

/// True if the reader takes it as an item.
pub(crate) fn is_item(text: &str) -> bool {
    Pattern::parse(text).is_ok()
}

/// True if the reader takes it as a place.
pub(crate) fn is_place(text: &str) -> bool {
    text.parse::<ValuePlace>().is_ok()
}
