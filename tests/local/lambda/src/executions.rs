//! The durable executions in memory and in the store, changed together.
//!
//! Contract: a change is made on a clone, stored, and only then takes the place of what was: what anybody was told is
//! stored, and a change that could not be stored has not happened. One change at a time per execution.

use std::collections::{HashMap, VecDeque};
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::{Notify, broadcast, watch};

use crate::dead_letters::DeadLetterQueue;
use crate::event::{StatusEvent, Timers};
use crate::store::{Inserted, Store, StoreError};
use tracehook_local_durable::{Changes, Execution, NewExecution};

/// Executions that are kept after their function closed them by a checkpoint.
const MAX_CLOSED: usize = 16;

/// An execution that is not closed.
#[derive(Debug)]
pub(crate) struct Running {
    pub(crate) arn: String,
    pub(crate) state: tokio::sync::Mutex<Execution>,
    /// Rung when somebody but the driver closed it.
    pub(crate) closed_by_other: Notify,
    closed: watch::Sender<bool>,
    /// The time for which its driver sleeps, epoch milliseconds; [`AWAKE`] when it does not.
    sleeps_until_ms: AtomicI64,
}

/// Nobody sleeps for that time.
const AWAKE: i64 = i64::MIN;

impl Running {
    fn new(execution: Execution) -> Arc<Self> {
        Arc::new(Self {
            arn: execution.arn().to_owned(),
            state: tokio::sync::Mutex::new(execution),
            closed_by_other: Notify::new(),
            closed: watch::Sender::new(false),
            sleeps_until_ms: AtomicI64::new(AWAKE),
        })
    }

    /// Its driver sleeps from now on, for nothing but this time.
    pub(crate) fn sleep_until(&self, time_ms: i64) {
        self.sleeps_until_ms.store(time_ms, Ordering::Release);
    }

    /// Its driver has something to do.
    pub(crate) fn wake(&self) {
        self.sleeps_until_ms.store(AWAKE, Ordering::Release);
    }

    /// Waits until the execution is closed.
    pub(crate) async fn wait_closed(&self) {
        // The sender lives in self, so the wait ends only by the value.
        let _ = self.closed.subscribe().wait_for(|closed| *closed).await;
    }
}

/// The outcome of a start.
#[derive(Debug)]
pub(crate) enum StartOutcome {
    /// It is stored and owed its first invocation.
    New(Arc<Running>),
    /// The execution of that name and input, closed or not.
    Existing(String),
    /// The name belongs to an execution with another input.
    Conflict,
}

#[derive(Debug)]
pub(crate) struct Executions {
    pub(crate) store: Arc<Store>,
    running: Mutex<HashMap<String, Arc<Running>>>,
    /// The latest executions that their function closed by a checkpoint, so that a repeat of that call gets its answer.
    closed_from_within: Mutex<VecDeque<Arc<Running>>>,
    /// Held while something is brought back from the store, so that it is brought back once.
    loading: tokio::sync::Mutex<()>,
    pub(crate) status: broadcast::Sender<StatusEvent>,
    dead_letters: DeadLetterQueue,
}

impl Executions {
    pub(crate) fn new(store: Arc<Store>, dead_letters: DeadLetterQueue) -> Self {
        Self {
            store,
            dead_letters,
            running: Mutex::default(),
            closed_from_within: Mutex::default(),
            loading: tokio::sync::Mutex::default(),
            status: broadcast::Sender::new(1024),
        }
    }

