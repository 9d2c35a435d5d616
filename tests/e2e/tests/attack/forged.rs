//! Requests of who has no secret: each looks as right as it can.

use tracehook_test_support::{Delivery, sign};

use crate::MARKER;
use crate::target::{header, signature_header, with_signature};

/// A forged request and what is wrong with it.
pub(crate) struct Forged {
    pub what: String,
    pub delivery: Delivery,
}

/// The body of every forged request.
fn body(round: u32) -> String {
    format!(r#"{{"id":"forged-{round}","type":"push","value":"{MARKER}"}}"#)
}

/// Every forged request for a route. `genuine` is what was captured there, `foreign` the secret of another source.
pub(crate) fn all(route: &str, genuine: &Delivery, foreign: &str, round: u32) -> Vec<Forged> {
    let body = body(round);
    let mut all: Vec<Forged> = signatures(genuine, foreign, &body)
        .into_iter()
        .flat_map(|(what, signature)| {
            let delivery = with_signature(route, &body, signature.as_deref());
            [Forged {
                what: format!("signature {what}"),
                delivery,
            }]
        })
        .collect();
    all.extend(places(route, genuine, &body));
    all.extend(bodies(genuine));
    all.extend(routes(genuine));
    all
}

/// Wrong values of the signature's header.
fn signatures(genuine: &Delivery, foreign: &str, body: &str) -> Vec<(&'static str, Option<String>)> {
    let captured = header(genuine, signature_header(genuine.path()));
    let hex = captured.trim_start_matches("sha256=").to_owned();
    let of = |secret: &str| sign(secret, body.as_bytes());
    vec![
        ("absent", None),
        ("empty", Some(String::new())),
        ("a prefix alone", Some("sha256=".to_owned())),
        ("zeros", Some("0".repeat(64))),
        ("of another body", Some(captured.clone())),
        ("of another body, upper case", Some(hex.to_uppercase())),
        ("by the secret of another source", Some(of(foreign))),
        ("by an empty secret", Some(of(""))),
        ("by the source's name", Some(of("github"))),
        ("by the marker", Some(of(MARKER))),
        ("cut", Some(of("guess")[..32].to_owned())),
        ("with a digit more", Some(format!("{}0", of("guess")))),
        ("twice in one value", Some(format!("{hex}, {}", of("guess")))),
        ("of sha1", Some(format!("sha1={}", &of("guess")[..40]))),
        ("with a wildcard", Some("sha256=*".to_owned())),
        ("as the word null", Some("null".to_owned())),
        (
            "as base64",
            Some("JVBERi0xLjQKJcOkw7zDtsOfCjIgMCBvYmoKPDwvTGVuZ3RoIDM=".to_owned()),
        ),
        ("with inner white space", Some(format!("{} {}", &hex[..32], &hex[32..]))),
        ("of 10,000 characters", Some("a".repeat(10_000))),
        ("of other digits", Some("٠".repeat(64))),
    ]
}

/// A right-looking signature in places that are not the source's.
fn places(route: &str, genuine: &Delivery, body: &str) -> Vec<Forged> {
    let captured = header(genuine, signature_header(route));
    let unsigned = || with_signature(route, body, None);
    [
        "Authorization",
        "X-Hub-Signature",
        "X-Signature",
        "X_Webhook_Signature",
        "X-Hub-Signature-256-",
        "Stripe-Signature",
        "X-Shopify-Hmac-Sha256",
        "X-Forwarded-X-Webhook-Signature",
        "Cookie",
        "X-Api-Key",
        "X-Original-URL",
        "X-HTTP-Method-Override",
        "X-Amzn-Requestid",
        "Forwarded",
    ]
    .into_iter()
    .filter(|name| !name.eq_ignore_ascii_case(signature_header(route)))
    .map(|name| Forged {
        what: format!("signature in {name}"),
        delivery: unsigned().with(name, format!("{captured} {MARKER}")),
    })
    .chain([
        Forged {
            what: "signature in the query".to_owned(),
            delivery: unsigned().to(&format!("{route}?{}={captured}", signature_header(route))),
        },
        Forged {
            what: "the source that needs less in the query".to_owned(),
            delivery: unsigned().to(&format!("{route}?source=none&scheme=none")),
        },
    ])
    .collect()
}

/// The captured signature over bodies that differ by a byte or are the same document in other bytes.
fn bodies(genuine: &Delivery) -> Vec<Forged> {
    let text = String::from_utf8(genuine.body().to_vec()).unwrap();
    [
        ("with a space more", format!("{text} ")),
        ("with a line end", format!("{text}\n")),
        ("after a byte order mark", format!("\u{feff}{text}")),
        ("with white space inside", text.replacen(':', ": ", 1)),
        ("of other case", text.to_uppercase()),
        (
            "with a member more",
            text.replacen('{', &format!("{{\"value\":\"{MARKER}\","), 1),
        ),
        ("without its end", text[..text.len() - 1].to_owned()),
        ("twice", text.repeat(2)),
        ("with nothing in it", String::new()),
        ("with an escape for a letter", text.replacen("push", "\\u0070ush", 1)),
    ]
    .into_iter()
    .map(|(what, body)| Forged {
        what: format!("body {what}"),
        delivery: genuine.clone().with_body(body),
    })
    .chain(["gzip", "deflate", "br", "x-gzip, gzip", "aes128gcm"].map(|coding| {
        Forged {
            what: format!("body changed and called {coding}"),
            delivery: genuine
                .clone()
                .with_body(format!("{text} "))
                .with("Content-Encoding", coding),
        }
    }))
    .collect()
}

/// What was captured on one route, on others.
fn routes(genuine: &Delivery) -> Vec<Forged> {
    let own = genuine.path().to_owned();
    let same_source = |path: &str| {
        matches!(
            (own.as_str(), path),
            ("/webhook", "/webhook/default") | ("/webhook/default", "/webhook")
        )
    };
    let mut all: Vec<_> = crate::ROUTES
        .into_iter()
        .filter(|path| *path != own && !same_source(path))
        .map(str::to_owned)
        .collect();
    all.extend([
        format!("/webhook/{MARKER}"),
        format!("{own}/../none"),
        format!("{own};/x"),
        format!("{own}/%2e%2e/none"),
        format!("{own}%00"),
        format!("{own}%2fnone"),
        "/webhook/none".to_owned(),
        "/webhook/*".to_owned(),
        "/WEBHOOK/github".to_owned(),
        "/status/00000000000000000000000000000000".to_owned(),
        "/status/..%2fwebhook".to_owned(),
    ]);
    let elsewhere = all.into_iter().map(|path| Forged {
        what: format!("captured on {own}, sent to {path}"),
        delivery: genuine.clone().to(&path),
    });
    let methods = ["PUT", "PATCH", "DELETE", "GET", "HEAD", "TRACE", "PROPFIND"].map(|method| Forged {
        what: format!("by {method}"),
        delivery: genuine.clone().method(method),
    });
    elsewhere.chain(methods).collect()
}
