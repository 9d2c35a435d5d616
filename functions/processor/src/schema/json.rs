//! A JSON text as a flat list of nodes, for what `serde_json::Value` cannot hold: every digit of a number, half a surrogate
//! pair, any depth.
//!
//! A node takes 16 bytes, and each value and each key of the text is one. Depth costs no stack.

mod parser;

use std::borrow::Cow;

use super::decimal::Decimal;
use super::text::decoded;

/// A text that was read. `'t` is the text's.
#[derive(Debug)]
pub(super) struct Json<'t> {
    text: Cow<'t, str>,
    nodes: Vec<Node>,
}

/// The number of a node, in the order of the text.
pub(super) type Place = u32;

#[derive(Debug, Clone, Copy)]
struct Node {
    kind: Kind,
    /// Where the value, or the text within a string's quotes, begins.
    start: u32,
    /// The end of a scalar in the text, or the number of an array's items or an object's members.
    extent: u32,
    /// The node after this one and everything within it.
    next: Place,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Null,
    False,
    True,
    Number,
    String,
    Array,
    Object,
    /// A key of an object that has a later member of the same name, which is the one that counts.
    Shadowed,
}

/// A value within a text.
#[derive(Debug, Clone, Copy)]
pub(super) struct Value<'j> {
    json: &'j Json<'j>,
    node: Node,
    place: Place,
}

impl<'t> Json<'t> {
    /// Reads a text. `None` when it is no JSON.
    pub(super) fn read(text: Cow<'t, str>) -> Option<Self> {
        let nodes = parser::nodes(&text)?;
        Some(Self { text, nodes })
    }

    pub(super) fn root(&self) -> Value<'_> {
        self.value(0)
    }

    /// The value, or the key, at a place of this text.
    pub(super) fn value(&self, place: Place) -> Value<'_> {
        const NOTHING: Node = Node {
            kind: Kind::Null,
            start: 0,
            extent: 0,
            next: Place::MAX,
        };
        Value {
            json: self,
            node: self.nodes.get(place as usize).copied().unwrap_or(NOTHING),
            place,
        }
    }
}

impl<'j> Value<'j> {
    pub(super) fn kind(self) -> Kind {
        self.node.kind
    }

    pub(super) fn place(self) -> Place {
        self.place
    }

    /// The number of an array's items or an object's members; 0 for a scalar.
    pub(super) fn len(self) -> usize {
        match self.kind() {
            Kind::Array | Kind::Object => self.node.extent as usize,
            _ => 0,
        }
    }

    /// The text of a number, or what is within a string's quotes; empty for anything else.
    pub(super) fn raw(self) -> &'j str {
        match self.kind() {
            Kind::Number | Kind::String | Kind::Shadowed => self
                .json
                .text
                .get(self.node.start as usize..self.node.extent as usize)
                .unwrap_or_default(),
            _ => "",
        }
    }

    /// The number, when it is one.
    pub(super) fn number(self) -> Option<Decimal<'j>> {
        (self.kind() == Kind::Number).then(|| Decimal::read(self.raw()))
    }

    /// The string as WTF-8, when it is one.
    pub(super) fn string(self) -> Option<Cow<'j, [u8]>> {
        (self.kind() == Kind::String).then(|| decoded(self.raw()))
    }

    /// An array's items; nothing for anything else.
    pub(super) fn items(self) -> impl Iterator<Item = Self> {
        self.children(Kind::Array)
    }

    /// An object's keys with their values; nothing for anything else. Of keys that are there twice the last one counts.
    pub(super) fn members(self) -> impl Iterator<Item = (Self, Self)> {
        let mut children = self.children(Kind::Object);
        std::iter::from_fn(move || Some((children.next()?, children.next()?)))
            .filter(|(key, _)| key.kind() == Kind::String)
    }

    /// The value of a member.
    pub(super) fn get(self, name: &str) -> Option<Self> {
        self.members()
            .find(|(key, _)| *decoded(key.raw()) == *name.as_bytes())
            .map(|(_, value)| value)
    }

    /// The value at another place of the same text.
    pub(super) fn at(self, place: Place) -> Self {
        self.json.value(place)
    }

    /// Whether the other value is this one or within it.
    pub(super) fn contains(self, other: Place) -> bool {
        (self.place..self.node.next).contains(&other)
    }

    fn children(self, kind: Kind) -> impl Iterator<Item = Self> {
        let end = if self.kind() == kind { self.node.next } else { 0 };
        let mut place = self.place + 1;
        std::iter::from_fn(move || {
            let child = (place < end).then(|| self.json.value(place))?;
            place = child.node.next;
            Some(child)
        })
    }
}
