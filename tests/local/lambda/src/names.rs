//! Names on the wire: functions, qualifiers, execution names, trace headers, times.

use uuid::Uuid;

use crate::clock::now_ms;

/// The published version that every function has.
pub(crate) const VERSION: &str = "1";
/// The alias of [`VERSION`].
pub(crate) const ALIAS: &str = "live";
pub(crate) const LATEST: &str = "$LATEST";

/// A function as a caller names it: `name`, `name:qualifier`, a partial or a full ARN.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct FunctionReference<'a> {
    pub(crate) name: &'a str,
    pub(crate) qualifier: Option<&'a str>,
}

impl<'a> FunctionReference<'a> {
    pub(crate) fn parse(text: &'a str) -> Self {
        let bare = match text.split_once("function:") {
            Some((before, bare)) if before.is_empty() || before.ends_with(':') => bare,
            _ => text,
        };
        match bare.split_once(':') {
            Some((name, qualifier)) => Self {
                name,
                qualifier: Some(qualifier),
            },
            None => Self {
                name: bare,
                qualifier: None,
            },
        }
    }
}

/// The version behind a qualifier, if there is one.
pub(crate) fn version_of(qualifier: Option<&str>) -> Option<&'static str> {
    match qualifier {
        None | Some(LATEST) => Some(LATEST),
        Some(VERSION | ALIAS) => Some(VERSION),
        Some(_) => None,
    }
}

/// An execution name: 1 to 64 of letters, digits, `-` and `_`.
pub(crate) fn is_execution_name(name: &str) -> bool {
    (1..=64).contains(&name.len())
        && name
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_')
}

/// The trace header of an invocation: the caller's, completed, or a new one when that is none. It always fits a header.
#[must_use]
pub fn trace_header(incoming: Option<&str>) -> String {
    let parent = hex_digits(16);
    let is_trace = |header: &&str| header.contains("Root=") && header.bytes().all(|byte| byte.is_ascii_graphic());
    match incoming.map(str::trim).filter(is_trace) {
        Some(header) => {
            let mut header = header.to_owned();
            if !header.contains("Parent=") {
                header.push_str(&format!(";Parent={parent}"));
            }
            if !header.contains("Sampled=") {
                header.push_str(";Sampled=1");
            }
            header
        }
        None => format!(
            "Root=1-{:08x}-{};Parent={parent};Sampled=1",
            now_ms() / 1000,
            hex_digits(24)
        ),
    }
}

/// Up to 32 random lower-case hex digits.
#[must_use]
pub fn hex_digits(count: usize) -> String {
    // From the end: the fixed version and variant bits of a UUID stand in its first half and middle.
    Uuid::new_v4().simple().to_string().chars().rev().take(count).collect()
}

/// The access key id of a sandbox, which identifies its requests to AWS.
pub(crate) fn access_key_id() -> String {
    format!("LOCAL{}", hex_digits(15).to_uppercase())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn functions_are_found_by_every_form_of_their_name() {
        let cases = [
            ("processor", None),
            ("processor:live", Some("live")),
            ("123456789012:function:processor", None),
            ("function:processor:1", Some("1")),
            ("arn:aws:lambda:us-east-1:123456789012:function:processor", None),
            (
                "arn:aws:lambda:us-east-1:123456789012:function:processor:$LATEST",
                Some("$LATEST"),
            ),
        ];
        for (text, qualifier) in cases {
            assert_eq!(
                FunctionReference::parse(text),
                FunctionReference {
                    name: "processor",
                    qualifier
                },
                "{text}"
            );
        }
    }

    #[test]
    fn a_trace_header_is_kept_and_completed() {
        let full = "Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=0";
        assert_eq!(trace_header(Some(full)), full);
        let completed = trace_header(Some("Root=1-5759e988-bd862e3fe1be46a994272793"));
        assert!(
            completed.starts_with("Root=1-5759e988-bd862e3fe1be46a994272793;Parent="),
            "{completed}"
        );
        assert!(completed.ends_with(";Sampled=1"), "{completed}");
    }

    #[test]
    fn a_new_trace_header_has_the_documented_shape() {
        let header = trace_header(None);
        let parts: Vec<&str> = header.split(';').collect();
        let root: Vec<&str> = parts[0].split('-').collect();
        assert_eq!((root[0], root[1].len(), root[2].len()), ("Root=1", 8, 24), "{header}");
        assert_eq!(
            (parts[1].len(), parts[2]),
            ("Parent=".len() + 16, "Sampled=1"),
            "{header}"
        );
    }

    #[test]
    fn what_does_not_fit_a_header_is_no_trace() {
        for wrong in ["Root=1-a\r\nX: y", "Root=é", "Root=1 2", "Parent=53995c3f42cd8ad8", ""] {
            assert!(trace_header(Some(wrong)).starts_with("Root=1-"), "{wrong}");
            assert!(
                !trace_header(Some(wrong)).contains(wrong) || wrong.is_empty(),
                "{wrong}"
            );
        }
    }

    #[test]
    fn access_keys_are_twenty_upper_case_characters_and_differ() {
        let (one, other) = (access_key_id(), access_key_id());
        assert!(
            one.len() == 20
                && one
                    .bytes()
                    .all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit()),
            "{one}"
        );
        assert_ne!(one, other);
    }

    #[test]
    fn execution_names_are_bounded() {
        assert!(is_execution_name("a-B_9") && is_execution_name(&"x".repeat(64)));
        for wrong in ["", "a b", "a.b", "é", &"x".repeat(65)] {
            assert!(!is_execution_name(wrong), "{wrong}");
        }
    }
}
