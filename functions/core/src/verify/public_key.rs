//! Signatures that a public key verifies. The key is the source's secret, although it is none: who has it can verify and not
//! sign.

use ed25519_dalek::pkcs8::DecodePublicKey as _;
use p256::ecdsa::signature::hazmat::PrehashVerifier as _;
use rsa::pkcs1::DecodeRsaPublicKey as _;
use sha2::{Sha256, Sha384, Sha512};

use super::encoding::Encoding;
use super::hash::Hash;

/// A way of signing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Algorithm {
    Ed25519,
    /// ECDSA on the curve P-256 over this hash, and how its two numbers are written.
    P256(Hash, Numbers),
    /// RSA with the padding of PKCS #1 version 1.5.
    RsaPkcs1(Hash),
    /// RSA with the padding PSS, whose salt is as long as the hash.
    RsaPss(Hash),
}

/// How the two numbers of an ECDSA signature are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Numbers {
    Der,
    /// One after the other, 32 bytes each.
    Fixed,
}

impl Algorithm {
    /// The names in a configuration.
    pub(crate) const NAMES: [(&'static str, Self); 6] = [
        ("ed25519", Self::Ed25519),
        ("ecdsa-p256-sha256", Self::P256(Hash::Sha256, Numbers::Der)),
        ("ecdsa-p256-sha1", Self::P256(Hash::Sha1, Numbers::Der)),
        ("rsa-pkcs1-sha256", Self::RsaPkcs1(Hash::Sha256)),
        ("rsa-pkcs1-sha512", Self::RsaPkcs1(Hash::Sha512)),
        ("rsa-pss-sha512", Self::RsaPss(Hash::Sha512)),
    ];

    /// The kind of key, for the operator.
    pub(crate) const fn wanted(self) -> &'static str {
        match self {
            Self::Ed25519 => "an Ed25519 public key",
            Self::P256(..) => "an ECDSA P-256 public key",
            Self::RsaPkcs1(_) | Self::RsaPss(_) => "an RSA public key of 2048 to 4096 bits",
        }
    }

    /// True if a key of it can be written without naming its kind.
    pub(crate) const fn has_raw_keys(self) -> bool {
        matches!(self, Self::Ed25519 | Self::P256(..))
    }
}

/// How a key is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum PublicKeyForm {
    Pem,
    SpkiBase64,
    RawHex,
    RawBase64,
    RawBase64Url,
}

impl PublicKeyForm {
    /// The names in a configuration.
    pub(crate) const NAMES: [(&'static str, Self); 5] = [
        ("pem", Self::Pem),
        ("spki-base64", Self::SpkiBase64),
        ("raw-hex", Self::RawHex),
        ("raw-base64", Self::RawBase64),
        ("raw-base64url", Self::RawBase64Url),
    ];

    /// How the key is written, for the operator.
    pub(crate) const fn wanted(self) -> &'static str {
        match self {
            Self::Pem => "PEM",
            Self::SpkiBase64 => "the base64 of its SubjectPublicKeyInfo",
            Self::RawHex => "the hex digits of its bytes",
            Self::RawBase64 => "the base64 of its bytes",
            Self::RawBase64Url => "the base64url of its bytes",
        }
    }

    pub(crate) const fn is_raw(self) -> bool {
        matches!(self, Self::RawHex | Self::RawBase64 | Self::RawBase64Url)
    }

    fn bytes(self, text: &str) -> Option<Written> {
        match self {
            Self::Pem => pem(text),
            Self::SpkiBase64 => Encoding::Base64.decode(text).map(Written::Spki),
            Self::RawHex => Encoding::Hex.decode(text).map(Written::Raw),
            Self::RawBase64 => Encoding::Base64.decode(text).map(Written::Raw),
            Self::RawBase64Url => Encoding::Base64Url.decode(text).map(Written::Raw),
        }
    }
}

/// The bytes of a key, and what they are.
enum Written {
    /// A `SubjectPublicKeyInfo` (RFC 5280), DER.
    Spki(Vec<u8>),
    /// An `RSAPublicKey` (RFC 8017), DER.
    Rsa(Vec<u8>),
    Raw(Vec<u8>),
}

/// A key in its armour. Lines may be of any length, and joined by spaces, as a text that was pasted into JSON.
fn pem(text: &str) -> Option<Written> {
    let between = |label: &str| {
        let (_, rest) = text.split_once(&format!("-----BEGIN {label}-----"))?;
        let (inside, _) = rest.split_once(&format!("-----END {label}-----"))?;
        let inside: String = inside.split_whitespace().collect();
        Encoding::Base64.decode(&inside)
    };
    between("PUBLIC KEY")
        .map(Written::Spki)
        .or_else(|| between("RSA PUBLIC KEY").map(Written::Rsa))
}

