//! Every order of events around one webhook: its processor with crashes and late writes, the engine, the reconciler, the
//! dead-letter queue and redrive, over two attempts, searched exhaustively.
//!
//! The decisions are the domain's own functions; the conditions of the three writes are repeated here as the store's tests
//! check them against the table.

#![cfg(test)]

mod world;

use std::collections::{HashMap, VecDeque};
use std::sync::OnceLock;

use tracehook_core::Status;
use tracehook_core::record::ExecutionState;

use crate::world::{ATTEMPTS, Action, Execution, World};

type Reached = HashMap<World, Option<(World, Action)>>;

/// Every reachable state with the one that it was first reached from. Searched once for all tests.
fn reached() -> &'static Reached {
    static REACHED: OnceLock<Reached> = OnceLock::new();
    REACHED.get_or_init(explore)
}

fn explore() -> Reached {
    let mut reached = HashMap::from([(World::received(), None)]);
    let mut next = VecDeque::from([World::received()]);
    while let Some(world) = next.pop_front() {
        for (action, after) in world.steps() {
            check_step(&reached, world, action, after);
            reached.entry(after).or_insert_with(|| {
                next.push_back(after);
                Some((world, action))
            });
        }
    }
    reached
}

/// The actions that lead to a state, for the message of a failure.
fn way(reached: &Reached, to: World) -> Vec<Action> {
    let mut actions = Vec::new();
    let mut at = to;
    while let Some(Some((before, action))) = reached.get(&at) {
        actions.push(*action);
        at = *before;
    }
    actions.reverse();
    actions
}

fn check_step(reached: &Reached, before: World, action: Action, after: World) {
    let context = || format!("{action:?} after {:?}\n{before:?}\n{after:?}", way(reached, before));
    if after.attempt == before.attempt {
        let kept = after.status == before.status;
        assert!(
            kept || !before.status.is_terminal(),
            "a lost terminal state: {}",
            context()
        );
        assert!(kept || after.status > before.status, "a backward move: {}", context());
    } else {
        assert_eq!(after.attempt, before.attempt + 1, "{}", context());
        assert_eq!(after.status, Status::Received, "{}", context());
        let takes_over = matches!(action, Action::DeadLetterReplaces(_) | Action::RedriveWaiting);
        let open_and_started = !before.status.is_terminal() && !takes_over;
        assert!(!open_and_started, "an open attempt was followed: {}", context());
    }
    assert!(after.admitted >= before.admitted, "two live attempts: {}", context());
}

#[test]
fn no_order_of_events_moves_back_loses_an_end_or_lets_two_attempts_work() {
    let reached = reached();
    println!("{} states", reached.len());
    assert!(reached.len() > 1_000, "the model does not explore: {}", reached.len());
    for attempt in 1..=ATTEMPTS {
        let completed = |world: &&World| world.attempt == attempt && world.status == Status::Completed;
        assert!(
            reached.keys().any(|world| completed(&world)),
            "attempt {attempt} can complete"
        );
    }
}

#[test]
fn no_state_is_false() {
    let reached = reached();
    for world in reached.keys() {
        let own = world.executions[world.attempt - 1];
        let context = || format!("{:?}\n{world:?}", way(reached, *world));
        match world.status {
            Status::Completed => assert!(own.has_done_its_work(), "completed without work: {}", context()),
            Status::Failed | Status::TimedOut | Status::Stopped => {
                let succeeded = matches!(
                    own,
                    Execution::Closed {
                        state: ExecutionState::Succeeded,
                        ..
                    }
                );
                assert!(!succeeded, "ended badly over a success: {}", context());
            }
            _ => {}
        }
    }
}

#[test]
fn from_every_state_the_webhook_can_still_end() {
    let reached = reached();
    let mut before: HashMap<World, Vec<World>> = HashMap::new();
    for world in reached.keys() {
        for (action, after) in world.steps() {
            // The engine, the processor and the sweep must suffice, without luck and without an operator.
            if action.comes_by_itself() {
                before.entry(after).or_default().push(*world);
            }
        }
    }
    let mut ends: VecDeque<World> = reached
        .keys()
        .filter(|world| world.status.is_terminal())
        .copied()
        .collect();
    let mut can_end: std::collections::HashSet<World> = ends.iter().copied().collect();
    while let Some(world) = ends.pop_front() {
        for earlier in before.get(&world).into_iter().flatten() {
            if can_end.insert(*earlier) {
                ends.push_back(*earlier);
            }
        }
    }
    for world in reached.keys() {
        assert!(can_end.contains(world), "stuck: {:?}\n{world:?}", way(reached, *world));
    }
}
