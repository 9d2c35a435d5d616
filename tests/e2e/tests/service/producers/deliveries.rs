//! What producers send, signed as they sign.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha1::Sha1;
use tracehook_test_support::{Delivery, SECRET, sign};

/// The secret that Stripe's endpoint had before.
pub(super) const ROLLED: &str = "the-secret-before-the-roll";
/// What a sender of Standard Webhooks shows: `whsec_`, and a key in base64.
pub(super) const STANDARD_SECRET: &str = "whsec_dGhlLWtleS1vZi10aGUtc3RhbmRhcmQ=";
const STANDARD_KEY: &str = "the-key-of-the-standard";
/// `SendGrid`: the key, the signature and the body that the tests of its own library have.
pub(super) const SENDGRID_KEY: &str = "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE83T4O/n84iotIvIW4mdBgQ/7dAfSmpqIM8kF9mN1flpVKS3GRqe62gw+2fNNRaINXvVpiglSI8eNEc6wEA3F+g==";
const SENDGRID_SIGNATURE: &str =
    "MEUCIGHQVtGj+Y3LkG9fLcxf3qfI10QysgDWmMOVmxG0u6ZUAiEAyBiXDWzM+uOe5W0JuG+luQAbPIqHh89M15TluLtEZtM=";
pub(super) const SENDGRID_BODY: &str = concat!(
    r#"[{"email":"hello@world.com","event":"dropped","reason":"Bounced Address","#,
    r#""sg_event_id":"ZHJvcC0xMDk5NDkxOS1MUnpYbF9OSFN0T0doUTRrb2ZTbV9BLTA","#,
    r#""sg_message_id":"LRzXl_NHStOGhQ4kofSm_A.filterdrecv-p3mdw1-756b745b58-kmzbl-18-5F5FC76C-9.0","#,
    r#""smtp-id":"<LRzXl_NHStOGhQ4kofSm_A@ismtpd0039p1iad1.sendgrid.net>","timestamp":1600112492}]"#,
    "\r\n"
);
/// Twilio's address of the service, as it was entered there.
pub(super) const TWILIO_URL: &str = "https://hooks.example.com/twilio";

fn to(name: &str, body: &str) -> Delivery {
    Delivery::new(&format!("/webhook/{name}"), body).with("Content-Type", "application/json")
}

fn form(name: &str, body: &str) -> Delivery {
    to(name, body).with("Content-Type", "application/x-www-form-urlencoded")
}

fn base64(hex: &str) -> String {
    STANDARD.encode(hex::decode(hex).unwrap())
}

const STRIPE: &str = r#"{"id":"evt_1","type":"invoice.paid","data":{"object":{"id":"pi_1"}}}"#;

/// While a secret is rolled, Stripe signs with both.
pub(super) fn stripe(at: i64, secrets: &[&str]) -> Delivery {
    let signatures = secrets
        .iter()
        .map(|secret| format!(",v1={}", sign(secret, format!("{at}.{STRIPE}").as_bytes())));
    let signatures: String = signatures.collect();
    to("stripe", STRIPE).with("Stripe-Signature", format!("t={at}{signatures}"))
}

const SLACK: &str = r#"{"type":"event_callback","event_id":"Ev1","event":{"type":"app_mention","user":"U1"}}"#;

pub(super) fn slack(at: i64) -> Delivery {
    let signature = sign(SECRET, format!("v0:{at}:{SLACK}").as_bytes());
    to("slack", SLACK)
        .with("X-Slack-Request-Timestamp", at.to_string())
        .with("X-Slack-Signature", format!("v0={signature}"))
}

pub(super) fn standard(at: i64) -> Delivery {
    let body = r#"{"type":"user.created"}"#;
    let signature = base64(&sign(STANDARD_KEY, format!("msg_1.{at}.{body}").as_bytes()));
    to("standard", body)
        .with("webhook-id", "msg_1")
        .with("webhook-timestamp", at.to_string())
        .with("webhook-signature", format!("v1a,AAAA v1,{signature}"))
}

/// The form of GitHub and of Gitea: JSON in its field `payload`.
pub(super) const PAYLOAD: &str = r#"{"ref":"a b","after":"c-1"}"#;
pub(super) const PAYLOAD_FORM: &str = "payload=%7B%22ref%22%3A%22a+b%22%2C%22after%22%3A%22c-1%22%7D";

/// GitHub signs the bytes of the form, Gitea the decoded field.
pub(super) fn github(signed: &str) -> Delivery {
    let signature = sign(SECRET, signed.as_bytes());
    form("github", PAYLOAD_FORM)
        .with("X-GitHub-Event", "push")
        .with("X-GitHub-Delivery", "g-1")
        .with("X-GitHub-Hook-ID", "7")
        .with("X-Hub-Signature-256", format!("sha256={signature}"))
}

pub(super) fn gitea(signed: &str) -> Delivery {
    form("gitea", PAYLOAD_FORM)
        .with("X-Gitea-Event", "push")
        .with("X-Gitea-Delivery", "t-1")
        .with("X-Gitea-Signature", sign(SECRET, signed.as_bytes()))
}

/// Twilio signs its own address with the query, then names and values in order.
pub(super) fn twilio(url: &str) -> Delivery {
    let sorted = "MessageSidSM1MessageStatusdeliveredTo+15550001111";
    let mac = Hmac::<Sha1>::new_from_slice(SECRET.as_bytes()).unwrap();
    let mac = mac.chain_update(url).chain_update(sorted).finalize();
    form(
        "twilio?shop=1",
        "To=%2B15550001111&MessageStatus=delivered&MessageSid=SM1",
    )
    .with("X-Twilio-Signature", STANDARD.encode(mac.into_bytes()))
}

pub(super) fn sendgrid(body: &str) -> Delivery {
    to("sendgrid", body)
        .with("X-Twilio-Email-Event-Webhook-Timestamp", "1600112502")
        .with("X-Twilio-Email-Event-Webhook-Signature", SENDGRID_SIGNATURE)
}

pub(super) fn gitlab(token: &str) -> Delivery {
    to("gitlab", r#"{"object_kind":"push","project":{"id":15}}"#)
        .with("X-Gitlab-Event", "Push Hook")
        .with("X-Gitlab-Event-UUID", "u-1")
        .with("X-Gitlab-Token", token)
}

pub(super) fn alert(secret: &str) -> Delivery {
    to("alerts", r#"{"status":"firing","groupKey":"{}:{job=\"api\"}"}"#)
        .with("Authorization", format!("Bearer {secret}"))
}

pub(super) fn shopify(secret: &str) -> Delivery {
    let body = r#"{"id":820982911946154508}"#;
    to("shopify", body)
        .with("X-Shopify-Topic", "orders/create")
        .with("X-Shopify-Webhook-Id", "s-1")
        .with("X-Shopify-Hmac-SHA256", base64(&sign(secret, body.as_bytes())))
}
