//! Says whether the functions can use a secret document, with their own parser and without showing anything of it:
//! `check_secret FILE`. Ends with 1 when an entry or the document cannot be used. `functions/validator/check-secret` runs it.

use std::process::ExitCode;

use tracehook_core::secret::SecretDocument;

fn main() -> ExitCode {
    let Some(path) = std::env::args_os().nth(1) else {
        return refuse("usage: check_secret FILE");
    };
    let text = match std::fs::read_to_string(&path) {
        Ok(text) => text,
        Err(error) => return refuse(&format!("{} cannot be read: {error}", path.display())),
    };
    match SecretDocument::parse(&text) {
        Ok(document) => report(&document),
        Err(error) => refuse(&format!("every source would be closed: the document is {error}")),
    }
}

fn report(document: &SecretDocument) -> ExitCode {
    let mut code = ExitCode::SUCCESS;
    for (source, reason) in document.unusable() {
        code = refuse(&format!("{source} would be closed: its entry is {reason}"));
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
    if code == ExitCode::SUCCESS {
        eprintln!("{} sources can be verified with it", document.sources().count());
    }
    code
}

fn refuse(problem: &str) -> ExitCode {
    eprintln!("{problem}");
    ExitCode::FAILURE
}
