//! The rules of objects.

use super::super::budget::TooExpensive;
use super::super::json::{Kind, Value};
use super::super::program::{Dependency, Id, Names, Properties, Rest, Rule};
use super::super::text::{decoded, readable};
use super::{Check, Look, Seen, Verdict};

impl Check<'_> {
    pub(super) fn properties(
        &mut self,
        rule: &Rule,
        properties: &Properties,
        value: Value<'_>,
        look: Look<'_>,
        seen: &mut Seen,
    ) -> Verdict {
        let mut is_valid = true;
        for (index, (key, property)) in value.members().enumerate() {
            let mut is_named = false;
            for schema in self.schemas_of(properties, key)? {
                is_named = true;
                is_valid &= self.judge_child(schema, property, look)?;
            }
            match properties.rest {
                Rest::Schema(schema) if !is_named => is_valid &= self.judge_child(schema, property, look)?,
                Rest::Refused if !is_named => is_valid &= self.found(false, rule, value, look),
                Rest::Unsaid if !is_named => continue,
                _ => {}
            }
            if !is_valid && !look.report {
                break;
            }
            self.mark(seen, index);
        }
        Ok(is_valid)
    }

    /// The schemas of a property by its name and by patterns of names.
    fn schemas_of(&mut self, properties: &Properties, key: Value<'_>) -> Result<Vec<Id>, TooExpensive> {
        self.budget.pay_for_text(key.raw().len())?;
        let name = decoded(key.raw());
        let mut schemas: Vec<_> = properties.named.get(&*name).copied().into_iter().collect();
        if !properties.patterns.is_empty() {
            let name = readable(name);
            for (pattern, schema) in &properties.patterns {
                if self.matches(*pattern, &name)? {
                    schemas.push(*schema);
                }
            }
        }
        Ok(schemas)
    }

    pub(super) fn unevaluated_properties(
        &mut self,
        rule: &Rule,
        rest: Rest,
        value: Value<'_>,
        look: Look<'_>,
        seen: &mut Seen,
    ) -> Verdict {
        let mut is_valid = true;
        for (index, (_, property)) in value.members().enumerate() {
            self.budget.pay(1)?;
            if seen.has(index) {
                continue;
            }
            is_valid &= match rest {
                Rest::Schema(schema) => self.judge_child(schema, property, look)?,
                Rest::Unsaid | Rest::Refused => self.found(false, rule, value, look),
            };
            if !is_valid && !look.report {
                break;
            }
            seen.mark(index);
        }
        Ok(is_valid)
    }

    pub(super) fn dependent(
        &mut self,
        rule: &Rule,
        dependencies: &[(Box<[u8]>, Dependency)],
        value: Value<'_>,
        look: Look<'_>,
        seen: &mut Seen,
    ) -> Verdict {
        let mut is_valid = true;
        for (name, dependency) in dependencies {
            self.budget.pay(value.len())?;
            if !value.members().any(|(key, _)| *decoded(key.raw()) == **name) {
                continue;
            }
            is_valid &= match dependency {
                Dependency::Schema(schema) => self.judge(*schema, value, look, seen)?,
                Dependency::Required(names) => {
                    let has_all = self.has_all(names, value)?;
                    self.found(has_all, rule, value, look)
                }
            };
            if !is_valid && !look.report {
                break;
            }
        }
        Ok(is_valid)
    }

    /// Whether an object has all of some properties.
    pub(super) fn has_all(&mut self, names: &Names, value: Value<'_>) -> Verdict {
        if value.kind() != Kind::Object {
            return Ok(true);
        }
        let mut found = 0;
        for (key, _) in value.members() {
            self.budget.pay_for_text(key.raw().len())?;
            found += usize::from(names.contains(&*decoded(key.raw())));
        }
        Ok(found == names.len())
    }

    /// Whether the name of every property is valid by a schema.
    pub(super) fn has_names(&mut self, schema: Id, value: Value<'_>, look: Look<'_>) -> Verdict {
        for (key, _) in value.members() {
            if !self.judge_child(schema, key, look.silent())? {
                return Ok(false);
            }
        }
        Ok(true)
    }
}
