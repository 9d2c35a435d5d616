//! A local Lambda in a process of its own, for the test that kills it: `fixture-host DIRECTORY FUNCTION-BINARY`.
//!
//! Has a function `plain` and a function `durable`, and prints the address that it listens on.

use std::path::PathBuf;

use anyhow::Context as _;
use tracehook_local_lambda::{DurableOptions, FunctionOptions, Lambda, LambdaOptions, State};

#[tokio::main(flavor = "current_thread")]
async fn main() -> anyhow::Result<()> {
    let mut arguments = std::env::args_os().skip(1).map(PathBuf::from);
    let directory = arguments.next().context("no directory")?;
    let binary = arguments.next().context("no binary")?;
    let listener = tokio::net::TcpListener::bind(("127.0.0.1", 0)).await?;
    let url = format!("http://{}", listener.local_addr()?);
    let functions = ["plain", "durable"].map(|kind| {
        let mut function = FunctionOptions::new(kind, &binary);
        function.durable = (kind == "durable").then(DurableOptions::default);
        function.environment = [
            ("FIXTURE", kind.to_owned()),
            ("AWS_ENDPOINT_URL_LAMBDA", url.clone()),
            ("EFFECTS", directory.join("effects").display().to_string()),
        ]
        .map(|(name, value)| (name.to_owned(), value))
        .into();
        function
    });
    let lambda = Lambda::start(LambdaOptions::new(State::Directory(directory), functions.into())).await?;
    lambda.resume();
    println!("{url}");
    Ok(axum::serve(listener, lambda.router()).await?)
}
