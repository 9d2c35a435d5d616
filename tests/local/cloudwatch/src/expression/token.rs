//! The words and signs of an expression.

/// A word or a sign.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Token {
    Number(f64),
    Text(String),
    Word(String),
    Sign(&'static str),
}

/// Longer signs first.
const SIGNS: [&str; 19] = [
    "<=", ">=", "==", "!=", "&&", "||", "<", ">", "+", "-", "*", "/", "^", "(", ")", "[", "]", ",", "%",
];

pub(super) fn tokens(text: &str) -> Result<Vec<Token>, String> {
    let mut tokens = Vec::new();
    let mut rest = text.trim_start();
    while let Some(first) = rest.chars().next() {
        let length = if first.is_ascii_digit() {
            let length = end(rest, |c| c.is_ascii_digit() || c == '.');
            let (number, _) = rest.split_at(length);
            tokens.push(Token::Number(
                number.parse().map_err(|_| format!("{number} is no number"))?,
            ));
            length
        } else if first.is_ascii_alphabetic() {
            let length = end(rest, |c| c.is_ascii_alphanumeric() || c == '_');
            tokens.push(Token::Word(rest.split_at(length).0.to_owned()));
            length
        } else if first == '\'' || first == '"' {
            let inner = rest.get(1..).unwrap_or_default();
            let (text, _) = inner.split_once(first).ok_or("a text does not end")?;
            tokens.push(Token::Text(text.to_owned()));
            text.len() + 2
        } else {
            let sign = SIGNS.into_iter().find(|sign| rest.starts_with(sign));
            let sign = sign.ok_or_else(|| format!("{first} is no sign"))?;
            tokens.push(Token::Sign(sign));
            sign.len()
        };
        rest = rest.get(length..).unwrap_or_default().trim_start();
    }
    Ok(tokens)
}

fn end(text: &str, belongs: impl Fn(char) -> bool) -> usize {
    text.find(|c| !belongs(c)).unwrap_or(text.len())
}
