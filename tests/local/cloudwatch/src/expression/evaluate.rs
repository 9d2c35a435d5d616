//! The value of an expression in one period.

use super::{Binary, Expression, Function};

/// The values that an expression names, in one period.
pub trait Values {
    /// The value of a metric or of another expression; none when it is missing.
    fn value(&self, id: &str) -> Option<f64>;

    /// The length of the period.
    fn period_seconds(&self) -> f64;
}

/// The value; none where a value that it needs is missing, or by a division by zero. As `CloudWatch` does, a condition
/// takes the branch it holds for, whatever the other one lacks.
pub fn evaluate(expression: &Expression, values: &dyn Values) -> Option<f64> {
    let value = match expression {
        Expression::Number(number) => *number,
        Expression::Id(id) => values.value(id)?,
        Expression::Negative(inner) => -evaluate(inner, values)?,
        Expression::Binary(operator, left, right) => {
            binary(*operator, evaluate(left, values)?, evaluate(right, values)?)
        }
        Expression::Call(function, arguments) => call(*function, arguments, values)?,
        Expression::Text(_) | Expression::List(_) => return None,
    };
    value.is_finite().then_some(value)
}

#[expect(clippy::float_cmp, reason = "`CloudWatch` compares without a tolerance")]
fn binary(operator: Binary, left: f64, right: f64) -> f64 {
    let truth = |holds: bool| f64::from(u8::from(holds));
    match operator {
        Binary::Or => truth(left != 0.0 || right != 0.0),
        Binary::And => truth(left != 0.0 && right != 0.0),
        Binary::Equal => truth(left == right),
        Binary::NotEqual => truth(left != right),
        Binary::Less => truth(left < right),
        Binary::LessOrEqual => truth(left <= right),
        Binary::Greater => truth(left > right),
        Binary::GreaterOrEqual => truth(left >= right),
        Binary::Add => left + right,
        Binary::Subtract => left - right,
        Binary::Multiply => left * right,
        Binary::Divide => left / right,
        Binary::Power => left.powf(right),
    }
}

fn call(function: Function, arguments: &[Expression], values: &dyn Values) -> Option<f64> {
    let argument = |at: usize| arguments.get(at).and_then(|argument| evaluate(argument, values));
    match function {
        Function::Fill => argument(0).or_else(|| argument(1)),
        Function::If => argument(if argument(0)? == 0.0 { 2 } else { 1 }),
        Function::Period => Some(values.period_seconds()),
        Function::Abs => argument(0).map(f64::abs),
        Function::Search => None,
        Function::Sum | Function::Average | Function::Minimum | Function::Maximum => {
            let Some(Expression::List(parts)) = arguments.first() else {
                return None;
            };
            let parts: Vec<f64> = parts.iter().map(|part| evaluate(part, values)).collect::<Option<_>>()?;
            let sum: f64 = parts.iter().sum();
            match function {
                Function::Minimum => parts.into_iter().reduce(f64::min),
                Function::Maximum => parts.into_iter().reduce(f64::max),
                Function::Average => Some(sum / parts.len() as f64),
                _ => Some(sum),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::super::parse;
    use super::*;

    struct Period(BTreeMap<&'static str, f64>);

    impl Values for Period {
        fn value(&self, id: &str) -> Option<f64> {
            self.0.get(id).copied()
        }

        fn period_seconds(&self) -> f64 {
            60.0
        }
    }

    #[test]
    fn expressions_have_the_value_that_cloudwatch_gives_them() {
        let period = Period(BTreeMap::from([("a", 6.0), ("b", 2.0), ("zero", 0.0)]));
        for (text, expected) in [
            ("1 + 2 * 3 - 4 / 2", Some(5.0)),
            ("(1 + 2) * -3", Some(-9.0)),
            ("100 * a / (a + b)", Some(75.0)),
            ("2 ^ 3 * 2", Some(16.0)),
            ("a > b AND b >= 2", Some(1.0)),
            ("a < b || zero != 0", Some(0.0)),
            ("FILL(none, 7) + FILL(a, 7)", Some(13.0)),
            ("none + 1", None),
            ("a / zero", None),
            ("zero / zero", None),
            ("IF(zero >= 1, a / zero, 5)", Some(5.0)),
            ("IF(a >= 1, a, none)", Some(6.0)),
            ("IF(none, 1, 2)", None),
            ("a / PERIOD(a)", Some(0.1)),
            ("MAX([a, b]) - MIN([a, b])", Some(4.0)),
            ("SUM([a, b]) + AVG([a, b])", Some(12.0)),
            ("MAX([a, none])", None),
            ("ABS(b - a)", Some(4.0)),
        ] {
            assert_eq!(evaluate(&parse(text).unwrap(), &period), expected, "{text}");
        }
    }

    #[test]
    fn what_is_no_expression_is_refused() {
        for text in [
            "", "1 +", "(1", "a b", "FILL(a)", "UPPER(a)", "[a", "a $ b", "'a", "A + 1", "1.2.3", "IF(a, 1)",
        ] {
            assert!(parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn ids_and_searches_are_found() {
        let ids = parse("IF(a > 1, FILL(b_2, 0) / c, 0)").unwrap();
        assert_eq!(ids.ids().into_iter().collect::<Vec<_>>(), ["a", "b_2", "c"]);
        assert!(!ids.searches());
        assert!(
            parse("SUM([SEARCH('{N,service} MetricName=\"M\"', 'Sum', 60)])")
                .unwrap()
                .searches()
        );
    }
}
