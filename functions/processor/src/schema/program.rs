//! A compiled schema: every schema within it as a list of rules.

use std::collections::{HashMap, HashSet};

use super::decimal::Divisor;
use super::format::Format;
use super::json::{Json, Place};
use super::pattern::Pattern;

/// The number of a schema within a program.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct Id(pub(super) u32);

/// The compiled schema of a source.
#[derive(Debug)]
pub(super) struct Program {
    /// The schema's text, for the values of `const` and `enum`, and for limits.
    pub(super) json: Json<'static>,
    pub(super) schemas: Vec<Schema>,
    pub(super) resources: Vec<Resource>,
    pub(super) patterns: Vec<Pattern>,
    /// Whether a schema's judgement depends on the schema and the value alone.
    pub(super) is_static: bool,
    /// Whether a rule concerns what other rules have not looked at.
    pub(super) tracks: bool,
}

impl Program {
    /// The names of properties that the schema itself has. Any other name is the payload's own.
    pub(super) fn names(&self) -> HashSet<&[u8]> {
        let rules = self.schemas.iter().flat_map(|schema| &schema.rules);
        let properties = rules.filter_map(|rule| match &rule.test {
            Test::Properties(properties) => Some(properties.named.keys()),
            _ => None,
        });
        properties.flatten().map(AsRef::as_ref).collect()
    }
}

#[derive(Debug, Default)]
pub(super) struct Schema {
    /// The index of its resource.
    pub(super) resource: usize,
    pub(super) rules: Vec<Rule>,
}

/// A schema with an id of its own, or the whole: what `$dynamicRef` and `$recursiveRef` look for.
#[derive(Debug, Default)]
pub(super) struct Resource {
    pub(super) dynamic_anchors: HashMap<String, Id>,
    /// The resource's own schema, when it has `$recursiveAnchor`.
    pub(super) recursive: Option<Id>,
}

#[derive(Debug)]
pub(super) struct Rule {
    pub(super) keyword: &'static str,
    pub(super) test: Test,
}

/// Names of properties.
pub(super) type Names = HashSet<Box<[u8]>>;

#[derive(Debug)]
pub(super) enum Test {
    /// `false`.
    Never,
    Type(Types),
    /// The value is one of these, of the schema's text.
    OneOfValues(Vec<Place>),
    Format(Format),
    /// The comparison with a number of the schema's text has one of these two outcomes.
    Limit(Place, [std::cmp::Ordering; 2]),
    MultipleOf(Divisor),
    Size(Sized, Bound),
    Pattern(usize),
    UniqueItems,
    Items {
        prefix: Vec<Id>,
        rest: Rest,
    },
    Contains {
        schema: Id,
        least: u64,
        most: u64,
        /// Whether items that match count as looked at.
        marks: bool,
    },
    Required(Names),
    Properties(Properties),
    PropertyNames(Id),
    /// What has to hold when the object has a property.
    Dependent(Vec<(Box<[u8]>, Dependency)>),
    Reference(Id),
    DynamicReference(Id, Dynamic),
    AllOf(Vec<Id>),
    AnyOf(Vec<Id>),
    OneOf(Vec<Id>),
    Not(Id),
    If {
        condition: Id,
        then: Option<Id>,
        otherwise: Option<Id>,
    },
    UnevaluatedItems(Rest),
    UnevaluatedProperties(Rest),
}

impl Test {
    /// Whether nothing else of the schema is looked at when it fails.
    pub(super) const fn decides(&self) -> bool {
        matches!(self, Self::Never | Self::Type(_) | Self::OneOfValues(_))
    }
}

/// What holds for the items or properties that nothing else was said of.
#[derive(Debug, Clone, Copy)]
pub(super) enum Rest {
    Unsaid,
    Refused,
    Schema(Id),
}

#[derive(Debug)]
pub(super) struct Properties {
    pub(super) named: HashMap<Box<[u8]>, Id>,
    pub(super) patterns: Vec<(usize, Id)>,
    pub(super) rest: Rest,
}

#[derive(Debug)]
pub(super) enum Dependency {
    Required(Names),
    Schema(Id),
}

/// Where a reference finds another target than the one that is written.
#[derive(Debug)]
pub(super) enum Dynamic {
    /// The outermost resource with this dynamic anchor.
    Anchor(String),
    /// The outermost resource with `$recursiveAnchor`.
    Recursive,
}

/// What has a size.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Sized {
    String,
    Array,
    Object,
}

#[derive(Debug, Clone, Copy)]
pub(super) enum Bound {
    AtLeast(u64),
    AtMost(u64),
}

/// Types, a bit each.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Types(u8);

impl Types {
    pub(super) const NULL: Self = Self(1);
    pub(super) const BOOLEAN: Self = Self(2);
    pub(super) const INTEGER: Self = Self(4);
    pub(super) const NUMBER: Self = Self(8);
    pub(super) const STRING: Self = Self(16);
    pub(super) const ARRAY: Self = Self(32);
    pub(super) const OBJECT: Self = Self(64);

    pub(super) fn named(name: &str) -> Self {
        match name {
            "null" => Self::NULL,
            "boolean" => Self::BOOLEAN,
            "integer" => Self::INTEGER,
            "number" => Self::NUMBER,
            "string" => Self::STRING,
            "array" => Self::ARRAY,
            "object" => Self::OBJECT,
            _ => Self(0),
        }
    }

    pub(super) const fn with(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    pub(super) const fn has(self, other: Self) -> bool {
        self.0 & other.0 != 0
    }
}
