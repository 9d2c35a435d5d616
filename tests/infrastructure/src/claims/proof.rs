//! What holds a claim: a test by its name in its file.
//!
//! Contract: a proof is `FILE: NAME`, where NAME is a test's function in a `.rs` file, a `run` in a `.tftest.hcl` file, a case
//! in a judge's `cases.json`, or an alarm in a golden; or it is the file of a patch that `tests/faults/list.toml` names. A test
//! that is ignored and a case that is expected to fail hold nothing.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;

use anyhow::{Context as _, Result, bail};
use serde_json::Value;
use syn::visit::{self, Visit};

use crate::{path, terraform};

/// The names of each file that was read.
#[derive(Debug, Default)]
pub struct Proofs(BTreeMap<String, BTreeSet<String>>);

impl Proofs {
    /// Whether what `proof` names is there.
    ///
    /// # Errors
    /// What is not there, and what to do.
    pub fn find(&mut self, proof: &str) -> Result<()> {
        let (file, name) = proof.split_once(": ").unwrap_or((proof, ""));
        if !self.0.contains_key(file) {
            let names =
                names(file).with_context(|| format!("{file} of {proof:?} cannot be read: name another file"))?;
            self.0.insert(file.to_owned(), names);
        }
        if !self.0.get(file).is_some_and(|names| names.contains(name)) {
            bail!(
                "{file} has no test {name:?} (or one that is ignored or expected to fail): where it was renamed or moved, name \
                 it as it is now; where it is gone, find another test or write one"
            );
        }
        Ok(())
    }
}

/// What a file has that can hold a claim.
fn names(file: &str) -> Result<BTreeSet<String>> {
    let text = fs::read_to_string(path(file))?;
    let is = |end: &str| file.ends_with(end);
    if is(".rs") {
        tests(&text)
    } else if is(".tftest.hcl") {
        Ok(runs(&terraform::body(file)?))
    } else if is(".patch") {
        patch(file)
    } else if is(".json") {
        let mut names = BTreeSet::new();
        let json = serde_json::from_str(&text)?;
        if is("/cases.json") {
            cases(&json, &mut names);
        } else {
            keys(&json, &mut names);
        }
        Ok(names)
    } else {
        bail!("no test, no Terraform test, no cases of a judge, no golden and no patch")
    }
}

/// The functions of a file that the test harness runs.
fn tests(text: &str) -> Result<BTreeSet<String>> {
    struct Tests(BTreeSet<String>);
    impl Visit<'_> for Tests {
        fn visit_item_fn(&mut self, function: &syn::ItemFn) {
            let last = |attribute: &syn::Attribute| attribute.path().segments.last().map(|last| last.ident.to_string());
            let attributes: Vec<_> = function.attrs.iter().filter_map(last).collect();
            let has = |name: &str| attributes.iter().any(|attribute| attribute == name);
            if has("test") && !has("ignore") {
                self.0.insert(function.sig.ident.to_string());
            }
            visit::visit_item_fn(self, function);
        }
    }
    let mut found = Tests(BTreeSet::new());
    found.visit_file(&syn::parse_file(text)?);
    Ok(found.0)
}

fn runs(body: &hcl::Body) -> BTreeSet<String> {
    let runs = body.blocks().filter(|block| block.identifier() == "run");
    let labels = runs.filter_map(|block| block.labels().first());
    labels.map(|label| label.as_str().to_owned()).collect()
}

/// Cases that pass, wherever the judge's file has them.
fn cases(json: &Value, names: &mut BTreeSet<String>) {
    if json.get("expected").is_none() {
        names.extend(json.get("name").and_then(Value::as_str).map(str::to_owned));
    }
    match json {
        Value::Array(items) => items.iter().for_each(|item| cases(item, names)),
        Value::Object(members) => members.values().for_each(|member| cases(member, names)),
        _ => {}
    }
}

/// The alarms of a golden by name.
fn keys(json: &Value, names: &mut BTreeSet<String>) {
    let kinds = json.as_object().into_iter().flat_map(|kinds| kinds.values());
    names.extend(
        kinds
            .filter_map(Value::as_object)
            .flat_map(|alarms| alarms.keys().cloned()),
    );
}

/// A patch is its own name, when the list has it.
fn patch(file: &str) -> Result<BTreeSet<String>> {
    let (directory, patch) = file.rsplit_once('/').context("a patch in a directory")?;
    let list = fs::read_to_string(path(directory).join("list.toml"))?;
    let is_listed = list.contains(&format!("patch = \"{patch}\""));
    Ok(is_listed.then(String::new).into_iter().collect())
}

#[cfg(test)]
mod tests;
