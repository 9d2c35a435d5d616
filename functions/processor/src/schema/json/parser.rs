//! From a text to its nodes.

use std::hash::{BuildHasher, RandomState};

use super::super::text::decoded;
use super::{Kind, Node, Place};

/// The nodes of a text; `None` when it is not one JSON value, or longer than 4 GiB.
pub(super) fn nodes(text: &str) -> Option<Vec<Node>> {
    u32::try_from(text.len()).ok()?;
    // Every node but the first comes after one of these, so the list never grows.
    let most = text.bytes().filter(|byte| b"[{,:".contains(byte)).count() + 1;
    let mut parser = Parser {
        text,
        at: 0,
        nodes: Vec::with_capacity(most),
        open: Vec::new(),
        hasher: RandomState::new(),
        keys: Vec::new(),
    };
    parser.run()?;
    Some(parser.nodes)
}

struct Parser<'t> {
    text: &'t str,
    at: usize,
    nodes: Vec<Node>,
    /// The arrays and objects that are not closed yet.
    open: Vec<Open>,
    hasher: RandomState,
    /// Hashes of an object's keys, for [`Parser::shadow`].
    keys: Vec<(u64, Place)>,
}

struct Open {
    place: Place,
    kind: Kind,
    children: u32,
}

/// The expected next token.
#[derive(Clone, Copy, PartialEq)]
enum Next {
    Value,
    /// A value, or the end of an empty array.
    FirstItem,
    /// A key, or the end of an empty object.
    FirstKey,
    Key,
    /// A comma, or the end of the innermost array or object.
    After,
}

impl Parser<'_> {
    fn run(&mut self) -> Option<()> {
        let mut next = Next::Value;
        loop {
            self.skip_space();
            if next == Next::After && self.open.is_empty() {
                return self.peek().is_none().then_some(());
            }
            next = match (next, self.peek()?, self.open.last().map(|open| open.kind)) {
                (Next::FirstItem | Next::After, b']', Some(Kind::Array))
                | (Next::FirstKey | Next::After, b'}', Some(Kind::Object)) => self.close()?,
                (Next::After, b',', Some(Kind::Array)) => self.past(Next::Value),
                (Next::After, b',', _) => self.past(Next::Key),
                (Next::Key | Next::FirstKey, b'"', _) => self.key()?,
                (Next::Value | Next::FirstItem, byte, _) => self.value(byte)?,
                _ => return None,
            };
        }
    }

    fn key(&mut self) -> Option<Next> {
        self.string()?;
        self.skip_space();
        (self.peek()? == b':').then(|| self.past(Next::Value))
    }

    fn value(&mut self, first: u8) -> Option<Next> {
        if let Some(open) = self.open.last_mut() {
            open.children += 1;
        }
        match first {
            b'{' => self.open(Kind::Object, Next::FirstKey),
            b'[' => self.open(Kind::Array, Next::FirstItem),
            b'"' => self.string(),
            b'n' => self.word("null", Kind::Null),
            b't' => self.word("true", Kind::True),
            b'f' => self.word("false", Kind::False),
            _ => self.number(),
        }
    }

    fn open(&mut self, kind: Kind, next: Next) -> Option<Next> {
        self.open.push(Open {
            place: Place::try_from(self.nodes.len()).ok()?,
            kind,
            children: 0,
        });
        self.push(kind, self.at, 0)?;
        Some(self.past(next))
    }

    fn close(&mut self) -> Option<Next> {
        let Open { place, kind, children } = self.open.pop()?;
        let shadowed = if kind == Kind::Object && children > 1 {
            self.shadow(place)?
        } else {
            0
        };
        let next = Place::try_from(self.nodes.len()).ok()?;
        let node = self.nodes.get_mut(place as usize)?;
        (node.extent, node.next) = (children - shadowed, next);
        Some(self.past(Next::After))
    }

    /// Marks the keys of an object, whose place is given, that are there again later. Returns their number.
    fn shadow(&mut self, object: Place) -> Option<u32> {
        self.keys.clear();
        let mut place = object + 1;
        while let Some(key) = self.nodes.get(place as usize) {
            self.keys.push((self.hasher.hash_one(self.decoded(place)?), place));
            place = self.nodes.get(key.next as usize)?.next;
        }
        self.keys.sort_unstable();
        let mut shadowed = 0;
        for (index, (hash, place)) in self.keys.iter().enumerate() {
            let later = self.keys.get(index + 1..)?.iter();
            let mut same_hash = later.take_while(|(other, _)| other == hash);
            if same_hash.any(|(_, other)| self.decoded(*other) == self.decoded(*place)) {
                self.nodes.get_mut(*place as usize)?.kind = Kind::Shadowed;
                shadowed += 1;
            }
        }
        Some(shadowed)
    }

    fn decoded(&self, place: Place) -> Option<std::borrow::Cow<'_, [u8]>> {
        let node = self.nodes.get(place as usize)?;
        Some(decoded(self.text.get(node.start as usize..node.extent as usize)?))
    }

    /// Ends at the quote that is not escaped.
    fn string(&mut self) -> Option<Next> {
        let start = self.at + 1;
        let mut at = start;
        loop {
            match self.text.as_bytes().get(at..)? {
                [b'"', ..] => break,
                [b'\\', b'u', digits @ ..] if digits.get(..4)?.iter().all(u8::is_ascii_hexdigit) => at += 6,
                [b'\\', b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't', ..] => at += 2,
                [b'\\' | 0..0x20, ..] | [] => return None,
                [_, ..] => at += 1,
            }
        }
        self.push(Kind::String, start, at)?;
        self.at = at + 1;
        Some(Next::After)
    }

    fn word(&mut self, word: &str, kind: Kind) -> Option<Next> {
        self.text.get(self.at..)?.starts_with(word).then_some(())?;
        self.push(kind, self.at, self.at)?;
        self.at += word.len();
        Some(Next::After)
    }

    fn number(&mut self) -> Option<Next> {
        let start = self.at;
        self.skip_one(b"-");
        if !self.skip_one(b"0") {
            self.digits()?;
        }
        if self.skip_one(b".") {
            self.digits()?;
        }
        if self.skip_one(b"eE") {
            self.skip_one(b"+-");
            self.digits()?;
        }
        self.push(Kind::Number, start, self.at)?;
        Some(Next::After)
    }

    fn digits(&mut self) -> Option<()> {
        let start = self.at;
        while self.skip_one(b"0123456789") {}
        (self.at > start).then_some(())
    }

    fn push(&mut self, kind: Kind, start: usize, extent: usize) -> Option<()> {
        self.nodes.push(Node {
            kind,
            start: u32::try_from(start).ok()?,
            extent: u32::try_from(extent).ok()?,
            next: Place::try_from(self.nodes.len() + 1).ok()?,
        });
        Some(())
    }

    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn skip_one(&mut self, of: &[u8]) -> bool {
        let is_there = self.peek().is_some_and(|byte| of.contains(&byte));
        self.at += usize::from(is_there);
        is_there
    }

    fn skip_space(&mut self) {
        while self.skip_one(b" \t\r\n") {}
    }

    fn past(&mut self, next: Next) -> Next {
        self.at += 1;
        next
    }
}
