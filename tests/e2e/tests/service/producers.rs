//! Deliveries of producers, as their presets take them.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::time::SystemTime;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::{HeaderMap, HeaderName, HeaderValue};
use serde::Deserialize;
use serde_json::{Value, json};
use tracehook_core::secret::Secret;
use tracehook_core::signature::Delivery as Signed;
use tracehook_core::{SourceConfig, Sources, Timestamp, preset};
use tracehook_test_support::{Delivery, Options, SECRET, Service, sign};

#[derive(Deserialize)]
struct Vectors {
    vectors: Vec<Vector>,
}

/// A request of a producer.
#[derive(Deserialize)]
struct Vector {
    id: String,
    provider: String,
    secret: String,
    #[serde(default)]
    method: Option<String>,
    url: Option<String>,
    headers: BTreeMap<String, String>,
    #[serde(default)]
    body: String,
    refuse: Option<String>,
    #[serde(default)]
    parameters: BTreeMap<String, String>,
}

impl Vector {
    fn query(&self) -> &str {
        let url = self.url.as_deref().unwrap_or_default();
        url.split_once('?').map_or("", |(_, query)| query)
    }

    /// The source that takes it.
    fn source(&self) -> Value {
        let mut source = json!({"preset": self.provider});
        if let Some(url) = &self.url {
            source["public_url"] = url.split('?').next().into();
        }
        if !self.parameters.is_empty() {
            source["parameters"] = json!(self.parameters);
        }
        source
    }

    /// True if its time does not matter, or is not over.
    fn is_accepted_now(&self, source: &SourceConfig) -> bool {
        let headers: HeaderMap = self
            .headers
            .iter()
            .map(|(name, value)| {
                let name = HeaderName::from_bytes(name.as_bytes()).unwrap();
                (name, HeaderValue::from_bytes(value.as_bytes()).unwrap())
            })
            .collect();
        let signed = Signed {
            query: self.query(),
            ..Signed::post(&headers, self.body.as_bytes(), Timestamp::from(SystemTime::now()))
        };
        source.verify().verify(&signed, &[Secret::new(&self.secret)]).is_ok()
    }

    fn delivery(&self, name: &str) -> Delivery {
        let path = match self.query() {
            "" => format!("/webhook/{name}"),
            query => format!("/webhook/{name}?{query}"),
        };
        let delivery = Delivery::new(&path, self.body.as_bytes());
        let headers = self.headers.iter();
        headers.fold(delivery, |delivery, (name, value)| delivery.with(name, value))
    }
}

/// The vectors that a preset takes at any time, each with its source.
fn vectors() -> Vec<(Vector, SourceConfig)> {
    let texts = [
        include_str!("../../../../functions/core/tests/sources/vectors.json"),
        include_str!("../../../../functions/core/tests/sources/vectors-signed.json"),
    ];
    let all = texts
        .into_iter()
        .flat_map(|text| serde_json::from_str::<Vectors>(text).unwrap().vectors);
    let taken = all.filter_map(|vector| {
        let is_ours = preset::find(&vector.provider).is_some() && Secret::of_source(&vector.secret).is_ok();
        let is_sent = vector.refuse.is_none() && vector.method.as_deref().is_none_or(|method| method == "POST");
        if !is_ours || !is_sent {
            return None;
        }
        let sources = Sources::parse(&json!({"a": vector.source()}).to_string()).unwrap();
        let source = sources.get("a").unwrap().1.clone();
        vector.is_accepted_now(&source).then_some((vector, source))
    });
    taken.collect()
}

/// A service with these sources and their secrets.
async fn service(sources: &[(String, Value, Value)]) -> Service {
    let mut config = String::new();
    for (name, source, secret) in sources {
        writeln!(config, "[sources.{name}]\nsecret = {secret}").unwrap();
        for (field, value) in source.as_object().unwrap() {
            match value.as_object() {
                None => writeln!(config, "{field} = {value}").unwrap(),
                Some(texts) => {
                    let texts: Vec<_> = texts.iter().map(|(name, text)| format!("{name} = {text}")).collect();
                    writeln!(config, "{field} = {{ {} }}", texts.join(", ")).unwrap();
                }
            }
        }
    }
    let options = Options {
        config: Some(config),
        memory: true,
        ..Options::default()
    };
    Service::start_with(options).await.unwrap()
}

