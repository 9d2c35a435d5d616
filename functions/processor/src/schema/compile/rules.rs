//! The rules of a schema under compilation, and the values of its keywords.

use super::super::json::Value;
use super::super::program::{Bound, Names, Rule, Sized, Test};
use super::super::text::readable;

/// The rules of a schema, in the order in which they are checked.
#[derive(Default)]
pub(super) struct Rules(pub(super) Vec<Rule>);

impl Rules {
    pub(super) fn add(&mut self, keyword: &'static str, test: Test) {
        self.0.push(Rule { keyword, test });
    }

    pub(super) fn add_some(&mut self, keyword: &'static str, test: Option<Test>) {
        self.0.extend(test.map(|test| Rule { keyword, test }));
    }

    pub(super) fn size(&mut self, schema: Value<'_>, of: Sized, least: &'static str, most: &'static str) {
        self.add_some(
            least,
            count(schema, least).map(|count| Test::Size(of, Bound::AtLeast(count))),
        );
        self.add_some(
            most,
            count(schema, most).map(|count| Test::Size(of, Bound::AtMost(count))),
        );
    }
}

pub(super) fn text(value: Value<'_>) -> Option<String> {
    Some(readable(value.string()?).into_owned())
}

pub(super) fn count(schema: Value<'_>, keyword: &str) -> Option<u64> {
    Some(schema.get(keyword)?.number()?.as_count())
}

pub(super) fn names(list: Value<'_>) -> Names {
    list.items()
        .filter_map(|name| Some(Box::from(&*name.string()?)))
        .collect()
}
