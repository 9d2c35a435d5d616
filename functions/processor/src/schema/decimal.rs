//! The value of a JSON number as it is written: digits times a power of ten, never rounded.

use std::cmp::Ordering;
use std::hash::{Hash, Hasher};

/// The largest exponent that is told from larger ones.
const MAX_EXPONENT: i64 = i64::MAX / 4;

/// A number, normalized: `digits` neither begin nor end with a zero, and 0 has none.
#[derive(Debug, Clone, Copy)]
pub(super) struct Decimal<'t> {
    negative: bool,
    /// The digits before and after the point.
    digits: [&'t [u8]; 2],
    /// The power of ten of the last digit.
    exponent: i64,
}

impl<'t> Decimal<'t> {
    /// Reads a number of JSON's grammar.
    pub(super) fn read(text: &'t str) -> Self {
        let (negative, text) = match text.strip_prefix('-') {
            Some(text) => (true, text),
            None => (false, text),
        };
        let (mantissa, exponent) = text.split_once(['e', 'E']).unwrap_or((text, "0"));
        let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
        let mut whole = whole.trim_start_matches('0');
        let mut fraction = fraction.trim_end_matches('0');
        let mut shift = -length(fraction);
        if fraction.is_empty() {
            let all = length(whole);
            whole = whole.trim_end_matches('0');
            shift = all - length(whole);
        }
        if whole.is_empty() {
            fraction = fraction.trim_start_matches('0');
        }
        let is_zero = whole.is_empty() && fraction.is_empty();
        Self {
            negative: negative && !is_zero,
            digits: [whole.as_bytes(), fraction.as_bytes()],
            exponent: if is_zero { 0 } else { read_exponent(exponent) + shift },
        }
    }

    pub(super) fn is_zero(&self) -> bool {
        self.places() == 0
    }

    pub(super) fn is_integer(&self) -> bool {
        self.exponent >= 0
    }

    /// The number as a count of things: 0 below zero, and `u64::MAX` for what is larger.
    pub(super) fn as_count(&self) -> u64 {
        let mut count: u64 = 0;
        if !self.negative && !self.is_zero() {
            // 20 digits hold every count.
            let places = self.magnitude().clamp(0, 21);
            let digits = self.iter().chain(std::iter::repeat(b'0'));
            for (_, digit) in (0..places).zip(digits) {
                count = count.saturating_mul(10).saturating_add(u64::from(digit - b'0'));
            }
        }
        count
    }

    /// Whether the number is between -1 and 1.
    pub(super) fn is_fraction(&self) -> bool {
        self.magnitude() <= 0
    }

    fn places(&self) -> i64 {
        self.digits
            .iter()
            .map(|digits| i64::try_from(digits.len()).unwrap_or(MAX_EXPONENT))
            .sum()
    }

    /// The number of places before the point, or, negative, of zeros after it.
    fn magnitude(&self) -> i64 {
        self.places() + self.exponent
    }

    fn iter(&self) -> impl Iterator<Item = u8> {
        let [whole, fraction] = self.digits;
        whole.iter().chain(fraction).copied()
    }
}

fn length(digits: &str) -> i64 {
    i64::try_from(digits.len()).unwrap_or(MAX_EXPONENT)
}

fn read_exponent(text: &str) -> i64 {
    let limit = if text.starts_with('-') {
        -MAX_EXPONENT
    } else {
        MAX_EXPONENT
    };
    text.parse::<i64>()
        .map_or(limit, |exponent| exponent.clamp(-MAX_EXPONENT, MAX_EXPONENT))
}

impl Ord for Decimal<'_> {
    fn cmp(&self, other: &Self) -> Ordering {
        let sign = |number: &Self| match (number.is_zero(), number.negative) {
            (true, _) => 0,
            (false, true) => -1,
            (false, false) => 1,
        };
        sign(self).cmp(&sign(other)).then_with(|| {
            let absolute = self
                .magnitude()
                .cmp(&other.magnitude())
                .then_with(|| self.iter().cmp(other.iter()));
            if self.negative { absolute.reverse() } else { absolute }
        })
    }
}

impl PartialOrd for Decimal<'_> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Decimal<'_> {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for Decimal<'_> {}

impl Hash for Decimal<'_> {
    fn hash<H: Hasher>(&self, hasher: &mut H) {
        (self.negative, self.exponent).hash(hasher);
        self.iter().for_each(|digit| hasher.write_u8(digit));
    }
}

/// A divisor of `multipleOf`.
#[derive(Debug, Clone, Copy)]
pub(super) struct Divisor {
    digits: u128,
    exponent: i64,
}

impl Divisor {
    /// `None` for 0, and for a number of more than 37 significant digits.
    pub(super) fn new(number: &Decimal<'_>) -> Option<Self> {
        let digits = number.iter().try_fold(0_u128, |digits, digit| {
            digits.checked_mul(10)?.checked_add(u128::from(digit - b'0'))
        });
        // The remainder of a division by ten times this much is still below 2^128.
        let digits = digits.filter(|digits| (1..=u128::MAX / 16).contains(digits))?;
        Some(Self {
            digits,
            exponent: number.exponent,
        })
    }

