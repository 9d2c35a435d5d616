//! From the text of a schema to its program.

use std::cmp::Ordering;
use std::collections::{HashMap, HashSet};

use super::decimal::Divisor;
use super::draft::Draft;
use super::format::Format;
use super::json::{Json, Kind, Place, Value};
use super::pattern::Pattern;
use super::program::{
    Bound, Dependency, Dynamic, Id, Names, Program, Properties, Resource, Rest, Rule, Schema, Sized, Test, Types,
};
use super::resources::Resources;
use super::text::readable;

/// Compiles a schema that `boon` takes for one.
///
/// # Errors
/// A text that names the problem.
pub(super) fn compile(json: Json<'static>) -> Result<Program, String> {
    let draft = Draft::named(json.root().get("$schema").and_then(text).as_deref());
    let mut compiler = Compiler {
        json: &json,
        draft,
        resources: Resources::read(&json, draft)?,
        ids: HashMap::new(),
        places: Vec::new(),
        patterns: Vec::new(),
        is_static: true,
        tracks: false,
    };
    let schemas = compiler.schemas()?;
    let resources = compiler.resources();
    let (is_static, tracks) = (compiler.is_static, compiler.tracks);
    let patterns = compiler.patterns.iter().map(|pattern| Pattern::new(pattern));
    let patterns = patterns.collect::<Result<_, _>>()?;
    Ok(Program {
        json,
        schemas,
        resources,
        patterns,
        is_static,
        tracks,
    })
}

struct Compiler<'j> {
    json: &'j Json<'static>,
    draft: Draft,
    resources: Resources<'j>,
    ids: HashMap<Place, Id>,
    /// The place of every schema that has an id.
    places: Vec<Place>,
    patterns: Vec<String>,
    is_static: bool,
    tracks: bool,
}

impl<'j> Compiler<'j> {
    /// Compiles the whole and every schema that is reached from it.
    fn schemas(&mut self) -> Result<Vec<Schema>, String> {
        self.id(self.json.root().place());
        let mut schemas = Vec::new();
        loop {
            while let Some(place) = self.places.get(schemas.len()).copied() {
                let rules = self.rules(self.json.value(place))?;
                schemas.push(Schema {
                    resource: self.resources.of(place),
                    rules,
                });
            }
            // A dynamic reference may lead to any anchor of the resources that it is reached through.
            let used: HashSet<_> = schemas.iter().map(|schema: &Schema| schema.resource).collect();
            let resources = used.iter().filter_map(|resource| self.resources.list.get(*resource));
            let anchors = resources.flat_map(|resource| resource.dynamic_anchors.values());
            for place in anchors.copied().collect::<Vec<_>>() {
                self.id(place);
            }
            if self.places.len() == schemas.len() {
                return Ok(schemas);
            }
        }
    }

    fn resources(&self) -> Vec<Resource> {
        let of = |resource: &super::resources::Resource| Resource {
            dynamic_anchors: resource
                .dynamic_anchors
                .iter()
                .filter_map(|(name, place)| Some((name.clone(), *self.ids.get(place)?)))
                .collect(),
            recursive: Some(resource.root)
                .filter(|root| self.is_recursive(*root))
                .and_then(|root| self.ids.get(&root).copied()),
        };
        self.resources.list.iter().map(of).collect()
    }

    fn is_recursive(&self, schema: Place) -> bool {
        let anchor = self.json.value(schema).get("$recursiveAnchor");
        anchor.is_some_and(|anchor| anchor.kind() == Kind::True)
    }

    fn id(&mut self, place: Place) -> Id {
        let places = &mut self.places;
        *self.ids.entry(place).or_insert_with(|| {
            places.push(place);
            Id(u32::try_from(places.len() - 1).unwrap_or(u32::MAX))
        })
    }

