//! The keywords of a schema, each as a rule.

use std::cmp::Ordering;
use std::collections::HashMap;

use super::super::decimal::Divisor;
use super::super::draft::Draft;
use super::super::format::Format;
use super::super::json::{Kind, Value};
use super::super::program::{Dependency, Dynamic, Properties, Rest, Sized, Test, Types};
use super::Compiler;
use super::rules::{Rules, count, names, text};

impl<'j> Compiler<'j> {
    pub(super) fn types_and_values(schema: Value<'j>, draft: Draft, rules: &mut Rules) {
        if let Some(types) = schema.get("type") {
            let named = std::iter::once(types).chain(types.items()).filter_map(text);
            let all = named.fold(Types::default(), |types, name| types.with(Types::named(&name)));
            rules.add("type", Test::Type(all));
        }
        if let Some(value) = schema.get("const").filter(|_| draft >= Draft::V6) {
            rules.add("const", Test::OneOfValues(vec![value.place()]));
        }
        if let Some(values) = schema.get("enum") {
            rules.add("enum", Test::OneOfValues(values.items().map(Value::place).collect()));
        }
    }

    pub(super) fn reference(&mut self, schema: Value<'j>, rules: &mut Rules) -> Result<(), String> {
        for (keyword, since) in [
            ("$ref", Draft::V4),
            ("$recursiveRef", Draft::V2019),
            ("$dynamicRef", Draft::V2020),
        ] {
            let Some(reference) = schema.get(keyword).and_then(text).filter(|_| self.draft >= since) else {
                continue;
            };
            let place = self.resources.resolve(self.resources.of(schema.place()), &reference)?;
            let target = self.id(place);
            let dynamic = match keyword {
                "$recursiveRef" if self.is_recursive(place) => Some(Dynamic::Recursive),
                "$dynamicRef" => reference.split_once('#').and_then(|(_, anchor)| {
                    let own = self.json.value(place).get("$dynamicAnchor").and_then(text);
                    (own? == anchor).then(|| Dynamic::Anchor(anchor.to_owned()))
                }),
                _ => None,
            };
            rules.add(
                keyword,
                match dynamic {
                    Some(dynamic) => {
                        self.is_static = false;
                        Test::DynamicReference(target, dynamic)
                    }
                    None => Test::Reference(target),
                },
            );
        }
        Ok(())
    }

    pub(super) fn object(&mut self, schema: Value<'j>, rules: &mut Rules) -> Result<(), String> {
        rules.size(schema, Sized::Object, "minProperties", "maxProperties");
        if let Some(required) = schema.get("required") {
            rules.add("required", Test::Required(names(required)));
        }
        self.properties(schema, rules)?;
        if let Some(names) = self.applied(schema, "propertyNames", Draft::V6) {
            rules.add("propertyNames", Test::PropertyNames(names));
        }
        for (keyword, since) in [
            ("dependencies", Draft::V4),
            ("dependentRequired", Draft::V2019),
            ("dependentSchemas", Draft::V2019),
        ] {
            let Some(dependencies) = schema.get(keyword).filter(|_| self.draft >= since) else {
                continue;
            };
            let of = |(name, dependency): (Value<'j>, Value<'j>)| {
                let dependency = match dependency.kind() {
                    Kind::Array => Dependency::Required(names(dependency)),
                    _ => Dependency::Schema(self.id(dependency.place())),
                };
                Some((Box::from(&*name.string()?), dependency))
            };
            rules.add(
                keyword,
                Test::Dependent(dependencies.members().filter_map(of).collect()),
            );
        }
        Ok(())
    }

    fn properties(&mut self, schema: Value<'j>, rules: &mut Rules) -> Result<(), String> {
        let mut properties = Properties {
            named: HashMap::new(),
            patterns: Vec::new(),
            rest: self.rest(schema, "additionalProperties"),
        };
        for (name, property) in schema.get("properties").into_iter().flat_map(Value::members) {
            let name = name.string().unwrap_or_default();
            properties.named.insert(Box::from(&*name), self.id(property.place()));
        }
        for (pattern, property) in schema.get("patternProperties").into_iter().flat_map(Value::members) {
            let pattern = self.pattern(pattern)?;
            properties.patterns.push((pattern, self.id(property.place())));
        }
        if !(properties.named.is_empty() && properties.patterns.is_empty() && matches!(properties.rest, Rest::Unsaid)) {
            rules.add("additionalProperties", Test::Properties(properties));
        }
        Ok(())
    }

