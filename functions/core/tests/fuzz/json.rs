//! JSON's grammar (RFC 8259) written down a second time, as a recognizer that builds nothing.

/// True if the bytes are one JSON value with white space around it.
pub(crate) fn is_json(bytes: &[u8]) -> bool {
    std::str::from_utf8(bytes).is_ok() && value(bytes).is_some_and(|rest| space(rest).is_empty())
}

fn space(text: &[u8]) -> &[u8] {
    let end = text.iter().position(|byte| !b" \t\r\n".contains(byte));
    &text[end.unwrap_or(text.len())..]
}

/// The expected next token.
#[derive(Clone, Copy, PartialEq)]
enum Next {
    Value,
    /// A value, or the end of an empty array.
    FirstItem,
    /// A key, or the end of an empty object.
    FirstKey,
    Key,
    /// A comma, or the end of the open array or object.
    After,
}

/// The rest after a value. The open brackets are a list, so that depth costs no stack.
fn value(mut text: &[u8]) -> Option<&[u8]> {
    let mut open = Vec::new();
    let mut next = Next::Value;
    loop {
        text = space(text);
        let (first, rest) = text.split_first().unwrap_or((&0, &[]));
        match (next, *first) {
            (Next::FirstItem, b']') | (Next::FirstKey, b'}') => {
                open.pop();
                (text, next) = (rest, Next::After);
            }
            (Next::FirstKey | Next::Key, _) => {
                text = space(string(text)?).strip_prefix(b":")?;
                next = Next::Value;
            }
            (Next::Value | Next::FirstItem, b'{') => {
                open.push(b'}');
                (text, next) = (rest, Next::FirstKey);
            }
            (Next::Value | Next::FirstItem, b'[') => {
                open.push(b']');
                (text, next) = (rest, Next::FirstItem);
            }
            (Next::Value | Next::FirstItem, _) => {
                text = scalar(text)?;
                next = Next::After;
            }
            (Next::After, byte) => match (open.last(), byte) {
                (None, _) => return Some(text),
                (Some(b'}'), b',') => (text, next) = (rest, Next::Key),
                (Some(_), b',') => (text, next) = (rest, Next::Value),
                (Some(end), byte) if byte == *end => {
                    open.pop();
                    text = rest;
                }
                _ => return None,
            },
        }
    }
}

fn scalar(text: &[u8]) -> Option<&[u8]> {
    let word = [&b"null"[..], b"true", b"false"]
        .into_iter()
        .find_map(|word| text.strip_prefix(word));
    word.or_else(|| string(text)).or_else(|| number(text))
}

fn string(text: &[u8]) -> Option<&[u8]> {
    let mut rest = text.strip_prefix(b"\"")?;
    loop {
        rest = match rest {
            [b'"', rest @ ..] => return Some(rest),
            [b'\\', b'u', a, b, c, d, rest @ ..] if [a, b, c, d].iter().all(|digit| digit.is_ascii_hexdigit()) => rest,
            [b'\\', b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't', rest @ ..] => rest,
            [b'\\' | 0..0x20, ..] | [] => return None,
            [_, rest @ ..] => rest,
        }
    }
}

fn number(text: &[u8]) -> Option<&[u8]> {
    let text = text.strip_prefix(b"-").unwrap_or(text);
    let mut rest = match text {
        [b'0', rest @ ..] => rest,
        _ => digits(text)?,
    };
    if let Some(fraction) = rest.strip_prefix(b".") {
        rest = digits(fraction)?;
    }
    if let [b'e' | b'E', exponent @ ..] = rest {
        rest = digits(
            exponent
                .strip_prefix(b"-")
                .or(exponent.strip_prefix(b"+"))
                .unwrap_or(exponent),
        )?;
    }
    Some(rest)
}

fn digits(text: &[u8]) -> Option<&[u8]> {
    let end = text
        .iter()
        .position(|byte| !byte.is_ascii_digit())
        .unwrap_or(text.len());
    (end > 0).then(|| &text[end..])
}