    /// Whether `number` is an integer multiple of the divisor.
    pub(super) fn divides(&self, number: &Decimal<'_>) -> bool {
        if number.is_zero() {
            return true;
        }
        // The number is `m` times the divisor's power of ten. Normalized, its last digit is no zero, so a negative power
        // of ten is not made up for.
        let shift = number.exponent.saturating_sub(self.exponent);
        if shift < 0 {
            return false;
        }
        let remainder = number.iter().fold(0, |remainder, digit| {
            (remainder * 10 + u128::from(digit - b'0')) % self.digits
        });
        // What the digits leave of the divisor has to be in the power of ten.
        let mut rest = self.digits / greatest_common_divisor(self.digits, remainder);
        for factor in [2, 5] {
            let mut power = 0;
            while rest.is_multiple_of(factor) && power < shift {
                rest /= factor;
                power += 1;
            }
        }
        rest == 1
    }
}

fn greatest_common_divisor(mut a: u128, mut b: u128) -> u128 {
    while b != 0 {
        (a, b) = (b, a % b);
    }
    a
}

#[cfg(test)]
mod tests {
    use super::*;

    const LONG: &str = "123456789012345678901234567890";

    #[test]
    fn numbers_have_the_order_of_their_decimal_values() {
        let ascending = [
            "-1e400",
            "-1e308",
            "-123456789012345678901234567891",
            "-123456789012345678901234567890",
            "-2",
            "-1.5",
            "-1",
            "-1e-400",
            "0",
            "1e-400",
            "1.0000000000000000000000000001e-400",
            "0.1",
            "0.10000000000000000000001",
            "0.2",
            "1",
            "1.00000000000000000000001",
            "9007199254740992",
            "9007199254740993",
            "9007199254740993.1",
            LONG,
            "123456789012345678901234567891",
            "1e308",
            "1e400",
            "1e9223372036854775807",
        ];
        for (index, one) in ascending.iter().enumerate() {
            for (other_index, other) in ascending.iter().enumerate() {
                assert_eq!(
                    Decimal::read(one).cmp(&Decimal::read(other)),
                    index.cmp(&other_index),
                    "{one} and {other}"
                );
            }
        }
    }

    #[test]
    fn a_number_is_the_same_however_it_is_written() {
        for same in [
            ["0", "-0.0", "0e5", "0.000e-7"],
            ["100", "1e2", "0.1E+3", "10000e-2"],
            ["-1.5", "-15e-1", "-0.0015e3", "-1.50"],
            ["1e400", "10e399", "0.1e401", "1000e397"],
            [
                LONG,
                "1.2345678901234567890123456789e29",
                "12345678901234567890123456789e1",
                "123456789012345678901234567890.000",
            ],
        ] {
            for text in same {
                assert_eq!(Decimal::read(same[0]), Decimal::read(text), "{text}");
            }
        }
    }

    #[test]
    fn integers_and_counts_are_read_from_every_form() {
        for (text, is_integer, count) in [
            ("3", true, 3),
            ("3.0", true, 3),
            ("1.5", false, 1),
            ("15e-1", false, 1),
            ("2e3", true, 2000),
            ("1e400", true, u64::MAX),
            ("1e-400", false, 0),
            ("-4", true, 0),
            ("18446744073709551616", true, u64::MAX),
            ("0", true, 0),
        ] {
            let number = Decimal::read(text);
            assert_eq!((number.is_integer(), number.as_count()), (is_integer, count), "{text}");
        }
    }

    #[test]
    fn multiples_are_decimal() {
        for (divisor, multiples, others) in [
            (
                "0.01",
                &[
                    "19.99",
                    "4.02",
                    "1.13",
                    "0",
                    "1e400",
                    "123456789012345678901234567890.12",
                ][..],
                &["4.025", "1e-3", "0.001"][..],
            ),
            ("0.1", &["0.3", "1", "1e22"], &["0.35", "1e-400"]),
            (
                "3",
                &["9007199254740993", "-3", "3e400", "111111111111111111111111111111"],
                &["9007199254740994", "1e400", "1.5"],
            ),
            ("1e400", &["3e400", "1e401"], &["1e399", "1"]),
            ("1e-400", &["1e-400", "3e-400", "1", "0.5"], &["1e-401"]),
            ("2.5", &["5", "7.5", "1e1"], &["6", "2.55"]),
            ("1024", &["1e10", "5.12e3"], &["1e9", "5121"]),
            (
                "9999999999999999999999999999999999999",
                &["9999999999999999999999999999999999999e3"],
                &["9999999999999999999999999999999999998e3"],
            ),
        ] {
            let parsed = Divisor::new(&Decimal::read(divisor)).unwrap();
            for (numbers, expected) in [(multiples, true), (others, false)] {
                for number in numbers {
                    assert_eq!(
                        parsed.divides(&Decimal::read(number)),
                        expected,
                        "{number} by {divisor}"
                    );
                }
            }
        }
        for refused in ["0", "0.0", "12345678901234567890123456789012345678901"] {
            assert!(Divisor::new(&Decimal::read(refused)).is_none(), "{refused}");
        }
    }
}
