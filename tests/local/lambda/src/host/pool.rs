//! The events in line for a function and the processes that take them.
//!
//! Contract: synchronous and under one lock. An event is in exactly one place: in line, or with one sandbox.

use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use tokio::sync::oneshot;

use super::Task;
use super::reply::Reply;
use super::sandbox::Sandbox;
use crate::FunctionOptions;

/// The place of a new event.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Submitted {
    /// To an idle sandbox.
    Taken,
    /// In line; a sandbox may have to be started.
    Waiting,
}

/// The answer to a sandbox that asks for an event.
#[derive(Debug)]
pub(super) enum Next {
    /// An event that was in line.
    Event(Task),
    /// Nothing yet: the event will come through here.
    Later(oneshot::Receiver<Task>),
    /// The sandbox has been given up.
    Never,
}

#[derive(Debug)]
struct Waiting {
    task: Task,
    reply: Reply,
}

#[derive(Debug)]
struct Idle {
    sandbox: Arc<Sandbox>,
    wake: oneshot::Sender<Task>,
}

#[derive(Debug, Default)]
pub(super) struct Pool {
    line: VecDeque<Waiting>,
    /// The one used last is at the end and is taken first.
    idle: Vec<Idle>,
    all: Vec<Arc<Sandbox>>,
    starting: usize,
}

impl Pool {
    pub(super) fn sandboxes(&self) -> Vec<Arc<Sandbox>> {
        self.all.clone()
    }

    pub(super) fn submit(&mut self, task: Task, reply: Reply) -> Submitted {
        let mut waiting = Waiting { task, reply };
        while let Some(idle) = self.idle.pop() {
            waiting = match hand_over(waiting, idle) {
                None => return Submitted::Taken,
                // That process has hung up; its exit is on the way.
                Some(back) => back,
            };
        }
        self.line.push_back(waiting);
        Submitted::Waiting
    }

    /// A new sandbox, if the line is longer than what is starting and the limit allows.
    pub(super) fn reserve(&mut self, options: &FunctionOptions) -> Option<Arc<Sandbox>> {
        self.line.retain(|waiting| !waiting.reply.is_closed());
        if self.line.len() <= self.starting || self.all.len() >= options.max_sandboxes {
            return None;
        }
        let sandbox = Arc::new(Sandbox::new(&options.name, options.timeout));
        self.all.push(Arc::clone(&sandbox));
        self.starting += 1;
        Some(sandbox)
    }

    /// Takes an event out of the line unless a starting sandbox is about to take it.
    pub(super) fn withdraw(&mut self, request_id: &str) -> bool {
        let position = self
            .line
            .iter()
            .position(|waiting| waiting.task.request_id == request_id);
        match position {
            Some(position) if position >= self.starting => self.line.remove(position).is_some(),
            _ => false,
        }
    }

    pub(super) fn is_waiting(&self, request_id: &str) -> bool {
        self.line.iter().any(|waiting| waiting.task.request_id == request_id)
    }

    /// A sandbox asks for its next event.
    pub(super) fn next(&mut self, sandbox: &Arc<Sandbox>) -> Next {
        if !self.contains(sandbox) {
            return Next::Never;
        }
        if sandbox.retired.load(Ordering::Acquire) {
            // It has answered what it had.
            self.remove(sandbox);
            sandbox.stop.notify_one();
            return Next::Never;
        }
        if sandbox.ask() {
            self.starting = self.starting.saturating_sub(1);
        }
        while let Some(waiting) = self.line.pop_front() {
            if !waiting.reply.is_closed() {
                sandbox.begin(&waiting.task.request_id, waiting.reply);
                return Next::Event(waiting.task);
            }
        }
        // A second request of one process means that its first connection is lost.
        self.idle.retain(|idle| !Arc::ptr_eq(&idle.sandbox, sandbox));
        let (wake, later) = oneshot::channel();
        self.idle.push(Idle {
            sandbox: Arc::clone(sandbox),
            wake,
        });
        Next::Later(later)
    }

    /// Gives a sandbox up; returns false when that has happened before.
    pub(super) fn remove(&mut self, sandbox: &Arc<Sandbox>) -> bool {
        let known = self.contains(sandbox);
        self.all.retain(|other| !Arc::ptr_eq(other, sandbox));
        self.idle.retain(|idle| !Arc::ptr_eq(&idle.sandbox, sandbox));
        if known && sandbox.is_starting() {
            self.starting = self.starting.saturating_sub(1);
        }
        known
    }

    /// Gives up every sandbox: the idle ones at once, which are returned, the other ones when they ask for their next event.
    pub(super) fn retire(&mut self) -> Vec<Arc<Sandbox>> {
        for sandbox in &self.all {
            sandbox.retired.store(true, Ordering::Release);
        }
        let idle: Vec<_> = self.idle.drain(..).map(|idle| idle.sandbox).collect();
        for sandbox in &idle {
            self.remove(sandbox);
        }
        idle
    }

    /// The event that a sandbox which never got ready would have taken.
    pub(super) fn take_first(&mut self) -> Option<(Task, Reply)> {
        loop {
            let waiting = self.line.pop_front()?;
            if !waiting.reply.is_closed() {
                return Some((waiting.task, waiting.reply));
            }
        }
    }

    fn contains(&self, sandbox: &Arc<Sandbox>) -> bool {
        self.all.iter().any(|other| Arc::ptr_eq(other, sandbox))
    }
}

fn hand_over(waiting: Waiting, idle: Idle) -> Option<Waiting> {
    idle.sandbox.begin(&waiting.task.request_id, waiting.reply);
    match idle.wake.send(waiting.task) {
        Ok(()) => None,
        Err(task) => idle.sandbox.take_reply().map(|(_, reply)| Waiting { task, reply }),
    }
}
