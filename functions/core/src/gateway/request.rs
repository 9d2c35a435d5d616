//! The request event of API Gateway.

use std::borrow::Cow;
use std::collections::BTreeMap;

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, Method};
use serde::Deserialize;

use crate::body;
use crate::rejection::Rejection;

use super::query::Query;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Event<'e> {
    http_method: String,
    resource: Option<String>,
    path: Option<String>,
    headers: Option<BTreeMap<String, Option<String>>>,
    multi_value_headers: Option<BTreeMap<String, Option<Vec<String>>>>,
    path_parameters: Option<BTreeMap<String, String>>,
    query_string_parameters: Option<Query>,
    multi_value_query_string_parameters: Option<Query>,
    #[serde(borrow)]
    body: Option<Text<'e>>,
    is_base64_encoded: Option<bool>,
    request_context: Option<Context>,
}

/// A text that is not copied out of the event, unless the event has it with escapes.
#[derive(Default, Deserialize)]
struct Text<'e>(#[serde(borrow)] Cow<'e, str>);

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Context {
    request_id: Option<String>,
    domain_name: Option<String>,
    stage: Option<String>,
}

/// One HTTP request.
#[derive(Debug, Clone)]
pub struct Request {
    /// The method.
    pub method: Method,
    /// The resource's template, for example `/webhook/{source}`; the path where the gateway names none.
    pub resource: String,
    /// The path as it was called, without its stage; empty where the gateway names none.
    pub path: String,
    /// The parts of the path that the template names, percent-decoded.
    pub path_parameters: BTreeMap<String, String>,
    /// The query, without its question mark: names and values in the order of the event, percent-encoded anew. The gateway
    /// decodes them, so a query that its sender has escaped otherwise is not the sender's to the byte.
    pub query: String,
    /// Every value of every header.
    pub headers: HeaderMap,
    /// The producer's bytes; [`Rejection::BodyEncoding`] when the gateway's base64 cannot be decoded.
    pub body: Result<Bytes, Rejection>,
    /// The gateway's id of the request.
    pub request_id: Option<String>,
    /// The URL that the API is reached at, without a slash at its end: `https://{domain}/{stage}`.
    pub base_url: Option<String>,
}

impl Request {
    /// Reads an event.
    ///
    /// # Errors
    /// [`Rejection::MalformedEvent`] when it is not a proxy event at all.
    pub fn read(event: &str) -> Result<Self, Rejection> {
        let event: Event = serde_json::from_str(event).map_err(|_| Rejection::MalformedEvent)?;
        let context = event.request_context.unwrap_or_default();
        let base_url = context.domain_name.zip(context.stage).map(|(domain, stage)| {
            // A custom domain maps the stage away; API Gateway's own domain, `API.execute-api.REGION.…` in every partition of
            // AWS, has it in every path.
            if domain.split('.').nth(1) == Some("execute-api") {
                format!("https://{domain}/{stage}")
            } else {
                format!("https://{domain}")
            }
        });
        Ok(Self {
            method: event.http_method.parse().map_err(|_| Rejection::MalformedEvent)?,
            resource: event.resource.or_else(|| event.path.clone()).unwrap_or_default(),
            path: event.path.unwrap_or_default(),
            path_parameters: event.path_parameters.unwrap_or_default(),
            query: event
                .multi_value_query_string_parameters
                .or(event.query_string_parameters)
                .unwrap_or_default()
                .0,
            headers: headers(event.headers, event.multi_value_headers),
            body: body::decode(
                event.body.unwrap_or_default().0,
                event.is_base64_encoded.unwrap_or_default(),
            ),
            request_id: context.request_id,
            base_url,
        })
    }
}

