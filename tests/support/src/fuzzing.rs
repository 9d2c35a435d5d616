//! Fuzzing: a corpus of files, mutations of it, and a runner that prints how many inputs it has executed.
//!
//! `PROPTEST_CASES` sets the number of inputs of each test, `PROPTEST_RNG_SEED` repeats a run. A failing input is
//! shown shrunk; it becomes a file of the corpus and a test of its own.

#![expect(
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "helpers of tests fail the test"
)]

use std::cell::Cell;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::{Debug, Display};
use std::io::Write as _;

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::{Index, select};
use proptest::test_runner::{Config, TestRunner};

/// The contents of the files of a directory of the package under test, ordered by name.
///
/// # Panics
/// When a file cannot be read, or there is none.
#[must_use]
pub fn corpus(directory: &str) -> Vec<Vec<u8>> {
    let mut files: Vec<_> = std::fs::read_dir(crate::package().join(directory))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.is_file())
        .collect();
    files.sort();
    assert!(!files.is_empty(), "{directory} has no corpus");
    files.iter().map(|file| std::fs::read(file).unwrap()).collect()
}

/// Runs `check` with `cases` inputs, or as many as `PROPTEST_CASES` says, and prints their number past the capture
/// of passing tests.
///
/// # Panics
/// When `check` does for some input.
pub fn fuzz<S: Strategy<Value: Debug>>(name: &str, corpus: usize, cases: u32, inputs: S, check: impl Fn(S::Value)) {
    let asked = std::env::var_os("PROPTEST_CASES").is_some();
    let mut config = Config {
        failure_persistence: None,
        ..Config::default()
    };
    if !asked {
        config.cases = cases;
    }
    let executed = Cell::new(0_u64);
    let outcome = TestRunner::new(config).run(&inputs, |input| {
        executed.set(executed.get() + 1);
        check(input);
        Ok(())
    });
    let line = format!("fuzz {name}: {} executions, corpus {corpus}\n", executed.get());
    let _ = std::io::stderr().write_all(line.as_bytes());
    if let Err(found) = outcome {
        panic!("{name}: {found}");
    }
}

/// One change of some bytes.
#[derive(Debug, Clone)]
enum Change {
    FlipBit(Index, u8),
    FlipCase(Index),
    Put(Index, Vec<u8>),
    Cut(Index, u8),
    Truncate(Index),
    Repeat(Index, u8, u8),
    /// Continues with the rest of another file.
    Splice(Index, Vec<u8>, Index),
}

/// Tokens that parsers often get wrong.
const TOKENS: [&[u8]; 22] = [
    b"\"",
    b"\\",
    b"{",
    b"}",
    b"[",
    b"]",
    b",",
    b":",
    b"null",
    b"-0",
    b"1e999",
    b"\\u0000",
    b"\\ud800",
    b"\0",
    b"\xff",
    b"\xef\xbb\xbf",
    b"\xed\xa0\x80",
    b"=",
    b"-",
    b"sha256=",
    b"\r\n",
    b"99999999999999999999",
];

impl Change {
    fn any(corpus: Vec<Vec<u8>>) -> impl Strategy<Value = Self> {
        let at = any::<Index>;
        let put = prop_oneof![vec(any::<u8>(), 1..8), select(&TOKENS[..]).prop_map(<[u8]>::to_vec)];
        prop_oneof![
            (at(), 0..8_u8).prop_map(|(at, bit)| Self::FlipBit(at, bit)),
            at().prop_map(Self::FlipCase),
            (at(), put).prop_map(|(at, bytes)| Self::Put(at, bytes)),
            (at(), 1..40_u8).prop_map(|(at, len)| Self::Cut(at, len)),
            at().prop_map(Self::Truncate),
            (at(), 1..20_u8, 1..60_u8).prop_map(|(at, len, times)| Self::Repeat(at, len, times)),
            (at(), select(corpus), at()).prop_map(|(at, other, from)| Self::Splice(at, other, from)),
        ]
    }

