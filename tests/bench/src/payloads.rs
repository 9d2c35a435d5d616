//! The cost of keeping a payload, by its size: in the table, and as an object. Counted from the calls of a webhook, at list
//! prices.

use std::path::Path;

use anyhow::{Context as _, Result};
use serde_json::Value;
use tracehook_test_support::{Delivery, Options, Service};

use crate::latency::all_end;
use crate::report::Report;

/// Bytes of the bodies. The last one is larger than an item of the table may be.
const SIZES_KB: [usize; 5] = [1, 10, 30, 350, 4000];
/// The largest payload that the table takes, `inline_payload_bytes`.
const LARGEST_ITEM_BYTES: usize = 358_400;
const WEBHOOKS: u32 = 10;

/// List prices of us-east-1, USD for a million: `DynamoDB` on demand, S3 Standard.
const WRITE_UNITS: f64 = 0.625;
const READ_UNITS: f64 = 0.125;
const PUTS: f64 = 5.0;
const GETS: f64 = 0.4;
/// USD for a GB and month: a table with point-in-time recovery, a bucket.
const TABLE_GB: f64 = 0.45;
const BUCKET_GB: f64 = 0.023;
/// A payload is kept so many days; its object two days longer, which the table may take to delete the item.
const ITEM_DAYS: f64 = 7.0;
const OBJECT_DAYS: f64 = 9.0;
const DAYS_OF_A_MONTH: f64 = 30.0;

pub(crate) async fn measure(report: &mut Report, binaries: &Path) -> Result<()> {
    let (table, bucket) = (
        keeping(binaries, LARGEST_ITEM_BYTES).await?,
        keeping(binaries, 0).await?,
    );
    let mut both = Vec::new();
    for kilobytes in SIZES_KB {
        let bytes = kilobytes * 1000;
        let object = Used::by_webhooks(&bucket, bytes).await?.usd()
            + gigabytes(bytes) * BUCKET_GB * OBJECT_DAYS / DAYS_OF_A_MONTH;
        if bytes <= LARGEST_ITEM_BYTES {
            let item = Used::by_webhooks(&table, bytes).await?.usd()
                + gigabytes(bytes) * TABLE_GB * ITEM_DAYS / DAYS_OF_A_MONTH;
            report.add(format!("{kilobytes} KB in the table"), item, "USD per million");
            both.push((kilobytes as f64, object - item));
        }
        report.add(format!("{kilobytes} KB as an object"), object, "USD per million");
    }
    // Between two sizes both grow evenly.
    let crossing = both.windows(2).find_map(|pair| match pair {
        [(small, dearer), (large, cheaper)] if *dearer > 0.0 && *cheaper <= 0.0 => {
            Some(small + (large - small) * dearer / (dearer - cheaper))
        }
        _ => None,
    });
    report.add(
        "table and bucket cost the same, times of functions left out",
        crossing.context("they never cross")?,
        "KB",
    );
    Ok(())
}

/// GB of a million payloads.
fn gigabytes(bytes: usize) -> f64 {
    bytes as f64 * 1e6 / 1e9
}

/// A service that keeps payloads up to so many bytes in the table.
async fn keeping(binaries: &Path, inline_bytes: usize) -> Result<Service> {
    Service::start_with(Options {
        memory: true,
        binaries: Some(binaries.to_owned()),
        config: Some(format!("[limits]\ninline_payload_bytes = {inline_bytes}\n")),
        ..Options::default()
    })
    .await
}

/// What a webhook uses: units of the table, requests to the bucket.
#[derive(Debug, Clone, Copy, Default)]
struct Used {
    write_units: f64,
    read_units: f64,
    puts: f64,
    gets: f64,
}

impl Used {
    async fn by_webhooks(service: &Service, bytes: usize) -> Result<Self> {
        let before = Self::so_far(service).await?;
        let mut tokens = Vec::new();
        for number in 0..WEBHOOKS {
            let start = format!(r#"{{"number":{number},"filler":""#);
            let filler = "x".repeat(bytes.saturating_sub(start.len() + 2));
            let delivery = Delivery::github("push", format!(r#"{start}{filler}"}}"#));
            tokens.push(service.send(&delivery).await?.token()?);
        }
        all_end(service, &tokens).await?;
        let after = Self::so_far(service).await?;
        let each = |after: f64, before: f64| (after - before) / f64::from(WEBHOOKS);
        Ok(Self {
            write_units: each(after.write_units, before.write_units),
            read_units: each(after.read_units, before.read_units),
            puts: each(after.puts, before.puts),
            gets: each(after.gets, before.gets),
        })
    }

    /// Of validator and processor, since the service began.
    async fn so_far(service: &Service) -> Result<Self> {
        let stats = service.get("/local/stats").await?.json;
        let rows = stats
            .get("calls")
            .and_then(Value::as_array)
            .context("no list of calls")?;
        let mut used = Self::default();
        for row in rows {
            let text = |name: &str| row.get(name).and_then(Value::as_str).unwrap_or_default();
            if !matches!(text("function"), "tracehook-validator" | "tracehook-processor") {
                continue;
            }
            let number = |name: &str| row.get(name).and_then(Value::as_f64).unwrap_or_default();
            match text("operation") {
                "dynamodb:PutItem" | "dynamodb:UpdateItem" => used.write_units += number("capacityUnits"),
                "dynamodb:GetItem" | "dynamodb:Query" => used.read_units += number("capacityUnits"),
                "s3:PutObject" => used.puts += number("calls"),
                "s3:GetObject" => used.gets += number("calls"),
                _ => {}
            }
        }
        Ok(used)
    }

    fn usd(self) -> f64 {
        self.write_units * WRITE_UNITS + self.read_units * READ_UNITS + self.puts * PUTS + self.gets * GETS
    }
}