/// Every value of every header, also of one that only the single-value map has.
fn headers(
    single: Option<BTreeMap<String, Option<String>>>,
    multi: Option<BTreeMap<String, Option<Vec<String>>>>,
) -> HeaderMap {
    let mut headers = HeaderMap::new();
    let pair = |name: &str, value: &str| {
        Some((
            HeaderName::from_bytes(name.as_bytes()).ok()?,
            HeaderValue::from_bytes(value.as_bytes()).ok()?,
        ))
    };
    for (name, values) in multi.into_iter().flatten() {
        for (name, value) in values.iter().flatten().filter_map(|value| pair(&name, value)) {
            headers.append(name, value);
        }
    }
    for (name, value) in single.into_iter().flatten() {
        if let Some((name, value)) = pair(&name, &value.unwrap_or_default())
            && !headers.contains_key(&name)
        {
            headers.insert(name, value);
        }
    }
    headers
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_full_event_is_read() {
        let request = Request::read(
            r#"{"httpMethod":"POST","resource":"/webhook/{source}","path":"/webhook/github","headers":{"X-A":"2","X-B":"b"},
                "multiValueHeaders":{"x-a":["1","2"],"X-C":null},"pathParameters":{"source":"github"},
                "queryStringParameters":null,"body":"e30=","isBase64Encoded":true,
                "requestContext":{"requestId":"r","domainName":"abc.execute-api.eu-west-1.amazonaws.com","stage":"prod","identity":null}}"#,
        )
        .unwrap();
        assert_eq!(request.method, Method::POST);
        assert_eq!(request.resource, "/webhook/{source}");
        assert_eq!(request.path_parameters["source"], "github");
        assert_eq!(request.headers.get_all("X-A").iter().collect::<Vec<_>>(), ["1", "2"]);
        assert_eq!(request.headers["x-b"], "b");
        assert_eq!(
            request.base_url.unwrap(),
            "https://abc.execute-api.eu-west-1.amazonaws.com/prod"
        );
        assert_eq!(request.body.unwrap(), "{}");
    }

    #[test]
    fn what_may_be_missing_may_be_missing_or_null() {
        for event in [
            r#"{"httpMethod":"HEAD"}"#,
            r#"{"httpMethod":"HEAD","resource":null,"headers":null,"multiValueHeaders":null,"pathParameters":null,
                "body":null,"isBase64Encoded":null,"requestContext":null}"#,
            r#"{"httpMethod":"HEAD","headers":{"bad name":"x","X-Bad":"a\nb","X-Null":null}}"#,
        ] {
            let request = Request::read(event).unwrap();
            assert_eq!((request.method, request.body), (Method::HEAD, Ok(Bytes::new())));
        }
    }

    #[test]
    fn a_body_is_text_with_escapes_or_base64_that_may_not_decode() {
        for (event, body) in [
            (
                r#"{"httpMethod":"POST","body":"{\"a\":\"\u00fc\"}"}"#,
                Ok("{\"a\":\"ü\"}"),
            ),
            (
                r#"{"httpMethod":"POST","body":"e30=","isBase64Encoded":false}"#,
                Ok("e30="),
            ),
            (
                r#"{"httpMethod":"POST","body":"Pz8\/","isBase64Encoded":true}"#,
                Ok("???"),
            ),
            (
                r#"{"httpMethod":"POST","body":"e30","isBase64Encoded":true}"#,
                Err(Rejection::BodyEncoding),
            ),
        ] {
            let body = body.map(|body| Bytes::from_static(body.as_bytes()));
            assert_eq!(Request::read(event).unwrap().body, body, "{event}");
        }
    }

    #[test]
    fn only_a_domain_of_api_gateway_has_the_stage_in_its_url() {
        for (domain, path) in [
            ("abc.execute-api.eu-west-1.amazonaws.com", "/prod"),
            ("abc.execute-api.cn-north-1.amazonaws.com.cn", "/prod"),
            ("abc.execute-api.eusc-de-east-1.amazonaws.eu", "/prod"),
            ("hooks.example.com", ""),
            ("amazonaws.com.example.com", ""),
            ("hooks.amazonaws.com", ""),
        ] {
            let event =
                format!(r#"{{"httpMethod":"GET","requestContext":{{"domainName":"{domain}","stage":"prod"}}}}"#);
            let base_url = Request::read(&event).unwrap().base_url.unwrap();
            assert_eq!(base_url, format!("https://{domain}{path}"));
        }
    }

    #[test]
    fn what_is_no_proxy_event_is_refused_not_a_crash() {
        for event in ["{}", "null", "[]", r#"{"httpMethod":1}"#, r#"{"httpMethod":"a b"}"#, ""] {
            assert_eq!(Request::read(event).unwrap_err(), Rejection::MalformedEvent, "{event}");
        }
    }
}
