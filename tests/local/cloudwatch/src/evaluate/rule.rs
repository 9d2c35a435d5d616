//! The rule of a composite alarm: `ALARM(a) AND NOT (OK(b) OR ALARM(c))`.

use super::State;
use crate::Alarms;

/// A rule, with the names of alarms in place of those of definitions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Rule {
    /// An alarm is in a state.
    Is(String, State),
    /// Not.
    Not(Box<Rule>),
    /// All of them.
    All(Vec<Rule>),
    /// Any of them.
    Any(Vec<Rule>),
}

/// A rule that cannot be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{rule}: {problem}")]
pub struct RuleError {
    /// The rule.
    pub rule: String,
    /// The problem, for people.
    pub problem: String,
}

impl Rule {
    /// Reads a rule. A definition's name means any of its alarms; a definition without alarms is never in alarm.
    ///
    /// # Errors
    /// When it is no rule, or names what is neither a definition nor an alarm.
    pub fn parse(text: &str, alarms: &Alarms) -> Result<Self, RuleError> {
        let problem = |problem: String| RuleError {
            rule: text.to_owned(),
            problem,
        };
        let spaced = spaced(text);
        let tokens: Vec<&str> = spaced.split_whitespace().collect();
        let mut reader = Reader {
            tokens: &tokens,
            alarms,
        };
        let rule = reader.any().map_err(problem)?;
        if let Some(more) = reader.tokens.first() {
            return Err(problem(format!("{more} is too much")));
        }
        Ok(rule)
    }

    /// A rule's text as `CloudWatch` takes it: with every alarm of a definition, by its whole name.
    #[must_use]
    pub fn text(rule: &str, alarms: &Alarms, prefix: &str) -> String {
        let spaced = spaced(rule);
        let mut tokens: &[&str] = &spaced.split_whitespace().collect::<Vec<_>>();
        let mut words = Vec::new();
        while let Some((first, rest)) = tokens.split_first() {
            tokens = rest;
            if let (true, ["(", name, ")", rest @ ..]) = (STATES.iter().any(|state| state.as_str() == *first), tokens) {
                tokens = rest;
                let alarms = alarms.names_of(name).into_iter();
                let any: Vec<String> = alarms.map(|name| format!("{first}(\"{prefix}-{name}\")")).collect();
                words.push(if any.is_empty() {
                    "FALSE".to_owned()
                } else {
                    format!("({})", any.join(" OR "))
                });
            } else {
                words.push((*first).to_owned());
            }
        }
        words.join(" ")
    }

    /// True when the rule holds for these states.
    #[must_use]
    pub fn holds(&self, state: &impl Fn(&str) -> State) -> bool {
        match self {
            Self::Is(name, wanted) => state(name) == *wanted,
            Self::Not(inner) => !inner.holds(state),
            Self::All(parts) => parts.iter().all(|part| part.holds(state)),
            Self::Any(parts) => parts.iter().any(|part| part.holds(state)),
        }
    }

    /// Every alarm in it.
    #[must_use]
    pub fn names(&self) -> Vec<&str> {
        match self {
            Self::Is(name, _) => vec![name],
            Self::Not(inner) => inner.names(),
            Self::All(parts) | Self::Any(parts) => parts.iter().flat_map(Self::names).collect(),
        }
    }
}

const STATES: [State; 3] = [State::Ok, State::Alarm, State::InsufficientData];

fn spaced(text: &str) -> String {
    text.replace('(', " ( ").replace(')', " ) ")
}

struct Reader<'a> {
    tokens: &'a [&'a str],
    alarms: &'a Alarms,
}

impl Reader<'_> {
    fn any(&mut self) -> Result<Rule, String> {
        let mut parts = vec![self.all()?];
        while self.takes("OR") {
            parts.push(self.all()?);
        }
        Ok(Rule::Any(parts))
    }

    fn all(&mut self) -> Result<Rule, String> {
        let mut parts = vec![self.one()?];
        while self.takes("AND") {
            parts.push(self.one()?);
        }
        Ok(Rule::All(parts))
    }

    fn one(&mut self) -> Result<Rule, String> {
        if self.takes("NOT") {
            return Ok(Rule::Not(Box::new(self.one()?)));
        }
        if self.takes("(") {
            let inner = self.any()?;
            return if self.takes(")") {
                Ok(inner)
            } else {
                Err("a parenthesis does not end".to_owned())
            };
        }
        let [word, "(", name, ")", rest @ ..] = self.tokens else {
            return Err("ALARM(name), OK(name) or INSUFFICIENT_DATA(name) is expected".to_owned());
        };
        let state = STATES.into_iter().find(|state| state.as_str() == *word);
        let state = state.ok_or_else(|| format!("{word} is no state"))?;
        let names = self.alarms.names_of(name);
        if names.is_empty() && !self.alarms.definitions.contains(*name) {
            return Err(format!("there is no alarm {name}"));
        }
        self.tokens = rest;
        Ok(Rule::Any(
            names.into_iter().map(|name| Rule::Is(name.to_owned(), state)).collect(),
        ))
    }

    fn takes(&mut self, wanted: &str) -> bool {
        let Some((first, rest)) = self.tokens.split_first() else {
            return false;
        };
        let takes = *first == wanted;
        if takes {
            self.tokens = rest;
        }
        takes
    }
}
