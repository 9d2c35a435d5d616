//! Changes of a source, each of which is a fault of one field.

use proptest::sample::Index;
use serde_json::{Value, json};

use super::wrong::{foreign, required, wrong_values};

/// The steps to a value: names of fields and positions in lists.
type Path = Vec<Step>;

#[derive(Debug, Clone, PartialEq, Eq)]
enum Step {
    Field(String),
    At(usize),
}

/// A change.
#[derive(Debug, Clone)]
pub(super) struct Change {
    path: Path,
    /// The new value; none where the field is taken out.
    value: Option<Value>,
}

/// Every change of a source that is a fault.
pub(super) fn changes(source: &Value) -> Vec<Change> {
    let mut all = Vec::new();
    walk(source, &mut Vec::new(), &mut all);
    all
}

fn walk(value: &Value, path: &mut Path, all: &mut Vec<Change>) {
    let change = |path: &Path, value: Option<Value>| Change {
        path: path.clone(),
        value,
    };
    let name = path.iter().rev().find_map(|step| match step {
        Step::Field(name) => Some(name.as_str()),
        Step::At(_) => None,
    });
    let name = name.unwrap_or_default().to_owned();
    let is_whole = !matches!(path.last(), Some(Step::At(_)));
    let of_names = ["parameters", "labels", "headers", "claims"].contains(&name.as_str());
    let in_names = path.iter().rev().nth(1).is_some_and(|step| {
        let names = ["parameters", "labels", "headers", "claims"];
        matches!(step, Step::Field(name) if names.contains(&name.as_str()))
    });
    if in_names {
        return all.push(change(path, Some(json!([{"x": 1}]))));
    }
    if name == "json" || value.is_null() {
        return;
    }
    if !path.is_empty() {
        // Of no field's type.
        let other = if value.is_object() { json!(7) } else { json!({"x": 1}) };
        all.push(change(path, Some(other)));
    }
    if is_whole {
        let in_answer = path.iter().any(|step| *step == Step::Field("answer".to_owned()));
        let is_place = name == "from" && value.is_string();
        let wrong = if is_place {
            vec![json!("X-T"), json!("path:t"), json!("")]
        } else {
            wrong_values(&name, in_answer)
        };
        all.extend(wrong.into_iter().map(|value| change(path, Some(value))));
    }
    let has_json = value.get("json").is_some_and(|json| !json.is_null());
    if name == "answer" && is_whole && !has_json {
        path.push(Step::Field("body".to_owned()));
        for text in ["{header:X}".to_owned(), "x".repeat(4097)] {
            all.push(change(path, Some(json!(text))));
        }
        path.pop();
    }
    match value {
        Value::Array(list) => {
            for (at, value) in list.iter().enumerate() {
                path.push(Step::At(at));
                walk(value, path, all);
                path.pop();
            }
        }
        Value::Object(object) => {
            let kind = object.get("kind").and_then(Value::as_str).and_then(foreign);
            let unknown = [("colour", json!(1)), ("Verify", Value::Null)];
            let unknown = unknown.into_iter().chain(kind.map(|name| (name, json!("x"))));
            for (name, value) in unknown.filter(|_| !of_names) {
                path.push(Step::Field(name.to_owned()));
                all.push(change(path, Some(value)));
                path.pop();
            }
            for (name, value) in object {
                path.push(Step::Field(name.clone()));
                if required(object, name) {
                    all.push(change(path, None));
                    all.push(change(path, Some(Value::Null)));
                }
                walk(value, path, all);
                path.pop();
            }
        }
        _ => {}
    }
}

impl Change {
    /// What of the source can no longer be judged: that is a way without its kind, and the source without its preset.
    fn scope(&self) -> &[Step] {
        match self.path.split_last() {
            Some((Step::Field(name), rest)) if name == "kind" || name == "preset" => rest,
            _ => &self.path,
        }
    }

    /// True if the other change cannot be seen beside this one.
    pub(super) fn hides(&self, other: &Self) -> bool {
        other.path.starts_with(self.scope())
    }

    pub(super) fn apply(&self, source: &mut Value) {
        let (last, rest) = self.path.split_last().unwrap();
        let mut at = source;
        for step in rest {
            at = match step {
                Step::Field(name) => &mut at[name],
                Step::At(position) => &mut at[position],
            };
        }
        match (last, &self.value) {
            (Step::Field(name), Some(value)) => at[name] = value.clone(),
            (Step::At(position), Some(value)) => at[position] = value.clone(),
            (Step::Field(name), None) => drop(at.as_object_mut().unwrap().remove(name)),
            (Step::At(position), None) => drop(at.as_array_mut().unwrap().remove(*position)),
        }
    }

    /// True if a fault with this path is of the changed field: of it, of what was put into it, or of the list that it is in.
    pub(super) fn is_named_by(&self, path: &str) -> bool {
        let own = written(&self.path);
        let list = match self.path.split_last() {
            Some((Step::At(_), list)) => written(list),
            _ => own.clone(),
        };
        let is_within = path.strip_prefix(&own).is_some_and(|rest| {
            let holds = self
                .value
                .as_ref()
                .is_some_and(|value| value.is_array() || self.holds_names());
            rest.is_empty() || (holds && rest.starts_with(['.', '[']))
        });
        is_within || path == list
    }

    /// True if the field's names are free, so that a fault is of one of them.
    fn holds_names(&self) -> bool {
        let names = ["parameters", "labels", "headers", "claims"];
        matches!(self.path.last(), Some(Step::Field(name)) if names.contains(&name.as_str()))
    }

    /// The field and the form of the new value.
    pub(super) fn kind(&self) -> String {
        let name = self.path.iter().rev().find_map(|step| match step {
            Step::Field(name) => Some(name.as_str()),
            Step::At(_) => None,
        });
        let value = self.value.as_ref().map(Value::to_string).unwrap_or_default();
        format!(
            "{} {}",
            name.unwrap_or_default(),
            value.chars().take(12).collect::<String>()
        )
    }
}

/// A path as faults have it.
fn written(path: &[Step]) -> String {
    let mut text = "sources.a".to_owned();
    for step in path {
        match step {
            Step::Field(name) => text.push_str(&format!(".{name}")),
            Step::At(position) => text.push_str(&format!("[{position}]")),
        }
    }
    text
}

/// Puts a value at any place, or under a name that is there elsewhere.
pub(super) fn anyhow(source: &mut Value, at: Index, field: Index, value: Value) {
    let (mut paths, mut names) = (Vec::new(), vec!["colour".to_owned()]);
    places(source, &mut Vec::new(), &mut paths, &mut names);
    let mut path = at.get(&paths).clone();
    if field.index(3) == 0
        && let Some(Step::Field(name)) = path.last_mut()
    {
        name.clone_from(field.get(&names));
    }
    Change {
        path,
        value: Some(value),
    }
    .apply(source);
}

fn places(value: &Value, path: &mut Path, paths: &mut Vec<Path>, names: &mut Vec<String>) {
    if !path.is_empty() {
        paths.push(path.clone());
    }
    let fields = value.as_object().into_iter().flatten();
    let items = value.as_array().into_iter().flatten().enumerate();
    let steps = fields.map(|(name, value)| (Step::Field(name.clone()), value));
    for (step, value) in steps.chain(items.map(|(at, value)| (Step::At(at), value))) {
        if let Step::Field(name) = &step {
            names.push(name.clone());
        }
        path.push(step);
        places(value, path, paths, names);
        path.pop();
    }
}
