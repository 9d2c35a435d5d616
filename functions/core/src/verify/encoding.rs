//! How a signature is written as text.

use base64::Engine as _;
use base64::alphabet;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};

/// Padded or not: producers do both.
const LENIENT: GeneralPurposeConfig =
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent);
const STANDARD: GeneralPurpose = GeneralPurpose::new(&alphabet::STANDARD, LENIENT);
const URL_SAFE: GeneralPurpose = GeneralPurpose::new(&alphabet::URL_SAFE, LENIENT);

/// An encoding of bytes as text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Encoding {
    /// Digits in any case.
    Hex,
    Base64,
    Base64Url,
    /// Base64 of the digits.
    Base64Hex,
}

impl Encoding {
    /// The names in a configuration.
    pub(crate) const NAMES: [(&'static str, Self); 4] = [
        ("hex", Self::Hex),
        ("base64", Self::Base64),
        ("base64url", Self::Base64Url),
        ("base64-hex", Self::Base64Hex),
    ];

    /// The bytes that a text stands for; absent when it is not of this encoding. Nothing is repaired.
    pub(crate) fn decode(self, text: &str) -> Option<Vec<u8>> {
        match self {
            Self::Hex => hex::decode(text).ok(),
            Self::Base64 => STANDARD.decode(text).ok(),
            Self::Base64Url => URL_SAFE.decode(text).ok(),
            Self::Base64Hex => hex::decode(STANDARD.decode(text).ok()?).ok(),
        }
    }

    /// The text that stands for bytes.
    pub(crate) fn encode(self, bytes: &[u8]) -> String {
        match self {
            Self::Hex => hex::encode(bytes),
            Self::Base64 => STANDARD.encode(bytes),
            Self::Base64Url => URL_SAFE.encode(bytes),
            Self::Base64Hex => STANDARD.encode(hex::encode(bytes)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_decoded_and_never_repaired() {
        for (encoding, text, expected) in [
            (Encoding::Hex, "00fF", Some(vec![0, 255])),
            (Encoding::Hex, "0", None),
            (Encoding::Hex, "0x00", None),
            (Encoding::Hex, "00 ff", None),
            (Encoding::Base64, "AP8=", Some(vec![0, 255])),
            (Encoding::Base64, "AP8", Some(vec![0, 255])),
            (Encoding::Base64, "_-8=", None),
            (Encoding::Base64, "AP9=", None),
            (Encoding::Base64Url, "_-8=", Some(vec![255, 239])),
            (Encoding::Base64Url, "/+8=", None),
            (Encoding::Base64Hex, "MDBmZg==", Some(vec![0, 255])),
            (Encoding::Base64Hex, "AP8=", None),
        ] {
            assert_eq!(encoding.decode(text), expected, "{encoding:?} {text}");
        }
    }
}
