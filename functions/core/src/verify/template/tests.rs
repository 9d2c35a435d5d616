//! Templates as people write them, and in general.

mod any;
mod model;
mod properties;

use http::HeaderMap;

use super::*;
use crate::signature::Delivery;
use crate::timestamp::Timestamp;

fn filled(template: &str, timestamp: Option<&str>) -> Result<String, SignatureError> {
    let mut headers = HeaderMap::new();
    headers.insert("x-id", "ID-1".parse().unwrap());
    let delivery = Delivery {
        query: "b=X%20y&a=1&json?:a=named",
        ..Delivery::post(&headers, br#"{"id":7,"t":"x","z":null}"#, Timestamp::from_epoch_ms(0))
    };
    let setting = Setting {
        parameters: BTreeMap::from([("app".to_owned(), "app-7".to_owned())]),
        public_url: Some("https://a.example/in".parse().unwrap()),
        body: BodyForm::Json,
    };
    let values = Values {
        parts: &Parts::of(&delivery),
        timestamp,
        captures: &BTreeMap::from([("version", "v3")]),
        setting: &setting,
    };
    let signed = Template::parse(template).unwrap().fill(&values)?;
    Ok(String::from_utf8(signed).unwrap())
}

#[test]
fn a_template_is_filled_with_what_came() {
    for (template, expected) in [
        ("{body}", Ok(r#"{"id":7,"t":"x","z":null}"#)),
        ("v0:{timestamp}:\n", Ok("v0:12:\n")),
        (
            "{method} {path} {url}",
            Ok("POST /in https://a.example/in?b=X%20y&a=1&json?:a=named"),
        ),
        ("{query:b}{lower:query:b}", Ok("X yx y")),
        ("{query:json?:a}", Ok("named")),
        ("{json:/id}{json:/t}{json?:/z}{json?:/no/where}", Ok("7x")),
        ("{json:/z}", Err(SignatureError::Missing)),
        ("{header:X-Id}.{lower:header:X-ID}", Ok("ID-1.id-1")),
        ("{version}{parameter:app}", Ok("v3app-7")),
        (
            "{sha256-hex:body}",
            Ok("fed22e801c0e2f2987dd43c2136ed25b758ae9e4acd705bdfb162b57ed828ece"),
        ),
        ("[id:{header:X-Id};][no:{header:X-No};]ts", Ok("id:ID-1;ts")),
        ("{header:X-No}", Err(SignatureError::Missing)),
        ("{other}", Err(SignatureError::Missing)),
    ] {
        assert_eq!(filled(template, Some("12")), expected.map(str::to_owned), "{template}");
    }
    assert_eq!(filled("{timestamp}", None), Err(SignatureError::Missing));
}

#[test]
fn what_is_no_template_says_why() {
    for (text, expected) in [
        ("{body", InvalidTemplate::Brace),
        ("body}", InvalidTemplate::Brace),
        ("[{body}", InvalidTemplate::Brace),
        ("{body}]", InvalidTemplate::Brace),
        ("{query:a{b}", InvalidTemplate::Brace),
        ("{query:a]}", InvalidTemplate::Brace),
        ("[a[b]c]", InvalidTemplate::Nested),
        ("{header:a b}", InvalidTemplate::Place("header:a b".to_owned())),
        ("{sig}", InvalidTemplate::Unknown("sig".to_owned())),
        ("{secret}", InvalidTemplate::Secret),
        ("{json:id}", InvalidTemplate::Place("json:id".to_owned())),
        ("{json:/a/*/b}", InvalidTemplate::Place("json:/a/*/b".to_owned())),
        ("{header:X-*}", InvalidTemplate::Place("header:X-*".to_owned())),
        ("{sha1-hex:body}", InvalidTemplate::Unknown("sha1-hex:body".to_owned())),
        ("{Body}", InvalidTemplate::Unknown("Body".to_owned())),
        ("{}", InvalidTemplate::Unknown(String::new())),
    ] {
        assert_eq!(Template::parse(text), Err(expected), "{text}");
    }
}
