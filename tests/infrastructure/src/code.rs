//! What a function's source says: the environment variables that it reads, and the AWS operations that it calls.
//!
//! The source is read as text without white space and tests. It follows habits that this crate's tests hold: variables
//! are read by `env.METHOD("NAME"` or `env::var("NAME"`, AWS is called as `client.OPERATION()`, the record through a
//! `store`.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use anyhow::{Context as _, Result, bail};
use tracehook_engine::actions::{READ, START};

use crate::path;

/// The crates whose code is part of every function.
const SHARED: [&str; 3] = ["core", "store", "telemetry"];

/// Which client a file's operations are called on, by the SDK that the file uses.
const SERVICES: [(&str, &str); 3] = [
    ("aws_sdk_dynamodb", "dynamodb"),
    ("aws_sdk_lambda", "lambda"),
    ("aws_sdk_secretsmanager", "secretsmanager"),
];

/// The operations that the durable SDK calls by itself.
const DURABLE: [&str; 2] = ["lambda:CheckpointDurableExecution", "lambda:GetDurableExecutionState"];

/// The methods of the engine with their actions.
const ENGINE: [(&str, &[&str]); 2] = [("start", START), ("execution_of", READ)];

/// The functions whose code exists.
///
/// # Errors
/// When the directory cannot be read.
pub fn functions() -> Result<BTreeSet<String>> {
    let mut functions = BTreeSet::new();
    for entry in fs::read_dir(path("functions"))? {
        let entry = entry?;
        if entry.path().join("src/main.rs").is_file() {
            functions.insert(entry.file_name().to_string_lossy().into_owned());
        }
    }
    Ok(functions)
}

/// The variables that a function reads, without those that Lambda sets itself.
///
/// # Errors
/// When its source cannot be read.
pub fn variables(function: &str) -> Result<BTreeSet<String>> {
    let mut variables = BTreeSet::new();
    for (shared, part) in SHARED.iter().map(|part| (true, *part)).chain([(false, function)]) {
        for text in sources(part)? {
            for call in text.split("env").skip(1) {
                let named = match call.strip_prefix("::var(\"") {
                    Some(named) => Some(named),
                    // What a shared crate reads through a given environment is the function's to say.
                    None if shared => None,
                    None => method_of(call)
                        .filter(|(method, _)| *method != "problem")
                        .and_then(|(_, arguments)| arguments.strip_prefix("(\"")),
                };
                variables.extend(named.and_then(|named| named.split('"').next()).map(str::to_owned));
            }
        }
    }
    variables.retain(|name| !name.starts_with("AWS_") && !name.starts_with("LAMBDA_"));
    Ok(variables)
}

/// The variables of telemetry, which every function reads: each text in the code that configures it which has their form.
///
/// # Errors
/// When its source cannot be read.
pub fn telemetry_variables() -> Result<BTreeSet<String>> {
    let mut variables = BTreeSet::new();
    for text in sources("telemetry")? {
        if !text.contains("env.") {
            continue;
        }
        let is_name = |text: &&str| text.bytes().all(|byte| byte.is_ascii_uppercase() || byte == b'_');
        let texts = text.split('"').skip(1).step_by(2).filter(is_name);
        let ours = texts.filter(|name| name.starts_with("OTEL_") || *name == "LOG_LEVEL");
        variables.extend(ours.map(str::to_owned));
    }
    Ok(variables)
}

/// The IAM actions of the AWS operations that a function calls.
///
/// # Errors
/// When its source cannot be read, or calls an operation on a client of an unknown service.
pub fn actions(function: &str) -> Result<BTreeSet<String>> {
    let store = store_methods()?;
    let mut actions = BTreeSet::new();
    for text in sources(function)? {
        actions.extend(operations(&text)?);
        for (method, of_method) in &store {
            if text.contains(&format!("store.{method}(")) {
                actions.extend(of_method.iter().cloned());
            }
        }
        for (method, of_method) in ENGINE {
            if text.contains(&format!("engine.{method}(")) {
                actions.extend(of_method.iter().map(|action| (*action).to_owned()));
            }
        }
        if text.contains("aws_durable_execution_sdk") {
            actions.extend(DURABLE.map(str::to_owned));
        }
    }
    Ok(actions)
}

