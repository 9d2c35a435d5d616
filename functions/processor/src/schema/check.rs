//! Whether a payload is as its schema says, and where it is not.

mod items;
mod properties;
mod scope;

use std::collections::{HashMap, HashSet};

use super::budget::{Budget, TooExpensive};
use super::equality::{equal, has_equal_items};
use super::json::{Json, Kind, Place, Value};
use super::pattern::States;
use super::places::Places;
use super::program::{Bound, Id, Program, Rule, Sized, Test, Types};
use super::text::{characters, readable};
use scope::{Scope, Seen};

/// The most judgements that are kept.
const MAX_KNOWN: usize = 200_000;

/// Whether a value is valid, or that it costs too much to know.
type Verdict = Result<bool, TooExpensive>;

/// Checks a payload.
///
/// # Errors
/// When it costs more than its budget.
pub(super) fn is_valid(program: &Program, payload: &Json<'_>) -> Verdict {
    Check::new(program, Budget::of_a_check()).root(payload)
}

/// The places of a payload that is not valid, as far as their budget goes.
pub(super) fn places(program: &Program, payload: &Json<'_>) -> Places {
    let mut check = Check::new(program, Budget::of_places());
    check.places = Some(Places::default());
    let all = check.root(payload);
    let mut places = check.places.unwrap_or_default();
    places.are_all &= all.is_ok();
    places
}

struct Check<'p> {
    program: &'p Program,
    budget: Budget,
    /// What the patterns have built.
    states: HashMap<usize, States>,
    /// Judgements of referenced schemas over arrays and objects: what a schema looked at that is fulfilled, and nothing for
    /// one that is not. Without them, schemas that overlap and refer to themselves cost twice as much with each level of
    /// the payload.
    known: HashMap<(Id, Place), Option<Seen>>,
    /// The schemas that are being applied, with their values.
    applied: Vec<(Id, Place)>,
    /// The number of references that led back to themselves.
    loops: u32,
    /// What is reported already.
    reported: HashSet<(Id, Place)>,
    /// The places that are reported, when they are asked for.
    places: Option<Places>,
}

/// How a value is looked at.
#[derive(Clone, Copy)]
struct Look<'s> {
    scope: Scope<'s>,
    /// Whether every place that is not valid is to be found, or one is enough.
    report: bool,
}

impl Look<'_> {
    const fn silent(self) -> Self {
        Self { report: false, ..self }
    }
}

impl<'p> Check<'p> {
    fn new(program: &'p Program, budget: Budget) -> Self {
        Self {
            program,
            budget,
            states: HashMap::new(),
            known: HashMap::new(),
            applied: Vec::new(),
            loops: 0,
            reported: HashSet::new(),
            places: None,
        }
    }

    fn root(&mut self, payload: &Json<'_>) -> Verdict {
        let look = Look {
            scope: Scope::default(),
            report: self.places.is_some(),
        };
        self.judge(Id(0), payload.root(), look, &mut Seen::default())
    }

    /// Judges a value by a schema. What the schema looked at is added to `seen`.
    fn judge(&mut self, id: Id, value: Value<'_>, look: Look<'_>, seen: &mut Seen) -> Verdict {
        let Some(schema) = self.program.schemas.get(id.0 as usize) else {
            return Ok(true);
        };
        self.budget.pay(1)?;
        self.budget.enter()?;
        self.applied.push((id, value.place()));
        let look = Look {
            scope: look.scope.within(schema.resource),
            ..look
        };
        let mut own = Seen::default();
        let mut is_valid = true;
        for rule in &schema.rules {
            self.budget.pay(1)?;
            if !self.test(rule, value, look, &mut own)? {
                is_valid = false;
                if !look.report || rule.test.decides() {
                    break;
                }
            }
        }
        if is_valid && self.program.tracks {
            self.budget.pay(own.len() / 16)?;
            seen.add(&own);
        }
        self.applied.pop();
        self.budget.leave();
        Ok(is_valid)
    }

    /// Judges a value within the one that is looked at.
    fn judge_child(&mut self, id: Id, value: Value<'_>, look: Look<'_>) -> Verdict {
        self.judge(id, value, look, &mut Seen::default())
    }

    /// A leaf of the check: a failure that is reported has its place here.
    fn found(&mut self, is_valid: bool, rule: &Rule, value: Value<'_>, look: Look<'_>) -> bool {
        if let Some(places) = self.places.as_mut().filter(|_| look.report && !is_valid) {
            places.add(value.place(), rule.keyword);
        }
        is_valid
    }

