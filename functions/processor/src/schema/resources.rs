//! The ids, anchors and references of a schema's text.

use std::collections::HashMap;

use percent_encoding::percent_decode_str;
use url::Url;

use super::draft::{APPLICATORS, Draft, Holds};
use super::json::{Json, Kind, Place, Value};
use super::text::readable;

/// Where a schema's text is, as far as its references know.
const LOCATION: &str = "schema:///source.json";

/// What a text cannot refer to.
const ELSEWHERE: &str = "a schema refers to its own file only";

/// The resources of a text: the whole is the first one.
pub(super) struct Resources<'j> {
    json: &'j Json<'static>,
    draft: Draft,
    pub(super) list: Vec<Resource>,
    /// The resource of every schema that is known.
    of_schema: HashMap<Place, usize>,
}

/// A schema with an id, or the whole.
pub(super) struct Resource {
    base: Url,
    pub(super) root: Place,
    anchors: HashMap<String, Place>,
    pub(super) dynamic_anchors: HashMap<String, Place>,
}

impl<'j> Resources<'j> {
    /// Finds the resources of a text.
    ///
    /// # Errors
    /// An id that is none.
    pub(super) fn read(json: &'j Json<'static>, draft: Draft) -> Result<Self, String> {
        let mut resources = Self {
            json,
            draft,
            list: Vec::new(),
            of_schema: HashMap::new(),
        };
        let base = Url::parse(LOCATION).map_err(|error| error.to_string())?;
        resources.add(base, json.root().place());
        resources.visit(json.root(), 0)?;
        Ok(resources)
    }

    /// The index of a schema's resource.
    pub(super) fn of(&self, schema: Place) -> usize {
        self.of_schema.get(&schema).copied().unwrap_or_default()
    }

    /// The schema that a reference in a resource names.
    ///
    /// # Errors
    /// When there is none in this text.
    pub(super) fn resolve(&mut self, resource: usize, reference: &str) -> Result<Place, String> {
        let nowhere = || format!("{reference:?}: {ELSEWHERE}");
        let from = self.list.get(resource).ok_or_else(nowhere)?;
        let mut url = from
            .base
            .join(reference)
            .map_err(|error| format!("{reference:?}: {error}"))?;
        let fragment = url
            .fragment()
            .map(|fragment| percent_decode_str(fragment).decode_utf8_lossy().into_owned());
        url.set_fragment(None);
        let is_whole = url.as_str() == LOCATION;
        let (index, found) = self
            .list
            .iter()
            .enumerate()
            .find(|(index, resource)| resource.base == url || (is_whole && *index == 0))
            .ok_or_else(nowhere)?;
        match fragment.unwrap_or_default() {
            pointer if pointer.is_empty() || pointer.starts_with('/') => self.at_pointer(index, found.root, &pointer),
            anchor => found.anchors.get(&anchor).copied(),
        }
        .ok_or_else(|| format!("{reference:?} is not in the schema"))
    }

    fn at_pointer(&mut self, mut resource: usize, root: Place, pointer: &str) -> Option<Place> {
        let mut value = self.json.value(root);
        for token in pointer.split('/').skip(1) {
            let token = token.replace("~1", "/").replace("~0", "~");
            value = match value.kind() {
                Kind::Array => value.items().nth(token.parse().ok()?)?,
                _ => value.get(&token)?,
            };
            resource = self.of_schema.get(&value.place()).copied().unwrap_or(resource);
        }
        self.visit(value, resource).ok()?;
        Some(value.place())
    }

    /// Notes a schema and those within it.
    fn visit(&mut self, schema: Value<'j>, mut resource: usize) -> Result<(), String> {
        if self.of_schema.contains_key(&schema.place()) {
            return Ok(());
        }
        let stands_alone = self.draft.reference_stands_alone();
        if !(stands_alone && schema.get("$ref").is_some()) {
            resource = self.note_id(schema, resource)?;
        }
        self.of_schema.insert(schema.place(), resource);
        for (keyword, since, holds) in APPLICATORS {
            if since > self.draft {
                continue;
            }
            let Some(held) = schema.get(keyword) else { continue };
            match (holds, held.kind()) {
                (Holds::Schema | Holds::Either, Kind::Object | Kind::True | Kind::False) => {
                    self.visit(held, resource)?;
                }
                (Holds::Schemas | Holds::Either, Kind::Array) => {
                    for schema in held.items() {
                        self.visit(schema, resource)?;
                    }
                }
                (Holds::Named, Kind::Object) => {
                    for (_, schema) in held.members() {
                        self.visit(schema, resource)?;
                    }
                }
                _ => {}
            }
        }
        Ok(())
    }

    /// Notes the id and the anchors of a schema. Returns its resource.
    fn note_id(&mut self, schema: Value<'j>, mut resource: usize) -> Result<usize, String> {
        let text = |keyword| {
            schema
                .get(keyword)
                .and_then(Value::string)
                .map(|text| readable(text).into_owned())
        };
        let id = text(self.draft.id()).unwrap_or_default();
        let (id, fragment) = id.split_once('#').unwrap_or((&id, ""));
        if !id.is_empty()
            && let Some(parent) = self.list.get(resource)
        {
            let base = parent.base.join(id).map_err(|error| format!("id {id:?}: {error}"))?;
            if schema.place() == self.json.root().place() {
                parent_base(&mut self.list, base);
            } else {
                resource = self.add(base, schema.place());
            }
        }
        let anchors = if self.draft.reference_stands_alone() {
            [Some(fragment.to_owned()).filter(|anchor| !anchor.is_empty()), None]
        } else {
            [
                text("$anchor"),
                text("$dynamicAnchor").filter(|_| self.draft >= Draft::V2020),
            ]
        };
        if let Some(of) = self.list.get_mut(resource) {
            let [plain, dynamic] = anchors;
            of.anchors.extend(plain.map(|anchor| (anchor, schema.place())));
            of.anchors
                .extend(dynamic.clone().map(|anchor| (anchor, schema.place())));
            of.dynamic_anchors
                .extend(dynamic.map(|anchor| (anchor, schema.place())));
        }
        Ok(resource)
    }

    fn add(&mut self, mut base: Url, root: Place) -> usize {
        base.set_fragment(None);
        self.list.push(Resource {
            base,
            root,
            anchors: HashMap::new(),
            dynamic_anchors: HashMap::new(),
        });
        self.list.len() - 1
    }
}

fn parent_base(list: &mut [Resource], base: Url) {
    if let Some(whole) = list.first_mut() {
        whole.base = base;
    }
}