    /// Starts an execution unless its name is taken.
    pub(crate) async fn start(&self, new: NewExecution, now_ms: i64) -> Result<StartOutcome, StoreError> {
        let input = new.input.clone();
        let mut execution = Execution::start(new, now_ms);
        let changes = execution.take_changes();
        let started = StatusEvent::of(&execution);
        let running = Running::new(execution);
        // In memory first: whoever finds the name taken must find the execution too. Its ARN is not known to anybody.
        self.map().insert(running.arn.clone(), Arc::clone(&running));
        let inserted = self.store.insert(changes).await;
        if !matches!(inserted, Ok(Inserted::New)) {
            self.map().remove(&running.arn);
        }
        Ok(match inserted? {
            Inserted::New => {
                let _ = self.status.send(started);
                StartOutcome::New(running)
            }
            Inserted::Existing { arn, input: stored } if stored == input => StartOutcome::Existing(arn),
            Inserted::Existing { .. } => StartOutcome::Conflict,
        })
    }

    /// The number of executions in memory.
    pub(crate) fn count(&self) -> usize {
        self.map().len()
    }

    /// What the executions in memory do at that time.
    pub(crate) fn timers(&self, now_ms: i64) -> Timers {
        let map = self.map();
        let times = map
            .values()
            .map(|running| running.sleeps_until_ms.load(Ordering::Acquire));
        let (asleep, at_work): (Vec<i64>, Vec<i64>) = times.partition(|time_ms| *time_ms > now_ms);
        Timers {
            at_work: at_work.len(),
            next_ms: asleep.into_iter().min(),
        }
    }

    /// The execution, if it is in memory: every one that this host has started or resumed and that is not closed.
    pub(crate) fn running(&self, arn: &str) -> Option<Arc<Running>> {
        self.map().get(arn).map(Arc::clone)
    }

    /// The execution, if its function closed it by a checkpoint not long ago.
    pub(crate) fn find_closed_from_within(&self, arn: &str) -> Option<Arc<Running>> {
        let closed = lock(&self.closed_from_within);
        closed.iter().find(|running| running.arn == arn).map(Arc::clone)
    }

    /// Brings an execution back from the store; none when it is in memory already, closed or unknown.
    pub(crate) async fn bring_back(&self, arn: &str) -> Result<Option<Arc<Running>>, StoreError> {
        let _one_at_a_time = self.loading.lock().await;
        if self.running(arn).is_some() {
            return Ok(None);
        }
        match self.store.load(arn).await? {
            Some(execution) if !execution.is_closed() => {
                let running = Running::new(execution);
                self.map().insert(arn.to_owned(), Arc::clone(&running));
                Ok(Some(running))
            }
            _ => Ok(None),
        }
    }

    /// The execution's present state.
    pub(crate) async fn read(&self, arn: &str) -> Result<Option<Execution>, StoreError> {
        match self.running(arn) {
            Some(running) => Ok(Some(running.state.lock().await.clone())),
            None => self.store.load(arn).await,
        }
    }

    /// Changes an execution and stores the change. An error of the change leaves everything as it was.
    pub(crate) async fn change<T, E: From<StoreError>>(
        &self,
        running: &Running,
        change: impl FnOnce(&mut Execution) -> Result<T, E>,
    ) -> Result<T, E> {
        let mut state = running.state.lock().await;
        let mut next = state.clone();
        let result = change(&mut next)?;
        let changes: Changes = next.take_changes();
        let closing = next.is_closed() && !state.is_closed();
        let letter = closing.then(|| self.dead_letters.of_execution(&next)).flatten();
        let is_dead = letter.is_some();
        self.store.save(changes, letter).await?;
        *state = next;
        if is_dead {
            self.dead_letters.arrived();
        }
        if closing {
            let _ = self.status.send(StatusEvent::of(&state));
            if state.may_repeat_its_end()
                && let Some(running) = self.running(&running.arn)
            {
                // First, so that a repeat of the call always finds it.
                let mut kept = lock(&self.closed_from_within);
                kept.truncate(MAX_CLOSED - 1);
                kept.push_front(running);
            }
            self.map().remove(&running.arn);
            running.closed.send_replace(true);
        }
        Ok(result)
    }

    fn map(&self) -> MutexGuard<'_, HashMap<String, Arc<Running>>> {
        lock(&self.running)
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
