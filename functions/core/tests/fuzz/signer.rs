//! What makes signatures, with the crates of the domain's own dependencies but none of its code.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use ed25519_dalek::Signer as _;
use hmac::{Hmac, KeyInit as _, Mac as _};
use p256::ecdsa::signature::hazmat::PrehashSigner as _;
use serde_json::{Value, json};
use sha1::Sha1;
use sha2::{Digest as _, Sha256, Sha384, Sha512};

pub(crate) const HASHES: [&str; 4] = ["sha1", "sha256", "sha384", "sha512"];
pub(crate) const ENCODINGS: [&str; 4] = ["hex", "base64", "base64url", "base64-hex"];
/// The time of every delivery, in epoch seconds.
pub(crate) const NOW: i64 = 1_767_225_600;

/// What makes a signature.
#[derive(Clone)]
pub(crate) enum Signer {
    Mac(&'static str, Vec<u8>),
    Ed25519(Box<ed25519_dalek::SigningKey>),
    /// Over this hash, in DER or as two numbers.
    P256(Box<p256::ecdsa::SigningKey>, &'static str, bool),
}

macro_rules! mac {
    ($hash:ty, $key:expr, $message:expr) => {
        Hmac::<$hash>::new_from_slice($key)
            .unwrap()
            .chain_update($message)
            .finalize()
            .into_bytes()
            .to_vec()
    };
}

pub(crate) fn mac(hash: &str, key: &[u8], message: &[u8]) -> Vec<u8> {
    match hash {
        "sha1" => mac!(Sha1, key, message),
        "sha256" => mac!(Sha256, key, message),
        "sha384" => mac!(Sha384, key, message),
        "sha512" => mac!(Sha512, key, message),
        other => panic!("{other}"),
    }
}

impl Signer {
    pub(crate) fn sign(&self, message: &[u8]) -> Vec<u8> {
        match self {
            Self::Mac(hash, key) => mac(hash, key, message),
            Self::Ed25519(key) => key.sign(message).to_bytes().to_vec(),
            Self::P256(key, hash, is_der) => {
                let digest = if *hash == "sha1" {
                    Sha1::digest(message).to_vec()
                } else {
                    Sha256::digest(message).to_vec()
                };
                let signature: p256::ecdsa::Signature = key.sign_prehash(&digest).unwrap();
                if *is_der {
                    signature.to_der().as_bytes().to_vec()
                } else {
                    signature.to_bytes().to_vec()
                }
            }
        }
    }

    /// One of the same kind with another key.
    pub(crate) fn stranger(&self) -> Self {
        let key = [7; 32];
        match self {
            Self::Mac(hash, _) => Self::Mac(hash, key.to_vec()),
            Self::Ed25519(_) => Self::Ed25519(Box::new(ed25519_dalek::SigningKey::from_bytes(&key))),
            Self::P256(_, hash, is_der) => Self::P256(
                Box::new(p256::ecdsa::SigningKey::from_slice(&key).unwrap()),
                hash,
                *is_der,
            ),
        }
    }
}

pub(crate) fn encode(encoding: &str, bytes: &[u8]) -> String {
    match encoding {
        "hex" => hex::encode(bytes),
        "base64" => STANDARD.encode(bytes),
        "base64url" => URL_SAFE_NO_PAD.encode(bytes),
        "base64-hex" => STANDARD.encode(hex::encode(bytes)),
        other => panic!("{other}"),
    }
}

/// A token with a hash of the body.
pub(crate) fn jwt(header: &Value, body: &[u8], sign: impl FnOnce(&[u8]) -> Vec<u8>) -> String {
    let claims = json!({"iss": "me", "exp": NOW + 60, "hash": hex::encode(Sha256::digest(body))});
    let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
    let signed = format!("{}.{}", part(header), part(&claims));
    let signature = URL_SAFE_NO_PAD.encode(sign(signed.as_bytes()));
    format!("{signed}.{signature}")
}

/// A signer, and its public key as raw bytes and as a `SubjectPublicKeyInfo`.
pub(crate) fn ed25519(key: &[u8; 32]) -> (Signer, Vec<u8>, Vec<u8>) {
    let key = ed25519_dalek::SigningKey::from_bytes(key);
    let raw = key.verifying_key().to_bytes().to_vec();
    let spki = [&hex::decode("302a300506032b6570032100").unwrap(), &raw[..]].concat();
    (Signer::Ed25519(Box::new(key)), raw, spki)
}

pub(crate) fn p256(key: &[u8; 32], hash: &'static str, is_der: bool) -> (Signer, Vec<u8>, Vec<u8>) {
    let key = p256::ecdsa::SigningKey::from_slice(key).unwrap();
    let raw = key.verifying_key().to_sec1_point(false).as_bytes().to_vec();
    let spki = [
        &hex::decode("3059301306072a8648ce3d020106082a8648ce3d030107034200").unwrap(),
        &raw[..],
    ]
    .concat();
    (Signer::P256(Box::new(key), hash, is_der), raw, spki)
}

pub(crate) fn pem(spki: &[u8]) -> String {
    format!(
        "-----BEGIN PUBLIC KEY-----\n{}\n-----END PUBLIC KEY-----",
        STANDARD.encode(spki)
    )
}
