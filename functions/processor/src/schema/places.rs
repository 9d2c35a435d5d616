//! The places of a payload that a message names.
//!
//! A place consists of positions and of names that the schema has. A name that is the payload's own may be anything, an
//! address or a number of a card, and is shown as [`OWN_NAME`].

use std::collections::{BTreeSet, HashSet};

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

/// What is shown for a name that is not in the schema.
const OWN_NAME: &str = "*";

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

    /// The first places as `POINTER (KEYWORD)`, each text once, and the number of the others. `names` are those of the schema.
    pub(super) fn describe(&self, payload: &Json<'_>, names: &HashSet<&[u8]>) -> String {
        let mut list = String::new();
        let mut listed = 0;
        let mut last = String::new();
        for (place, keyword) in self.found.iter().take(MAX_PLACES) {
            let place = format!("{} ({keyword})", shown(&pointer(payload, *place, names)));
            if place == last {
                listed += 1;
                continue;
            }
            if listed > 0 && list.chars().count() + place.chars().count() > MAX_LIST_CHARS {
                break;
            }
            if listed > 0 {
                list.push_str(", ");
            }
            list.push_str(&place);
            listed += 1;
            last = place;
        }
        match (self.found.len() - listed, self.are_all) {
            (_, false) => format!("{list} and more"),
            (0, true) => list,
            (more, true) => format!("{list} and {more} more"),
        }
    }
}

/// The JSON pointer of a place.
fn pointer(payload: &Json<'_>, place: Place, names: &HashSet<&[u8]>) -> String {
    let mut pointer = String::new();
    let mut value = payload.root();
    while value.place() != place {
        let Some((token, inner)) = step(value, place, names) else {
            break;
        };
        pointer.push('/');
        pointer.push_str(&token);
        value = inner;
    }
    pointer
}

/// The item or the member of a value that a place is within.
fn step<'j>(value: Value<'j>, place: Place, names: &HashSet<&[u8]>) -> Option<(String, Value<'j>)> {
    if value.kind() == Kind::Array {
        let (index, item) = value.items().enumerate().find(|(_, item)| item.contains(place))?;
        return Some((index.to_string(), item));
    }
    let (key, member) = value.members().find(|(_, member)| member.contains(place))?;
    let name = key.string()?;
    let token = if names.contains(&*name) {
        readable(name).replace('~', "~0").replace('/', "~1")
    } else {
        OWN_NAME.to_owned()
    };
    Some((token, member))
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
