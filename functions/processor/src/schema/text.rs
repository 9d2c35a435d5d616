//! The text of a JSON string: its escapes decoded, and half a surrogate pair kept as what it is.

use std::borrow::Cow;

/// What is within a string's quotes, decoded to WTF-8: UTF-8 in which half a surrogate pair has three bytes as well, so that
/// two different halves stay different.
pub(super) fn decoded(raw: &str) -> Cow<'_, [u8]> {
    let Some(first) = raw.find('\\') else {
        return Cow::Borrowed(raw.as_bytes());
    };
    let mut bytes = Vec::with_capacity(raw.len());
    let (mut rest, mut escape) = (raw, Some(first));
    while let Some((plain, escaped)) = escape.and_then(|at| rest.split_at_checked(at)) {
        bytes.extend_from_slice(plain.as_bytes());
        let length = decode_escape(escaped, &mut bytes);
        rest = escaped.get(length..).unwrap_or_default();
        escape = rest.find('\\');
    }
    bytes.extend_from_slice(rest.as_bytes());
    Cow::Owned(bytes)
}

/// Decodes the escape at the start of a text, and returns its length.
fn decode_escape(escaped: &str, bytes: &mut Vec<u8>) -> usize {
    let Some(first) = unit(escaped) else {
        bytes.extend(escaped.as_bytes().get(1).map(|letter| simple(*letter)));
        return 2;
    };
    let second = escaped.get(6..).and_then(unit);
    let mut pair = char::decode_utf16([Some(first), second].into_iter().flatten());
    if let Some(Ok(character)) = pair.next() {
        bytes.extend_from_slice(character.encode_utf8(&mut [0; 4]).as_bytes());
        return character.len_utf16() * 6;
    }
    // Half a pair, as UTF-8 would write it: 1110xxxx 10xxxxxx 10xxxxxx.
    let [high, low] = first.to_be_bytes();
    bytes.extend([
        0xe0 | high >> 4,
        0x80 | (high & 0x0f) << 2 | low >> 6,
        0x80 | low & 0x3f,
    ]);
    6
}

/// The unit of an escape `\uXXXX` at the start of a text.
fn unit(text: &str) -> Option<u16> {
    u16::from_str_radix(text.strip_prefix("\\u")?.get(..4)?, 16).ok()
}

/// The character that a letter after a backslash stands for.
const fn simple(letter: u8) -> u8 {
    match letter {
        b'b' => 0x08,
        b'f' => 0x0c,
        b'n' => b'\n',
        b'r' => b'\r',
        b't' => b'\t',
        other => other,
    }
}

/// The number of characters of a decoded text.
pub(super) fn characters(decoded: &[u8]) -> usize {
    decoded.iter().filter(|byte| **byte & 0xc0 != 0x80).count()
}

/// A decoded text as characters, with U+FFFD in the place of half a surrogate pair.
pub(super) fn readable(mut decoded: Cow<'_, [u8]>) -> Cow<'_, str> {
    while let Err(error) = std::str::from_utf8(&decoded) {
        let half = error.valid_up_to()..error.valid_up_to() + 3;
        match decoded.to_mut().get_mut(half) {
            Some(half) => half.copy_from_slice("\u{fffd}".as_bytes()),
            None => return Cow::Owned(String::from_utf8_lossy(&decoded).into_owned()),
        }
    }
    match decoded {
        Cow::Borrowed(bytes) => String::from_utf8_lossy(bytes),
        Cow::Owned(bytes) => Cow::Owned(String::from_utf8(bytes).unwrap_or_default()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escapes_are_decoded_and_half_a_surrogate_pair_stays_itself() {
        for (raw, expected, shown) in [
            ("", &b""[..], ""),
            ("plain é", "plain é".as_bytes(), "plain é"),
            (r#"\"\\\/\b\f\n\r\t"#, b"\"\\/\x08\x0c\n\r\t", "\"\\/\u{8}\u{c}\n\r\t"),
            (r"x\u00e9y", "xéy".as_bytes(), "xéy"),
            (r"\ud83d\uDE00!", "😀!".as_bytes(), "😀!"),
            (r"a\ud83c", b"a\xed\xa0\xbc", "a\u{fffd}"),
            (r"\ud83c\ud83d\ude00", b"\xed\xa0\xbc\xf0\x9f\x98\x80", "\u{fffd}😀"),
            (r"\ude00\n\ud83d", b"\xed\xb8\x80\n\xed\xa0\xbd", "\u{fffd}\n\u{fffd}"),
        ] {
            let bytes = decoded(raw);
            assert_eq!(*bytes, *expected, "{raw}");
            assert_eq!(characters(&bytes), shown.chars().count(), "{raw}");
            assert_eq!(readable(bytes), shown, "{raw}");
        }
    }
}
