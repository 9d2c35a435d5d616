//! A Lambda function for the tests of the host: it does what its payload says.
//!
//! `FIXTURE` says which kind of function it is.

mod by_hand;
mod durable;
mod files;
mod plain;

use lambda_runtime::{Error, service_fn};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let kind = std::env::var("FIXTURE").unwrap_or_default();
    match kind.as_str() {
        "cannot-start" => std::process::exit(3),
        "durable" => durable::run(false).await,
        "durable-batching" => durable::run(true).await,
        "durable-by-hand" => lambda_runtime::run(service_fn(by_hand::handle)).await,
        "graceful" => {
            plain::leave_on_sigterm().await?;
            lambda_runtime::run(service_fn(plain::handle)).await
        }
        _ => {
            println!("the fixture starts");
            lambda_runtime::run(service_fn(plain::handle)).await
        }
    }
}
