//! Deliveries of ten producers, as their presets take them.

mod deliveries;

use std::time::{Duration, SystemTime};

use serde_json::json;
use tracehook_core::Timestamp;
use tracehook_test_support::service::configuration;
use tracehook_test_support::{Delivery, Options, SECRET, Service};

use deliveries::{
    PAYLOAD, PAYLOAD_FORM, ROLLED, SENDGRID_BODY, SENDGRID_KEY, STANDARD_SECRET, TWILIO_URL, alert, gitea, github,
    gitlab, sendgrid, shopify, slack, standard, stripe, twilio,
};

/// A service with a source for each producer.
async fn service() -> Service {
    let sources = [
        (
            "github",
            json!({"preset": "github-form", "secret": SECRET, "labels": {"commit": "json:/after"}}),
        ),
        (
            "stripe",
            json!({"preset": "stripe", "secret": [SECRET, ROLLED], "labels": {"payment": "json:/data/object/id"}}),
        ),
        (
            "shopify",
            json!({"preset": "shopify", "secret": SECRET, "labels": {"order": "json:/id"}}),
        ),
        (
            "slack",
            json!({"preset": "slack", "secret": SECRET, "labels": {"user": "json:/event/user"}}),
        ),
        (
            "twilio",
            json!({"preset": "twilio", "secret": SECRET, "public_url": TWILIO_URL, "labels": {"to": "form:To"}}),
        ),
        (
            "standard",
            json!({"preset": "standard-webhooks", "secret": STANDARD_SECRET}),
        ),
        (
            "sendgrid",
            json!({"preset": "sendgrid", "secret": SENDGRID_KEY, "labels": {"event": "json:/0/sg_event_id"}}),
        ),
        (
            "gitlab",
            json!({"preset": "gitlab", "secret": SECRET, "labels": {"project": "json:/project/id"}}),
        ),
        (
            "gitea",
            json!({"preset": "gitea-form", "secret": SECRET, "labels": {"commit": "json:/after"}}),
        ),
        (
            "alerts",
            json!({"preset": "alertmanager", "secret": SECRET, "labels": {"group": "json:/groupKey"}}),
        ),
    ];
    let config = configuration(sources.iter().map(|(name, source)| (*name, source)));
    let options = Options {
        config: Some(config),
        ..Options::default()
    };
    Service::start_with(options).await.unwrap()
}

/// A delivery, and what the service shows of it.
struct Sent {
    delivery: Delivery,
    event: &'static str,
    id: Option<&'static str>,
    label: Option<(&'static str, &'static str)>,
}

