//! What the producer's deliveries do to the items of their tokens, while these are processed and expire.

use std::rc::Rc;

use tracehook_core::Record;
use tracehook_core::record::{Redrivable, Status};
use tracehook_core::source::OnConflict;

use super::delivery::{Delivery, How, Next, Progress};
use super::item::{Age, Payload, Slot, State};
use super::setting::{NOW, Setting};

/// The tokens of a search at most: that of the identity, and one for each body.
const SLOTS: usize = 3;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct World {
    pub(crate) slots: [Slot; SLOTS],
    /// A delivery with calls before and behind other actions.
    pub(super) under_way: Option<Delivery>,
    /// Where each body was acknowledged, until that record's time is over.
    pub(crate) owed: [Option<usize>; 2],
    /// True once a record has expired.
    pub(super) has_expired: bool,
    /// What a 2xx promised and was not so.
    pub(crate) broken: Option<&'static str>,
}

impl World {
    pub(crate) const EMPTY: Self = Self {
        slots: [Slot::EMPTY; SLOTS],
        under_way: None,
        owed: [None; 2],
        has_expired: false,
        broken: None,
    };

    /// The record of a place, as everybody reads it.
    pub(crate) fn live(&self, slot: usize, setting: &Setting) -> Option<Rc<Record>> {
        let record = setting.record(slot, self.slots[slot].state?);
        (!record.has_expired(NOW)).then_some(record)
    }

    /// A later record has another execution name, so a delivery under way does not find the one that it has read.
    pub(crate) const fn is_born(&mut self, slot: usize) {
        if let Some(Delivery {
            next: Next::KeepPayload { slot: its, read } | Next::Replace { slot: its, read },
            ..
        }) = &mut self.under_way
            && *its == slot
        {
            read.attempt = 0;
        }
    }

    pub(super) const fn with(mut self, slot: usize, state: Option<State>) -> Self {
        self.slots[slot].state = state;
        self
    }

    /// The bodies have the same part where they become webhooks of their own: the second one comes when the first was there,
    /// and the first one no more when it has expired.
    pub(super) fn delivers(&self, body: usize, setting: &Setting) -> bool {
        setting.is_fine()
            || (body == 0) != (self.has_expired || self.slots[0].state.is_some_and(|state| state.body == 1))
            || (body == 1 && self.slots[0].state.is_some())
    }

    /// Keeps what was promised to the sender of a body.
    pub(super) fn note(&mut self, body: usize, progress: Progress, before: &Self, setting: &Setting) {
        let (how, slot) = match progress {
            Progress::Goes(delivery) => {
                self.under_way = Some(delivery);
                return;
            }
            Progress::Refused => return,
            Progress::Answered(how, slot) => (how, slot),
        };
        let states = |world: &Self| world.slots.map(|slot| slot.state);
        let Some(state) = self.slots[slot].state.filter(|state| state.age != Age::Expired) else {
            self.broken = Some("acknowledged without a record that counts");
            return;
        };
        let is_its_body = state.body == body;
        let is_apart = setting.on_conflict == OnConflict::Accept;
        if !is_its_body && (is_apart || how != How::Duplicate) {
            self.broken = Some("another body is processed in its place");
        }
        if how == How::Duplicate && states(self) != states(before) {
            self.broken = Some("a duplicate has written");
        }
        if how == How::Reopened {
            let opened_before = before.slots[slot].state;
            if opened_before.is_some_and(|old| old.age == Age::Fresh || old.status != Status::Failed) {
                self.broken = Some("an attempt was opened too early");
            }
            if !setting.is_signed && opened_before.is_some_and(|old| old.body != body) {
                self.broken = Some("who chose the id has chosen the body");
            }
        }
        self.owed[body] = Some(slot);
    }

    pub(super) fn started(&self, slot: usize, state: State) -> State {
        if state.status != Status::Received || state.age == Age::Expired {
            return state;
        }
        let has_payload = self.slots[slot].payloads[state.body].is_there();
        State {
            // `payload_expired` ends it.
            status: if has_payload {
                Status::Processing
            } else {
                Status::Failed
            },
            ..state
        }
    }

    pub(super) fn redrive(mut self, slot: usize, state: State, setting: &Setting) -> Self {
        let Some(record) = self.live(slot, setting) else {
            return self;
        };
        let redrives = record.attempt - 1 - record.redeliveries;
        let payload = &mut self.slots[slot].payloads[state.body];
        if record.redrivable(NOW) != Redrivable::Yes || redrives >= setting.redrives || !payload.is_there() {
            return self;
        }
        *payload = Payload::Long;
        let next = record.next_attempt(&setting.prefix, NOW, NOW);
        let opened = State {
            status: next.status,
            attempt: next.attempt,
            ..state
        };
        self.with(slot, Some(setting.opened(opened)))
    }

    /// The engine ends an execution within the time that its payload is kept for, and the sweep a webhook within a month.
    pub(super) fn ages(mut self, slot: usize, state: State) -> Self {
        let age = match state.age {
            Age::Fresh => Age::Minute,
            Age::Minute if state.status != Status::Processing => Age::Late,
            Age::Late if state.status.is_terminal() => Age::Expired,
            _ => return self,
        };
        if age == Age::Expired {
            self.has_expired = true;
            for owed in &mut self.owed {
                *owed = owed.filter(|owed| *owed != slot);
            }
            // What it was makes no difference any more.
            let gone = State {
                age,
                status: Status::Completed,
                ..State::received(state.body)
            };
            return self.with(slot, Some(gone));
        }
        self.with(slot, Some(State { age, ..state }))
    }

    /// A payload does not expire while an attempt needs it, or within the calls that it was written by.
    pub(super) fn payload_ages(mut self, slot: usize, body: usize, setting: &Setting) -> Self {
        let needs = |state: &State| state.body == body && (state.age < Age::Late || state.status == Status::Processing);
        let is_in_use = self.slots[slot].state.as_ref().is_some_and(needs);
        let is_written = self.under_way.is_some_and(|delivery| match delivery.next {
            Next::PutState { slot: its } | Next::Replace { slot: its, .. } => delivery.body == body && its == slot,
            _ => false,
        });
        let payload = &mut self.slots[slot].payloads[body];
        *payload = match *payload {
            Payload::Long if setting.is_fine() => Payload::Short,
            Payload::Long | Payload::Short if !is_in_use && !is_written => Payload::Expired,
            Payload::Expired => Payload::Absent,
            other => other,
        };
        self
    }
}