#[tokio::test]
async fn what_producers_have_signed_is_accepted_and_another_body_is_not() {
    let vectors = vectors();
    let sources: Vec<_> = vectors
        .iter()
        .enumerate()
        .map(|(at, (vector, _))| (format!("v{at}"), vector.source(), json!(vector.secret)))
        .collect();
    let service = service(&sources).await;
    let mut accepted = BTreeMap::<&str, u32>::new();
    let mut changed = 0;
    for ((vector, source), (name, ..)) in vectors.iter().zip(&sources) {
        let delivery = vector.delivery(name);
        let answer = service.send(&delivery).await.unwrap();
        let code = answer.json["code"].as_str().unwrap_or_default();
        // Some sign a text that is none of their deliveries.
        assert!(
            answer.status < 300 || code.starts_with("body_") || code == "unsupported_media_type",
            "{}: {}",
            vector.id,
            answer.text
        );
        if answer.status < 300 {
            *accepted.entry(&vector.provider).or_default() += 1;
        }
        if source.verify().covers_body() && !vector.body.is_empty() {
            let mut body = vector.body.clone().into_bytes();
            let middle = body.len() / 2;
            body[middle] ^= 1;
            let answer = service.send(&delivery.with_body(body)).await.unwrap();
            assert_eq!(answer.status, 401, "{}: {}", vector.id, answer.text);
            changed += 1;
        }
    }
    for provider in [
        "shopify",
        "twilio",
        "sendgrid",
        "gitlab",
        "gitea",
        "braintree",
        "telegram",
        "buildkite",
    ] {
        assert!(accepted.contains_key(provider), "{provider}: {accepted:?}");
    }
    assert!(
        accepted.len() > 70 && changed > 60,
        "{} producers, {changed} changes",
        accepted.len()
    );
}

#[tokio::test]
async fn what_is_signed_with_its_time_is_accepted_now() {
    let (old, new) = (SECRET, "the-secret-after-the-roll");
    let key = "whsec_dGhlLWtleS1vZi10aGUtc3RhbmRhcmQ=";
    let sources = [
        ("stripe".to_owned(), json!({"preset": "stripe"}), json!([new, old])),
        ("slack".to_owned(), json!({"preset": "slack"}), json!(SECRET)),
        (
            "standard".to_owned(),
            json!({"preset": "standard-webhooks"}),
            json!(key),
        ),
        ("alerts".to_owned(), json!({"preset": "alertmanager"}), json!(SECRET)),
        ("form".to_owned(), json!({"preset": "github-form"}), json!(SECRET)),
        ("gitea".to_owned(), json!({"preset": "gitea-form"}), json!(SECRET)),
    ];
    let service = service(&sources).await;
    let now = Timestamp::from(SystemTime::now()).epoch_seconds();
    let body = r#"{"id":"evt_1","type":"invoice.paid","event_id":"Ev1","status":"firing"}"#;
    let mac = |secret: &str, text: String| sign(secret, text.as_bytes());
    let form = "payload=%7B%22ref%22%3A%22a+b%22%7D";
    let to = |name: &str, body: &str| Delivery::new(&format!("/webhook/{name}"), body);

    // While a secret is rolled, Stripe signs with both.
    let stripe = |at: i64, secrets: &[&str]| {
        let signatures = secrets
            .iter()
            .map(|secret| format!(",v1={}", mac(secret, format!("{at}.{body}"))));
        to("stripe", body).with("Stripe-Signature", format!("t={at}{}", signatures.collect::<String>()))
    };
    let slack = |at: i64| {
        to("slack", body)
            .with("X-Slack-Request-Timestamp", at.to_string())
            .with(
                "X-Slack-Signature",
                format!("v0={}", mac(SECRET, format!("v0:{at}:{body}"))),
            )
    };
    let standard = |at: i64| {
        let digest = hex::decode(mac("the-key-of-the-standard", format!("msg_1.{at}.{body}"))).unwrap();
        to("standard", body)
            .with("webhook-id", "msg_1")
            .with("webhook-timestamp", at.to_string())
            .with("webhook-signature", format!("v1a,AAAA v1,{}", STANDARD.encode(digest)))
    };
    let alert = |secret: &str| to("alerts", body).with("Authorization", format!("Bearer {secret}"));
    let of_github = |text: &str| {
        to("form", form).with(
            "X-Hub-Signature-256",
            format!("sha256={}", sign(SECRET, text.as_bytes())),
        )
    };
    let of_gitea = |text: &str| to("gitea", form).with("X-Gitea-Signature", sign(SECRET, text.as_bytes()));

    for (delivery, code) in [
        (stripe(now, &[new, old]), ""),
        (stripe(now, &["somebody-elses-secret", old]), ""),
        (stripe(now, &["somebody-elses-secret"]), "signature_mismatch"),
        (stripe(now - 900, &[new]), "signature_stale"),
        (slack(now), ""),
        (slack(now - 900), "signature_stale"),
        (slack(now + 900), "signature_stale"),
        (standard(now), ""),
        (standard(now - 900), "signature_stale"),
        (alert(SECRET), ""),
        (alert("another-secret-of-alerts"), "signature_mismatch"),
        (of_github(form), ""),
        (of_github(r#"{"ref":"a b"}"#), "signature_mismatch"),
        (of_gitea(r#"{"ref":"a b"}"#), ""),
        (of_gitea(form), "signature_mismatch"),
    ] {
        let answer = service.send(&delivery).await.unwrap();
        let given = answer.json["code"].as_str().unwrap_or_default();
        assert_eq!(given, code, "{}: {}", delivery.path(), answer.text);
        let is_accepted = (200..300).contains(&answer.status);
        assert!(is_accepted == code.is_empty(), "{}: {}", delivery.path(), answer.status);
    }
}
