//! An operator's commands: redrive and stop.

use serde::Deserialize;
use tracehook_core::{ExecutionToken, SourceName, Timestamp};
use tracehook_store::ScanCursor;

use super::InvalidTrigger;

/// The redrives in a second of a command without a rate.
const DEFAULT_RATE: u32 = 10;
/// The most redrives or stops in a second: the account starts 300 executions a second.
const MAX_RATE: u32 = 100;

/// The webhooks to redrive.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Redrive {
    /// One, by its token.
    Token(ExecutionToken),
    /// All of a source that failed, or wait, in a time.
    Failed(RedriveFailed),
}

/// All of a source that ended badly, or failed last and wait for their next try, in `since..until`.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct RedriveFailed {
    pub(crate) source: SourceName,
    pub(crate) since: Timestamp,
    /// The time of the command when absent. A command that is repeated with the `until` of its first answer skips
    /// webhooks that failed again in the meantime.
    pub(crate) until: Option<Timestamp>,
    /// Those that wait, in place of those that ended.
    pub(crate) waiting: bool,
    /// Only those whose last failure has this code.
    pub(crate) code: Option<String>,
    pub(crate) dry_run: bool,
    pub(crate) rate_per_second: u32,
    pub(crate) cursor: Option<ScanCursor>,
}

/// Everything that is open.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct StopAll {
    pub(crate) dry_run: bool,
    pub(crate) rate_per_second: u32,
}

/// A stop as it is sent.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct StopCommand {
    #[serde(rename = "action")]
    _action: String,
    #[serde(default)]
    dry_run: bool,
    rate_per_second: Option<u32>,
}

impl StopAll {
    pub(super) fn of(command: &StopCommand) -> Result<Self, InvalidTrigger> {
        Ok(Self {
            dry_run: command.dry_run,
            rate_per_second: rate(command.rate_per_second, MAX_RATE).map_err(InvalidTrigger::Stop)?,
        })
    }
}

fn rate(per_second: Option<u32>, default: u32) -> Result<u32, &'static str> {
    let rate = per_second.unwrap_or(default);
    (1..=MAX_RATE)
        .contains(&rate)
        .then_some(rate)
        .ok_or("ratePerSecond is from 1 to 100")
}

/// A redrive as it is sent.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct Command {
    #[serde(rename = "action")]
    _action: String,
    token: Option<ExecutionToken>,
    source: Option<String>,
    since: Option<String>,
    until: Option<String>,
    #[serde(default)]
    waiting: bool,
    code: Option<String>,
    #[serde(default)]
    dry_run: bool,
    rate_per_second: Option<u32>,
    cursor: Option<String>,
}

impl Command {
    /// True if it says anything about which of many are meant, or how.
    const fn is_of_many(&self) -> bool {
        self.source.is_some()
            || self.since.is_some()
            || self.until.is_some()
            || self.waiting
            || self.code.is_some()
            || self.dry_run
            || self.rate_per_second.is_some()
            || self.cursor.is_some()
    }
}

impl Redrive {
    pub(super) fn of(command: Command) -> Result<Self, InvalidTrigger> {
        let problem = InvalidTrigger::Redrive;
        let is_of_many = command.is_of_many();
        match (command.token, command.source) {
            (Some(token), None) if !is_of_many => Ok(Self::Token(token)),
            (None, Some(source)) => {
                let time = |text: Option<String>| text.map(|text| text.parse()).transpose();
                let times = time(command.since).and_then(|since| Ok((since, time(command.until)?)));
                let (since, until) =
                    times.map_err(|_| problem("since and until are times as in 2026-01-31T12:00:00Z"))?;
                if since.zip(until).is_some_and(|(since, until)| until <= since) {
                    return Err(problem("until is later than since"));
                }
                let rate = rate(command.rate_per_second, DEFAULT_RATE).map_err(problem)?;
                let cursor = command.cursor.map(|text| text.parse()).transpose();
                Ok(Self::Failed(RedriveFailed {
                    source: source.parse().map_err(|_| problem("source is not a source's name"))?,
                    since: since.ok_or(problem("since is missing"))?,
                    until,
                    waiting: command.waiting,
                    code: command.code,
                    dry_run: command.dry_run,
                    rate_per_second: rate,
                    cursor: cursor.map_err(|_| problem("cursor is not one of an earlier answer"))?,
                }))
            }
            _ => Err(problem("either token, alone, or source with since")),
        }
    }
}
