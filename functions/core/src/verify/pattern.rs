//! The items of a signature's text: `t={timestamp}`, `v1={sig}`, or a signature alone.

use std::collections::BTreeMap;

use crate::signature::SignatureError;

/// The name of the capture that is a signature.
pub(crate) const SIGNATURE: &str = "sig";

/// The form of an item: literal texts around captures.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Pattern(Vec<Piece>);

#[derive(Debug, Clone, PartialEq, Eq)]
enum Piece {
    Text(String),
    Capture(String),
}

/// A text that is no pattern.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum InvalidPattern {
    #[error("a brace without its other half")]
    Brace,
    #[error("a capture is {{name}} of lower-case letters, digits and _")]
    Name,
    #[error("two captures need a text between them")]
    Adjacent,
    #[error("a pattern has a capture")]
    Nothing,
}

impl Pattern {
    /// Reads `literal{capture}literal`.
    ///
    /// # Errors
    /// When it has another form.
    pub(crate) fn parse(text: &str) -> Result<Self, InvalidPattern> {
        let mut pieces = Vec::new();
        let mut rest = text;
        while let Some((literal, after)) = rest.split_once('{') {
            let (name, after) = after.split_once('}').ok_or(InvalidPattern::Brace)?;
            if literal.contains('}') {
                return Err(InvalidPattern::Brace);
            }
            let is_name = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
            if name.is_empty() || !name.chars().all(is_name) {
                return Err(InvalidPattern::Name);
            }
            if literal.is_empty() && !pieces.is_empty() {
                return Err(InvalidPattern::Adjacent);
            }
            if !literal.is_empty() {
                pieces.push(Piece::Text(literal.to_owned()));
            }
            pieces.push(Piece::Capture(name.to_owned()));
            rest = after;
        }
        if rest.contains('}') {
            return Err(InvalidPattern::Brace);
        }
        if pieces.is_empty() {
            return Err(InvalidPattern::Nothing);
        }
        if !rest.is_empty() {
            pieces.push(Piece::Text(rest.to_owned()));
        }
        Ok(Self(pieces))
    }

    /// The names of the captures.
    pub(crate) fn captures(&self) -> impl Iterator<Item = &str> {
        self.0.iter().filter_map(|piece| match piece {
            Piece::Capture(name) => Some(name.as_str()),
            Piece::Text(_) => None,
        })
    }

    /// What stands before the signature, where nothing else does.
    pub(crate) fn before_signature(&self) -> Option<&str> {
        match self.0.as_slice() {
            [Piece::Capture(name)] if name == SIGNATURE => Some(""),
            [Piece::Text(text), Piece::Capture(name)] if name == SIGNATURE => Some(text),
            _ => None,
        }
    }

    /// An item with these captures.
    fn write(&self, captured: &BTreeMap<&str, &str>) -> String {
        let piece = |piece: &Piece| match piece {
            Piece::Text(text) => text.clone(),
            Piece::Capture(name) => captured.get(name.as_str()).copied().unwrap_or_default().to_owned(),
        };
        self.0.iter().map(piece).collect()
    }

    /// The one capture that is the whole item, if it is not the signature: it says its place among the items.
    fn bare(&self) -> Option<&str> {
        match self.0.as_slice() {
            [Piece::Capture(name)] if name != SIGNATURE => Some(name),
            _ => None,
        }
    }

    /// The captured texts of an item; absent when it has another form.
    fn read<'p, 't>(&'p self, item: &'t str) -> Option<Vec<(&'p str, &'t str)>> {
        let mut captured = Vec::new();
        let mut rest = item;
        let mut open: Option<&str> = None;
        for piece in &self.0 {
            match (piece, open.take()) {
                (Piece::Text(text), None) => rest = rest.strip_prefix(text.as_str())?,
                (Piece::Text(text), Some(name)) => {
                    let (value, after) = rest.split_once(text.as_str())?;
                    captured.push((name, value));
                    rest = after;
                }
                (Piece::Capture(name), _) => open = Some(name),
            }
        }
        match open {
            Some(name) => captured.push((name, rest)),
            None if !rest.is_empty() => return None,
            None => {}
        }
        Some(captured)
    }
}

/// The items of a signature's text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Items {
    /// The separators: of items, or of groups and of items.
    pub(crate) split: Vec<String>,
    pub(crate) patterns: Vec<Pattern>,
}

/// What was captured together.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Group<'a> {
    pub(crate) signatures: Vec<&'a str>,
    pub(crate) captures: BTreeMap<&'a str, &'a str>,
    has_empty_signature: bool,
}

