//! Everything that can happen to the deliveries of one identity.

use tracehook_core::record::Status;

use super::delivery::{Delivery, Progress};
use super::item::{Age, State};
use super::setting::Setting;
use super::world::World;

/// An event.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Action {
    /// A body is delivered and answered; nothing comes between.
    Deliver(usize),
    /// A body is delivered, and other things happen between its calls.
    Begin(usize),
    /// The delivery under way makes its next call.
    Call,
    /// The delivery under way is cut off: the producer hears of no 2xx.
    CutOff,
    /// The engine starts the attempt, at last.
    Start(usize),
    /// The attempt ends.
    Ends(usize, Status),
    /// An operator redrives.
    Redrive(usize),
    /// An operator stops what is open, started or not.
    Stop(usize),
    /// Time goes by for the attempt of a record.
    Ages(usize),
    /// Time goes by for a payload, up to its deletion.
    PayloadAges(usize, usize),
    /// The table deletes a record that has expired.
    Deletes(usize),
}

impl World {
    /// Every possible action with the world after it.
    pub(crate) fn all_steps(self, setting: &Setting) -> Vec<(Action, Self)> {
        let mut steps = Vec::new();
        for body in 0..2 {
            if self.delivers(body, setting) {
                steps.push((Action::Deliver(body), self.deliver(body, setting)));
                if self.under_way.is_none() && (setting.is_fine() || body == 1) {
                    let under_way = Some(Delivery::begin(body, setting));
                    steps.push((Action::Begin(body), Self { under_way, ..self }));
                }
            }
        }
        if let Some(delivery) = self.under_way {
            let mut after = self;
            let progress = delivery.call(&mut after, setting);
            after.under_way = None;
            after.note(delivery.body, progress, &self, setting);
            steps.push((Action::Call, after));
            let cut_off = Self {
                under_way: None,
                ..self
            };
            steps.push((Action::CutOff, cut_off));
        }
        for slot in 0..setting.tokens.len() {
            for body in 0..2 {
                steps.push((Action::PayloadAges(slot, body), self.payload_ages(slot, body, setting)));
            }
            let Some(state) = self.slots[slot].state else { continue };
            let to = |state| self.with(slot, Some(state));
            steps.push((Action::Start(slot), to(self.started(slot, state))));
            if state.status == Status::Processing {
                for status in [Status::Completed, Status::Failed] {
                    steps.push((Action::Ends(slot, status), to(State { status, ..state })));
                }
            }
            if !state.status.is_terminal() {
                let status = Status::Failed;
                steps.push((Action::Stop(slot), to(State { status, ..state })));
            }
            steps.push((Action::Redrive(slot), self.redrive(slot, state, setting)));
            steps.push((Action::Ages(slot), self.ages(slot, state)));
            if state.age == Age::Expired {
                steps.push((Action::Deletes(slot), self.with(slot, None)));
            }
        }
        steps.retain(|(_, after)| *after != self);
        steps
    }

    fn deliver(mut self, body: usize, setting: &Setting) -> Self {
        let before = self;
        let mut delivery = Delivery::begin(body, setting);
        loop {
            match delivery.call(&mut self, setting) {
                Progress::Goes(next) => delivery = next,
                done => {
                    if done == Progress::Refused {
                        self.broken = Some("a delivery is refused though nothing has failed");
                    }
                    self.note(body, done, &before, setting);
                    return self;
                }
            }
        }
    }
}
