//! From text to an [`Expression`].

use std::iter::Peekable;
use std::vec::IntoIter;

use super::token::{Token, tokens};
use super::{Binary, Expression, ExpressionError, Function};

/// Reads an expression.
///
/// # Errors
/// When it is not one of the language described at the module.
pub fn parse(text: &str) -> Result<Expression, ExpressionError> {
    let problem = |problem: String| ExpressionError {
        text: text.to_owned(),
        problem,
    };
    let mut parser = Parser(tokens(text).map_err(problem)?.into_iter().peekable());
    let expression = parser.level(0).map_err(problem)?;
    match parser.0.next() {
        None => Ok(expression),
        Some(more) => Err(problem(format!("{more:?} is too much"))),
    }
}

struct Parser(Peekable<IntoIter<Token>>);

/// The operators that bind least come first.
const LEVELS: [&[(&str, Binary)]; 6] = [
    &[("||", Binary::Or), ("OR", Binary::Or)],
    &[("&&", Binary::And), ("AND", Binary::And)],
    &[
        ("==", Binary::Equal),
        ("!=", Binary::NotEqual),
        ("<=", Binary::LessOrEqual),
        (">=", Binary::GreaterOrEqual),
        ("<", Binary::Less),
        (">", Binary::Greater),
    ],
    &[("+", Binary::Add), ("-", Binary::Subtract)],
    &[("*", Binary::Multiply), ("/", Binary::Divide)],
    &[("^", Binary::Power)],
];

impl Parser {
    fn level(&mut self, level: usize) -> Result<Expression, String> {
        let Some(operators) = LEVELS.get(level) else {
            return self.unary();
        };
        let mut left = self.level(level + 1)?;
        while let Some(operator) = self.operator(operators) {
            let right = self.level(level + 1)?;
            left = Expression::Binary(operator, Box::new(left), Box::new(right));
        }
        Ok(left)
    }

    fn operator(&mut self, operators: &[(&str, Binary)]) -> Option<Binary> {
        let found = match self.0.peek()? {
            Token::Sign(sign) => operators.iter().find(|(name, _)| name == sign),
            Token::Word(word) => operators.iter().find(|(name, _)| name == word),
            _ => None,
        };
        let (_, operator) = *found?;
        self.0.next();
        Some(operator)
    }

    fn unary(&mut self) -> Result<Expression, String> {
        if self.takes("-") {
            return Ok(Expression::Negative(Box::new(self.unary()?)));
        }
        match self.0.next() {
            Some(Token::Number(number)) => Ok(Expression::Number(number)),
            Some(Token::Text(text)) => Ok(Expression::Text(text)),
            Some(Token::Word(word)) if self.takes("(") => {
                let (function, takes) = Function::named(&word).ok_or_else(|| format!("{word} is no function here"))?;
                let arguments = self.list(")")?;
                if arguments.len() != takes {
                    return Err(format!("{word} takes {takes} arguments"));
                }
                Ok(Expression::Call(function, arguments))
            }
            Some(Token::Word(word)) if word.starts_with(|c: char| c.is_ascii_lowercase()) => Ok(Expression::Id(word)),
            Some(Token::Sign("(")) => {
                let inner = self.level(0)?;
                if self.takes(")") {
                    Ok(inner)
                } else {
                    Err("a parenthesis does not end".to_owned())
                }
            }
            Some(Token::Sign("[")) => Ok(Expression::List(self.list("]")?)),
            Some(other) => Err(format!("{other:?} stands where a value should")),
            None => Err("it ends too early".to_owned()),
        }
    }

    fn list(&mut self, end: &str) -> Result<Vec<Expression>, String> {
        let mut parts = vec![self.level(0)?];
        while self.takes(",") {
            parts.push(self.level(0)?);
        }
        if self.takes(end) {
            Ok(parts)
        } else {
            Err(format!("{end} is missing"))
        }
    }

    fn takes(&mut self, wanted: &str) -> bool {
        self.0
            .next_if(|token| matches!(token, Token::Sign(sign) if *sign == wanted))
            .is_some()
    }
}
