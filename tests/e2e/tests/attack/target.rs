//! The service that is attacked.

use serde_json::Value;
use sha2::{Digest as _, Sha256};
use tracehook_test_support::service::calls;
use tracehook_test_support::{Delivery, Options, Service, sign};

/// The secrets, by source. Strangers have none of them.
const SECRETS: [(&str, &str); 4] = [
    ("default", "the-secret-of-the-default-source"),
    ("github", "the-secret-of-the-source-github"),
    ("shop", "the-secret-of-the-source-named-shop"),
    ("events", "the-secret-of-the-source-of-events"),
];

pub(crate) struct Target {
    pub service: Service,
}

/// The name of the source of a route.
fn source_of(route: &str) -> &str {
    match route.strip_prefix("/webhook/") {
        Some(name) => name,
        None => "default",
    }
}

fn secret_of(route: &str) -> &'static str {
    let source = source_of(route);
    SECRETS.iter().find(|(name, _)| *name == source).unwrap().1
}

/// The header of the signature on a route.
pub(crate) fn signature_header(route: &str) -> &'static str {
    match source_of(route) {
        "github" => "X-Hub-Signature-256",
        _ => "X-Webhook-Signature",
    }
}

/// A header of a request; empty when it has none.
pub(crate) fn header(delivery: &Delivery, name: &str) -> String {
    let mut headers = delivery.headers().filter(|(known, _)| known.eq_ignore_ascii_case(name));
    let value = headers
        .next()
        .map(|(_, value)| String::from_utf8_lossy(value).into_owned());
    value.unwrap_or_default()
}

/// A request to a route with this signature, or without one.
pub(crate) fn with_signature(route: &str, body: &str, signature: Option<&str>) -> Delivery {
    let delivery = Delivery::new(route, body)
        .with("Content-Type", "application/json")
        .with("X-GitHub-Event", "push")
        .with("X-GitHub-Delivery", format!("id-{}", crate::MARKER))
        .with("X-Order-Id", format!("order-{}", crate::MARKER))
        .with("User-Agent", "attack");
    match signature {
        Some(signature) => delivery.with(signature_header(route), signature),
        None => delivery,
    }
}

/// A genuine webhook of a route's producer.
pub(crate) fn genuine(route: &str, number: u32) -> Delivery {
    let body = format!(r#"{{"id":"event-{route}-{number}","type":"push","value":"a-genuine-value"}}"#);
    let signature = sign(secret_of(route), body.as_bytes());
    with_signature(route, &body, Some(&signature))
        .with("X-GitHub-Delivery", format!("delivery-{number}"))
        .with("X-Order-Id", format!("order-{number}"))
}

/// The secret of a source that is not the route's.
pub(crate) fn secret_of_another(route: &str) -> &'static str {
    let own = source_of(route);
    SECRETS.iter().find(|(name, _)| *name != own).unwrap().1
}

pub(crate) fn secrets() -> impl Iterator<Item = &'static str> {
    SECRETS.into_iter().map(|(_, secret)| secret)
}

impl Target {
    pub(crate) async fn start() -> Self {
        let mut config = String::new();
        for (name, secret) in SECRETS {
            let scheme = if name == "github" { "github" } else { "hmac-sha256" };
            config.push_str(&format!(
                "[sources.{name}]\npreset = \"{scheme}\"\nsecret = \"{secret}\"\n"
            ));
            config.push_str(match name {
                "shop" => "id = [\"header:X-Order-Id\"]\n",
                "events" => "id = [\"json:/id\", \"hash\"]\n",
                "default" => "id = [\"hash\"]\n",
                _ => "",
            });
        }
        let options = Options {
            config: Some(config),
            ..Options::default()
        };
        let service = Service::start_with(options).await.unwrap();
        Self { service }
    }

    /// Items that the validator wrote, and executions that it started.
    pub(crate) async fn effects(&self) -> (u64, u64) {
        let stats = self.service.get("/local/stats").await.unwrap().json;
        let of = |operation| calls(&stats, "tracehook-validator", operation);
        (
            of("dynamodb:PutItem") + of("dynamodb:UpdateItem") + of("s3:PutObject"),
            of("lambda:Invoke"),
        )
    }

    /// Whether the table has exactly this body under a token.
    pub(crate) async fn keeps(&self, token: &str, delivery: &Delivery) -> bool {
        let digest = hex::encode(Sha256::digest(delivery.body()));
        let items = self.service.items_of(token).await.unwrap();
        items
            .iter()
            .filter(|item| item.starts_with("payload#"))
            .eq([&format!("payload#{digest}")])
    }

    /// The pages that are in alarm.
    pub(crate) async fn pages(&self) -> Vec<String> {
        let alarms = self.service.get("/local/alarms").await.unwrap().json;
        let firing = |row: &&Value| row["state"] == "ALARM" && row["severity"] == "page";
        let rows = alarms["alarms"].as_array().unwrap();
        rows.iter()
            .filter(firing)
            .map(|row| row["name"].as_str().unwrap().to_owned())
            .collect()
    }
}
