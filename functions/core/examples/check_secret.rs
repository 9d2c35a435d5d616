//! Says whether the functions can use a secret document, with their own parser and without showing anything of it:
//! `check_secret FILE [SOURCES]`. SOURCES is a file of sources in YAML or JSON, or the configuration of `make run` in TOML; with
//! it each secret is judged as a key of its source. Ends with 1 when a source would be closed. `functions/validator/check-secret`
//! runs it.

use std::path::Path;
use std::process::ExitCode;

use serde_json::{Map, Value, json};
use tracehook_core::secret::SecretDocument;
use tracehook_core::{Configuration, Sources};

fn main() -> ExitCode {
    let mut arguments = std::env::args_os().skip(1);
    let Some(path) = arguments.next() else {
        return refuse("usage: check_secret FILE [SOURCES]");
    };
    let text = match std::fs::read_to_string(&path) {
        Ok(text) => text,
        Err(error) => return refuse(&format!("{} cannot be read: {error}", path.display())),
    };
    let sources = match arguments.next() {
        None => None,
        Some(path) => match sources(Path::new(&path)) {
            Ok(sources) => Some(sources),
            Err(problem) => return refuse(&format!("{}: {problem}", path.display())),
        },
    };
    match SecretDocument::parse(&text) {
        Ok(document) => report(&document, sources.as_ref()),
        Err(error) => refuse(&format!("every source would be closed: the document is {error}")),
    }
}

fn report(document: &SecretDocument, sources: Option<&Sources>) -> ExitCode {
    let mut code = ExitCode::SUCCESS;
    // An entry of a source that is not deployed is judged by itself.
    let is_deployed = |name: &str| sources.is_some_and(|sources| sources.get(name).is_some());
    for (source, reason) in document.unusable().filter(|(name, _)| !is_deployed(name.as_str())) {
        code = refuse(&format!("{source} would be closed: its entry is {reason}"));
    }
    for (source, reason) in sources.iter().flat_map(|sources| sources.closed_by(document)) {
        code = refuse(&format!("{source} would be closed: {reason}"));
    }
    if document.misnamed() > 0 {
        code = refuse(&format!(
            "{} names are no source's: 1 to 40 characters of a-z, 0-9, _ and -, beginning with a letter or digit",
            document.misnamed()
        ));
    }
    for source in document.shared() {
        eprintln!("warning: {source} has a secret in common with another source");
    }
    for source in document
        .sources()
        .filter(|name| sources.is_some() && !is_deployed(name.as_str()))
    {
        eprintln!("warning: {source} is none of the sources");
    }
    if code == ExitCode::SUCCESS {
        let verified = sources.map_or_else(|| document.sources().count(), |sources| sources.names().count());
        eprintln!("{verified} sources can be verified with it");
    }
    code
}

/// The sources of a file, as the functions read them.
fn sources(path: &Path) -> Result<Sources, String> {
    let mut written = written(path)?;
    if is_toml(path) {
        let beside = path.parent().unwrap_or(Path::new("."));
        let file = written
            .get("sources_file")
            .and_then(Value::as_str)
            .map(|file| beside.join(file));
        written = written.remove("sources").and_then(object).unwrap_or_default();
        for source in written.values_mut().filter_map(Value::as_object_mut) {
            source.remove("secret");
        }
        if let Some(file) = file {
            written.retain(|_, source| source.as_object().is_some_and(|source| !source.is_empty()));
            written.extend(self::written(&file)?);
        }
    }
    let document = json!({ "sources": written }).to_string();
    Configuration::parse(&document).map(|configuration| configuration.sources)
}

/// What a file holds. The errors name the place and quote nothing.
fn written(path: &Path) -> Result<Map<String, Value>, String> {
    let text = std::fs::read_to_string(path).map_err(|error| format!("cannot be read: {error}"))?;
    let value: Result<Value, String> = if is_toml(path) {
        toml::from_str(&text).map_err(|error| error.message().to_owned())
    } else {
        serde_norway::from_str(&text).map_err(|error| error.to_string())
    };
    object(value?).ok_or_else(|| "must be an object".to_owned())
}

fn is_toml(path: &Path) -> bool {
    path.extension().is_some_and(|extension| extension == "toml")
}

fn object(value: Value) -> Option<Map<String, Value>> {
    match value {
        Value::Object(map) => Some(map),
        _ => None,
    }
}

fn refuse(problem: &str) -> ExitCode {
    eprintln!("{problem}");
    ExitCode::FAILURE
}
