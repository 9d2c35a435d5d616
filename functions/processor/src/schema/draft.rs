//! The drafts of JSON Schema, and where each has schemas within a schema.

/// A draft, in their order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Draft {
    V4,
    V6,
    V7,
    V2019,
    V2020,
}

/// What a keyword that holds schemas holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Holds {
    Schema,
    Schemas,
    /// A schema, or a list of them.
    Either,
    /// An object whose values are schemas.
    Named,
}

/// The keywords that hold schemas, each from the draft on that has it.
pub(super) const APPLICATORS: [(&str, Draft, Holds); 22] = [
    ("definitions", Draft::V4, Holds::Named),
    ("not", Draft::V4, Holds::Schema),
    ("allOf", Draft::V4, Holds::Schemas),
    ("anyOf", Draft::V4, Holds::Schemas),
    ("oneOf", Draft::V4, Holds::Schemas),
    ("properties", Draft::V4, Holds::Named),
    ("additionalProperties", Draft::V4, Holds::Schema),
    ("patternProperties", Draft::V4, Holds::Named),
    ("items", Draft::V4, Holds::Either),
    ("additionalItems", Draft::V4, Holds::Schema),
    ("dependencies", Draft::V4, Holds::Named),
    ("propertyNames", Draft::V6, Holds::Schema),
    ("contains", Draft::V6, Holds::Schema),
    ("if", Draft::V7, Holds::Schema),
    ("then", Draft::V7, Holds::Schema),
    ("else", Draft::V7, Holds::Schema),
    ("$defs", Draft::V2019, Holds::Named),
    ("dependentSchemas", Draft::V2019, Holds::Named),
    ("unevaluatedProperties", Draft::V2019, Holds::Schema),
    ("unevaluatedItems", Draft::V2019, Holds::Schema),
    ("contentSchema", Draft::V2019, Holds::Schema),
    ("prefixItems", Draft::V2020, Holds::Schemas),
];

impl Draft {
    /// The draft of a schema whose `$schema` this is.
    pub(super) fn named(schema: Option<&str>) -> Self {
        let name = schema.unwrap_or_default();
        let has = |part| name.contains(part);
        match () {
            () if has("draft-04") => Self::V4,
            () if has("draft-06") => Self::V6,
            () if has("draft-07") => Self::V7,
            () if has("2019-09") => Self::V2019,
            () => Self::V2020,
        }
    }

    /// The keyword of a schema's id.
    pub(super) fn id(self) -> &'static str {
        if self == Self::V4 { "id" } else { "$id" }
    }

    /// Whether `$ref` leaves nothing else of its schema in force.
    pub(super) fn reference_stands_alone(self) -> bool {
        self < Self::V2019
    }
}
