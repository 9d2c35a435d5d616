//! Events that a gateway makes of arbitrary requests, and events that no gateway makes.

use std::cell::Cell;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use proptest::prelude::*;
use proptest::sample::select;
use serde::Deserialize;
use serde_json::{Map, Value, json};
use sha2::Sha256;
use tokio::runtime::{Builder, Runtime};
use tracehook_core::gateway::Answer;
use tracehook_core::{ConfigurationHash, Rejection};
use tracehook_runtime::AfterAnswer;
use tracehook_runtime::http::handle;
use tracehook_test_support::fuzzing::{bytes, corpus, fuzz, texts};
use tracehook_validator::Validator;
use tracehook_validator::config::Config;

use crate::aws::{Aws, LIVE};

const DOCUMENT: &str = r#"{"sources":{"github":{"preset":"github"},"shop":{"preset":"hmac-sha256","id":["header:X-Order-Id"]},
    "default":{"preset":"hmac-sha256"},"open":{"preset":"none"}}}"#;

const MAX_BODY_BYTES: usize = 30_000;

/// The function with its services, and the number of accepted and refused events.
struct World {
    aws: Aws,
    validator: Validator,
    runtime: Runtime,
    accepted: Cell<u32>,
    refused: Cell<u32>,
}

impl World {
    fn new() -> Self {
        let config = Config::from_env(|name| {
            let value = match name {
                "TABLE_NAME" | "SECRET_ID" | "EXECUTION_NAME_PREFIX" => "tracehook",
                "CONFIGURATION_SHA256" => return Some(ConfigurationHash::of(DOCUMENT).to_string()),
                "PROCESSOR_FUNCTION" => "processor:live",
                "AWS_REGION" => "eu-west-1",
                "ALLOW_UNSIGNED" => "true",
                "CORS_ALLOW_ORIGIN" => "https://pages.example.com",
                "MAX_BODY_BYTES" => return Some(MAX_BODY_BYTES.to_string()),
                _ => return None,
            };
            Some(value.to_owned())
        });
        let aws = Aws::of(DOCUMENT);
        let validator = Validator::new(config.unwrap(), &aws.config(), AfterAnswer::default());
        let runtime = Builder::new_current_thread().enable_all().build().unwrap();
        Self {
            aws,
            validator,
            runtime,
            accepted: Cell::default(),
            refused: Cell::default(),
        }
    }

    /// Sends an event and checks the answer and the stored items against the promises.
    fn send(&self, event: &str) -> Answer {
        let answer = self.runtime.block_on(handle(&self.validator, event, "invocation"));
        let stored = self.aws.take_stored();
        let body: Value = serde_json::from_str(answer.body()).unwrap_or_default();
        match answer.status() {
            202 => {
                self.accepted.set(self.accepted.get() + 1);
                let token = body["executionToken"].as_str().unwrap();
                assert!(token.len() == 32 && answer.header("Location").unwrap().ends_with(token));
                assert!(may_be_accepted(event, &stored), "nobody signed this");
            }
            204 => assert!(stored.is_empty() && answer.body().is_empty()),
            status => {
                self.refused.set(self.refused.get() + 1);
                assert!(stored.is_empty(), "{status} and stored");
                let known = Rejection::ALL.iter().find(|rejection| body["code"] == rejection.code());
                let known = known.unwrap_or_else(|| panic!("{status}: {body} has no known code"));
                assert_eq!(status, known.status().as_u16());
                // The texts of these name the limit.
                if ![Rejection::BodyTooLarge, Rejection::BodyDecodedTooLarge].contains(known) {
                    assert_eq!(body["error"], known.message());
                }
                assert!(body["requestId"].is_string());
            }
        }
        answer
    }
}

/// The headers of an event. Other fields are skipped: they may hold what no [`Value`] can, such as half a surrogate pair.
#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Headers {
    headers: Value,
    multi_value_headers: Value,
}

/// Whether what was stored was signed with a live secret of the source that it was stored for, by some value of the
/// source's header in the event. Judged by the stored bytes, not by the function's own reading of the event.
fn may_be_accepted(event: &str, stored: &[Value]) -> bool {
    let source = stored.iter().find_map(|item| item["source"]["S"].as_str()).unwrap();
    let payload = stored.iter().find_map(|item| item["body"]["B"].as_str()).unwrap();
    assert_eq!(stored.len(), 2, "the state and the payload");
    if source == "open" {
        return true;
    }
    let payload = STANDARD.decode(payload).unwrap();
    let (_, secrets) = LIVE.into_iter().find(|(known, _)| *known == source).unwrap();
    let macs = secrets.map(|secret| mac(secret, &payload));
    let event: Headers = serde_json::from_str(event).unwrap();
    let header = header_of(source);
    let maps = [&event.headers, &event.multi_value_headers];
    let named = maps
        .iter()
        .filter_map(|map| map.as_object())
        .flatten()
        .filter(|(name, _)| name.eq_ignore_ascii_case(header));
    let values = named.flat_map(|(_, value)| value.as_array().cloned().unwrap_or_else(|| vec![value.clone()]));
    values
        .filter_map(|value| Some(value.as_str()?.trim().to_ascii_lowercase()))
        .any(|value| {
            macs.iter()
                .any(|mac| value == *mac || value.strip_prefix("sha256=") == Some(mac))
        })
}

fn header_of(source: &str) -> &'static str {
    if source == "github" {
        "X-Hub-Signature-256"
    } else {
        "X-Webhook-Signature"
    }
}

fn mac(secret: &str, body: &[u8]) -> String {
    let mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).unwrap();
    hex::encode(mac.chain_update(body).finalize().into_bytes())
}

