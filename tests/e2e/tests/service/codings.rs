//! Bodies with a content encoding: the signature is over the bytes as received, and gzip is decoded by whoever reads the JSON.

use std::io::Write as _;

use flate2::Compression;
use flate2::write::GzEncoder;
use serde_json::json;
use tracehook_test_support::service::binaries;
use tracehook_test_support::{Answer, Delivery, Options, SECRET, Service, sign};

const LIMIT: usize = 100_000;

/// The source `shop` has a schema and its identity in the body; `log` knows a webhook by the bytes of its body.
async fn service() -> Service {
    let config = format!(
        "task_root = \"DIRECTORY\"\n[limits]\nmax_body_bytes = {LIMIT}\n\
         [sources.shop]\npreset = \"hmac-sha256\"\nsecret = \"{SECRET}\"\nid = [\"json:/id\"]\n\
         [sources.log]\npreset = \"hmac-sha256\"\nsecret = \"{SECRET}\"\nid = [\"hash\"]\n\
         [functions.processor]\nbinary = \"{}\"\n\
         [functions.processor.environment]\nEFFECTS_FILE = \"DIRECTORY/effects\"\nSTEP_INITIAL_DELAY_SECONDS = \"1\"\n",
        binaries().unwrap().join("scripted-processor").display()
    );
    let schema = r#"{"properties": {"id": {"type": "string"}}}"#;
    let options = Options {
        config: Some(config),
        files: vec![("schemas/shop.json".to_owned(), schema.to_owned())],
        memory: true,
        ..Options::default()
    };
    Service::start_with(options).await.unwrap()
}

fn gzip(bytes: impl AsRef<[u8]>, level: Compression) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), level);
    encoder.write_all(bytes.as_ref()).unwrap();
    encoder.finish().unwrap()
}

/// Text that no compression makes much smaller.
fn noise(bytes: usize) -> String {
    let mut state = 1_u32;
    let mut next = || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        char::from(b'a' + state.to_be_bytes()[0] % 26)
    };
    (0..bytes).map(|_| next()).collect()
}

fn coded(source: &str, coding: &str, body: &[u8]) -> Delivery {
    Delivery::new(&format!("/webhook/{source}"), body)
        .with("Content-Type", "application/json")
        .with("Content-Encoding", coding)
        .with("X-Webhook-Signature", sign(SECRET, body))
}

async fn sent(service: &Service, delivery: &Delivery) -> Answer {
    service.send(delivery).await.unwrap()
}

#[tokio::test]
async fn a_body_in_gzip_is_verified_as_received_and_read_as_json() {
    let service = service().await;
    let order = json!({"id": "o-1", "type": "order.paid", "script": {"failures": 1}}).to_string();
    for (coding, body) in [
        ("gzip", gzip(order.replace("o-1", "o-2"), Compression::best())),
        ("X-GZip", gzip(&order, Compression::none())),
        // An object of the bucket.
        (
            "gzip",
            gzip(
                json!({"id": "o-3", "type": "order.paid", "noise": noise(90_000)}).to_string(),
                Compression::best(),
            ),
        ),
    ] {
        let answer = sent(&service, &coded("shop", coding, &body)).await;
        let token = answer.token().unwrap();
        let ended = service.end_of(&token).await.unwrap();
        assert_eq!(ended["status"], "completed", "{ended}");
        assert_eq!(ended["webhookSummary"]["type"], "order.paid");
        assert_eq!(ended["webhookSummary"]["keys"][0], "id");
        assert_eq!(
            sent(&service, &coded("shop", coding, &body)).await.json["duplicate"],
            true
        );
    }
    // The identity is in the decoded body: the same one without a coding is another body under it.
    let plain =
        Delivery::new("/webhook/shop", order.as_str()).with("X-Webhook-Signature", sign(SECRET, order.as_bytes()));
    assert_eq!(sent(&service, &plain).await.json["conflict"], true);
    // What is signed are the bytes as received.
    let body = gzip(&order, Compression::best());
    let signed_decoded = coded("shop", "gzip", &body).with("X-Webhook-Signature", sign(SECRET, order.as_bytes()));
    assert_eq!(sent(&service, &signed_decoded).await.json["code"], "signature_mismatch");
}

