//! Every kind of verification that is built, each with a live secret and a producer that has it.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use http::{HeaderMap, HeaderName, HeaderValue};
use serde_json::{Value, json};
use sha1::Sha1;
use sha2::{Digest as _, Sha512};
use tracehook_core::secret::Secret;
use tracehook_core::signature::{Delivery, SignatureError};
use tracehook_core::{SourceConfig, Sources, Timestamp};

use crate::signer::{ENCODINGS, HASHES, NOW, Signer, ed25519, encode, jwt, p256, pem};

const URL: &str = "https://a.example/in?q=1";
/// The bytes of the live keys.
const KEY: [u8; 32] = *b"live-key-of-32-bytes-0123456789!";
/// Those of tokens.
const TOKEN_KEY: [u8; 32] = *b"another-live-key-of-32-bytes-012";

/// How the proof stands in a delivery.
#[derive(Clone, PartialEq)]
pub(crate) enum Form {
    /// A signature alone, over the body.
    Plain,
    /// Beside a time, which is signed.
    Timed,
    /// Over method, URL, a header and the body.
    Request,
    /// Over a hash of the body in a header.
    Hashed,
    Bearer,
    Query,
    /// In each element of the body's list.
    Each,
    Basic,
    /// A token that has a hash of the body, under an algorithm.
    Jwt(&'static str),
}

/// A kind.
pub(crate) struct Kind {
    pub(crate) name: String,
    pub(crate) form: Form,
    pub(crate) encoding: &'static str,
    /// None where the proof is the secret itself.
    pub(crate) signer: Option<Signer>,
    pub(crate) secret: String,
    pub(crate) source: SourceConfig,
}

/// A request.
#[derive(Debug, Clone)]
pub(crate) struct Sent {
    pub(crate) query: String,
    pub(crate) headers: Vec<(&'static str, Vec<u8>)>,
    pub(crate) body: Vec<u8>,
}

impl Sent {
    pub(crate) fn set(&mut self, name: &'static str, value: impl Into<Vec<u8>>) {
        self.headers.retain(|(known, _)| *known != name);
        self.headers.push((name, value.into()));
    }
}

impl Kind {
    fn new(
        name: String,
        form: Form,
        encoding: &'static str,
        signer: Option<Signer>,
        secret: String,
        mut way: Value,
    ) -> Self {
        let fields = way.as_object_mut().unwrap();
        let from = json!({"from": ["header:X-Signature"], "encoding": encoding});
        match form {
            Form::Plain => drop(fields.insert("signature".into(), from)),
            Form::Timed => {
                let mut timed = from;
                timed["split"] = json!([","]);
                timed["items"] = json!(["t={timestamp}", "v1={sig}"]);
                fields.insert("signature".into(), timed);
                fields.insert("signed".into(), json!("{timestamp}.{body}"));
                fields.insert("timestamp".into(), json!({"from": "field:timestamp"}));
            }
            Form::Request => {
                fields.insert("signature".into(), from);
                fields.insert("signed".into(), json!("{method} {url} [{header:X-Id}]\n{body}"));
            }
            Form::Hashed => {
                fields.insert("signature".into(), from);
                fields.insert("signed".into(), json!("{header:X-Digest}"));
                fields.insert("body_hash".into(), json!({"from": "header:X-Digest", "hash": "sha512"}));
            }
            _ => {}
        }
        let sources = json!({"a": {"public_url": "https://a.example/in", "verify": [way]}});
        let sources = Sources::parse(&sources.to_string()).unwrap_or_else(|faults| panic!("{name}: {faults}"));
        let source = sources.get("a").unwrap().1.clone();
        Self {
            name,
            form,
            encoding,
            signer,
            secret,
            source,
        }
    }

    /// What is signed of a request.
    pub(crate) fn message(&self, sent: &Sent) -> Vec<u8> {
        match self.form {
            Form::Timed => [format!("{NOW}.").as_bytes(), &sent.body].concat(),
            Form::Request => [format!("POST {URL} id-1\n").as_bytes(), &sent.body].concat(),
            Form::Hashed => hex::encode(Sha512::digest(&sent.body)).into_bytes(),
            _ => sent.body.clone(),
        }
    }

    /// A request with this proof of its body.
    pub(crate) fn sent(&self, body: Vec<u8>, proof: impl FnOnce(&[u8]) -> Vec<u8>) -> Sent {
        let digest = hex::encode(Sha512::digest(&body)).into_bytes();
        let headers = vec![("x-id", b"id-1".to_vec()), ("x-digest", digest)];
        let mut sent = Sent {
            query: "q=1".to_owned(),
            headers,
            body,
        };
        let proof = proof(&self.message(&sent));
        let text = encode(self.encoding, &proof);
        match &self.form {
            Form::Timed => sent.set("x-signature", format!("t={NOW},v1={text}")),
            Form::Plain | Form::Request | Form::Hashed => sent.set("x-signature", text),
            Form::Bearer => sent.set("authorization", [b"Bearer ", &proof[..]].concat()),
            Form::Query => sent.query = format!("token={}", String::from_utf8_lossy(&proof)),
            Form::Each => {
                let token = String::from_utf8_lossy(&proof);
                sent.body = json!({"list": [{"token": token}, {"token": token}]})
                    .to_string()
                    .into_bytes();
            }
            Form::Basic => sent.set("authorization", format!("basic {}", STANDARD.encode(&proof))),
            Form::Jwt(alg) => {
                let token = jwt(&json!({"alg": alg}), &sent.body, |signed| {
                    self.signer.as_ref().map_or(proof.clone(), |signer| signer.sign(signed))
                });
                sent.set("authorization", format!("Bearer {token}"));
            }
        }
        sent
    }

