//! The validator's way of one delivery, call by call.

use std::rc::Rc;

use tracehook_core::Record;
use tracehook_core::record::{Known, Status};
use tracehook_core::source::Conflict;
use tracehook_core::trace::{SpanId, TraceParent};

use super::delivery::{Delivery, How, Next, Progress};
use super::item::{Age, Payload, State};
use super::setting::{DAYS, NOW, Setting, body_of};
use super::world::World;

impl Delivery {
    /// Makes the next call.
    pub(crate) fn call(self, world: &mut World, setting: &Setting) -> Progress {
        match self.next {
            Next::Read { slot } => match world.live(slot, setting) {
                Some(stored) => self.meets(slot, &stored, setting),
                None => self.goes(Next::PutPayload { slot }),
            },
            Next::PutPayload { slot } => {
                let payload = &mut world.slots[slot].payloads[self.body];
                if *payload == Payload::Absent {
                    *payload = Payload::Long;
                } else if let Some(stored) = world.live(slot, setting) {
                    return self.meets(slot, &stored, setting);
                } else {
                    world.slots[slot].payloads[self.body] = Payload::Long;
                }
                self.goes(Next::PutState { slot })
            }
            Next::PutState { slot } => {
                // The condition of the write: there is none, or its time is over.
                if let Some(state) = world.slots[slot].state.filter(|state| state.age != Age::Expired) {
                    return self.meets(slot, &setting.record(slot, state), setting);
                }
                world.slots[slot].state = Some(setting.opened(State::received(self.body)));
                world.is_born(slot);
                Progress::Answered(How::First, slot)
            }
            Next::KeepPayload { slot, read } => {
                let payload = &mut world.slots[slot].payloads[self.body];
                if *payload != Payload::Long {
                    *payload = Payload::Long;
                }
                self.goes(Next::Replace { slot, read })
            }
            Next::Replace { slot, read } => {
                let is_as_read = |state: State| (state.attempt, state.status) == (read.attempt, read.status);
                if world.slots[slot].state.is_some_and(is_as_read) {
                    let next = self.reopens(&setting.record(slot, read), setting);
                    let opened = next.map(|next| State {
                        status: next.status,
                        attempt: next.attempt,
                        redeliveries: next.redeliveries,
                        body: body_of(&next),
                        age: Age::Fresh,
                    });
                    world.slots[slot].state = opened.map(|opened| setting.opened(opened));
                    return Progress::Answered(How::Reopened, slot);
                }
                match world.live(slot, setting) {
                    Some(_) => Progress::Answered(How::Duplicate, slot),
                    None => Progress::Refused,
                }
            }
        }
    }

    const fn goes(self, next: Next) -> Progress {
        Progress::Goes(Self { next, ..self })
    }

    /// The state of another delivery is there.
    fn meets(self, slot: usize, stored: &Rc<Record>, setting: &Setting) -> Progress {
        // A request knows its own record by the root span, which no other one has.
        let own = setting.delivered(slot, self.body);
        let delivered = Record {
            traceparent: TraceParent {
                span_id: SpanId::from_random([2; 8]),
                ..own.traceparent
            },
            ..(*own).clone()
        };
        match stored.known_to(&delivered) {
            Known::Own => Progress::Answered(How::First, slot),
            Known::Duplicate => self.repeats(slot, stored, setting),
            Known::Conflict => match setting.conflict(self.body) {
                Conflict::Repeats => self.repeats(slot, stored, setting),
                Conflict::Ignored => Progress::Answered(How::Duplicate, slot),
                Conflict::Apart(apart) if apart == slot => Progress::Refused,
                Conflict::Apart(apart) => self.goes(Next::Read { slot: apart }),
            },
        }
    }

    fn repeats(self, slot: usize, stored: &Record, setting: &Setting) -> Progress {
        let opens = self.reopens(stored, setting).is_some();
        let read = State {
            status: stored.status,
            attempt: stored.attempt,
            redeliveries: stored.redeliveries,
            body: body_of(stored),
            // It may be read again later, and decides nothing any more.
            age: Age::Minute,
        };
        if opens {
            self.goes(Next::KeepPayload { slot, read })
        } else {
            Progress::Answered(How::Duplicate, slot)
        }
    }

    /// The next attempt that the delivery opens; each bad end is the same for it.
    fn reopens(self, stored: &Record, setting: &Setting) -> Option<Record> {
        let delivered = setting.delivered(0, self.body);
        let of = |status| {
            let stored = Record {
                status,
                ..stored.clone()
            };
            let next = stored.redelivered(&setting.prefix, NOW, NOW.plus_days(DAYS), setting.redeliveries);
            next.map(|next| next.with_body_of(&delivered))
        };
        if stored.status == Status::Failed {
            for other in [Status::TimedOut, Status::Stopped] {
                assert_eq!(of(other).is_some(), of(Status::Failed).is_some(), "{other}");
            }
        }
        of(stored.status)
    }
}
