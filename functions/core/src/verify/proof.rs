//! What a signature is made with: a shared key or a key pair.

use super::hash::Hash;
use super::key::{KeyForm, NoKey};
use super::public_key::{Algorithm, PublicKey, PublicKeyForm};
use crate::secret::Secret;

/// How a secret verifies a signature.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Proof {
    Hmac(Hash, KeyForm),
    PublicKey(Algorithm, PublicKeyForm),
}

enum Key {
    Shared(Hash, Vec<u8>),
    Public(PublicKey),
}

impl Proof {
    /// Whether the secret is a key of this kind.
    pub(crate) fn takes(self, secret: &Secret) -> Result<(), NoKey> {
        self.key(secret).map(drop)
    }

    /// The form of the secret, for the operator.
    pub(crate) fn wanted(self) -> String {
        match self {
            Self::Hmac(_, form) => form.wanted().to_owned(),
            Self::PublicKey(algorithm, form) => format!("{} as {}", algorithm.wanted(), form.wanted()),
        }
    }

    /// True if these bytes are as many as a signature of this kind has.
    pub(crate) fn may_be(self, given: &[u8]) -> bool {
        match self {
            Self::Hmac(hash, _) => given.len() == hash.size(),
            Self::PublicKey(Algorithm::Ed25519, _) => given.len() == 64,
            Self::PublicKey(..) => !given.is_empty(),
        }
    }

    /// Whether one of these signatures of the message is by one of the secrets. All are tried, so that the time says nothing
    /// of which was right.
    pub(crate) fn is_signed(self, message: &[u8], given: &[Vec<u8>], secrets: &[Secret]) -> bool {
        let mut is_signed = false;
        for key in secrets.iter().filter_map(|secret| self.key(secret).ok()) {
            for given in given {
                is_signed |= match &key {
                    Key::Shared(hash, key) => hash.is_mac(key, message, given),
                    Key::Public(key) => key.is_signature(message, given),
                };
            }
        }
        is_signed
    }

    fn key(self, secret: &Secret) -> Result<Key, NoKey> {
        match self {
            Self::Hmac(hash, form) => form.key(secret.expose()).map(|key| Key::Shared(hash, key)),
            Self::PublicKey(algorithm, form) => {
                let key = PublicKey::read(algorithm, form, secret.expose());
                key.map(Key::Public).ok_or(NoKey::Form)
            }
        }
    }
}
