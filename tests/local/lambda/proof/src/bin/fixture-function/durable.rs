//! The durable function: a list of operations, run in order; the result is the list of their results.

use std::path::PathBuf;
use std::pin::Pin;
use std::time::Duration;

use aws_durable_execution_sdk as sdk;
use lambda_runtime::{Error, service_fn};
use sdk::{BoxError, Branch, DurableContext, RetryDecision, StepSemantics};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::files;

#[derive(Clone, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "do")]
enum Operation {
    Step(Step),
    Wait {
        seconds: u64,
    },
    Child {
        name: String,
        operations: Vec<Operation>,
    },
    Parallel {
        branches: Vec<Vec<Operation>>,
    },
    /// Checks until `checks` of them have been made, one second apart.
    Condition {
        checks: u64,
    },
    Callback,
    Invoke,
    Panic,
    /// Ends the process, every time.
    Exit,
    /// Fails the execution.
    Fail,
}

#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct Step {
    name: String,
    /// The length of the result; 0 for the number of the try.
    #[serde(default)]
    bytes: usize,
    /// Tries that fail before one succeeds.
    #[serde(default)]
    failures: u32,
    #[serde(default)]
    at_most_once: bool,
    /// A file that the step waits for.
    until: Option<PathBuf>,
}

pub(crate) async fn run(batching: bool) -> Result<(), Error> {
    let options = sdk::Options::builder().checkpoint_batching(batching).build()?;
    let handler = |operations: Vec<Operation>, context: DurableContext| all(operations, context);
    lambda_runtime::run(service_fn(sdk::wrap(handler, options))).await
}

type Results = Pin<Box<dyn Future<Output = Result<Value, BoxError>> + Send>>;

fn all(operations: Vec<Operation>, context: DurableContext) -> Results {
    Box::pin(async move {
        let mut results = Vec::new();
        for operation in operations {
            results.push(one(operation, &context).await?);
        }
        Ok(json!(results))
    })
}

async fn one(operation: Operation, context: &DurableContext) -> Result<Value, BoxError> {
    match operation {
        Operation::Step(script) => step(script, context).await,
        Operation::Wait { seconds } => {
            context.wait(Duration::from_secs(seconds)).await?;
            Ok(json!("waited"))
        }
        Operation::Child { name, operations } => {
            let child = context.run_in_child_context(|context| all(operations, context));
            Ok(child.name(name).await?)
        }
        Operation::Parallel { branches } => {
            let branches = branches.into_iter().enumerate().map(|(number, operations)| {
                Branch::new(format!("branch-{number}"), move |context| all(operations, context))
            });
            let results: Vec<Value> = context.parallel(branches.collect::<Vec<_>>()).await?;
            Ok(json!(results))
        }
        Operation::Condition { checks } => {
            let strategy = sdk::builders::wait_for_condition::WaitStrategy::builder(move |made: &u64| *made >= checks)
                .initial_delay(Duration::from_secs(1))
                .build();
            let check = |_, made: u64| async move { Ok(made + 1) };
            Ok(json!(
                context.wait_for_condition(check, 0).wait_strategy(strategy).await?
            ))
        }
        Operation::Callback => {
            context.create_callback::<Value>().name("callback").await?;
            Ok(Value::Null)
        }
        Operation::Invoke => Ok(context.invoke::<Value, _>("other", json!({})).name("invoke").await?),
        #[expect(clippy::panic, reason = "a handler's panic is what is tested")]
        Operation::Panic => panic!("the script says so"),
        Operation::Exit => std::process::exit(7),
        Operation::Fail => Err(Box::new(sdk::TypedError::with_type(
            "ScriptedError",
            "the script says so",
        ))),
    }
}

async fn step(script: Step, context: &DurableContext) -> Result<Value, BoxError> {
    let (name, failures) = (script.name.clone(), script.failures);
    let semantics = if script.at_most_once {
        StepSemantics::AtMostOncePerRetry
    } else {
        StepSemantics::AtLeastOncePerRetry
    };
    let body = move |step: sdk::StepContext| async move {
        let effects = PathBuf::from(std::env::var("EFFECTS")?);
        let number = step.attempt();
        files::append(&effects, &format!("{} {number} {}", script.name, std::process::id()))?;
        if let Some(until) = &script.until {
            files::wait_for(until).await;
        }
        if number <= script.failures {
            return Err("the script says so".into());
        }
        Ok(if script.bytes > 0 {
            json!("x".repeat(script.bytes))
        } else {
            json!(number)
        })
    };
    let retry = move |_: &sdk::StepError, number: u32| {
        if number <= failures.max(1) {
            RetryDecision::Retry {
                delay: Duration::from_secs(1),
            }
        } else {
            RetryDecision::Stop
        }
    };
    Ok(context
        .step(body)
        .name(name)
        .semantics(semantics)
        .retry_strategy(retry)
        .await?)
}
