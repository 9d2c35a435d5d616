//! The variables and actions in Terraform's files, read as HCL.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;

use anyhow::{Context as _, Result, bail};
use hcl::expr::Object;
use hcl::{Body, Expression, ObjectKey};

use crate::path;

/// The variables that Terraform can set for each function.
///
/// # Errors
/// When the file cannot be read or has another form.
pub fn variables() -> Result<BTreeMap<String, BTreeSet<String>>> {
    let environment = local("terraform/modules/functions/environment.tf", "environment")?;
    let mut functions = BTreeMap::new();
    for (function, variables) in entries(&environment)? {
        let names = entries(variables)?.into_iter().map(|(name, _)| name).collect();
        functions.insert(function, names);
    }
    Ok(functions)
}

/// The variables of telemetry that Terraform can set for every function.
///
/// # Errors
/// When the file cannot be read or has another form.
pub fn telemetry_variables() -> Result<BTreeSet<String>> {
    let names = local("terraform/telemetry.tf", "telemetry_variables")?;
    texts(&names).context("telemetry_variables")
}

/// The presets that the example of a webhook can sign for, each with the header of its signature.
///
/// # Errors
/// When the file cannot be read or has another form.
pub fn example_headers() -> Result<BTreeMap<String, String>> {
    let presets = local("terraform/outputs.tf", "example_headers")?;
    let mut headers = BTreeMap::new();
    for (name, header) in entries(&presets)? {
        let Expression::String(header) = header else {
            bail!("the header of {name} is no text");
        };
        headers.insert(name, header.clone());
    }
    Ok(headers)
}

/// The IAM actions that Terraform allows each function for its own calls.
///
/// # Errors
/// When the file cannot be read or has another form.
pub fn actions() -> Result<BTreeMap<String, BTreeSet<String>>> {
    let statements = local("terraform/modules/functions/iam.tf", "statements")?;
    let mut functions = BTreeMap::new();
    for (function, statements) in entries(&statements)? {
        let mut actions = BTreeSet::new();
        for (sid, statement) in entries(statements)? {
            let (_, listed) = entries(statement)?
                .into_iter()
                .find(|(name, _)| name == "actions")
                .with_context(|| format!("{sid} has no actions"))?;
            actions.extend(texts(listed).with_context(|| format!("the actions of {sid}"))?);
        }
        functions.insert(function, actions);
    }
    Ok(functions)
}

/// A file within the checkout, as HCL.
///
/// # Errors
/// When it cannot be read or is no HCL.
pub fn body(file: &str) -> Result<Body> {
    let text = fs::read_to_string(path(file)).with_context(|| file.to_owned())?;
    hcl::parse(&text).with_context(|| file.to_owned())
}

/// The value of a `locals` entry.
fn local(file: &str, name: &str) -> Result<Expression> {
    body(file)?
        .blocks()
        .filter(|block| block.identifier() == "locals")
        .flat_map(|block| block.body.attributes())
        .find(|attribute| attribute.key() == name)
        .map(|attribute| attribute.expr.clone())
        .with_context(|| format!("{file} has no local {name}"))
}

/// A list of texts.
fn texts(expression: &Expression) -> Result<BTreeSet<String>> {
    let Expression::Array(listed) = expression else {
        bail!("not a list: {expression:?}");
    };
    listed
        .iter()
        .map(|item| match item {
            Expression::String(text) => Ok(text.clone()),
            other => bail!("not a text: {other:?}"),
        })
        .collect()
}

fn entries(expression: &Expression) -> Result<Vec<(String, &Expression)>> {
    let Expression::Object(object) = expression else {
        bail!("not an object: {expression:?}");
    };
    named(object)
}

fn named(object: &Object<ObjectKey, Expression>) -> Result<Vec<(String, &Expression)>> {
    object
        .iter()
        .map(|(key, value)| match key {
            ObjectKey::Identifier(name) => Ok((name.to_string(), value)),
            ObjectKey::Expression(Expression::String(name)) => Ok((name.clone(), value)),
            other => bail!("not a name: {other:?}"),
        })
        .collect()
}
