//! Configuration from the environment: every variable is read once, and every bad one is named in one message.

use std::fmt::Display;
use std::str::FromStr;

/// Every problem of the environment, in one text for the operator.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("bad configuration: {}", .0.join("; "))]
pub struct ConfigError(Vec<String>);

/// Reads variables and collects their problems.
///
/// A problem is a text and not an error type, here and in everything that reads a configuration value: it ends in one
/// line for an operator, and no code decides by it.
///
/// ```
/// # use tracehook_core::env::Env;
/// struct Config { table: String, days: u32 }
/// let mut env = Env::new(|name| (name == "TABLE_NAME").then(|| "webhooks".to_owned()));
/// let table = env.required("TABLE_NAME");
/// let days = env.or("RETENTION_DAYS", 7);
/// let config = env.finish(|| Some(Config { table: table?, days: days? })).unwrap();
/// assert_eq!((config.table.as_str(), config.days), ("webhooks", 7));
/// ```
#[derive(Debug)]
pub struct Env<F> {
    get: F,
    problems: Vec<String>,
}

impl<F: Fn(&str) -> Option<String>> Env<F> {
    /// An environment in which `get` gives a variable's value.
    pub const fn new(get: F) -> Self {
        Self {
            get,
            problems: Vec::new(),
        }
    }

    /// A variable that is set and not empty.
    fn value(&self, name: &str) -> Option<String> {
        (self.get)(name).filter(|value| !value.is_empty())
    }

    /// A variable that must be set.
    pub fn required<T: FromStr<Err: Display>>(&mut self, name: &str) -> Option<T> {
        self.required_with(name, |text| text.parse().map_err(|error: T::Err| error.to_string()))
    }

    /// A variable that must be set, read by `parse`.
    pub fn required_with<T>(&mut self, name: &str, parse: impl FnOnce(&str) -> Result<T, String>) -> Option<T> {
        if self.value(name).is_none() {
            self.problems.push(format!("{name} is not set"));
            return None;
        }
        self.optional_with(name, parse)?
    }

    /// A variable that may be missing, read by `parse`. The outer option is empty when it is bad.
    pub fn optional_with<T>(&mut self, name: &str, parse: impl FnOnce(&str) -> Result<T, String>) -> Option<Option<T>> {
        match self.value(name).map(|text| parse(&text)).transpose() {
            Ok(value) => Some(value),
            Err(problem) => {
                self.problems.push(format!("{name}: {problem}"));
                None
            }
        }
    }

    /// A variable with a default.
    pub fn or<T: FromStr<Err: Display>>(&mut self, name: &str, default: T) -> Option<T> {
        let parsed = self.optional_with(name, |text| text.parse().map_err(|error: T::Err| error.to_string()));
        parsed.map(|value| value.unwrap_or(default))
    }

    /// A number with a default, within a range.
    pub fn within<T>(&mut self, name: &str, range: std::ops::RangeInclusive<T>, default: T) -> Option<T>
    where
        T: FromStr + PartialOrd + Display,
    {
        let problem = || format!("must be a number from {} to {}", range.start(), range.end());
        let parsed = self.optional_with(name, |text| {
            text.parse()
                .ok()
                .filter(|number| range.contains(number))
                .ok_or_else(problem)
        });
        parsed.map(|value| value.unwrap_or(default))
    }

    /// Notes a problem that no single variable shows.
    pub fn problem(&mut self, text: impl Into<String>) {
        self.problems.push(text.into());
    }

    /// Builds the configuration when nothing is wrong.
    ///
    /// # Errors
    /// Every problem, in the order of reading.
    pub fn finish<C>(self, build: impl FnOnce() -> Option<C>) -> Result<C, ConfigError> {
        if !self.problems.is_empty() {
            return Err(ConfigError(self.problems));
        }
        build().ok_or(ConfigError(vec!["a variable was read as missing".to_owned()]))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_problem_is_named_in_one_message_without_the_values() {
        let mut env = Env::new(|name| match name {
            "DAYS" => Some("hunter2".to_owned()),
            "LIMIT" => Some("9".to_owned()),
            "EMPTY" => Some(String::new()),
            _ => None,
        });
        let _: Option<String> = env.required("TABLE");
        let _: Option<String> = env.required("EMPTY");
        let _: Option<u32> = env.or("DAYS", 7);
        let _ = env.within("LIMIT", 1..=8, 2);
        env.problem("a and b exclude each other");
        let message = env.finish(|| Some(())).unwrap_err().to_string();
        for part in [
            "TABLE is not set",
            "EMPTY is not set",
            "DAYS: ",
            "LIMIT: must be a number from 1 to 8",
            "exclude",
        ] {
            assert!(message.contains(part), "{message}");
        }
        assert!(!message.contains("hunter2"), "{message}");
    }

    #[test]
    fn a_missing_optional_variable_is_no_problem() {
        let mut env = Env::new(|_| None);
        assert_eq!(env.or("DAYS", 7_u32), Some(7));
        assert_eq!(env.optional_with("URL", |text| Ok(text.to_owned())), Some(None));
        assert_eq!(env.finish(|| Some(1)), Ok(1));
    }
}