    fn test(&mut self, rule: &Rule, value: Value<'_>, look: Look<'_>, seen: &mut Seen) -> Verdict {
        let is_valid = match &rule.test {
            Test::Items { prefix, rest } => return self.items(rule, (prefix, *rest), value, look, seen),
            Test::UnevaluatedItems(rest) => return self.unevaluated_items(rule, *rest, value, look, seen),
            Test::Properties(properties) => return self.properties(rule, properties, value, look, seen),
            Test::UnevaluatedProperties(rest) => return self.unevaluated_properties(rule, *rest, value, look, seen),
            Test::Dependent(dependencies) => return self.dependent(rule, dependencies, value, look, seen),
            Test::Reference(target) => return self.refer(rule, *target, value, look, seen),
            Test::DynamicReference(target, dynamic) => {
                let target = look.scope.find(&self.program.resources, *target, dynamic);
                return self.follow(rule, target, value, look, seen);
            }
            Test::AllOf(schemas) => return self.all_of(schemas, value, look, seen),
            Test::AnyOf(schemas) => return self.any_of(schemas, value, look, seen),
            Test::If {
                condition,
                then,
                otherwise,
            } => {
                let branch = if self.judge(*condition, value, look.silent(), seen)? {
                    then
                } else {
                    otherwise
                };
                return branch.map_or(Ok(true), |branch| self.judge(branch, value, look, seen));
            }
            Test::OneOf(schemas) => match self.count_of(schemas, value, look, seen)? {
                0 => return self.report_each(schemas, value, look),
                matching => matching == 1,
            },
            Test::Not(schema) => !self.judge(*schema, value, look.silent(), &mut Seen::default())?,
            Test::Never => false,
            Test::Type(types) => self.has_type(value, *types)?,
            Test::OneOfValues(values) => self.is_one_of(values, value)?,
            Test::Limit(limit, outcomes) => self.is_within(*limit, *outcomes, value)?,
            Test::MultipleOf(divisor) => {
                self.budget.pay(value.raw().len())?;
                value.number().is_none_or(|number| divisor.divides(&number))
            }
            Test::Size(of, bound) => self.has_size(*of, *bound, value)?,
            Test::Pattern(pattern) => self.has_pattern(*pattern, value)?,
            Test::Format(format) => match self.string(value)? {
                Some(text) => format.has(text, &mut self.budget)?,
                None => true,
            },
            Test::UniqueItems => value.kind() != Kind::Array || !has_equal_items(value, &mut self.budget)?,
            Test::Contains { .. } => self.contains(&rule.test, value, look, seen)?,
            Test::Required(names) => self.has_all(names, value)?,
            Test::PropertyNames(schema) => self.has_names(*schema, value, look)?,
        };
        Ok(self.found(is_valid, rule, value, look))
    }

    /// Judges by a referenced schema, or knows the judgement.
    fn refer(&mut self, rule: &Rule, target: Id, value: Value<'_>, look: Look<'_>, seen: &mut Seen) -> Verdict {
        if !self.program.is_static || value.len() == 0 {
            return self.follow(rule, target, value, look, seen);
        }
        let key = (target, value.place());
        match self.known.get(&key) {
            Some(Some(known)) => {
                self.budget.pay(known.len() / 16)?;
                seen.add(known);
                return Ok(true);
            }
            Some(None) if !look.report => return Ok(false),
            _ if look.report && !self.reported.insert(key) => return Ok(false),
            _ => {}
        }
        let loops = self.loops;
        let mut own = Seen::default();
        let is_valid = self.follow(rule, target, value, look, &mut own)?;
        seen.add(&own);
        // Within a loop the judgement depends on where it began.
        if self.known.len() < MAX_KNOWN && self.loops == loops {
            self.budget.pay(own.len())?;
            self.known.insert(key, is_valid.then_some(own));
        }
        Ok(is_valid)
    }

    /// Judges by a referenced schema. One that is being applied to the same value already is not fulfilled.
    fn follow(&mut self, rule: &Rule, target: Id, value: Value<'_>, look: Look<'_>, seen: &mut Seen) -> Verdict {
        let step = (target, value.place());
        let same_value = self.applied.iter().rev().take_while(|(_, place)| *place == step.1);
        self.budget.pay(same_value.clone().count())?;
        if same_value.clone().any(|applied| *applied == step) {
            self.loops += 1;
            return Ok(self.found(false, rule, value, look));
        }
        self.judge(target, value, look, seen)
    }

