//! JSON pointers (RFC 6901).

use std::str::FromStr;

/// A place in a document: the keys that lead to it, and the positions in arrays.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pointer(Vec<String>);

/// A text that does not begin with a slash, or has a tilde that escapes nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a JSON pointer is /KEY/KEY…, with ~0 for ~ and ~1 for /")]
pub struct InvalidPointer;

impl Pointer {
    /// The place of a member of the document itself.
    #[must_use]
    pub fn field(name: &str) -> Self {
        Self(vec![name.to_owned()])
    }

    pub(crate) fn keys(&self) -> &[String] {
        &self.0
    }
}

impl FromStr for Pointer {
    type Err = InvalidPointer;

    fn from_str(text: &str) -> Result<Self, InvalidPointer> {
        let keys = text.strip_prefix('/').ok_or(InvalidPointer)?.split('/');
        let unescaped = keys.map(|key| {
            let escapes = key.matches('~').count();
            let known = key.matches("~0").count() + key.matches("~1").count();
            (escapes == known)
                .then(|| key.replace("~1", "/").replace("~0", "~"))
                .ok_or(InvalidPointer)
        });
        unescaped.collect::<Result<_, _>>().map(Self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pointer_names_keys_with_escapes() {
        let keys = |text: &str| text.parse().map(|pointer: Pointer| pointer.0);
        assert_eq!(keys("/a/b"), Ok(vec!["a".to_owned(), "b".to_owned()]));
        assert_eq!(keys("/a~1b/~01"), Ok(vec!["a/b".to_owned(), "~1".to_owned()]));
        assert_eq!(keys("/"), Ok(vec![String::new()]));
        for bad in ["", "a", "/a~", "/a~2"] {
            assert_eq!(keys(bad), Err(InvalidPointer), "{bad}");
        }
    }
}
