//! Puts the definitions and runbooks into the library, so that a program shows them without the checkout.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let package = PathBuf::from(std::env::var("CARGO_MANIFEST_DIR")?);
    let alarms = package.join("../../alarms").canonicalize()?;
    let mut code = String::new();
    for (name, directory, extension) in [
        ("DEFINITIONS", alarms.clone(), "yaml"),
        ("RUNBOOKS", alarms.join("runbooks"), "md"),
    ] {
        println!("cargo::rerun-if-changed={}", directory.display());
        write!(code, "const {name}: &[(&str, &str)] = &[")?;
        for file in files(&directory, extension)? {
            println!("cargo::rerun-if-changed={}", file.display());
            let stem = file.file_stem().unwrap_or_default().to_string_lossy();
            write!(code, "({stem:?}, include_str!({:?})),", file.display().to_string())?;
        }
        code.push_str("];\n");
    }
    std::fs::write(PathBuf::from(std::env::var("OUT_DIR")?).join("embedded.rs"), code)?;
    Ok(())
}

fn files(directory: &Path, extension: &str) -> std::io::Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    for file in std::fs::read_dir(directory)? {
        let path = file?.path();
        if path.extension().is_some_and(|own| own == extension) {
            files.push(path);
        }
    }
    files.sort();
    Ok(files)
}
