//! Regular expressions of a schema. JSON Schema's are ECMA-262's; what no automaton matches (lookaround, references back) is
//! refused.
//!
//! A match reads each character once and builds the automaton's states as it meets them. Some texts meet a new one with
//! nearly each character, so what is built costs as well, and takes no more memory than it costs.

use regex_automata::Input;
use regex_automata::hybrid::dfa::{Cache, Config, DFA};
use regex_automata::nfa::thompson::{self, WhichCaptures};
use regex_automata::util::syntax;

use super::budget::{Budget, TooExpensive};

/// A compiled pattern takes at most this much memory, in bytes.
const SIZE_LIMIT: usize = 10 * 1024 * 1024;

/// The states that are built during one check take at most this much memory, in bytes.
const STATES_LIMIT: usize = 8 * 1024 * 1024;

#[derive(Debug)]
pub(super) struct Pattern(DFA);

/// The states of a pattern that a check has built.
#[derive(Debug, Default)]
pub(super) struct States(Option<Cache>);

impl Pattern {
    /// # Errors
    /// A text that says what is wrong with the pattern.
    pub(super) fn new(pattern: &str) -> Result<Self, String> {
        let nfa = thompson::Config::new()
            .utf8(false)
            .nfa_size_limit(Some(SIZE_LIMIT))
            .which_captures(WhichCaptures::None);
        // Once the states are full it gives up.
        let config = Config::new()
            .cache_capacity(STATES_LIMIT)
            .skip_cache_capacity_check(true)
            .minimum_cache_clear_count(Some(0));
        DFA::builder()
            .syntax(syntax::Config::new().utf8(false))
            .thompson(nfa)
            .configure(config)
            .build(&without_dialect(pattern))
            .map(Self)
            .map_err(|error| format!("pattern {pattern:?}: {}", causes(&error)))
    }

    /// Whether the text has a match.
    ///
    /// # Errors
    /// When it costs more than the budget.
    pub(super) fn matches(&self, text: &str, states: &mut States, budget: &mut Budget) -> Result<bool, TooExpensive> {
        budget.pay_for_text(text.len())?;
        let built = states.0.as_ref().map_or(0, Cache::memory_usage);
        let cache = states.0.get_or_insert_with(|| self.0.create_cache());
        let found = self.0.try_search_fwd(cache, &Input::new(text).earliest(true));
        budget.pay(cache.memory_usage().saturating_sub(built))?;
        found.map(|found| found.is_some()).map_err(|_| TooExpensive)
    }
}

fn causes(error: &dyn std::error::Error) -> String {
    std::iter::successors(Some(error), |error| error.source())
        .map(ToString::to_string)
        .collect::<Vec<_>>()
        .join(": ")
}

/// The pattern in the syntax of Rust's regular expressions, where the two differ: ECMA-262's classes, control characters,
/// and what has a meaning within brackets.
fn without_dialect(pattern: &str) -> String {
    let mut translated = String::with_capacity(pattern.len());
    let mut in_class = false;
    let mut rest = pattern.chars();
    while let Some(character) = rest.next() {
        match character {
            '\\' => escape(&mut rest, &mut translated),
            '[' if in_class => translated.push_str("\\["),
            '&' | '~' if in_class => translated.extend(['\\', character]),
            '[' | ']' => {
                in_class = character == '[';
                translated.push(character);
            }
            _ => translated.push(character),
        }
    }
    translated
}

fn escape(rest: &mut std::str::Chars<'_>, translated: &mut String) {
    const SPACE: &str =
        "\\t\\n\\x0b\\x0c\\r \\u{a0}\\u{1680}\\u{2000}-\\u{200a}\\u{2028}\\u{2029}\\u{202f}\\u{205f}\\u{3000}\\u{feff}";
    match rest.next() {
        Some('d') => translated.push_str("[0-9]"),
        Some('D') => translated.push_str("[^0-9]"),
        Some('w') => translated.push_str("[A-Za-z0-9_]"),
        Some('W') => translated.push_str("[^A-Za-z0-9_]"),
        Some('s') => translated.extend(["[", SPACE, "]"]),
        Some('S') => translated.extend(["[^", SPACE, "]"]),
        Some('b') => translated.push_str(r"(?-u:\b)"),
        Some('B') => translated.push_str(r"(?-u:\B)"),
        Some('c') => {
            let control = rest.next().map_or(0, |letter| u32::from(letter) % 32);
            translated.push_str(&format!("\\x{control:02x}"));
        }
        other => {
            translated.push('\\');
            translated.extend(other);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pattern_has_the_meaning_of_ecma_262() {
        for (pattern, matching, others) in [
            (r"^\d+$", &["17"][..], &["", "x", "\u{663}"][..]),
            (r"^[\d.]+$", &["1.5"], &["1,5"]),
            (r"^\w$", &["a", "_"], &["é", "-"]),
            (r"^\W$", &["é"], &["a"]),
            (r"^\s$", &[" ", "\u{feff}", "\u{2029}"], &["x"]),
            (r"^[^\s]$", &["x"], &["\u{a0}"]),
            (r"^\cA$", &["\u{1}"], &["A"]),
            (r"^[[&&~~]+$", &["[", "&~"], &["a"]),
            (r"^\p{L}+$", &["é"], &["1"]),
            (r"^(?<year>\d{4})\/\u0041$", &["2026/A"], &["26/A"]),
            (r"\bé\b", &["aéb"], &["é"]),
            (r"^\B$", &[""], &["a"]),
            ("a", &["banana"], &["x"]),
        ] {
            let compiled = Pattern::new(pattern).unwrap();
            for (texts, expected) in [(matching, true), (others, false)] {
                for text in texts {
                    let matches = compiled.matches(text, &mut States::default(), &mut Budget::of_a_check());
                    assert_eq!(matches, Ok(expected), "{pattern} on {text:?}");
                }
            }
        }
        for refused in ["(", r"^(?!x)", r"(a)\1", r"\p{Nothing}", r"(\p{L}{1000}){1000}"] {
            assert!(Pattern::new(refused).is_err(), "{refused}");
        }
    }

    #[test]
    fn a_match_costs_its_text_and_the_states_that_it_builds() {
        let cost = |pattern, text: &str| {
            let mut budget = Budget::of_a_check();
            let matched = Pattern::new(pattern)
                .unwrap()
                .matches(text, &mut States::default(), &mut budget);
            matched.map(|_| budget.spent())
        };
        let long = "a".repeat(5_000_000);
        assert!(cost("^[A-Za-z0-9+/]*={0,2}$", &long).unwrap() < 1_000_000);
        assert!(cost("^\\p{L}{1,64}$", "aAbBcCdDéÉ").unwrap() < 1_000_000);
        // No two places of this text have the same 400 characters before them.
        let mut bits: u32 = 1;
        let mut next = || {
            bits = (bits >> 1) ^ ((bits & 1) * 0xd000_0001);
            if bits & 1 == 0 { 'a' } else { 'b' }
        };
        let irregular: String = (0..50_000).map(|_| next()).collect();
        assert_eq!(cost("[ab]*a[ab]{400}c", &irregular), Err(TooExpensive));
        assert!(cost("[ab]*a[ab]{400}c", &long).unwrap() < 1_000_000);
    }
}