#[tokio::test]
async fn a_hash_is_of_the_bytes_as_received_and_a_schema_judges_the_decoded_ones() {
    let service = service().await;
    let entry = r#"{"line":"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"}"#;
    let (small, large) = (gzip(entry, Compression::best()), gzip(entry, Compression::none()));
    let first = sent(&service, &coded("log", "gzip", &small)).await.token().unwrap();
    let again = sent(&service, &coded("log", "gzip", &small)).await;
    assert_eq!(
        (again.token().unwrap(), &again.json["duplicate"]),
        (first.clone(), &true.into())
    );
    let other = sent(&service, &coded("log", "gzip", &large)).await.token().unwrap();
    assert_ne!(first, other);
    for token in [first, other] {
        assert_eq!(service.end_of(&token).await.unwrap()["status"], "completed");
    }
    let wrong = gzip(r#"{"id":17}"#, Compression::best());
    let token = sent(&service, &coded("shop", "gzip", &wrong)).await.token().unwrap();
    let ended = service.end_of(&token).await.unwrap();
    assert_eq!(ended["error"]["code"], "schema_violation", "{ended}");
    assert!(
        ended["error"]["message"].as_str().unwrap().ends_with("/id (type)"),
        "{ended}"
    );
}

#[tokio::test]
async fn what_is_not_one_whole_gzip_within_its_bounds_is_refused_by_its_reason_and_stores_nothing() {
    let service = service().await;
    let good = gzip(r#"{"id":"o-1"}"#, Compression::best());
    let mut damaged = good.clone();
    damaged[12] ^= 1;
    let mut other_size = good.clone();
    *other_size.last_mut().unwrap() = 0x7f;
    let bomb = gzip(vec![b' '; 50 << 20], Compression::best());
    let far = format!("{{\"id\":\"{}\"}}", "x".repeat(30_000));
    let over = format!("{{\"id\":\"{}\"}}", noise(LIMIT));
    for (coding, body, status, code) in [
        ("gzip", br#"{"id":"o-1"}"#.to_vec(), 400, "body_not_gzip"),
        ("gzip", good[..good.len() - 1].to_vec(), 400, "body_not_gzip"),
        ("gzip", good[..12].to_vec(), 400, "body_not_gzip"),
        ("gzip", damaged, 400, "body_not_gzip"),
        ("gzip", other_size, 400, "body_not_gzip"),
        ("gzip", [good.as_slice(), b"\n"].concat(), 400, "body_not_gzip"),
        ("x-gzip", [good.as_slice(), &good].concat(), 400, "body_not_gzip"),
        ("gzip", bomb, 400, "body_decoded_too_large"),
        ("gzip", gzip(&far, Compression::best()), 400, "body_decoded_too_large"),
        ("gzip", gzip(&over, Compression::best()), 400, "body_decoded_too_large"),
        ("gzip", Vec::new(), 400, "body_empty"),
        ("gzip", gzip("", Compression::best()), 400, "body_empty"),
        ("gzip", gzip("{\"id\":", Compression::best()), 400, "body_not_json"),
        ("gzip", gzip(&good, Compression::best()), 400, "body_not_utf8"),
        ("br", good.clone(), 415, "unsupported_content_encoding"),
        ("deflate", good.clone(), 415, "unsupported_content_encoding"),
        ("zstd", good.clone(), 415, "unsupported_content_encoding"),
        (
            "gzip, gzip",
            gzip(&good, Compression::best()),
            415,
            "unsupported_content_encoding",
        ),
        ("identity", good.clone(), 400, "body_not_utf8"),
    ] {
        let answer = sent(&service, &coded("shop", coding, &body)).await;
        assert_eq!(
            (answer.status, answer.json["code"].as_str()),
            (status, Some(code)),
            "{coding}: {}",
            answer.text
        );
    }
    let form = gzip("payload=%7B%7D", Compression::best());
    let form = coded("shop", "gzip", &form).with("Content-Type", "application/x-www-form-urlencoded");
    assert_eq!(sent(&service, &form).await.json["code"], "unsupported_media_type");
    // Nobody makes the validator decode without a signature.
    let unsigned = coded("shop", "gzip", b"\x1f\x8b").without("X-Webhook-Signature");
    assert_eq!(sent(&service, &unsigned).await.json["code"], "signature_missing");
    // None of them has taken the identity.
    let genuine = sent(&service, &coded("shop", "gzip", &good)).await;
    assert_eq!(
        (genuine.status, &genuine.json["duplicate"]),
        (202, &serde_json::Value::Null)
    );
}
