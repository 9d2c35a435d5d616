//! `${prefix}`, `${key}` and `${each.rate}` in texts, as Terraform's templates have them. Nothing else of templates is used.

use serde_json::Value;

/// Puts values in place of placeholders, everywhere in `text`. A text that is one placeholder becomes the value itself,
/// so that a number stays one.
///
/// # Errors
/// Names a placeholder that has no value, or one that does not end.
pub fn fill(text: &Value, values: &Value) -> Result<Value, String> {
    Ok(match text {
        Value::String(text) => fill_text(text, values)?,
        Value::Array(items) => Value::Array(items.iter().map(|item| fill(item, values)).collect::<Result<_, _>>()?),
        Value::Object(members) => {
            let filled = members
                .iter()
                .map(|(name, member)| Ok((name.clone(), fill(member, values)?)));
            Value::Object(filled.collect::<Result<_, String>>()?)
        }
        other => other.clone(),
    })
}

fn fill_text(text: &str, values: &Value) -> Result<Value, String> {
    let mut filled = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("${") {
        let (path, remaining) = after
            .split_once('}')
            .ok_or_else(|| format!("{text}: a placeholder does not end"))?;
        let value = find(path, values).ok_or_else(|| format!("{text}: nothing is known of {path}"))?;
        if before.is_empty() && remaining.is_empty() && filled.is_empty() {
            return Ok(value.clone());
        }
        filled.push_str(before);
        match value {
            Value::String(value) => filled.push_str(value),
            Value::Number(value) => filled.push_str(&value.to_string()),
            _ => return Err(format!("{text}: {path} is no text and no number")),
        }
        rest = remaining;
    }
    filled.push_str(rest);
    Ok(Value::String(filled))
}

fn find<'a>(path: &str, values: &'a Value) -> Option<&'a Value> {
    path.split('.').try_fold(values, |value, name| value.get(name))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn placeholders_are_filled_and_a_number_stays_a_number() {
        let values = json!({"prefix": "hooks", "each": {"rate": 14.4, "seconds": 300}, "key": "fast"});
        for (text, expected) in [
            (json!("${prefix}-${key}"), json!("hooks-fast")),
            (json!("${each.rate}"), json!(14.4)),
            (json!(["> ${each.seconds} s", 7]), json!(["> 300 s", 7])),
            (json!({"a": "no ${prefix}"}), json!({"a": "no hooks"})),
            (json!("costs $5 {a}"), json!("costs $5 {a}")),
        ] {
            assert_eq!(fill(&text, &values), Ok(expected));
        }
        for wrong in ["${nothing}", "${each.none}", "${prefix", "a ${each}"] {
            assert!(fill(&json!(wrong), &values).is_err(), "{wrong}");
        }
    }
}