/// The constant texts of the store's file of names, by constant.
///
/// # Errors
/// When the file cannot be read.
pub fn attribute_names() -> Result<BTreeMap<String, String>> {
    let text = fs::read_to_string(path("functions/store/src/names.rs"))?;
    Ok(text
        .lines()
        .filter_map(|line| {
            let (name, value) = line.split_once("const ")?.1.split_once(": &str = \"")?;
            Some((name.to_owned(), value.split('"').next()?.to_owned()))
        })
        .collect())
}

/// The operations of each method of the store, those of the methods that it calls included.
fn store_methods() -> Result<BTreeMap<String, BTreeSet<String>>> {
    let mut bodies = BTreeMap::new();
    for text in sources("store")? {
        for item in text.split("asyncfn").skip(1) {
            let name = item.split(['(', '<']).next().unwrap_or_default();
            let mut body = item.to_owned();
            // The service is told by the file's imports, which stand before the method.
            body.push_str("aws_sdk_dynamodb");
            bodies.insert(name.to_owned(), body);
        }
    }
    let mut methods = BTreeMap::new();
    for (name, body) in &bodies {
        let mut found = operations(body)?;
        for (other, other_body) in &bodies {
            if body.contains(&format!("self.{other}(")) {
                found.extend(operations(other_body)?);
            }
        }
        methods.insert(name.clone(), found);
    }
    Ok(methods)
}

/// The actions of `client.OPERATION()` in a text.
fn operations(text: &str) -> Result<BTreeSet<String>> {
    let mut actions = BTreeSet::new();
    for call in text.split("client").skip(1) {
        let Some((operation, "()")) = method_of(call).and_then(|(name, rest)| Some((name, rest.get(..2)?))) else {
            continue;
        };
        let mut services = SERVICES.iter().filter(|(sdk, _)| text.contains(sdk));
        match (services.next(), services.next()) {
            (Some((_, service)), None) => actions.insert(format!("{service}:{}", action(operation))),
            _ => bail!("{operation} is called in a file that does not use exactly one known SDK"),
        };
    }
    Ok(actions)
}

/// `put_item` is `PutItem`. One action has another name than its operation.
fn action(operation: &str) -> String {
    if operation == "invoke" {
        return "InvokeFunction".to_owned();
    }
    operation
        .split('_')
        .flat_map(|word| word.chars().enumerate())
        .map(|(at, letter)| if at == 0 { letter.to_ascii_uppercase() } else { letter })
        .collect()
}

/// The name after a dot, and what follows it.
fn method_of(text: &str) -> Option<(&str, &str)> {
    let text = text.strip_prefix('.')?;
    let end = text.find(|letter: char| !(letter.is_ascii_alphanumeric() || letter == '_'))?;
    Some(text.split_at(end))
}

/// Every file of a crate, without white space and without what is compiled for tests only.
fn sources(part: &str) -> Result<Vec<String>> {
    let mut texts = Vec::new();
    collect(&path("functions").join(part).join("src"), &mut texts)?;
    Ok(texts)
}

fn collect(directory: &Path, texts: &mut Vec<String>) -> Result<()> {
    for entry in fs::read_dir(directory).with_context(|| directory.display().to_string())? {
        let file = entry?.path();
        if file.is_dir() {
            collect(&file, texts)?;
        } else {
            let text = fs::read_to_string(&file)?;
            let code = text.split("#[cfg(test)]").next().unwrap_or_default();
            let code = code.lines().filter(|line| !line.trim_start().starts_with("//"));
            texts.push(code.flat_map(str::chars).filter(|c| !c.is_whitespace()).collect());
        }
    }
    Ok(())
}
