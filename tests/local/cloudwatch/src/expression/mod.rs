//! Metric math, as much of it as the alarms and dashboards use.
//!
//! Numbers, ids, `+ - * / ^`, comparisons, AND and OR, and the functions FILL, IF, PERIOD, ABS, and SUM, AVG, MIN and MAX
//! of a list such as `MAX([a, b])`. Every one of them gives the value of a period from values of the same period, so that
//! an expression is evaluated period by period. SEARCH is read for dashboards and has no value.

mod evaluate;
mod parse;
mod token;

use std::collections::BTreeSet;

pub use evaluate::{Values, evaluate};
pub use parse::parse;

/// An expression.
#[derive(Clone, Debug, PartialEq)]
pub enum Expression {
    /// A number.
    Number(f64),
    /// A text in quotes; only SEARCH takes one.
    Text(String),
    /// A metric or another expression.
    Id(String),
    /// `-x`.
    Negative(Box<Expression>),
    /// Two, and what is done with them.
    Binary(Binary, Box<Expression>, Box<Expression>),
    /// A function.
    Call(Function, Vec<Expression>),
    /// `[a, b]`.
    List(Vec<Expression>),
}

/// Operators on two values. Comparisons and logic give 1 or 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names say it")]
pub enum Binary {
    Or,
    And,
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
    Add,
    Subtract,
    Multiply,
    Divide,
    Power,
}

/// The functions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Function {
    /// `FILL(m, 0)`: the number where there is no value.
    Fill,
    /// `IF(condition, then, otherwise)`.
    If,
    /// `PERIOD(m)`: the length of a period in seconds.
    Period,
    /// `ABS(m)`.
    Abs,
    /// `SUM([a, b])`.
    Sum,
    /// `AVG([a, b])`.
    Average,
    /// `MIN([a, b])`.
    Minimum,
    /// `MAX([a, b])`.
    Maximum,
    /// `SEARCH('…', 'Sum', 60)`: dashboards only.
    Search,
}

/// An expression that cannot be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{text}: {problem}")]
pub struct ExpressionError {
    /// The expression.
    pub text: String,
    /// The problem, for people.
    pub problem: String,
}

impl Function {
    /// By name, with how many arguments it takes.
    fn named(name: &str) -> Option<(Self, usize)> {
        Some(match name {
            "FILL" => (Self::Fill, 2),
            "IF" => (Self::If, 3),
            "PERIOD" => (Self::Period, 1),
            "ABS" => (Self::Abs, 1),
            "SUM" => (Self::Sum, 1),
            "AVG" => (Self::Average, 1),
            "MIN" => (Self::Minimum, 1),
            "MAX" => (Self::Maximum, 1),
            "SEARCH" => (Self::Search, 3),
            _ => return None,
        })
    }
}

impl Expression {
    /// Every id in it.
    #[must_use]
    pub fn ids(&self) -> BTreeSet<&str> {
        let mut ids = BTreeSet::new();
        self.visit(&mut |expression| {
            if let Self::Id(id) = expression {
                ids.insert(id.as_str());
            }
        });
        ids
    }

    /// True when it searches for metrics.
    #[must_use]
    pub fn searches(&self) -> bool {
        let mut found = false;
        self.visit(&mut |expression| found |= matches!(expression, Self::Call(Function::Search, _)));
        found
    }

    /// Shows every part of it, itself first.
    pub fn visit<'a>(&'a self, see: &mut impl FnMut(&'a Self)) {
        see(self);
        match self {
            Self::Number(_) | Self::Text(_) | Self::Id(_) => {}
            Self::Negative(inner) => inner.visit(see),
            Self::Binary(_, left, right) => {
                left.visit(see);
                right.visit(see);
            }
            Self::Call(_, parts) | Self::List(parts) => {
                for part in parts {
                    part.visit(see);
                }
            }
        }
    }
}