/// A key with its algorithm.
pub(crate) enum PublicKey {
    Ed25519(ed25519_dalek::VerifyingKey),
    P256(p256::ecdsa::VerifyingKey, Hash, Numbers),
    RsaPkcs1(rsa::PublicKey, Hash),
    RsaPss(rsa::PublicKey, Hash),
}

/// Verifies with a padding of RSA over a hash.
macro_rules! rsa_verifies {
    ($padding:ident, $hash:ty, $key:expr, $message:expr, $given:expr) => {{
        use rsa::signature::Verifier as _;
        let key = rsa::$padding::VerifyingKey::<$hash>::new($key.clone());
        rsa::$padding::Signature::try_from($given).is_ok_and(|given| key.verify($message, &given).is_ok())
    }};
}

impl PublicKey {
    /// The key that a text is; absent when it is no key of the algorithm.
    pub(crate) fn read(algorithm: Algorithm, form: PublicKeyForm, text: &[u8]) -> Option<Self> {
        let written = form.bytes(std::str::from_utf8(text).ok()?.trim())?;
        match algorithm {
            Algorithm::Ed25519 => {
                let key = match written {
                    Written::Spki(der) => ed25519_dalek::VerifyingKey::from_public_key_der(&der).ok()?,
                    Written::Raw(bytes) => ed25519_dalek::VerifyingKey::try_from(bytes.as_slice()).ok()?,
                    Written::Rsa(_) => return None,
                };
                // A weak key verifies signatures that nobody has made.
                (!key.is_weak()).then_some(Self::Ed25519(key))
            }
            Algorithm::P256(hash, numbers) => {
                let key = match written {
                    Written::Spki(der) => p256::ecdsa::VerifyingKey::from_public_key_der(&der).ok()?,
                    Written::Raw(bytes) => p256::ecdsa::VerifyingKey::from_sec1_bytes(&bytes).ok()?,
                    Written::Rsa(_) => return None,
                };
                Some(Self::P256(key, hash, numbers))
            }
            Algorithm::RsaPkcs1(hash) => rsa(&written).map(|key| Self::RsaPkcs1(key, hash)),
            Algorithm::RsaPss(hash) => rsa(&written).map(|key| Self::RsaPss(key, hash)),
        }
    }

    /// Whether `given` is this key's signature of the message.
    pub(crate) fn is_signature(&self, message: &[u8], given: &[u8]) -> bool {
        match self {
            Self::Ed25519(key) => ed25519_dalek::Signature::from_slice(given)
                .is_ok_and(|given| key.verify_strict(message, &given).is_ok()),
            Self::P256(key, hash, numbers) => {
                let given = match numbers {
                    Numbers::Der => p256::ecdsa::Signature::from_der(given),
                    Numbers::Fixed => p256::ecdsa::Signature::from_slice(given),
                };
                given.is_ok_and(|given| key.verify_prehash(&hash.digest(message), &given).is_ok())
            }
            Self::RsaPkcs1(key, Hash::Sha256) => rsa_verifies!(pkcs1v15, Sha256, key, message, given),
            Self::RsaPkcs1(key, Hash::Sha384) => rsa_verifies!(pkcs1v15, Sha384, key, message, given),
            Self::RsaPkcs1(key, Hash::Sha512) => rsa_verifies!(pkcs1v15, Sha512, key, message, given),
            Self::RsaPss(key, Hash::Sha256) => rsa_verifies!(pss, Sha256, key, message, given),
            Self::RsaPss(key, Hash::Sha384) => rsa_verifies!(pss, Sha384, key, message, given),
            Self::RsaPss(key, Hash::Sha512) => rsa_verifies!(pss, Sha512, key, message, given),
            // No configuration can name it.
            Self::RsaPkcs1(_, Hash::Sha1) | Self::RsaPss(_, Hash::Sha1) => false,
        }
    }
}

/// An RSA key of 2048 bits or more: a shorter one can be broken.
fn rsa(written: &Written) -> Option<rsa::PublicKey> {
    use rsa::traits::PublicKeyParts as _;
    let key = match written {
        Written::Spki(der) => {
            use rsa::pkcs8::DecodePublicKey as _;
            rsa::PublicKey::from_public_key_der(der).ok()?
        }
        Written::Rsa(der) => rsa::PublicKey::from_pkcs1_der(der).ok()?,
        Written::Raw(_) => return None,
    };
    (key.size() >= 256).then_some(key)
}