impl Items {
    /// The groups of items in these texts that have a signature. Unknown items are passed over.
    ///
    /// # Errors
    /// [`SignatureError::Missing`] when every signature is empty; [`SignatureError::Malformed`] when there is none, or one
    /// capture has two values.
    pub(crate) fn read<'a>(&'a self, texts: &[&'a str]) -> Result<Vec<Group<'a>>, SignatureError> {
        let mut groups: Vec<Group<'a>> = Vec::new();
        match self.split.as_slice() {
            [between_groups, between_items] => {
                for text in texts.iter().flat_map(|text| text.split(between_groups.as_str())) {
                    groups.push(self.group(text.split(between_items.as_str()))?);
                }
            }
            [between_items] => {
                let items = texts.iter().flat_map(|text| text.split(between_items.as_str()));
                groups.push(self.group(items)?);
            }
            _ => groups.push(self.group(texts.iter().copied())?),
        }
        for group in &mut groups {
            group.signatures.retain(|signature| !signature.is_empty());
        }
        let has_none = |group: &Group<'_>| group.signatures.is_empty();
        if groups.iter().all(has_none) {
            let has_empty = groups.iter().any(|group| group.has_empty_signature);
            return Err(if has_empty {
                SignatureError::Missing
            } else {
                SignatureError::Malformed
            });
        }
        groups.retain(|group| !has_none(group));
        Ok(groups)
    }

    /// A text that has these captures, each once.
    pub(crate) fn write(&self, captured: &BTreeMap<&str, &str>) -> String {
        let (mut items, mut seen) = (Vec::new(), Vec::new());
        for pattern in &self.patterns {
            if pattern.captures().any(|name| !seen.contains(&name)) {
                seen.extend(pattern.captures());
                items.push(pattern.write(captured));
            }
        }
        items.join(self.split.last().map_or("", String::as_str))
    }

    fn group<'a>(&'a self, items: impl Iterator<Item = &'a str>) -> Result<Group<'a>, SignatureError> {
        let mut group = Group::default();
        let mut bare = self.patterns.iter().filter_map(Pattern::bare);
        for item in items {
            let item = item
                .trim_matches(' ')
                .trim_end_matches([',', ';'])
                .trim_end_matches(' ');
            if item.is_empty() {
                continue;
            }
            let others = || self.patterns.iter().filter(|pattern| pattern.bare().is_none());
            let captured = match bare.next() {
                Some(name) => vec![(name, item)],
                None => others().find_map(|pattern| pattern.read(item)).unwrap_or_default(),
            };
            for (name, value) in captured {
                if name == SIGNATURE {
                    group.has_empty_signature |= value.is_empty();
                    group.signatures.push(value);
                } else if *group.captures.entry(name).or_insert(value) != value {
                    return Err(SignatureError::Malformed);
                }
            }
        }
        Ok(group)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn items(split: &[&str], patterns: &[&str]) -> Items {
        Items {
            split: split.iter().map(|&text| text.to_owned()).collect(),
            patterns: patterns.iter().map(|text| Pattern::parse(text).unwrap()).collect(),
        }
    }

    type Read = (Vec<String>, Vec<(String, String)>);

    fn read(items: &Items, texts: &[&str]) -> Result<Vec<Read>, SignatureError> {
        let groups = items.read(texts)?;
        let own = |group: Group<'_>| {
            let captures = group
                .captures
                .iter()
                .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
            let signatures = group.signatures.iter().map(|&text| text.to_owned()).collect();
            (signatures, captures.collect())
        };
        Ok(groups.into_iter().map(own).collect())
    }

    fn group(signatures: &[&str], captures: &[(&str, &str)]) -> Read {
        let captures = captures
            .iter()
            .map(|&(name, value)| (name.to_owned(), value.to_owned()));
        (
            signatures.iter().map(|&text| text.to_owned()).collect(),
            captures.collect(),
        )
    }

    #[test]
    fn items_give_signatures_and_captures() {
        let stripe = items(&[","], &["t={timestamp}", "v1={sig}"]);
        for (texts, expected) in [
            (&["t=1,v1=a"][..], Ok(vec![group(&["a"], &[("timestamp", "1")])])),
            (
                &["v1=a, t=1 ,v1=b,v0=c,"],
                Ok(vec![group(&["a", "b"], &[("timestamp", "1")])]),
            ),
            (&["t=1,t=1,v1=a"], Ok(vec![group(&["a"], &[("timestamp", "1")])])),
            (&["t=1,t=2,v1=a"], Err(SignatureError::Malformed)),
            (&["t=1,v0=a"], Err(SignatureError::Malformed)),
            (&["t=1,v1="], Err(SignatureError::Missing)),
            (&["v1=a=b"], Ok(vec![group(&["a=b"], &[])])),
        ] {
            assert_eq!(read(&stripe, texts), expected, "{texts:?}");
        }
        let one = items(&[], &["sha256={sig}", "{sig}"]);
        assert_eq!(read(&one, &["sha256=a"]), Ok(vec![group(&["a"], &[])]));
        assert_eq!(read(&one, &["a"]), Ok(vec![group(&["a"], &[])]));
        assert_eq!(read(&one, &["sha256="]), Err(SignatureError::Missing));
        let recurly = items(&[","], &["{timestamp}", "{sig}"]);
        assert_eq!(
            read(&recurly, &["1,a,b"]),
            Ok(vec![group(&["a", "b"], &[("timestamp", "1")])])
        );
        let persona = items(&[" ", ","], &["t={timestamp}", "v1={sig}"]);
        let two = vec![
            group(&["a"], &[("timestamp", "1")]),
            group(&["b"], &[("timestamp", "2")]),
        ];
        assert_eq!(read(&persona, &["t=1,v1=a t=2,v1=b"]), Ok(two));
    }

    #[test]
    fn what_is_no_pattern_says_why() {
        for (text, expected) in [
            ("", InvalidPattern::Nothing),
            ("v1", InvalidPattern::Nothing),
            ("v1={sig", InvalidPattern::Brace),
            ("v1=sig}", InvalidPattern::Brace),
            ("}{sig}", InvalidPattern::Brace),
            ("{Sig}", InvalidPattern::Name),
            ("{}", InvalidPattern::Name),
            ("{a}{sig}", InvalidPattern::Adjacent),
        ] {
            assert_eq!(Pattern::parse(text), Err(expected), "{text}");
        }
    }
}