    pub(super) fn array(&mut self, schema: Value<'j>, rules: &mut Rules) {
        rules.size(schema, Sized::Array, "minItems", "maxItems");
        if schema
            .get("uniqueItems")
            .is_some_and(|unique| unique.kind() == Kind::True)
        {
            rules.add("uniqueItems", Test::UniqueItems);
        }
        let items = schema.get("items");
        let is_list = items.is_some_and(|items| items.kind() == Kind::Array);
        let (prefix, rest) = match items {
            _ if self.draft >= Draft::V2020 => (schema.get("prefixItems"), self.applied(schema, "items", Draft::V2020)),
            Some(items) if is_list => (Some(items), None),
            _ => (None, self.applied(schema, "items", Draft::V4)),
        };
        let prefix = prefix.map(|prefix| self.each(prefix)).unwrap_or_default();
        let rest = match rest {
            Some(schema) => Rest::Schema(schema),
            None if is_list && self.draft < Draft::V2020 => self.rest(schema, "additionalItems"),
            None => Rest::Unsaid,
        };
        if !(prefix.is_empty() && matches!(rest, Rest::Unsaid)) {
            rules.add("additionalItems", Test::Items { prefix, rest });
        }
        if let Some(contained) = self.applied(schema, "contains", Draft::V6) {
            let bound = |keyword| count(schema, keyword).filter(|_| self.draft >= Draft::V2019);
            let test = Test::Contains {
                schema: contained,
                least: bound("minContains").unwrap_or(1),
                most: bound("maxContains").unwrap_or(u64::MAX),
                marks: self.draft >= Draft::V2020,
            };
            rules.add("contains", test);
        }
    }

    pub(super) fn string(&mut self, schema: Value<'j>, rules: &mut Rules) -> Result<(), String> {
        rules.size(schema, Sized::String, "minLength", "maxLength");
        if let Some(pattern) = schema.get("pattern").filter(|pattern| pattern.kind() == Kind::String) {
            rules.add("pattern", Test::Pattern(self.pattern(pattern)?));
        }
        if let Some(format) = schema.get("format").and_then(text) {
            rules.add("format", Test::Format(Format::new(&format)?));
        }
        Ok(())
    }

    pub(super) fn number(schema: Value<'j>, rules: &mut Rules) -> Result<(), String> {
        for (keyword, exclusive, outcome) in [
            ("minimum", "exclusiveMinimum", Ordering::Greater),
            ("maximum", "exclusiveMaximum", Ordering::Less),
        ] {
            // Draft 4 has a boolean beside the limit.
            let is_exclusive = schema.get(exclusive).is_some_and(|value| value.kind() == Kind::True);
            let or_equal = if is_exclusive { outcome } else { Ordering::Equal };
            for (name, other) in [(keyword, or_equal), (exclusive, outcome)] {
                if let Some(limit) = schema.get(name).filter(|limit| limit.kind() == Kind::Number) {
                    rules.add(name, Test::Limit(limit.place(), [outcome, other]));
                }
            }
        }
        if let Some(divisor) = schema.get("multipleOf").and_then(Value::number) {
            let divisor = Divisor::new(&divisor).ok_or("multipleOf is 0 or has more than 37 digits")?;
            rules.add("multipleOf", Test::MultipleOf(divisor));
        }
        Ok(())
    }

    pub(super) fn conditions(&mut self, schema: Value<'j>, rules: &mut Rules) {
        let mut each = |keyword| schema.get(keyword).map(|schemas| self.each(schemas));
        let (all, any, one) = (each("allOf"), each("anyOf"), each("oneOf"));
        rules.add_some("allOf", all.map(Test::AllOf));
        rules.add_some("anyOf", any.map(Test::AnyOf));
        rules.add_some("oneOf", one.map(Test::OneOf));
        rules.add_some("not", self.applied(schema, "not", Draft::V4).map(Test::Not));
        if let Some(condition) = self.applied(schema, "if", Draft::V7) {
            let test = Test::If {
                condition,
                then: self.applied(schema, "then", Draft::V7),
                otherwise: self.applied(schema, "else", Draft::V7),
            };
            rules.add("if", test);
        }
    }

    pub(super) fn unevaluated(&mut self, schema: Value<'j>, rules: &mut Rules) {
        if self.draft < Draft::V2019 {
            return;
        }
        let items = self.rest(schema, "unevaluatedItems");
        let properties = self.rest(schema, "unevaluatedProperties");
        for (keyword, rest, test) in [
            ("unevaluatedItems", items, Test::UnevaluatedItems(items)),
            (
                "unevaluatedProperties",
                properties,
                Test::UnevaluatedProperties(properties),
            ),
        ] {
            if !matches!(rest, Rest::Unsaid) {
                self.tracks = true;
                rules.add(keyword, test);
            }
        }
    }
}
