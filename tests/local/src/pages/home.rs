//! `/`: the latest webhooks.

use axum::extract::{Query, State};
use axum::response::Html;
use maud::{Markup, html};
use tracehook_core::Status;

use super::layout::{Place, Refresh, page, pill};
use super::redrive::button;
use super::{Choices, Links, Pages, WebhookRow, format, now_ms};

/// Rows on the page.
const ROWS: usize = 100;

pub(super) async fn show(State(pages): State<Pages>, Query(choices): Query<Choices>) -> Html<String> {
    let webhooks = pages.webhooks.latest(ROWS).await;
    let content = if webhooks.is_empty() {
        help(&pages.examples.text())
    } else {
        table(&webhooks, &pages.links, now_ms())
    };
    page(
        Place::Webhooks,
        "Webhooks",
        Refresh::of(choices.stands_still()),
        content,
    )
}

fn help(example: &str) -> Markup {
    html! {
        section.card.help {
            h1 { "No webhook yet" }
            p { "Send one:" }
            pre { (example) }
            p { "It appears here with its status and its trace." }
        }
    }
}

fn table(webhooks: &[WebhookRow], links: &Links, now_ms: i64) -> Markup {
    html! {
        h1 { "Latest webhooks" }
        table.card.list {
            thead { tr {
                th { "Status" } th.grow { "Webhook" } th { "Token" } th.num { "Received" } th.num { "Took" } th {}
            } }
            tbody { @for webhook in webhooks { (row(webhook, links, now_ms)) } }
        }
    }
}

fn row(webhook: &WebhookRow, links: &Links, now_ms: i64) -> Markup {
    let is_open = webhook
        .status
        .parse::<Status>()
        .is_ok_and(|status| !status.is_terminal());
    let until_ms = if is_open { now_ms } else { webhook.last_updated_ms };
    let status_url = links.status_of(&webhook.token);
    html! {
        tr {
            td { (pill(&webhook.status)) }
            td.grow {
                b { (webhook.event_type.as_deref().unwrap_or("webhook")) }
                @if webhook.attempt > 1 { " " span.badge { "redrive " (webhook.attempt - 1) } }
                div.muted {
                    (webhook.source)
                    @if let Some(subject) = &webhook.subject { " · " (subject) }
                }
                @if let Some((code, message)) = &webhook.error {
                    div.why title=(message) { b { (code) } " " (message) }
                }
            }
            td { code title=(webhook.token) { (shortened(&webhook.token)) } }
            td.num title=(format::moment_ms(webhook.created_at_ms)) { (format::age(webhook.created_at_ms, now_ms)) }
            td.num {
                (format::duration_ms(until_ms.saturating_sub(webhook.created_at_ms)))
                @if is_open { div.muted { "so far" } }
            }
            td.links {
                (button(&webhook.token, &webhook.status))
                a href=(status_url) { "status" }
                @if let Some(trace_id) = &webhook.trace_id { a href=(links.trace_of(trace_id)) { "trace" } }
            }
        }
    }
}

fn shortened(token: &str) -> String {
    let head: String = token.chars().take(8).collect();
    if head.len() < token.len() {
        format!("{head}…")
    } else {
        head
    }
}
