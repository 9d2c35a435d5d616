//! The table of claims: what each document says, and what holds it.

use std::collections::BTreeSet;

use serde::Deserialize;

use super::document::Claim;

/// The shortest reason that can say something.
const MIN_REASON_CHARS: usize = 12;

/// The table of one document.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Table {
    /// Its entries, in the order of the document.
    pub claim: Vec<Entry>,
}

/// A claim with what holds it.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Entry {
    /// The claim's text.
    pub says: String,
    /// Proofs, each as `FILE: NAME`, or the file of a patch of `tests/faults`.
    #[serde(default)]
    pub held: Vec<String>,
    /// Why no test can or need hold it.
    pub by_design: Option<String>,
    /// What of AWS, or of another machine, could not be run.
    pub unconfirmed: Option<String>,
}

/// What is wrong between a document and its table, each with what to do. `table` is the table's file.
#[must_use]
pub fn problems(document: &str, claims: &[Claim], table: &str, entries: &[Entry]) -> Vec<String> {
    let said: BTreeSet<_> = claims.iter().map(|claim| claim.text.as_str()).collect();
    let mut known = BTreeSet::new();
    let mut problems = Vec::new();
    for entry in entries {
        if !known.insert(entry.says.as_str()) {
            problems.push(format!(
                "{table} has two entries for this claim: remove one of them\n    {}",
                entry.says
            ));
        }
        problems.extend(
            entry
                .problem()
                .map(|what| format!("{table}: {what}\n    {}", entry.says)),
        );
    }
    let stale: Vec<_> = entries
        .iter()
        .filter(|entry| !said.contains(entry.says.as_str()))
        .collect();
    for claim in claims.iter().filter(|claim| !known.contains(claim.text.as_str())) {
        problems.push(format!(
            "{document}:{} claims this without an entry in {table}: read the code, then add one with `says`, and `held` (tests that \
             fail when it is untrue), `by_design` or `unconfirmed`\n    {}",
            claim.line, claim.text
        ));
    }
    for entry in stale {
        problems.push(format!(
            "{table} has an entry that {document} does not say any more: where the sentence was changed, judge anew whether \
             its tests hold it and change `says`; where it is gone, remove the entry\n    {}",
            entry.says
        ));
    }
    problems
}

impl Entry {
    fn problem(&self) -> Option<&'static str> {
        let reasons = [&self.by_design, &self.unconfirmed];
        if self.held.is_empty() && reasons.iter().all(|reason| reason.is_none()) {
            return Some(
                "an entry holds nothing: name tests in `held`, or say why not in `by_design` or `unconfirmed`",
            );
        }
        let empty = |reason: &&&Option<String>| {
            reason
                .as_ref()
                .is_some_and(|text| text.trim().chars().count() < MIN_REASON_CHARS)
        };
        reasons
            .iter()
            .find(empty)
            .map(|_| "a reason says too little: write a sentence")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(says: &str) -> Entry {
        Entry {
            says: says.to_owned(),
            held: vec!["a.rs: a".to_owned()],
            by_design: None,
            unconfirmed: None,
        }
    }

    fn problems_of(document: &str, entries: &[Entry]) -> Vec<String> {
        let claims = super::super::document::claims(document).unwrap();
        problems("A.md", &claims, "a.toml", entries)
    }

    #[test]
    fn a_claim_and_its_entry_have_the_same_text() {
        let document = "It is stored.\nNobody gets in.";
        assert!(problems_of(document, &[entry("Nobody gets in."), entry("It is stored.")]).is_empty());
        let found = problems_of(document, &[entry("It is stored."), entry("Somebody gets in.")]);
        assert_eq!(found.len(), 2, "{found:?}");
        assert!(found[0].starts_with("A.md:1 claims") && found[0].ends_with("Nobody gets in."));
        assert!(found[1].contains("does not say any more") && found[1].ends_with("Somebody gets in."));
        let twice = problems_of("It is stored.", &[entry("It is stored."), entry("It is stored.")]);
        assert!(twice[0].contains("two entries"), "{twice:?}");
    }

    #[test]
    fn an_entry_has_proofs_or_a_reason() {
        let nothing = Entry {
            held: Vec::new(),
            ..entry("It is stored.")
        };
        assert!(problems_of("It is stored.", std::slice::from_ref(&nothing))[0].contains("holds nothing"));
        let short = Entry {
            by_design: Some(" so. ".to_owned()),
            ..nothing.clone()
        };
        assert!(problems_of("It is stored.", &[short])[0].contains("too little"));
        let reason = Entry {
            unconfirmed: Some("no account of AWS was at hand".to_owned()),
            ..nothing
        };
        assert!(problems_of("It is stored.", &[reason]).is_empty());
    }
}
