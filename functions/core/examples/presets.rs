//! Lists the presets, or shows the file of one: `presets [NAME]`. `make presets` runs it. It needs no AWS.

use std::path::Path;
use std::process::ExitCode;

use toml::Table;
use tracehook_core::preset;

fn main() -> ExitCode {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("presets");
    match std::env::args().nth(1).filter(|name| !name.is_empty()) {
        None => list(&directory),
        Some(name) => show(&directory, &name),
    }
}

fn list(directory: &Path) -> ExitCode {
    for name in preset::names() {
        let text = std::fs::read_to_string(directory.join(format!("{name}.toml"))).unwrap_or_default();
        let table: Table = text.parse().unwrap_or_default();
        let title = table.get("about").and_then(|about| about.get("title")?.as_str());
        println!("{name:26}{}", title.unwrap_or_default());
    }
    eprintln!(
        "{} presets. NAME=stripe shows one; functions/core/PRESETS.md has a section for each.",
        preset::names().len()
    );
    ExitCode::SUCCESS
}

fn show(directory: &Path, name: &str) -> ExitCode {
    if preset::find(name).is_none() && preset::missing(name).is_none() {
        let near: Vec<_> = preset::names()
            .filter(|known| known.contains(name) || name.contains(known))
            .collect();
        let near = if near.is_empty() {
            String::new()
        } else {
            format!("; there is {}", near.join(", "))
        };
        eprintln!("there is no preset {name}{near}");
        return ExitCode::FAILURE;
    }
    match std::fs::read_to_string(directory.join(format!("{name}.toml"))) {
        Ok(text) => {
            print!("{text}");
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("the file of {name} cannot be read: {error}");
            ExitCode::FAILURE
        }
    }
}