    /// What the producer sends.
    pub(crate) fn genuine(&self, body: Vec<u8>) -> Sent {
        self.sent(body, |message| match &self.signer {
            Some(signer) => signer.sign(message),
            None => self.secret.clone().into_bytes(),
        })
    }

    pub(crate) fn verdict(&self, sent: &Sent, secrets: &[&str]) -> Result<(), SignatureError> {
        let mut headers = HeaderMap::new();
        for (name, value) in &sent.headers {
            // What HTTP does not allow does not arrive.
            if let Ok(value) = HeaderValue::from_bytes(value) {
                headers.append(HeaderName::from_static(name), value);
            }
        }
        let secrets: Vec<_> = secrets.iter().map(Secret::new).collect();
        let at = Timestamp::from_epoch_ms(NOW * 1000);
        let delivery = Delivery {
            query: &sent.query,
            ..Delivery::post(&headers, &sent.body, at)
        };
        self.source.verify().verify(&delivery, &secrets).map(drop)
    }
}

fn signed_forms() -> [Form; 4] {
    [Form::Plain, Form::Timed, Form::Request, Form::Hashed]
}

/// Every kind, with every hash, algorithm, form of a key, encoding and form of a proof at least once. RSA has no private key
/// here: vectors prove it.
pub(crate) fn kinds() -> Vec<Kind> {
    let mut kinds = Vec::new();
    for (at, hash) in HASHES.into_iter().enumerate() {
        let text = String::from_utf8(KEY.to_vec()).unwrap();
        let secrets = [
            ("utf8", text.clone(), KEY.to_vec()),
            ("hex", hex::encode(KEY), KEY.to_vec()),
            ("base64", STANDARD.encode(KEY), KEY.to_vec()),
            ("whsec", format!("whsec_{}", STANDARD.encode(KEY)), KEY.to_vec()),
            ("sha1", text, Sha1::digest(KEY).to_vec()),
        ];
        for (other, (key, secret, bytes)) in secrets.into_iter().enumerate() {
            let form = signed_forms()[(at + other) % 4].clone();
            let encoding = ENCODINGS[(at + 2 * other + other / 2) % 4];
            let way = json!({"kind": "hmac", "hash": hash, "key": key});
            let signer = Signer::Mac(hash, bytes);
            kinds.push(Kind::new(
                format!("hmac {hash} {key}"),
                form,
                encoding,
                Some(signer),
                secret,
                way,
            ));
        }
    }
    let algorithms = [
        ("ed25519", ed25519(&KEY)),
        ("ecdsa-p256-sha256", p256(&KEY, "sha256", true)),
        ("ecdsa-p256-sha1", p256(&KEY, "sha1", true)),
    ];
    for (at, (alg, (signer, raw, spki))) in algorithms.into_iter().enumerate() {
        let keys = [
            ("pem", pem(&spki)),
            ("spki-base64", STANDARD.encode(&spki)),
            ("raw-hex", hex::encode(&raw)),
            ("raw-base64", STANDARD.encode(&raw)),
            ("raw-base64url", URL_SAFE_NO_PAD.encode(&raw)),
        ];
        for (other, (key, secret)) in keys.into_iter().enumerate() {
            let form = signed_forms()[(at + other) % 4].clone();
            let way = json!({"kind": "public-key", "alg": alg, "key": key});
            let encoding = ENCODINGS[other % 4];
            kinds.push(Kind::new(
                format!("{alg} {key}"),
                form,
                encoding,
                Some(signer.clone()),
                secret,
                way,
            ));
        }
    }
    let text = || String::from_utf8(TOKEN_KEY.to_vec()).unwrap();
    let (ed25519, p256) = (ed25519(&TOKEN_KEY), p256(&TOKEN_KEY, "sha256", false));
    let jwts = [
        ("HS256", Signer::Mac("sha256", TOKEN_KEY.to_vec()), text(), "secret"),
        ("HS384", Signer::Mac("sha384", TOKEN_KEY.to_vec()), text(), "secret"),
        ("HS512", Signer::Mac("sha512", TOKEN_KEY.to_vec()), text(), "secret"),
        ("EdDSA", ed25519.0, pem(&ed25519.2), "pem"),
        ("ES256", p256.0, pem(&p256.2), "pem"),
    ];
    for (alg, signer, secret, keys) in jwts {
        let bind = json!([{"claim": "hash", "of": "body"}]);
        let way = json!({"kind": "jwt", "from": ["header:Authorization"], "prefix": "Bearer ", "algs": [alg], "keys": keys,
            "claims": {"iss": "me"}, "bind": bind});
        kinds.push(Kind::new(
            format!("jwt {alg}"),
            Form::Jwt(alg),
            "hex",
            Some(signer),
            secret,
            way,
        ));
    }
    let token = || "live-token-0123456789".to_owned();
    for (form, way) in [
        (
            Form::Bearer,
            json!({"kind": "token", "from": ["header:Authorization"], "prefix": "Bearer "}),
        ),
        (Form::Query, json!({"kind": "token", "from": ["query:token"]})),
        (Form::Each, json!({"kind": "token", "from": ["json:/list/*/token"]})),
    ] {
        kinds.push(Kind::new("token".to_owned(), form, "hex", None, token(), way));
    }
    let basic = json!({"kind": "basic"});
    kinds.push(Kind::new(
        "basic".to_owned(),
        Form::Basic,
        "hex",
        None,
        "user:live-password-0123".to_owned(),
        basic,
    ));
    kinds
}
