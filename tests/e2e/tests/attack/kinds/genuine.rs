//! A source of each kind of proof, and a genuine delivery of it.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ed25519_dalek::{Signer as _, SigningKey};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use tracehook_test_support::{Delivery, sign};

use super::jwt;

/// The kind `none`, at a source that has a secret after all.
pub(super) const OPEN: &str = "open";
/// The body of every genuine delivery.
pub(super) const BODY: &str =
    r#"{"id":"genuine","value":[{"state":"the-token-of-each-element"},{"state":"the-token-of-each-element"}]}"#;
/// The private keys of the two producers that have one.
pub(super) const PRIVATE: [u8; 32] = [7; 32];
const PRIVATE_OF_TOKENS: [u8; 32] = [9; 32];

/// A kind of proof.
pub(super) struct Kind {
    /// The name of its source.
    pub(super) name: &'static str,
    /// The source, with its secret.
    pub(super) source: Value,
    /// The genuine proof: headers and their values.
    pub(super) proof: Vec<(&'static str, String)>,
    /// True if the body is signed.
    pub(super) covers_body: bool,
}

impl Kind {
    /// The genuine delivery, to a source.
    pub(super) fn delivery(&self, source: &str) -> Delivery {
        let headers = self.proof.iter();
        headers.fold(bare(source, BODY), |delivery, (name, value)| delivery.with(name, value))
    }

    /// The way in which the source verifies.
    pub(super) fn way(&self) -> &Value {
        &self.source["verify"][0]
    }

    pub(super) fn secret(&self) -> &str {
        self.source["secret"].as_str().unwrap()
    }
}

/// A request without a proof.
pub(super) fn bare(source: &str, body: &str) -> Delivery {
    Delivery::new(&format!("/webhook/{source}"), body).with("Content-Type", "application/json")
}

pub(super) fn digest(body: &str) -> String {
    hex::encode(Sha256::digest(body))
}

/// A public key as PEM.
fn pem(private: &[u8; 32]) -> String {
    let public = SigningKey::from_bytes(private).verifying_key();
    // The algorithm's identifier (RFC 8410), then the key.
    let der = [&hex::decode("302a300506032b6570032100").unwrap()[..], public.as_bytes()].concat();
    let text = STANDARD.encode(der);
    format!("-----BEGIN PUBLIC KEY-----\n{text}\n-----END PUBLIC KEY-----\n")
        .trim()
        .to_owned()
}

/// The claims of the genuine tokens: they hold a hash of the body.
pub(super) fn claims(body: &str) -> Value {
    json!({"iss": "producer", "sha256": digest(body)})
}

fn ed25519(private: &[u8; 32], signed: &[u8]) -> Vec<u8> {
    SigningKey::from_bytes(private).sign(signed).to_bytes().to_vec()
}

fn source(secret: &str, way: Value) -> Value {
    json!({"secret": secret, "verify": [way], "id": ["hash"], "event": ["const:attack"]})
}

/// Every kind that is built.
pub(super) fn kinds() -> Vec<Kind> {
    let kind = |name, source, proof, covers_body| Kind {
        name,
        source,
        proof,
        covers_body,
    };
    vec![
        hmac(),
        timed(),
        hashed(),
        kind(
            "public-key",
            source(
                &hex::encode(SigningKey::from_bytes(&PRIVATE).verifying_key().as_bytes()),
                json!({"kind": "public-key", "alg": "ed25519", "key": "raw-hex",
                    "signature": {"from": ["header:X-Public-Signature"]}}),
            ),
            vec![("X-Public-Signature", hex::encode(ed25519(&PRIVATE, BODY.as_bytes())))],
            true,
        ),
        kind(
            "token",
            source(
                "the-token-of-the-source-token",
                json!({"kind": "token", "from": ["header:X-Token"], "prefix": "Bearer "}),
            ),
            vec![("X-Token", "Bearer the-token-of-the-source-token".to_owned())],
            false,
        ),
        // Each element of a list has the token.
        kind(
            "elements",
            source(
                "the-token-of-each-element",
                json!({"kind": "token", "from": ["json:/value/*/state"]}),
            ),
            Vec::new(),
            false,
        ),
        kind(
            "basic",
            source("user:the-password-of-the-source", json!({"kind": "basic"})),
            vec![(
                "Authorization",
                format!("Basic {}", STANDARD.encode("user:the-password-of-the-source")),
            )],
            false,
        ),
        tokens("jwt-shared", "the-shared-key-of-the-tokens", "HS256"),
        tokens("jwt-public", &pem(&PRIVATE_OF_TOKENS), "EdDSA"),
        kind(
            OPEN,
            json!({"secret": "the-secret-of-the-open-source", "verify": [{"kind": "none"}], "allow_unsigned": true}),
            Vec::new(),
            false,
        ),
    ]
}

fn hmac() -> Kind {
    let secret = "the-secret-of-the-source-hmac";
    Kind {
        name: "hmac",
        source: source(
            secret,
            json!({"kind": "hmac", "hash": "sha256", "signature": {"from": ["header:X-Hmac"], "items": ["sha256={sig}"]}}),
        ),
        proof: vec![("X-Hmac", format!("sha256={}", sign(secret, BODY.as_bytes())))],
        covers_body: true,
    }
}

/// An HMAC over the time and the body. The time is not judged, so that what is refused is refused by its signature.
fn timed() -> Kind {
    let secret = "the-secret-of-the-source-timed";
    Kind {
        name: "timed",
        source: source(
            secret,
            json!({"kind": "hmac", "hash": "sha256", "signed": "{timestamp}.{body}",
                "signature": {"from": ["header:X-Timed"], "split": [","], "items": ["t={timestamp}", "v1={sig}"]},
                "timestamp": {"from": "field:timestamp", "format": "s", "tolerance": 0}}),
        ),
        proof: vec![(
            "X-Timed",
            format!("t=17672256,v1={}", sign(secret, format!("17672256.{BODY}").as_bytes())),
        )],
        covers_body: true,
    }
}

/// An HMAC over the hash of the body.
fn hashed() -> Kind {
    let secret = "the-secret-of-the-source-hashed";
    Kind {
        name: "hashed",
        source: source(
            secret,
            json!({"kind": "hmac", "hash": "sha256", "signed": "{header:X-Body-Hash}",
                "signature": {"from": ["header:X-Hashed"]},
                "body_hash": {"from": "header:X-Body-Hash", "hash": "sha256", "encoding": "hex"}}),
        ),
        proof: vec![
            ("X-Body-Hash", digest(BODY)),
            ("X-Hashed", sign(secret, digest(BODY).as_bytes())),
        ],
        covers_body: true,
    }
}

/// Signed tokens that hold a hash of the body.
fn tokens(name: &'static str, key: &str, alg: &str) -> Kind {
    let keys = if alg == "HS256" { "secret" } else { "pem" };
    let header = json!({"alg": alg, "typ": "JWT"});
    let token = jwt::token(&header, &claims(BODY), |signed| match alg {
        "HS256" => jwt::hs256(key, signed),
        _ => ed25519(&PRIVATE_OF_TOKENS, signed),
    });
    Kind {
        name,
        source: source(
            key,
            json!({"kind": "jwt", "from": ["header:Authorization"], "prefix": "Bearer ", "algs": [alg], "keys": keys,
                "claims": {"iss": "producer"}, "bind": [{"claim": "sha256", "of": "body"}]}),
        ),
        proof: vec![("Authorization", format!("Bearer {token}"))],
        covers_body: true,
    }
}
