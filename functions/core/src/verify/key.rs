//! How a secret becomes the key of a MAC.

use super::encoding::Encoding;
use super::hash::Hash;

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

    /// The key of a secret; absent when the secret is not of this form, or is empty in it.
    pub(crate) fn key(self, secret: &[u8]) -> Option<Vec<u8>> {
        let text = || std::str::from_utf8(secret).ok();
        let key = match self {
            Self::Utf8 => secret.to_vec(),
            Self::Hex => Encoding::Hex.decode(text()?)?,
            Self::Base64 => Encoding::Base64.decode(text()?)?,
            Self::Whsec => {
                let text = text()?;
                let text = text.strip_prefix("v1,").unwrap_or(text);
                Encoding::Base64.decode(text.strip_prefix("whsec_").unwrap_or(text))?
            }
            Self::Sha1 => Hash::Sha1.digest(secret),
        };
        (!key.is_empty()).then_some(key)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_becomes_the_key_of_its_form_or_none() {
        for (form, secret, expected) in [
            (KeyForm::Utf8, "secret", Some(&b"secret"[..])),
            (KeyForm::Utf8, "", None),
            (KeyForm::Hex, "00FF", Some(&[0, 255])),
            (KeyForm::Hex, "secret", None),
            (KeyForm::Base64, "AP8=", Some(&[0, 255])),
            (KeyForm::Base64, "whsec_AP8=", None),
            (KeyForm::Whsec, "whsec_AP8=", Some(&[0, 255])),
            (KeyForm::Whsec, "v1,whsec_AP8", Some(&[0, 255])),
            (KeyForm::Whsec, "AP8=", Some(&[0, 255])),
            (KeyForm::Whsec, "whsec_", None),
            (KeyForm::Whsec, "whsec_not base64", None),
        ] {
            assert_eq!(form.key(secret.as_bytes()).as_deref(), expected, "{form:?} {secret}");
        }
        assert_eq!(KeyForm::Sha1.key(b"x").unwrap().len(), 20);
    }
}