    fn apply(self, bytes: &mut Vec<u8>) {
        // One place more than there are bytes: the end is a place too.
        let place = |at: Index, bytes: &[u8]| at.index(bytes.len() + 1);
        match self {
            Self::FlipBit(at, bit) => {
                if !bytes.is_empty() {
                    let at = at.index(bytes.len());
                    bytes[at] ^= 1 << bit;
                }
            }
            Self::FlipCase(at) => {
                let at = place(at, bytes);
                if let Some(letter) = bytes[at..].iter_mut().find(|byte| byte.is_ascii_alphabetic()) {
                    *letter ^= 0x20;
                }
            }
            Self::Put(at, new) => {
                let at = place(at, bytes);
                bytes.splice(at..at, new);
            }
            Self::Cut(at, len) => {
                let at = place(at, bytes);
                bytes.drain(at..(at + usize::from(len)).min(bytes.len()));
            }
            Self::Truncate(at) => bytes.truncate(place(at, bytes)),
            Self::Repeat(at, len, times) => {
                let at = place(at, bytes);
                let again = bytes[at..(at + usize::from(len)).min(bytes.len())].repeat(times.into());
                bytes.splice(at..at, again);
            }
            Self::Splice(at, other, from) => {
                bytes.truncate(place(at, bytes));
                bytes.extend_from_slice(&other[place(from, &other)..]);
            }
        }
    }
}

/// Files of the corpus as they are, files with up to eight changes, and any bytes.
pub fn bytes(corpus: &[Vec<u8>]) -> impl Strategy<Value = Vec<u8>> + use<> {
    let changes = vec(Change::any(corpus.to_vec()), 1..=8);
    let changed = (select(corpus.to_vec()), changes).prop_map(|(mut bytes, changes)| {
        for change in changes {
            change.apply(&mut bytes);
        }
        bytes
    });
    prop_oneof![
        1 => select(corpus.to_vec()),
        8 => changed,
        1 => vec(any::<u8>(), 0..200),
    ]
}

/// As [`bytes`], as text: bytes that are not UTF-8 are replaced.
pub fn texts(corpus: &[Vec<u8>]) -> impl Strategy<Value = String> + use<> {
    bytes(corpus).prop_map(|bytes| String::from_utf8_lossy(&bytes).into_owned())
}

/// Values of variables that are likely, one a line.
const VALUES: &str = include_str!("../../../functions/core/tests/corpus/environment.txt");

/// Reads many environments: each is a configuration, which `check` holds against the variables that it was read from, or
/// is refused by the name of at least one of its variables.
///
/// `names` are the function's variables, `required` the values of those that must be set, and `read` the function's own
/// reading.
///
/// # Panics
/// When an environment is refused without a name, or none is a configuration.
pub fn configurations<C, E: Display>(
    function: &str,
    names: &BTreeSet<String>,
    required: &[(&str, &str)],
    read: impl Fn(&dyn Fn(&str) -> Option<String>) -> Result<C, E>,
    check: impl Fn(&C, &BTreeMap<String, String>),
) {
    let values: Vec<_> = VALUES.lines().map(|line| line.as_bytes().to_vec()).collect();
    let names_of_all: Vec<_> = names.iter().cloned().collect();
    let environments = proptest::collection::btree_map(select(names_of_all), texts(&values), 0..=5);
    let configured = Cell::new(0_u32);
    fuzz(
        &format!("{function} environment"),
        values.len(),
        800,
        environments,
        |variables| {
            let required = |name: &str| {
                let (_, value) = required.iter().find(|(known, _)| *known == name)?;
                Some((*value).to_owned())
            };
            match read(&|name| variables.get(name).cloned().or_else(|| required(name))) {
                Ok(config) => {
                    configured.set(configured.get() + 1);
                    check(&config, &variables);
                }
                Err(error) => {
                    let message = error.to_string();
                    assert!(names.iter().any(|name| message.contains(name)), "{message}");
                }
            }
        },
    );
    assert!(configured.get() > 0, "no environment of {function} is a configuration");
}
