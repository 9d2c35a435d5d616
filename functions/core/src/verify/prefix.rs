//! What stands before a token: a literal text, or the scheme of an Authorization header.

/// What follows the prefix; absent where the text does not begin with it. A scheme may be written in any case (RFC 9110, section
/// 11.1).
pub(crate) fn after<'t>(text: &'t str, prefix: &str) -> Option<&'t str> {
    let rest = match prefix.strip_suffix(' ').filter(|scheme| is_scheme(scheme)) {
        None => text.strip_prefix(prefix)?,
        Some(scheme) => {
            let (given, rest) = text.split_once(' ')?;
            given.eq_ignore_ascii_case(scheme).then_some(rest)?
        }
    };
    Some(rest.trim())
}

/// True if it is one word of the letters that a scheme has.
fn is_scheme(text: &str) -> bool {
    let is_letter = |c: char| c.is_ascii_alphanumeric() || "!#$%&'*+-.^_`|~".contains(c);
    !text.is_empty() && text.chars().all(is_letter)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_scheme_has_no_case_and_another_prefix_is_literal() {
        for (prefix, text, expected) in [
            ("Bearer ", "Bearer t", Some("t")),
            ("Bearer ", "bearer t", Some("t")),
            ("Bearer ", "BEARER   t", Some("t")),
            ("Bearer ", "Bearer", None),
            ("Bearer ", "Bearert", None),
            ("Bearer ", "Basic t", None),
            ("Bearer ", "t", None),
            ("token=", "token=t", Some("t")),
            ("token=", "TOKEN=t", None),
            ("a b ", "A B t", None),
            (" ", " t", Some("t")),
            ("", "t", Some("t")),
        ] {
            assert_eq!(after(text, prefix), expected, "{prefix:?} {text:?}");
        }
    }
}
