//! A breadth-first search of every reachable state.

use std::collections::hash_map::Entry;
use std::collections::{HashMap, VecDeque};
use std::fmt::Debug;
use std::hash::Hash;
use std::io::Write as _;

/// A state of a model.
pub(crate) trait World: Copy + Eq + Hash + Debug {
    /// What can happen.
    type Action: Copy + Debug;
    /// What does not change in a search.
    type Setting;

    /// Every possible action with the state after it.
    fn steps(self, setting: &Self::Setting) -> Vec<(Self::Action, Self)>;

    /// True for actions that need neither a fault nor a person.
    fn comes_by_itself(action: Self::Action) -> bool;

    /// What is wrong with a step.
    fn check(self, action: Self::Action, after: Self, setting: &Self::Setting) -> Result<(), String>;
}

/// Every reachable state.
pub(crate) struct Reached<W: World> {
    worlds: Vec<W>,
    /// The step by which each state was first reached.
    first: Vec<Option<(usize, W::Action)>>,
    /// The steps that come by themselves, from the later state to the earlier ones.
    earlier: Vec<Vec<usize>>,
}

impl<W: World> Reached<W> {
    /// Searches from `start`, prints the number of states past the capture of passing tests, and fails at the first wrong step.
    pub(crate) fn search(name: &str, start: W, setting: &W::Setting) -> Self {
        let mut known = HashMap::from([(start, 0)]);
        let mut reached = Self {
            worlds: vec![start],
            first: vec![None],
            earlier: vec![Vec::new()],
        };
        let (mut next, mut steps) = (VecDeque::from([0]), 0_u64);
        while let Some(at) = next.pop_front() {
            let world = reached.worlds[at];
            for (action, after) in world.steps(setting) {
                steps += 1;
                if let Err(wrong) = world.check(action, after, setting) {
                    panic!("{wrong}: {action:?} after {:?}\n{world:?}\n{after:?}", reached.way(at));
                }
                let to = match known.entry(after) {
                    Entry::Occupied(known) => *known.get(),
                    Entry::Vacant(new) => {
                        let to = *new.insert(reached.worlds.len());
                        reached.worlds.push(after);
                        reached.first.push(Some((at, action)));
                        reached.earlier.push(Vec::new());
                        next.push_back(to);
                        to
                    }
                };
                if W::comes_by_itself(action) {
                    reached.earlier[to].push(at);
                }
            }
        }
        let line = format!("model {name}: {} states, {steps} steps\n", reached.worlds.len());
        let _ = std::io::stderr().write_all(line.as_bytes());
        reached
    }

    pub(crate) fn worlds(&self) -> &[W] {
        &self.worlds
    }

    /// The actions that lead to a state.
    pub(crate) fn way(&self, to: usize) -> Vec<W::Action> {
        let (mut actions, mut at) = (Vec::new(), to);
        while let Some((before, action)) = self.first[at] {
            actions.push(action);
            at = before;
        }
        actions.reverse();
        actions
    }

    /// Fails at the first state that `check` finds wrong.
    pub(crate) fn check(&self, check: impl Fn(&W) -> Result<(), String>) {
        for (at, world) in self.worlds.iter().enumerate() {
            if let Err(wrong) = check(world) {
                panic!("{wrong}: {:?}\n{world:?}", self.way(at));
            }
        }
    }

    /// Fails unless each state leads to one where `is_end` holds, by steps that come by themselves.
    pub(crate) fn check_ends(&self, is_end: impl Fn(&W) -> bool) {
        let mut leads: Vec<_> = self.worlds.iter().map(&is_end).collect();
        let mut next: VecDeque<_> = (0..leads.len()).filter(|at| leads[*at]).collect();
        while let Some(at) = next.pop_front() {
            for before in &self.earlier[at] {
                if !std::mem::replace(&mut leads[*before], true) {
                    next.push_back(*before);
                }
            }
        }
        if let Some(stuck) = leads.iter().position(|leads| !leads) {
            panic!("stuck: {:?}\n{:?}", self.way(stuck), self.worlds[stuck]);
        }
    }
}
