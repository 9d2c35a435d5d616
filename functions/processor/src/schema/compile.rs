//! From the text of a schema to its program.

mod keywords;
mod rules;

use std::collections::{HashMap, HashSet};

use super::draft::Draft;
use super::json::{Json, Kind, Place, Value};
use super::pattern::Pattern;
use super::program::{Id, Program, Resource, Rest, Rule, Schema, Test};
use super::resources::Resources;
use rules::{Rules, text};

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
