//! The files of the presets, with what people read in them.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use serde::Deserialize;
use serde_json::Value;
use tracehook_core::preset;

/// A preset, or a producer that has none yet.
#[derive(Debug, Deserialize)]
pub(crate) struct File {
    /// Why there is no preset.
    pub(crate) missing: Option<String>,
    pub(crate) about: About,
    /// The fields of the source.
    #[serde(flatten)]
    pub(crate) source: BTreeMap<String, Value>,
}

/// What people read. A fact that is not known is left out.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct About {
    /// The producer's name.
    pub(crate) title: String,
    /// 1: nearly everybody meets it; 2: common; 3: the long tail.
    pub(crate) tier: u8,
    #[serde(default)]
    pub(crate) documentation: Vec<String>,
    /// What the secret is.
    pub(crate) secret: Option<String>,
    /// What is entered at the producer.
    pub(crate) enter: Option<String>,
    /// What the producer asks before it sends.
    pub(crate) challenge: Option<String>,
    /// The answers that it takes.
    pub(crate) success: Option<String>,
    /// How long it waits for an answer.
    pub(crate) deadline: Option<String>,
    /// What it does after a refusal or an outage.
    pub(crate) retries: Option<String>,
    /// When it switches the webhook off.
    pub(crate) switched_off: Option<String>,
    /// How to get back what was missed.
    pub(crate) missed: Option<String>,
    /// The version whose genuine deliveries were seen.
    pub(crate) seen: Option<String>,
    #[serde(default)]
    pub(crate) traps: Vec<String>,
    /// Where the preset differs from the list of facts, and why.
    #[serde(default)]
    pub(crate) notes: Vec<String>,
    /// The fields of this table that nobody has looked up.
    #[serde(default)]
    pub(crate) from_memory: Vec<String>,
    /// Public code that has accepted a vector of this preset.
    #[serde(default)]
    pub(crate) accepted_by: Vec<String>,
}

impl About {
    /// The facts about deliveries, by name.
    pub(crate) fn facts(&self) -> [(&'static str, Option<&str>); 8] {
        [
            ("secret", self.secret.as_deref()),
            ("enter", self.enter.as_deref()),
            ("challenge", self.challenge.as_deref()),
            ("success", self.success.as_deref()),
            ("deadline", self.deadline.as_deref()),
            ("retries", self.retries.as_deref()),
            ("switched_off", self.switched_off.as_deref()),
            ("missed", self.missed.as_deref()),
        ]
    }
}

/// All files by name.
pub(crate) fn files() -> BTreeMap<String, File> {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("presets");
    let paths = fs::read_dir(directory).unwrap().map(|entry| entry.unwrap().path());
    let file = |path: std::path::PathBuf| {
        let text = fs::read_to_string(&path).unwrap();
        let file = toml::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        (path.file_stem().unwrap().to_str().unwrap().to_owned(), file)
    };
    paths.map(file).collect()
}

#[test]
fn the_embedded_preset_is_the_file_without_what_people_read() {
    let files = files();
    assert!(preset::names().all(|name| files.contains_key(name)));
    for (name, file) in files {
        let embedded = preset::find(&name).map(|json| serde_json::from_str::<BTreeMap<String, Value>>(json).unwrap());
        assert_eq!(embedded.unwrap_or_default(), file.source, "{name}");
        assert_eq!(preset::missing(&name), file.missing.as_deref(), "{name}");
    }
}

#[test]
fn a_page_says_what_an_operator_needs() {
    for (name, file) in files() {
        let about = &file.about;
        assert!((1..=3).contains(&about.tier), "{name}");
        for fact in &about.from_memory {
            let is_there = about
                .facts()
                .iter()
                .any(|(known, text)| known == fact && text.is_some());
            let is_documented = fact == "documentation" && !about.documentation.is_empty();
            assert!(is_there || is_documented, "{name}: from_memory: {fact}");
        }
        for text in about.facts().into_iter().filter_map(|(_, text)| text) {
            assert!(!text.trim().is_empty(), "{name}");
        }
        for url in &about.documentation {
            assert!(url.starts_with("https://"), "{name}: {url}");
        }
        if about.tier == 1 && file.missing.is_none() {
            let needed = [&about.secret, &about.enter, &about.missed];
            assert!(needed.iter().all(|text| text.is_some()), "{name}");
        }
    }
}
