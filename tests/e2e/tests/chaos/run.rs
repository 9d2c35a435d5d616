//! One run: the service, its faults, and the calm after them.

use std::collections::{BTreeMap, BTreeSet};
use std::process::Command;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use futures_util::StreamExt;
use futures_util::stream;
use serde_json::{Value, json};
use tokio::sync::{Mutex, RwLock};
use tracehook_test_support::service::binaries;
use tracehook_test_support::{Options, SECRET, Service, is_open};

use crate::chance::Chance;
use crate::outside::Outside;
use crate::plan;
use crate::producers::{self, Accepted, Counts};
use crate::strangers;
use crate::verdict::Verdict;

/// Between two kills of sandboxes.
const KILL_EVERY: Duration = Duration::from_secs(1);
/// The longest time in which nothing ends. Not a measure: a webhook that is open after it is stuck.
const PATIENCE: Duration = Duration::from_mins(2);

pub(crate) struct Run {
    seed: u64,
    webhooks: u64,
    service: RwLock<Service>,
    outside: Outside,
    counts: Counts,
    /// Hits by rule; read before the service that counts them ends.
    hits: Mutex<BTreeMap<String, u64>>,
    sandboxes_killed: Mutex<BTreeMap<String, u64>>,
    strangers: strangers::Answers,
    began: Instant,
}

fn config(outside: &str) -> String {
    let mut config = format!(
        "[sources.github]\npreset = \"github\"\nsecret = \"{SECRET}\"\n\
         [durable]\nfailure_delay_ms = 100\n[asynchronous]\nretry_delay_ms = 500\n\
         [triggers]\nsweep_seconds = 5\ndead_letter_delay_ms = 500\n\
         [functions.reconciler]\nconcurrency = 3\n\
         [functions.processor]\nbinary = \"{}\"\n",
        binaries().unwrap().join("scripted-processor").display()
    );
    let own = [
        ("validator", ""),
        ("status", ""),
        (
            "reconciler",
            "RECEIVED_AGE_SECONDS = \"5\"\nSTARTED_AGE_SECONDS = \"15\"\nENGINE_CALLS_PER_SECOND = \"30\"\n",
        ),
        (
            "processor",
            "STEP_INITIAL_DELAY_SECONDS = \"1\"\nSTEP_MAX_DELAY_SECONDS = \"2\"\nSTEP_MAX_TRIES = \"10\"\n",
        ),
    ];
    for (function, variables) in own {
        config.push_str(&format!(
            "[functions.{function}.environment]\nOTEL_EXPORTER_OTLP_ENDPOINT = \"{outside}\"\n\
             OTEL_EXPORTER_OTLP_TIMEOUT = \"10000\"\n{variables}"
        ));
    }
    config.push_str(&format!("EFFECTS_URL = \"{outside}/effects\"\n"));
    config
}

impl Run {
    pub(crate) async fn start(seed: u64, webhooks: u64) -> Self {
        let (outside, url) = Outside::start().await;
        let options = Options {
            config: Some(config(&url)),
            faults: Some(plan::of(seed)),
            ..Options::default()
        };
        Self {
            seed,
            webhooks,
            service: RwLock::new(Service::start_with(options).await.unwrap()),
            outside,
            counts: Counts::default(),
            hits: Mutex::default(),
            sandboxes_killed: Mutex::default(),
            strangers: Mutex::default(),
            began: Instant::now(),
        }
    }

    /// Sends everything while everything fails, until nine of ten executions have ended.
    pub(crate) async fn unleash(&self) -> Vec<Accepted> {
        let is_over = AtomicBool::new(false);
        let produce = async {
            let accepted = producers::send(&self.service, self.seed, self.webhooks, &self.counts).await;
            let (began, enough) = (Instant::now(), accepted.len() * 9 / 10);
            while began.elapsed() < PATIENCE && self.executions("SUCCEEDED").await.len() < enough {
                tokio::time::sleep(KILL_EVERY).await;
            }
            is_over.store(true, Ordering::Relaxed);
            accepted
        };
        let (accepted, (), (), (), ()) = tokio::join!(
            produce,
            self.kill_sandboxes(&is_over),
            self.kill_the_service(),
            self.rotate(),
            strangers::send(&self.service, self.seed, &self.strangers, &is_over),
        );
        accepted
    }

    /// Kills a sandbox every second, whatever it is doing.
    async fn kill_sandboxes(&self, is_over: &AtomicBool) {
        let mut chance = Chance::new(!self.seed);
        while !is_over.load(Ordering::Relaxed) {
            tokio::time::sleep(KILL_EVERY).await;
            // None while the service is down.
            let sandboxes = self.service.read().await.sandboxes().await.unwrap_or_default();
            let index = usize::try_from(chance.below(sandboxes.len() as u64)).unwrap();
            let Some(sandbox) = sandboxes.get(index) else { continue };
            let pid = sandbox["pid"].as_u64().unwrap();
            let killed = pid > 0
                && Command::new("kill")
                    .args(["-9", &pid.to_string()])
                    .status()
                    .unwrap()
                    .success();
            if killed {
                let function = sandbox["function"].as_str().unwrap().to_owned();
                *self.sandboxes_killed.lock().await.entry(function).or_default() += 1;
            }
        }
    }

    /// Kills the service when a third and when two thirds of the webhooks are accepted.
    async fn kill_the_service(&self) {
        for third in 1..=2 {
            self.accepted(self.webhooks * third / 3).await;
            self.count_hits().await;
            self.service.read().await.kill_under_way().unwrap();
            self.service.write().await.restart().await.unwrap();
        }
    }

