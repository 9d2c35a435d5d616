//! Control of a running service: faults, kills, and reads of its processes and executions.

use std::process::Command;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};
use serde_json::{Value, json};

use super::{PATIENCE, Service};
use crate::producer::Answer;

impl Service {
    /// Plans a fault. See the local service's documentation for the rule's form.
    ///
    /// # Errors
    /// When the rule is refused.
    pub async fn fault(&self, rule: Value) -> Result<()> {
        let answer = self
            .client
            .post(format!("{}/local/faults", self.url))
            .json(&rule)
            .send()
            .await?;
        Answer::of(answer).await?.expect_success("a fault rule")
    }

    /// Replaces all faults by a plan.
    ///
    /// # Errors
    /// When the plan is refused.
    pub async fn plan(&self, plan: &Value) -> Result<()> {
        let sent = self.client.put(format!("{}/local/faults", self.url)).json(plan);
        Answer::of(sent.send().await?).await?.expect_success("a plan of faults")
    }

    /// The rules of the faults, each with how many calls it has `matched`.
    ///
    /// # Errors
    /// When they cannot be read.
    pub async fn faults(&self) -> Result<Vec<Value>> {
        let rules = self.get("/local/faults").await?.json;
        Ok(rules.as_array().context("no list of rules")?.clone())
    }

    /// Kills the function that makes the call number `skip + 1` of `operation`, before the call or after it.
    ///
    /// # Errors
    /// When the rule is refused.
    pub async fn kill_at(&self, function: &str, operation: &str, skip: usize, phase: &str) -> Result<()> {
        let rule = json!({"operation": operation, "function": function, "skip": skip, "count": 1, "phase": phase,
            "effect": {"kill": true}});
        self.fault(rule).await
    }

    /// Stops the running execution of a webhook, as an operator does in the console.
    ///
    /// # Errors
    /// When there is none, or it cannot be stopped.
    pub async fn stop_execution_of(&self, token: &str) -> Result<()> {
        let answer = self
            .client
            .post(format!("{}/local/stop", self.url))
            .json(&json!({"token": token}))
            .send()
            .await?;
        Answer::of(answer).await?.expect_success("stopping an execution")
    }

    /// Invokes the reconciler with an event and returns its answer.
    ///
    /// # Errors
    /// When the reconciler fails.
    pub async fn reconcile(&self, event: Value) -> Result<Value> {
        let sent = self.client.post(format!("{}/local/reconcile", self.url)).json(&event);
        let answer = Answer::of(sent.send().await?).await?;
        answer.expect_success("the reconciler")?;
        Ok(answer.json)
    }

    /// Whether every planned fault has happened.
    ///
    /// # Errors
    /// When the rules cannot be read.
    pub async fn all_faults_happened(&self) -> Result<bool> {
        let rules = self.faults().await?;
        Ok(!rules.is_empty() && rules.iter().all(|rule| rule["matched"].as_u64() >= Some(1)))
    }

    /// Forgets every planned fault.
    ///
    /// # Errors
    /// When there is no answer.
    pub async fn clear_faults(&self) -> Result<()> {
        let answer = self.client.delete(format!("{}/local/faults", self.url)).send().await?;
        Answer::of(answer).await?.expect_success("clearing the faults")
    }

    /// Kills every running process of a function, as `kill -9` does, and waits until the service no longer lists it.
    ///
    /// # Errors
    /// When it has none.
    pub async fn kill_function(&self, function: &str) -> Result<()> {
        let pids = self.pids_of(function).await?;
        let killed = Command::new("kill")
            .arg("-9")
            .args(pids.iter().map(u64::to_string))
            .status()?;
        if pids.is_empty() || !killed.success() {
            bail!("no process of {function} was killed");
        }
        let began = Instant::now();
        while began.elapsed() < PATIENCE {
            let left = self.pids_of(function).await?;
            if !pids.iter().any(|pid| left.contains(pid)) {
                return Ok(());
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        bail!("killed processes of {function} are still listed")
    }

    /// The ids of a function's running processes.
    ///
    /// # Errors
    /// When they cannot be read.
    pub async fn pids_of(&self, function: &str) -> Result<Vec<u64>> {
        let sandboxes = self.sandboxes().await?;
        let of = |sandbox: &&Value| sandbox.get("function").and_then(Value::as_str) == Some(function);
        Ok(sandboxes
            .iter()
            .filter(of)
            .filter_map(|sandbox| sandbox.get("pid")?.as_u64())
            .collect())
    }

    /// The processes of the functions, as the service lists them.
    ///
    /// # Errors
    /// When they cannot be read.
    pub async fn sandboxes(&self) -> Result<Vec<Value>> {
        let stats = self.get("/local/stats").await?.json;
        let sandboxes = stats.get("sandboxes").and_then(Value::as_array);
        Ok(sandboxes.context("no list of sandboxes")?.clone())
    }

    /// Kills the service when its validator has stored `webhooks` webhooks.
    ///
    /// # Errors
    /// When it cannot be killed.
    pub async fn kill_when_stored(&self, webhooks: u64) -> Result<()> {
        let began = Instant::now();
        loop {
            let stats = self.get("/local/stats").await?.json;
            if calls(&stats, "tracehook-validator", "dynamodb:PutItem") >= webhooks * 2 {
                break;
            }
            if began.elapsed() > PATIENCE {
                bail!("{webhooks} webhooks were not stored: {stats}");
            }
        }
        self.kill_under_way()
    }

    /// The states of the durable executions of a webhook, once none is running.
    ///
    /// # Errors
    /// When they cannot be read.
    pub async fn executions_of(&self, token: &str) -> Result<Vec<String>> {
        let began = Instant::now();
        while began.elapsed() < PATIENCE {
            let executions = self.get(&format!("/local/executions?token={token}")).await?.json;
            let executions = executions.as_array().context("no list of executions")?;
            let states: Vec<_> = executions
                .iter()
                .filter_map(|execution| Some(execution["status"].as_str()?.to_owned()))
                .collect();
            if !states.iter().any(|state| state == "RUNNING") {
                return Ok(states);
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        bail!("an execution of {token} still runs")
    }
}

/// Number of calls of an operation by a function, from the stats of the local service.
#[must_use]
pub fn calls(stats: &Value, function: &str, operation: &str) -> u64 {
    let all = stats["calls"].as_array().map_or(&[][..], Vec::as_slice);
    let of = |call: &&Value| call["function"] == function && call["operation"] == operation;
    all.iter().filter(of).filter_map(|call| call["calls"].as_u64()).sum()
}
