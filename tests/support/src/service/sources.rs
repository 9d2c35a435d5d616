//! Sources as the configuration file of the service has them.

use serde_json::Value;

/// The tables of these sources, each with its fields and its `secret`.
#[must_use]
pub fn configuration<'s>(sources: impl IntoIterator<Item = (&'s str, &'s Value)>) -> String {
    let mut text = String::new();
    for (name, source) in sources {
        text.push_str(&format!("[sources.{name}]\n"));
        for (field, value) in source.as_object().into_iter().flatten() {
            text.push_str(&format!("{field} = {}\n", inline(value)));
        }
    }
    text
}

/// A value as TOML writes it in one line. Numbers, truths and texts are written as in JSON.
fn inline(value: &Value) -> String {
    match value {
        Value::Array(list) => {
            let list: Vec<_> = list.iter().map(inline).collect();
            format!("[{}]", list.join(", "))
        }
        Value::Object(fields) => {
            let fields = fields.iter().map(|(name, value)| {
                let name = Value::from(name.as_str());
                format!("{name} = {}", inline(value))
            });
            format!("{{ {} }}", fields.collect::<Vec<_>>().join(", "))
        }
        plain => plain.to_string(),
    }
}
