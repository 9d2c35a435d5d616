//! The places of a payload that a message names.

use std::collections::BTreeSet;

use super::json::{Json, Kind, Place, Value};
use super::text::readable;

/// The most places of a payload in one message.
const MAX_PLACES: usize = 5;

/// The most places that are counted.
const MAX_COUNTED: usize = 1_000;

/// The longest JSON pointer in a message, in characters. A longer one is cut.
const MAX_POINTER_CHARS: usize = 100;

/// The longest list of places, in characters: a failure's message holds 500.
const MAX_LIST_CHARS: usize = 400;

/// Places with the keyword that is violated there, each once, in the order of the text.
#[derive(Debug)]
pub(super) struct Places {
    found: BTreeSet<(Place, &'static str)>,
    /// Whether there are no others.
    pub(super) are_all: bool,
}

impl Default for Places {
    fn default() -> Self {
        Self {
            found: BTreeSet::new(),
            are_all: true,
        }
    }
}

impl Places {
    pub(super) fn add(&mut self, place: Place, keyword: &'static str) {
        if self.found.len() < MAX_COUNTED {
            self.found.insert((place, keyword));
        } else {
            self.are_all = false;
        }
    }

    /// The first places as `POINTER (KEYWORD)`, and the number of the others.
    pub(super) fn describe(&self, payload: &Json<'_>) -> String {
        let mut list = String::new();
        let mut listed = 0;
        for (place, keyword) in self.found.iter().take(MAX_PLACES) {
            let place = format!("{} ({keyword})", shown(&pointer(payload, *place)));
            if listed > 0 && list.chars().count() + place.chars().count() > MAX_LIST_CHARS {
                break;
            }
            if listed > 0 {
                list.push_str(", ");
            }
            list.push_str(&place);
            listed += 1;
        }
        match (self.found.len() - listed, self.are_all) {
            (_, false) => format!("{list} and more"),
            (0, true) => list,
            (more, true) => format!("{list} and {more} more"),
        }
    }
}

/// The JSON pointer of a place.
fn pointer(payload: &Json<'_>, place: Place) -> String {
    let mut pointer = String::new();
    let mut value = payload.root();
    while value.place() != place {
        let Some((token, inner)) = step(value, place) else {
            break;
        };
        pointer.push('/');
        pointer.push_str(&token);
        value = inner;
    }
    pointer
}

/// The item or the member of a value that a place is within.
fn step(value: Value<'_>, place: Place) -> Option<(String, Value<'_>)> {
    if value.kind() == Kind::Array {
        let (index, item) = value.items().enumerate().find(|(_, item)| item.contains(place))?;
        return Some((index.to_string(), item));
    }
    let (key, member) = value.members().find(|(_, member)| member.contains(place))?;
    let name = readable(key.string()?).replace('~', "~0").replace('/', "~1");
    Some((name, member))
}

/// A pointer without line breaks; a long one is cut.
fn shown(pointer: &str) -> String {
    if pointer.is_empty() {
        return "the whole".to_owned();
    }
    let mut shown: String = pointer
        .chars()
        .filter(|c| !c.is_control())
        .take(MAX_POINTER_CHARS)
        .collect();
    if pointer.chars().count() > MAX_POINTER_CHARS {
        shown.push('…');
    }
    shown
}
