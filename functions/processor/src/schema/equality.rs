//! Equality of JSON values: numbers by their value, objects without the order of their members.

use std::hash::{BuildHasher, Hash, Hasher, RandomState};

use super::budget::{Budget, TooExpensive};
use super::json::{Kind, Value};
use super::text::decoded;

/// Whether two values, also of different texts, are equal.
///
/// # Errors
/// When it costs more than the budget.
pub(super) fn equal(one: Value<'_>, other: Value<'_>, budget: &mut Budget) -> Result<bool, TooExpensive> {
    budget.pay(1)?;
    if one.kind() != other.kind() || one.len() != other.len() {
        return Ok(false);
    }
    match one.kind() {
        Kind::Number => budget.pay_for_number(one.raw().len() + other.raw().len())?,
        _ => budget.pay_for_text(one.raw().len() + other.raw().len())?,
    }
    budget.enter()?;
    let is_equal = match one.kind() {
        Kind::Number => one.number() == other.number(),
        Kind::String => one.string() == other.string(),
        Kind::Array => equal_items(one, other, budget)?,
        Kind::Object => equal_members(one, other, budget)?,
        _ => true,
    };
    budget.leave();
    Ok(is_equal)
}

fn equal_items(one: Value<'_>, other: Value<'_>, budget: &mut Budget) -> Result<bool, TooExpensive> {
    for (item, other) in one.items().zip(other.items()) {
        if !equal(item, other, budget)? {
            return Ok(false);
        }
    }
    Ok(true)
}

fn equal_members(one: Value<'_>, other: Value<'_>, budget: &mut Budget) -> Result<bool, TooExpensive> {
    let mut others = other.members();
    for (key, value) in one.members() {
        let name = decoded(key.raw());
        // Most objects that are compared have their members in one order.
        let beside = others.next().filter(|(key, _)| decoded(key.raw()) == name);
        let counterpart = if beside.is_some() {
            beside
        } else {
            budget.pay(other.len())?;
            other.members().find(|(key, _)| decoded(key.raw()) == name)
        };
        budget.pay_for_text(name.len())?;
        let Some((_, counterpart)) = counterpart else {
            return Ok(false);
        };
        if !equal(value, counterpart, budget)? {
            return Ok(false);
        }
    }
    Ok(true)
}

/// Whether two items of an array are equal. Takes 16 bytes for each item.
///
/// # Errors
/// When it costs more than the budget.
pub(super) fn has_equal_items(array: Value<'_>, budget: &mut Budget) -> Result<bool, TooExpensive> {
    if array.len() < 2 {
        return Ok(false);
    }
    let hasher = RandomState::new();
    let mut hashes = Vec::with_capacity(array.len());
    for item in array.items() {
        hashes.push((hash(item, &hasher, budget)?, item.place()));
    }
    hashes.sort_unstable();
    for (index, (hash, place)) in hashes.iter().enumerate() {
        let later = hashes.get(index + 1..).unwrap_or_default().iter();
        for (_, other) in later.take_while(|(other, _)| other == hash) {
            if equal(array.at(*place), array.at(*other), budget)? {
                return Ok(true);
            }
        }
    }
    Ok(false)
}

/// The same for equal values.
fn hash(value: Value<'_>, hasher: &RandomState, budget: &mut Budget) -> Result<u64, TooExpensive> {
    budget.pay_for_number(value.raw().len())?;
    budget.enter()?;
    let mut state = hasher.build_hasher();
    (value.kind() as u8).hash(&mut state);
    value.number().hash(&mut state);
    value.string().hash(&mut state);
    for item in value.items() {
        hash(item, hasher, budget)?.hash(&mut state);
    }
    // Without the order of the members.
    let mut members: u64 = 0;
    for (key, member) in value.members() {
        let both = (hasher.hash_one(decoded(key.raw())), hash(member, hasher, budget)?);
        members = members.wrapping_add(hasher.hash_one(both));
    }
    members.hash(&mut state);
    budget.leave();
    Ok(state.finish())
}