/// One delivery of each producer.
fn deliveries(now: i64) -> Vec<Sent> {
    let sent = |delivery, event, id, label| Sent {
        delivery,
        event,
        id,
        label,
    };
    vec![
        sent(github(PAYLOAD_FORM), "push", Some("g-1+7"), Some(("commit", "c-1"))),
        sent(
            stripe(now, &["somebody-elses-secret", ROLLED]),
            "invoice.paid",
            Some("evt_1"),
            Some(("payment", "pi_1")),
        ),
        sent(
            shopify(SECRET),
            "orders/create",
            Some("s-1"),
            Some(("order", "820982911946154508")),
        ),
        sent(slack(now), "app_mention", Some("Ev1"), Some(("user", "U1"))),
        sent(
            twilio(&format!("{TWILIO_URL}?shop=1")),
            "delivered",
            Some("SM1+delivered"),
            Some(("to", "+15550001111")),
        ),
        sent(standard(now), "user.created", Some("msg_1"), None),
        sent(
            sendgrid(SENDGRID_BODY),
            "dropped",
            None,
            Some(("event", "ZHJvcC0xMDk5NDkxOS1MUnpYbF9OSFN0T0doUTRrb2ZTbV9BLTA")),
        ),
        sent(gitlab(SECRET), "Push Hook", Some("u-1"), Some(("project", "15"))),
        sent(gitea(PAYLOAD), "push", Some("t-1"), Some(("commit", "c-1"))),
        sent(alert(SECRET), "firing", None, Some(("group", r#"{}:{job="api"}"#))),
    ]
}

fn now() -> i64 {
    Timestamp::from(SystemTime::now()).epoch_seconds()
}

#[tokio::test]
async fn ten_producers_are_accepted_completed_and_shown_with_type_id_and_labels() {
    let service = service().await;
    for Sent {
        delivery,
        event,
        id,
        label,
    } in deliveries(now())
    {
        let path = delivery.path();
        let token = service.send(&delivery).await.unwrap().accepted().unwrap();
        let end = service.end_of(&token).await.unwrap();
        assert_eq!(end["status"], "completed", "{path}: {end}");
        assert_eq!(end["webhookSummary"]["type"], event, "{path}: {end}");
        let span = service.root_span(&end).await.unwrap();
        assert_eq!(span["webhook.type"], event, "{path}: {span}");
        if let Some(id) = id {
            assert_eq!(span["webhook.delivery_id"], id, "{path}: {span}");
        }
        match label {
            Some((name, text)) => {
                assert_eq!(end["labels"], json!({name: text}), "{path}: {end}");
                assert_eq!(span[&format!("webhook.label.{name}")], text, "{path}: {span}");
            }
            None => assert_eq!(end.get("labels"), None, "{path}: {end}"),
        }
        // Sent again it is the same webhook, where its producer gives it an identity.
        let again = service.send(&delivery).await.unwrap().accepted().unwrap();
        assert_eq!(again == token, !path.ends_with("alerts"), "{path}");
    }
}

#[tokio::test]
async fn what_is_signed_with_its_time_is_accepted_now() {
    let service = service().await;
    let now = now();
    for (delivery, code) in [
        (stripe(now, &[SECRET, ROLLED]), ""),
        (stripe(now, &["somebody-elses-secret", ROLLED]), ""),
        (stripe(now, &["somebody-elses-secret"]), "signature_mismatch"),
        (stripe(now - 900, &[SECRET]), "signature_stale"),
        (stripe(now, &[SECRET]).without("Stripe-Signature"), "signature_missing"),
        (slack(now), ""),
        (slack(now - 900), "signature_stale"),
        (slack(now + 900), "signature_stale"),
        (standard(now), ""),
        (standard(now - 900), "signature_stale"),
        (alert(SECRET), ""),
        (alert(SECRET).with("Authorization", format!("bearer {SECRET}")), ""),
        (alert("another-secret-of-alerts"), "signature_mismatch"),
        (github(PAYLOAD_FORM), ""),
        (github(PAYLOAD), "signature_mismatch"),
        (gitea(PAYLOAD), ""),
        (gitea(PAYLOAD_FORM), "signature_mismatch"),
        (twilio(&format!("{TWILIO_URL}?shop=1")), ""),
        (
            twilio("https://example.com/webhook/twilio?shop=1"),
            "signature_mismatch",
        ),
        (twilio(TWILIO_URL), "signature_mismatch"),
        (sendgrid(SENDGRID_BODY), ""),
        (sendgrid(SENDGRID_BODY.trim()), "signature_mismatch"),
        (gitlab(SECRET), ""),
        (gitlab("another-token-of-gitlab"), "signature_mismatch"),
        (shopify(SECRET), ""),
        (shopify(ROLLED), "signature_mismatch"),
    ] {
        let answer = service.send(&delivery).await.unwrap();
        assert_eq!(answer.code(), code, "{}: {}", delivery.path(), answer.text);
        let is_accepted = (200..300).contains(&answer.status);
        assert!(is_accepted == code.is_empty(), "{}: {}", delivery.path(), answer.status);
    }
}

#[tokio::test]
async fn the_time_of_receipt_is_that_of_the_services_clock() {
    let service = service().await;
    let (before, later) = (now(), now() + 3600);
    let code = async |at: i64| {
        let answer = service.send(&stripe(at, &[SECRET])).await.unwrap();
        answer.code().to_owned()
    };
    assert_eq!(
        (code(before).await.as_str(), code(later).await.as_str()),
        ("", "signature_stale")
    );
    service.advance(Duration::from_hours(1)).await.unwrap();
    assert_eq!(
        (code(before).await.as_str(), code(later).await.as_str()),
        ("signature_stale", "")
    );
}
