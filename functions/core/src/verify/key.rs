//! How a secret becomes the key of a MAC.

use super::encoding::Encoding;
use super::hash::Hash;
use crate::secret::MIN_SECRET_BYTES;

/// Why a secret is no key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum NoKey {
    /// Not of the form that is asked for.
    Form,
    /// Fewer bytes than a secret has at least, once decoded.
    Short,
}

/// What of a secret is the key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum KeyForm {
    /// The secret's text.
    Utf8,
    Hex,
    Base64,
    /// Standard Webhooks and Svix: base64 after `whsec_`, which may itself stand after `v1,`.
    Whsec,
    /// The SHA-1 of the secret's text.
    Sha1,
}

impl KeyForm {
    /// The names in a configuration.
    pub(crate) const NAMES: [(&'static str, Self); 5] = [
        ("utf8", Self::Utf8),
        ("hex", Self::Hex),
        ("base64", Self::Base64),
        ("whsec", Self::Whsec),
        ("sha1", Self::Sha1),
    ];

    /// The key of a secret. The length of a text is judged where the secret is read.
    ///
    /// # Errors
    /// When the secret is not of this form, or short in it.
    pub(crate) fn key(self, secret: &[u8]) -> Result<Vec<u8>, NoKey> {
        match self {
            Self::Utf8 if secret.is_empty() => Err(NoKey::Form),
            Self::Utf8 => Ok(secret.to_vec()),
            Self::Sha1 => Ok(Hash::Sha1.digest(secret)),
            Self::Hex => decoded(Encoding::Hex, secret),
            Self::Base64 => decoded(Encoding::Base64, secret),
            Self::Whsec => {
                let text = secret.strip_prefix(b"v1,").unwrap_or(secret);
                decoded(Encoding::Base64, text.strip_prefix(b"whsec_").unwrap_or(text))
            }
        }
    }

    /// The form of the secret, for the operator.
    pub(crate) const fn wanted(self) -> &'static str {
        match self {
            Self::Utf8 | Self::Sha1 => "a text",
            Self::Hex => "hex digits",
            Self::Base64 => "base64",
            Self::Whsec => "base64 (whsec_ before it may stay)",
        }
    }
}

fn decoded(encoding: Encoding, text: &[u8]) -> Result<Vec<u8>, NoKey> {
    let text = std::str::from_utf8(text).map_err(|_| NoKey::Form)?;
    let key = encoding.decode(text).ok_or(NoKey::Form)?;
    if key.len() < MIN_SECRET_BYTES {
        return Err(NoKey::Short);
    }
    Ok(key)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_becomes_the_key_of_its_form_or_none() {
        let (base64, hex) = ("AP8AP8AP8AP8AP8AP8AP8A==", "00ff00FF00ff00FF00ff00FF00ff00FF");
        let bytes = [0, 255, 0, 63, 192, 15, 240, 3, 252, 0, 255, 0, 63, 192, 15, 240];
        let key = |form: KeyForm, secret: &str| form.key(secret.as_bytes());
        assert_eq!(key(KeyForm::Utf8, "secret").as_deref(), Ok(&b"secret"[..]));
        assert_eq!(key(KeyForm::Utf8, ""), Err(NoKey::Form));
        assert_eq!(key(KeyForm::Hex, hex).as_deref(), Ok(&[0, 255].repeat(8)[..]));
        assert_eq!(key(KeyForm::Sha1, "x").map(|key| key.len()), Ok(20));
        for (form, secret) in [
            (KeyForm::Base64, base64.to_owned()),
            (KeyForm::Whsec, base64.trim_end_matches('=').to_owned()),
            (KeyForm::Whsec, format!("whsec_{base64}")),
            (KeyForm::Whsec, format!("v1,whsec_{base64}")),
        ] {
            assert_eq!(key(form, &secret).as_deref(), Ok(&bytes[..]), "{form:?} {secret}");
        }
        for (form, secret, expected) in [
            (KeyForm::Hex, "no hex digits at all", NoKey::Form),
            (KeyForm::Base64, "whsec_AP8AP8AP8AP8AP8AP8AP8A==", NoKey::Form),
            (KeyForm::Whsec, "whsec_not base64", NoKey::Form),
            // As texts they have 16 bytes or more.
            (KeyForm::Hex, "00ff00ff00ff00ff", NoKey::Short),
            (KeyForm::Hex, "00ff00ff00ff00ff00ff00ff00ff00", NoKey::Short),
            (KeyForm::Base64, "AP8AP8AP8AP8AP8AP8AP", NoKey::Short),
            (KeyForm::Whsec, "whsec_AP8AP8AP8AP8AP8AP8AP", NoKey::Short),
        ] {
            assert_eq!(key(form, secret), Err(expected), "{form:?} {secret}");
        }
    }
}
