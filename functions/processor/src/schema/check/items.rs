//! The rules of arrays.

use super::super::json::{Kind, Value};
use super::super::program::{Id, Rest, Rule, Test};
use super::{Check, Look, Seen, Verdict};

impl Check<'_> {
    pub(super) fn items(
        &mut self,
        rule: &Rule,
        (prefix, rest): (&[Id], Rest),
        value: Value<'_>,
        look: Look<'_>,
        seen: &mut Seen,
    ) -> Verdict {
        if value.kind() != Kind::Array {
            return Ok(true);
        }
        if matches!(rest, Rest::Refused) && value.len() > prefix.len() {
            self.found(false, rule, value, look);
            if !look.report {
                return Ok(false);
            }
        }
        let mut is_valid = !matches!(rest, Rest::Refused) || value.len() <= prefix.len();
        let of_rest = match rest {
            Rest::Schema(schema) => Some(schema),
            Rest::Unsaid | Rest::Refused => None,
        };
        for (index, item) in value.items().enumerate() {
            let Some(schema) = prefix.get(index).copied().or(of_rest) else {
                break;
            };
            is_valid &= self.judge_child(schema, item, look)?;
            if !is_valid && !look.report {
                break;
            }
            self.mark(seen, index);
        }
        Ok(is_valid)
    }

    pub(super) fn unevaluated_items(
        &mut self,
        rule: &Rule,
        rest: Rest,
        value: Value<'_>,
        look: Look<'_>,
        seen: &mut Seen,
    ) -> Verdict {
        let mut is_valid = true;
        for (index, item) in value.items().enumerate() {
            self.budget.pay(1)?;
            if seen.has(index) {
                continue;
            }
            is_valid &= match rest {
                Rest::Schema(schema) => self.judge_child(schema, item, look)?,
                Rest::Unsaid | Rest::Refused => self.found(false, rule, value, look),
            };
            if !is_valid && !look.report {
                break;
            }
            seen.mark(index);
        }
        Ok(is_valid)
    }

    /// `contains` with its bounds.
    pub(super) fn contains(&mut self, test: &Test, value: Value<'_>, look: Look<'_>, seen: &mut Seen) -> Verdict {
        let Test::Contains {
            schema,
            least,
            most,
            marks,
        } = test
        else {
            return Ok(true);
        };
        if value.kind() != Kind::Array {
            return Ok(true);
        }
        let marks = *marks && self.program.tracks;
        let mut matching = 0;
        for (index, item) in value.items().enumerate() {
            if matching > *most || (matching >= *least && *most == u64::MAX && !marks) {
                break;
            }
            if self.judge_child(*schema, item, look.silent())? {
                matching += 1;
                if marks {
                    seen.mark(index);
                }
            }
        }
        Ok((*least..=*most).contains(&matching))
    }

    pub(super) fn mark(&self, seen: &mut Seen, index: usize) {
        if self.program.tracks {
            seen.mark(index);
        }
    }
}