    /// The rules of a schema, what unevaluated items and properties concern last.
    fn rules(&mut self, schema: Value<'j>) -> Result<Vec<Rule>, String> {
        let mut rules = Rules::default();
        if schema.kind() == Kind::False {
            rules.add("false", Test::Never);
        }
        self.reference(schema, &mut rules)?;
        if self.draft.reference_stands_alone() && schema.get("$ref").is_some() {
            return Ok(rules.0);
        }
        let mut values = Rules::default();
        Self::types_and_values(schema, self.draft, &mut values);
        values.0.append(&mut rules.0);
        let mut rules = values;
        self.object(schema, &mut rules)?;
        self.array(schema, &mut rules);
        self.string(schema, &mut rules)?;
        Self::number(schema, &mut rules)?;
        self.conditions(schema, &mut rules);
        self.unevaluated(schema, &mut rules);
        Ok(rules.0)
    }

    fn types_and_values(schema: Value<'j>, draft: Draft, rules: &mut Rules) {
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

    fn reference(&mut self, schema: Value<'j>, rules: &mut Rules) -> Result<(), String> {
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

    fn object(&mut self, schema: Value<'j>, rules: &mut Rules) -> Result<(), String> {
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

    fn array(&mut self, schema: Value<'j>, rules: &mut Rules) {
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

    fn string(&mut self, schema: Value<'j>, rules: &mut Rules) -> Result<(), String> {
        rules.size(schema, Sized::String, "minLength", "maxLength");
        if let Some(pattern) = schema.get("pattern").filter(|pattern| pattern.kind() == Kind::String) {
            rules.add("pattern", Test::Pattern(self.pattern(pattern)?));
        }
        if let Some(format) = schema.get("format").and_then(text) {
            rules.add("format", Test::Format(Format::new(&format)?));
        }
        Ok(())
    }

    fn number(schema: Value<'j>, rules: &mut Rules) -> Result<(), String> {
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

    fn conditions(&mut self, schema: Value<'j>, rules: &mut Rules) {
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

    fn unevaluated(&mut self, schema: Value<'j>, rules: &mut Rules) {
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

    /// The schema of a keyword, from the draft on that has it.
    fn applied(&mut self, schema: Value<'j>, keyword: &str, since: Draft) -> Option<Id> {
        let applied = schema.get(keyword).filter(|_| self.draft >= since)?;
        Some(self.id(applied.place()))
    }

    fn rest(&mut self, schema: Value<'j>, keyword: &str) -> Rest {
        match schema.get(keyword) {
            None => Rest::Unsaid,
            Some(rest) if rest.kind() == Kind::False => Rest::Refused,
            Some(rest) => Rest::Schema(self.id(rest.place())),
        }
    }

    fn each(&mut self, schemas: Value<'j>) -> Vec<Id> {
        schemas.items().map(|schema| self.id(schema.place())).collect()
    }

    /// The index of a pattern.
    fn pattern(&mut self, pattern: Value<'j>) -> Result<usize, String> {
        let pattern = text(pattern).ok_or("a pattern is no text")?;
        let known = self.patterns.iter().position(|known| *known == pattern);
        Ok(known.unwrap_or_else(|| {
            self.patterns.push(pattern);
            self.patterns.len() - 1
        }))
    }
}

#[derive(Default)]
struct Rules(Vec<Rule>);

impl Rules {
    fn add(&mut self, keyword: &'static str, test: Test) {
        self.0.push(Rule { keyword, test });
    }

    fn add_some(&mut self, keyword: &'static str, test: Option<Test>) {
        self.0.extend(test.map(|test| Rule { keyword, test }));
    }

    fn size(&mut self, schema: Value<'_>, of: Sized, least: &'static str, most: &'static str) {
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

fn text(value: Value<'_>) -> Option<String> {
    Some(readable(value.string()?).into_owned())
}

fn count(schema: Value<'_>, keyword: &str) -> Option<u64> {
    Some(schema.get(keyword)?.number()?.as_count())
}

fn names(list: Value<'_>) -> Names {
    list.items()
        .filter_map(|name| Some(Box::from(&*name.string()?)))
        .collect()
}