    fn all_of(&mut self, schemas: &[Id], value: Value<'_>, look: Look<'_>, seen: &mut Seen) -> Verdict {
        let mut is_valid = true;
        for schema in schemas {
            is_valid &= self.judge(*schema, value, look, seen)?;
            if !is_valid && !look.report {
                break;
            }
        }
        Ok(is_valid)
    }

    fn any_of(&mut self, schemas: &[Id], value: Value<'_>, look: Look<'_>, seen: &mut Seen) -> Verdict {
        let mut is_valid = false;
        for schema in schemas {
            is_valid |= self.judge(*schema, value, look.silent(), seen)?;
            // What is unevaluated depends on every branch.
            if is_valid && !self.program.tracks {
                break;
            }
        }
        if is_valid {
            Ok(true)
        } else {
            self.report_each(schemas, value, look)
        }
    }

    /// The number of schemas that a value is valid by; 2 for more.
    fn count_of(
        &mut self,
        schemas: &[Id],
        value: Value<'_>,
        look: Look<'_>,
        seen: &mut Seen,
    ) -> Result<u32, TooExpensive> {
        let mut count = 0;
        for schema in schemas {
            count += u32::from(self.judge(*schema, value, look.silent(), seen)?);
            if count > 1 {
                break;
            }
        }
        Ok(count)
    }

    /// Reports why a value is valid by none of some schemas.
    fn report_each(&mut self, schemas: &[Id], value: Value<'_>, look: Look<'_>) -> Verdict {
        if look.report {
            for schema in schemas {
                self.judge_child(*schema, value, look)?;
            }
        }
        Ok(false)
    }

    fn has_type(&mut self, value: Value<'_>, types: Types) -> Verdict {
        let own = match value.kind() {
            Kind::Null => Types::NULL,
            Kind::True | Kind::False => Types::BOOLEAN,
            Kind::String | Kind::Shadowed => Types::STRING,
            Kind::Array => Types::ARRAY,
            Kind::Object => Types::OBJECT,
            Kind::Number if types.has(Types::INTEGER) => {
                self.budget.pay_for_number(value.raw().len())?;
                let is_integer = value.number().is_some_and(|number| number.is_integer());
                if is_integer {
                    Types::INTEGER.with(Types::NUMBER)
                } else {
                    Types::NUMBER
                }
            }
            Kind::Number => Types::NUMBER,
        };
        Ok(types.has(own))
    }

    fn is_one_of(&mut self, values: &[Place], value: Value<'_>) -> Verdict {
        for known in values {
            if equal(self.program.json.value(*known), value, &mut self.budget)? {
                return Ok(true);
            }
        }
        Ok(false)
    }

    fn is_within(&mut self, limit: Place, outcomes: [std::cmp::Ordering; 2], value: Value<'_>) -> Verdict {
        self.budget.pay_for_number(value.raw().len())?;
        Ok(match (value.number(), self.program.json.value(limit).number()) {
            (Some(number), Some(limit)) => outcomes.contains(&number.cmp(&limit)),
            _ => true,
        })
    }

    fn has_size(&mut self, of: Sized, bound: Bound, value: Value<'_>) -> Verdict {
        let size = match (of, value.kind()) {
            (Sized::Array, Kind::Array) | (Sized::Object, Kind::Object) => value.len(),
            (Sized::String, Kind::String) => {
                self.budget.pay_for_text(value.raw().len())?;
                value.string().map_or(0, |text| characters(&text))
            }
            _ => return Ok(true),
        };
        let size = u64::try_from(size).unwrap_or(u64::MAX);
        Ok(match bound {
            Bound::AtLeast(least) => size >= least,
            Bound::AtMost(most) => size <= most,
        })
    }

    fn has_pattern(&mut self, pattern: usize, value: Value<'_>) -> Verdict {
        match self.string(value)? {
            Some(text) => self.matches(pattern, &text),
            None => Ok(true),
        }
    }

    fn matches(&mut self, pattern: usize, text: &str) -> Verdict {
        let states = self.states.entry(pattern).or_default();
        match self.program.patterns.get(pattern) {
            Some(pattern) => pattern.matches(text, states, &mut self.budget),
            None => Ok(true),
        }
    }

    fn string<'v>(&mut self, value: Value<'v>) -> Result<Option<std::borrow::Cow<'v, str>>, TooExpensive> {
        self.budget.pay_for_text(value.raw().len())?;
        Ok(value.string().map(readable))
    }
}