    /// Rotates the secret when half of the webhooks are accepted.
    async fn rotate(&self) {
        self.accepted(self.webhooks / 2).await;
        let service = self.service.read().await;
        self.counts.secrets.rotate(&service);
    }

    /// Waits until so many webhooks are accepted.
    async fn accepted(&self, webhooks: u64) {
        while self.counts.accepted.load(Ordering::Relaxed) < webhooks {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    async fn count_hits(&self) {
        let rules = self.service.read().await.faults().await.unwrap();
        let mut hits = self.hits.lock().await;
        // The other rules are states and hit no call.
        let of_calls = rules
            .iter()
            .filter(|rule| !matches!(rule["operation"].as_str(), Some("durable" | "clock")));
        for rule in of_calls {
            let name = format!(
                "{} {} {}",
                rule["operation"].as_str().unwrap(),
                rule["phase"].as_str().unwrap(),
                rule["effect"]
            );
            *hits.entry(name).or_default() += rule["matched"].as_u64().unwrap();
        }
    }

    /// Ends the faults and sweeps until nothing is open.
    pub(crate) async fn settle(&self, accepted: &[Accepted]) -> Verdict {
        let unleashed = self.began.elapsed();
        self.count_hits().await;
        let service = self.service.read().await;
        service.plan(&json!({"rules": []})).await.unwrap();
        let calm = Instant::now();
        let mut ends: BTreeMap<u64, Value> = BTreeMap::new();
        let mut last_end = Instant::now();
        while ends.len() < accepted.len() && last_end.elapsed() < PATIENCE {
            // Refused while earlier sweeps occupy every process of the reconciler; these do the same work.
            let _ = service.reconcile(json!({"action": "sweep"})).await;
            let open = accepted.iter().filter(|webhook| !ends.contains_key(&webhook.number));
            let asked: Vec<(u64, Value)> = stream::iter(open)
                // A status that is not answered in time is read again.
                .map(|webhook| async { Some((webhook.number, service.status(&webhook.token).await.ok()?)) })
                .buffer_unordered(8)
                .filter_map(|answer| async { answer })
                .collect()
                .await;
            let ended = asked.into_iter().filter(|(_, status)| !is_open(status));
            let before = ends.len();
            ends.extend(ended);
            if ends.len() > before {
                last_end = Instant::now();
            }
        }
        let settled = calm.elapsed();
        let tokens: BTreeSet<&str> = accepted.iter().map(|webhook| webhook.token.as_str()).collect();
        assert_eq!(tokens.len(), accepted.len(), "two webhooks have one token");
        self.wait_for_roots(accepted).await;
        let promises = self.counts.ledger.promises();
        let mut kept = BTreeSet::new();
        for token in tokens {
            for item in service.items_of(token).await.unwrap() {
                kept.insert((token.to_owned(), item));
            }
        }
        Verdict {
            lost: promises
                .iter()
                .filter(|promise| !kept.contains(&(promise.token.clone(), format!("payload#{}", promise.digest))))
                .cloned()
                .collect(),
            promises: promises.len(),
            accepted: accepted.len(),
            repeats: self.counts.repeats.load(Ordering::Relaxed),
            hits: self.hits.lock().await.clone(),
            sandboxes_killed: self.sandboxes_killed.lock().await.clone(),
            strangers: self.strangers.lock().await.clone(),
            secrets: self.counts.secrets.outcome(),
            unleashed,
            settled,
            ends: accepted
                .iter()
                .map(|webhook| (webhook.token.clone(), ends.get(&webhook.number).cloned()))
                .collect(),
            running: self.running().await,
            keys: accepted
                .iter()
                .map(|webhook| (webhook.token.clone(), self.outside.keys_of(&webhook.token)))
                .collect(),
            effects: self.outside.effects(),
            roots: accepted
                .iter()
                .map(|webhook| (webhook.token.clone(), self.outside.roots_of(&webhook.trace_id)))
                .collect(),
        }
    }

    /// Waits for the root spans, which are exported after the end, until all or no more arrive.
    async fn wait_for_roots(&self, accepted: &[Accepted]) {
        let have = || {
            accepted
                .iter()
                .filter(|webhook| self.outside.roots_of(&webhook.trace_id) > 0)
                .count()
        };
        let (mut before, mut same) = (0, 0);
        while have() < accepted.len() && same < 20 {
            tokio::time::sleep(Duration::from_millis(250)).await;
            same = if have() == before { same + 1 } else { 0 };
            before = have();
        }
    }

    /// The names of the executions in a state.
    async fn executions(&self, state: &str) -> Vec<String> {
        // None while the service is down.
        let answer = self.service.read().await.get("/local/executions").await;
        let executions = answer.map(|answer| answer.json).unwrap_or_default();
        let in_state = |execution: &&Value| execution["status"] == state;
        let all = executions.as_array().map_or(&[][..], Vec::as_slice);
        all.iter()
            .filter(in_state)
            .map(|execution| execution["name"].as_str().unwrap().to_owned())
            .collect()
    }

    /// Executions that still run after the engine had time to end them: the record ends a moment earlier.
    async fn running(&self) -> Vec<String> {
        let began = Instant::now();
        loop {
            let running = self.executions("RUNNING").await;
            if running.is_empty() || began.elapsed() > PATIENCE {
                return running;
            }
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
    }
}
