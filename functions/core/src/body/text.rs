//! A body as text that every JSON reader takes.

use std::borrow::Cow;

use crate::rejection::Rejection;

/// What replaces half a surrogate pair: the escape of U+FFFD without its `\u`.
const REPLACEMENT: &str = "fffd";

/// The body as text for a JSON parser. A byte order mark at the start is left out, and the escape of half a surrogate
/// pair becomes the escape of U+FFFD: both are in JSON's grammar or at its edge, and no `String` holds the second.
///
/// What is signed, stored and handed to a handler are the bytes themselves.
///
/// # Errors
/// [`Rejection::BodyNotUtf8`].
pub fn text(body: &[u8]) -> Result<Cow<'_, str>, Rejection> {
    let text = std::str::from_utf8(body).map_err(|_| Rejection::BodyNotUtf8)?;
    Ok(whole_characters(text.strip_prefix('\u{feff}').unwrap_or(text)))
}

fn whole_characters(text: &str) -> Cow<'_, str> {
    let mut replaced = String::new();
    // The start of what is not copied to `replaced`, and the place to look on.
    let (mut rest, mut at) = (0, 0);
    while let Some(escape) = text.get(at..).and_then(|text| text.find('\\')).map(|found| at + found) {
        let unit = |at: usize| utf16_unit(text.get(at..)?);
        at = match unit(escape) {
            None => escape + 2,
            Some(0xd800..=0xdbff) if matches!(unit(escape + 6), Some(0xdc00..=0xdfff)) => escape + 12,
            Some(0xd800..=0xdfff) => {
                replaced.extend([text.get(rest..escape + 2).unwrap_or_default(), REPLACEMENT]);
                rest = escape + 6;
                rest
            }
            Some(_) => escape + 6,
        };
    }
    if rest == 0 {
        return Cow::Borrowed(text);
    }
    replaced.push_str(text.get(rest..).unwrap_or_default());
    Cow::Owned(replaced)
}

/// The unit that an escape `\uXXXX` at the start of a text stands for.
fn utf16_unit(text: &str) -> Option<u16> {
    let digits = text.strip_prefix("\\u")?.get(..4)?;
    // `from_str_radix` would take a sign.
    digits.bytes().all(|digit| digit.is_ascii_hexdigit()).then_some(())?;
    u16::from_str_radix(digits, 16).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn half_a_surrogate_pair_is_replaced_and_nothing_else() {
        for (given, expected) in [
            (r#""\ud83c""#, r#""\ufffd""#),
            (r#""\ude00""#, r#""\ufffd""#),
            (r#""\uD83C\uD83C\uDE00""#, r#""\ufffd\uD83C\uDE00""#),
            (r#""\ud83cx\ude00é\ud83c""#, r#""\ufffdx\ufffdé\ufffd""#),
            (r#""\ud83c\n\ude00""#, r#""\ufffd\n\ufffd""#),
            (r#""\ud83d\ude00""#, r#""\ud83d\ude00""#),
            (r#""\\ud83c""#, r#""\\ud83c""#),
            (r#""\\\ud83c""#, r#""\\\ufffd""#),
            (r#""\u00e9""#, r#""\u00e9""#),
            (r#""\ud83""#, r#""\ud83""#),
            (r#""\u+d83""#, r#""\u+d83""#),
            ("\"\\", "\"\\"),
            ("\"\\é\"", "\"\\é\""),
            ("\u{feff}{}", "{}"),
            ("\u{feff}\u{feff}", "\u{feff}"),
        ] {
            assert_eq!(text(given.as_bytes()).as_deref(), Ok(expected), "{given}");
        }
        assert!(matches!(text(br#"{"a":"\n"}"#), Ok(Cow::Borrowed(_))));
        assert_eq!(text(b"\xef\xbb"), Err(Rejection::BodyNotUtf8));
    }
}
