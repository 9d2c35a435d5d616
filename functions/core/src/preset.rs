//! Presets: sources of known producers, one readable file each in `presets/`.
//!
//! The build embeds them as static text, so a preset that no source names costs nothing at start. `PRESETS.md` has the page
//! of each.

include!(concat!(env!("OUT_DIR"), "/presets.rs"));

/// The fields of a source, as JSON, that a preset sets. Absent for a name that is no preset's.
#[must_use]
pub fn find(name: &str) -> Option<&'static str> {
    look_up(SOURCES, name)
}

/// Why a producer that people look for has no preset yet.
#[must_use]
pub fn missing(name: &str) -> Option<&'static str> {
    look_up(MISSING, name)
}

/// The names of all presets, sorted.
#[must_use]
pub fn names() -> impl ExactSizeIterator<Item = &'static str> {
    SOURCES.iter().map(|(name, _)| *name)
}

/// The tables are sorted by name.
fn look_up(table: &[(&'static str, &'static str)], name: &str) -> Option<&'static str> {
    let at = table.binary_search_by_key(&name, |(known, _)| known).ok()?;
    table.get(at).map(|(_, text)| *text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_preset_is_found_by_its_name_and_no_other_is() {
        let names: Vec<_> = names().collect();
        assert!(names.is_sorted() && names.len() > 150);
        for name in names {
            let json = find(name).unwrap();
            assert!(
                serde_json::from_str::<serde_json::Value>(json).unwrap().is_object(),
                "{name}"
            );
            assert_eq!(missing(name), None, "{name}");
        }
        for name in ["", "GitHub", "github ", "nobody"] {
            assert_eq!((find(name), missing(name)), (None, None), "{name}");
        }
    }

    #[test]
    fn what_people_read_is_not_embedded() {
        for name in names() {
            assert!(!find(name).unwrap().contains("\"about\""), "{name}");
        }
    }

    #[test]
    fn a_producer_that_cannot_be_verified_yet_has_a_reason() {
        for name in [
            "adyen",
            "asana",
            "aws-sns",
            "google-pubsub",
            "notion",
            "paypal",
            "plaid",
        ] {
            assert!(
                find(name).is_none() && missing(name).unwrap().contains("not built"),
                "{name}"
            );
        }
    }
}