/// A request before a gateway makes an event of it.
#[derive(Debug, Clone)]
struct Sent {
    body: Vec<u8>,
    source: &'static str,
    secret: &'static str,
    form: &'static str,
    upper_case_names: bool,
    maps: u8,
    base64: bool,
    extra: (&'static str, &'static str),
}

impl Sent {
    fn any(bodies: &[Vec<u8>]) -> impl Strategy<Value = Self> + use<> {
        let secrets: Vec<_> = LIVE
            .iter()
            .flat_map(|(_, secrets)| *secrets)
            .chain(["retired-github-secret"])
            .collect();
        let sources = select(vec![
            "github", "github", "shop", "default", "open", "nobody", "GitHub", "..", "",
        ]);
        let forms = select(vec!["sha256={}", "sha256={}", "{}", " {} ", "sha1={}", "{}0", ""]);
        let extra = select(vec![
            ("X-Any", ""),
            ("X-GitHub-Delivery", "72d3162e"),
            ("X-GitHub-Delivery", "ü\u{7f}"),
            ("Content-Encoding", "gzip"),
            ("Content-Type", "text/plain"),
            ("X-GitHub-Event", "push"),
            ("traceparent", "00-6553f100d7e21b8ed24b0a7d4b0a7d4b-00f067aa0ba902b7-01"),
        ]);
        let live = (select(secrets), any::<bool>()).prop_map(|(any, right)| (!right).then_some(any));
        (
            bytes(bodies),
            sources,
            live,
            forms,
            any::<bool>(),
            0..3_u8,
            any::<bool>(),
            extra,
        )
            .prop_map(|(body, source, secret, form, upper_case_names, maps, base64, extra)| {
                let own = LIVE
                    .iter()
                    .find(|(known, _)| *known == source)
                    .map(|(_, [current, _])| *current);
                let secret = secret.or(own).unwrap_or_default();
                Self {
                    body,
                    source,
                    secret,
                    form,
                    upper_case_names,
                    maps,
                    base64,
                    extra,
                }
            })
    }

    /// The event of API Gateway, with one map of headers, the other, or both.
    fn event(&self) -> String {
        let mut single = Map::new();
        let signature = self.form.replace("{}", &mac(self.secret, &self.body));
        for (name, value) in [
            ("Host", "hooks.example.com"),
            (header_of(self.source), &*signature),
            self.extra,
        ] {
            let name = if self.upper_case_names {
                name.to_uppercase()
            } else {
                name.to_owned()
            };
            single.insert(name, value.into());
        }
        let multi: Map<_, _> = single
            .iter()
            .map(|(name, value)| (name.clone(), json!([value])))
            .collect();
        let body = if self.base64 {
            STANDARD.encode(&self.body)
        } else {
            String::from_utf8_lossy(&self.body).into_owned()
        };
        json!({
            "httpMethod": "POST", "resource": "/webhook/{source}", "path": format!("/webhook/{}", self.source),
            "pathParameters": {"source": self.source},
            "headers": (self.maps != 1).then_some(single), "multiValueHeaders": (self.maps != 0).then_some(multi),
            "body": body, "isBase64Encoded": self.base64, "requestContext": {"requestId": "r"},
        })
        .to_string()
    }

    /// True when nothing is wrong with it.
    fn is_good(&self) -> bool {
        let live = LIVE
            .iter()
            .any(|(known, secrets)| *known == self.source && secrets.contains(&self.secret));
        let signed = live && self.form.trim().trim_start_matches("sha256=") == "{}";
        let sound =
            self.base64 && self.body.len() <= MAX_BODY_BYTES && serde_json::from_slice::<Value>(&self.body).is_ok();
        signed && sound && !matches!(self.extra.1, "gzip" | "ü\u{7f}")
    }
}

fn bodies() -> Vec<Vec<u8>> {
    let mut bodies = corpus("../core/tests/corpus/bodies");
    bodies.extend(corpus("../../tests/e2e/fixtures/github"));
    bodies
}

#[test]
fn a_request_is_accepted_when_it_is_good_and_never_without_a_signature_of_a_live_secret() {
    let (world, bodies) = (World::new(), bodies());
    fuzz("requests", bodies.len(), 3_000, Sent::any(&bodies), |sent| {
        let answer = world.send(&sent.event());
        assert!(!sent.is_good() || answer.status() == 202, "{}", answer.body());
    });
    let (accepted, refused) = (world.accepted.get(), world.refused.get());
    assert!(accepted > 0 && refused > 0, "{accepted} accepted, {refused} refused");
}

#[test]
fn an_event_that_is_damaged_anywhere_is_answered_and_never_accepted_unsigned() {
    let (world, events) = (World::new(), corpus("tests/corpus"));
    fuzz("proxy events", events.len(), 4_000, texts(&events), |event| {
        world.send(&event);
    });
    let (accepted, refused) = (world.accepted.get(), world.refused.get());
    assert!(accepted > 0 && refused > 0, "{accepted} accepted, {refused} refused");
}

#[test]
fn half_a_surrogate_pair_in_a_field_that_nobody_reads_changes_nothing() {
    let world = World::new();
    let sent = Sent {
        body: b"{}".to_vec(),
        source: "github",
        secret: LIVE[0].1[0],
        form: "sha256={}",
        upper_case_names: false,
        maps: 0,
        base64: true,
        extra: ("X-Any", ""),
    };
    let event = sent.event().replacen('{', r#"{"stageVariables":"\ud800","#, 1);
    assert_eq!(world.send(&event).status(), 202);
}
