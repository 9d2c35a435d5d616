//! Every order of deliveries, starts, ends and expiries of one identity with two bodies.

mod actions;
mod calls;
mod delivery;
mod item;
mod setting;
mod world;

use tracehook_core::Status;
use tracehook_core::source::OnConflict;

use crate::search::Reached;
use actions::Action;
use item::{Age, State};
use setting::Setting;
use world::World;

impl crate::search::World for World {
    type Action = Action;
    type Setting = Setting;

    fn steps(self, setting: &Setting) -> Vec<(Action, Self)> {
        self.all_steps(setting)
    }

    fn comes_by_itself(action: Action) -> bool {
        matches!(action, Action::Start(_) | Action::Ends(..))
    }

    fn check(self, _: Action, after: Self, setting: &Setting) -> Result<(), String> {
        after.broken.map_or(Ok(()), |broken| Err(broken.to_owned()))?;
        for slot in &after.slots {
            let Some(state) = slot.state.filter(|state| state.age != Age::Expired) else {
                continue;
            };
            let may_need = state.age < Age::Late || state.status == Status::Processing;
            if may_need && !slot.payloads[state.body].is_there() {
                return Err("a record without its payload".to_owned());
            }
            if state.redeliveries > setting.redeliveries {
                return Err("the producer opens attempts without end".to_owned());
            }
        }
        for (body, owed) in after.owed.iter().enumerate() {
            let Some(slot) = *owed else { continue };
            let is_kept = |state: State| {
                state.age != Age::Expired && (setting.on_conflict == OnConflict::Duplicate || state.body == body)
            };
            if !after.slots[slot].state.is_some_and(is_kept) {
                return Err("what was acknowledged is gone".to_owned());
            }
        }
        Ok(())
    }
}

fn search(name: &str, is_signed: bool, on_conflict: OnConflict) {
    let setting = Setting::new(is_signed, on_conflict);
    let reached = Reached::search(name, World::EMPTY, &setting);
    let worlds = reached.worlds();
    assert!(worlds.len() > 10_000, "the model does not explore: {}", worlds.len());
    // Each promise is made, alone and beside the other one, and each state comes.
    for owed in [[true, false], [false, true], [true, true]] {
        let is_so = |world: &World| world.owed.map(|slot| slot.is_some()) == owed;
        assert!(worlds.iter().any(is_so), "{owed:?}");
    }
    let states = || worlds.iter().filter_map(|world| world.slots[0].state);
    for attempt in 1..=1 + setting.redeliveries + setting.redrives {
        for status in [Status::Received, Status::Processing, Status::Completed, Status::Failed] {
            assert!(states().any(|state| (state.attempt, state.status) == (attempt, status)));
        }
    }
    assert!(states().any(|state| state.age == Age::Expired));
    // What is open comes to an end by itself.
    reached.check_ends(|world| {
        let mut states = world.slots.iter().filter_map(|slot| slot.state);
        states.all(|state| state.status.is_terminal())
    });
}

#[test]
fn another_body_under_a_signed_identity_is_the_same_webhook_and_nothing_is_lost() {
    search("signed duplicate", true, OnConflict::Duplicate);
}

#[test]
fn another_body_under_an_unsigned_identity_changes_nothing_where_it_is_a_duplicate() {
    search("unsigned duplicate", false, OnConflict::Duplicate);
}

#[test]
fn another_body_under_an_unsigned_identity_is_a_webhook_of_its_own() {
    search("unsigned accept", false, OnConflict::Accept);
}

#[test]
fn another_body_under_a_signed_identity_is_a_webhook_of_its_own_where_the_source_says_so() {
    search("signed accept", true, OnConflict::Accept);
}
