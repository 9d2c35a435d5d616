//! Embeds the presets: of each `presets/NAME.toml` what the functions use, as JSON, in tables that are sorted by name.
//!
//! `[about]` is for people and is left out. A file that has a field of no source, or both a verification and a reason for
//! having none, stops the build.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::{env, fs};

use toml::Table;

/// The fields of a source that a preset may set.
const FIELDS: [&str; 11] = [
    "verify",
    "id",
    "event",
    "subject",
    "body",
    "batch",
    "answer",
    "keep_headers",
    "on_conflict",
    "probes",
    "parameters",
];

/// The fields without which nothing is verified and told apart.
const NEEDED: [&str; 4] = ["verify", "id", "event", "body"];

/// A preset as the functions use it.
enum Preset {
    /// The source's fields as JSON.
    Source(String),
    /// Why the producer cannot be verified yet.
    Missing(String),
}

fn main() -> Result<(), String> {
    println!("cargo::rerun-if-changed=presets");
    println!("cargo::rerun-if-changed=build.rs");
    let mut presets = BTreeMap::new();
    for path in files(Path::new("presets"))? {
        let at = |problem: String| format!("{}: {problem}", path.display());
        let name = name(&path).map_err(at)?;
        let text = fs::read_to_string(&path).map_err(|error| at(error.to_string()))?;
        presets.insert(name, preset(&text).map_err(at)?);
    }
    let out = env::var_os("OUT_DIR").ok_or("OUT_DIR is not set")?;
    fs::write(Path::new(&out).join("presets.rs"), code(&presets)).map_err(|error| error.to_string())
}

/// The files of a directory. Any other thing in it is a mistake.
fn files(directory: &Path) -> Result<Vec<PathBuf>, String> {
    let entries = fs::read_dir(directory).map_err(|error| format!("{}: {error}", directory.display()))?;
    let paths = entries.map(|entry| entry.map(|entry| entry.path()).map_err(|error| error.to_string()));
    paths.collect()
}

/// The preset's name: that of its file, in the letters of a source's name.
fn name(path: &Path) -> Result<String, String> {
    let is_toml = path.extension().is_some_and(|extension| extension == "toml");
    let name = path.file_stem().and_then(|stem| stem.to_str()).filter(|_| is_toml);
    let name = name.ok_or("is no NAME.toml")?;
    let is_letter = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    if name.is_empty() || !name.chars().all(is_letter) {
        return Err("a name has a-z, 0-9 and -".to_owned());
    }
    Ok(name.to_owned())
}

fn preset(text: &str) -> Result<Preset, String> {
    // A field that comes twice is an error of the parser.
    let mut table: Table = text.parse().map_err(|error: toml::de::Error| error.to_string())?;
    if !table.remove("about").is_some_and(|about| about.is_table()) {
        return Err("[about] must be there".to_owned());
    }
    if let Some(missing) = table.remove("missing") {
        let reason = missing.as_str().ok_or("missing must be a text")?;
        return match table.keys().next() {
            None => Ok(Preset::Missing(reason.to_owned())),
            Some(field) => Err(format!("{field} stands beside missing")),
        };
    }
    if let Some(field) = table.keys().find(|field| !FIELDS.contains(&field.as_str())) {
        return Err(format!(
            "{field} is no field of a preset; known are {}",
            FIELDS.join(", ")
        ));
    }
    if let Some(field) = NEEDED.iter().find(|field| !table.contains_key(**field)) {
        return Err(format!("{field} must be there"));
    }
    serde_json::to_string(&table)
        .map(Preset::Source)
        .map_err(|error| error.to_string())
}

fn code(presets: &BTreeMap<String, Preset>) -> String {
    let (mut sources, mut missing) = (String::new(), String::new());
    for (name, preset) in presets {
        match preset {
            Preset::Source(json) => sources.push_str(&format!("    ({name:?}, {json:?}),\n")),
            Preset::Missing(reason) => missing.push_str(&format!("    ({name:?}, {reason:?}),\n")),
        }
    }
    format!("static SOURCES: &[(&str, &str)] = &[\n{sources}];\n\nstatic MISSING: &[(&str, &str)] = &[\n{missing}];\n")
}
