//! The clock of a running service.

use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};
use serde_json::{Value, json};
use tracehook_core::Timestamp;

use super::{PATIENCE, Service};
use crate::producer::Answer;

/// The time of a service, and what goes on at it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Clock {
    /// The time of the host and of every function.
    pub now: Timestamp,
    /// Executions that do something, and functions that are invoked.
    pub at_work: u64,
    /// When the next of the executions that wait goes on.
    pub next_timer: Option<Timestamp>,
}

impl Clock {
    fn of(told: &Value) -> Result<Self> {
        let time = |name: &str| {
            let text = told.get(name).and_then(Value::as_str);
            text.map(str::parse::<Timestamp>).transpose()
        };
        let count = |name: &str| {
            told.get(name)
                .and_then(Value::as_u64)
                .with_context(|| format!("no {name}"))
        };
        Ok(Self {
            now: time("now")?.context("no time")?,
            at_work: count("at_work")? + count("busy")?,
            next_timer: time("next_timer")?,
        })
    }
}

impl Service {
    /// The time.
    ///
    /// # Errors
    /// When there is no answer.
    pub async fn clock(&self) -> Result<Clock> {
        Clock::of(&self.get("/local/clock").await?.json)
    }

    /// Asks for a move of the clock, as `body` says, and returns the answer.
    ///
    /// # Errors
    /// When there is no answer.
    pub async fn move_clock(&self, body: &Value) -> Result<Answer> {
        let sent = self.client.post(format!("{}/local/clock", self.url)).json(body);
        Answer::of(sent.send().await?).await
    }

    /// Moves the clock on by that time, in whole seconds, at least one.
    ///
    /// # Errors
    /// When it is not moved.
    pub async fn advance(&self, by: Duration) -> Result<Clock> {
        let seconds = by.as_millis().div_ceil(1000).max(1);
        let answer = self
            .move_clock(&json!({"advance_seconds": u64::try_from(seconds)?}))
            .await?;
        answer.expect_success("a move of the clock")?;
        Clock::of(&answer.json)
    }

    /// Waits until nothing is at work.
    ///
    /// # Errors
    /// When something is for too long.
    pub async fn at_rest(&self) -> Result<Clock> {
        let began = Instant::now();
        loop {
            let clock = self.clock().await?;
            if clock.at_work == 0 {
                return Ok(clock);
            }
            if began.elapsed() > PATIENCE {
                bail!("still at work: {clock:?}\n{}", self.output()?);
            }
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
    }
}
