//! Hashes, and the MACs over them.

use hmac::{Hmac, KeyInit as _, Mac as _};
use sha1::Sha1;
use sha2::{Digest as _, Sha256, Sha384, Sha512};

/// A hash function.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Hash {
    Sha1,
    Sha256,
    Sha384,
    Sha512,
}

/// Verifies with the HMAC of a hash.
macro_rules! hmac {
    ($hash:ty, $key:expr, $message:expr, $given:expr) => {
        Hmac::<$hash>::new_from_slice($key).is_ok_and(|mac| mac.chain_update($message).verify_slice($given).is_ok())
    };
}

/// Makes the HMAC of a hash.
macro_rules! signs {
    ($hash:ty, $key:expr, $message:expr) => {{
        let mac = Hmac::<$hash>::new_from_slice($key).ok()?;
        Some(mac.chain_update($message).finalize().into_bytes().to_vec())
    }};
}

impl Hash {
    /// The names in a configuration.
    pub(crate) const NAMES: [(&'static str, Self); 4] = [
        ("sha1", Self::Sha1),
        ("sha256", Self::Sha256),
        ("sha384", Self::Sha384),
        ("sha512", Self::Sha512),
    ];

    /// The bytes of a digest.
    pub(crate) const fn size(self) -> usize {
        match self {
            Self::Sha1 => 20,
            Self::Sha256 => 32,
            Self::Sha384 => 48,
            Self::Sha512 => 64,
        }
    }

    pub(crate) fn digest(self, message: &[u8]) -> Vec<u8> {
        match self {
            Self::Sha1 => Sha1::digest(message).to_vec(),
            Self::Sha256 => Sha256::digest(message).to_vec(),
            Self::Sha384 => Sha384::digest(message).to_vec(),
            Self::Sha512 => Sha512::digest(message).to_vec(),
        }
    }

    /// Whether `given` is the HMAC of the message under this key. The comparison takes the same time wherever the bytes
    /// differ; one of another length is another one.
    pub(crate) fn is_mac(self, key: &[u8], message: &[u8], given: &[u8]) -> bool {
        match self {
            Self::Sha1 => hmac!(Sha1, key, message, given),
            Self::Sha256 => hmac!(Sha256, key, message, given),
            Self::Sha384 => hmac!(Sha384, key, message, given),
            Self::Sha512 => hmac!(Sha512, key, message, given),
        }
    }

    /// The HMAC of the message under this key, for examples: what verifies compares with [`Self::is_mac`].
    pub(crate) fn mac(self, key: &[u8], message: &[u8]) -> Option<Vec<u8>> {
        match self {
            Self::Sha1 => signs!(Sha1, key, message),
            Self::Sha256 => signs!(Sha256, key, message),
            Self::Sha384 => signs!(Sha384, key, message),
            Self::Sha512 => signs!(Sha512, key, message),
        }
    }
}
