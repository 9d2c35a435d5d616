//! `/alarms`: the states of the alarms, their notifications, and the runbooks.

use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::{Html, IntoResponse as _, Response};
use maud::{Markup, html};
use tracehook_alarms::embedded;
use tracehook_local_cloudwatch::Severity;

use super::layout::{Place, Refresh, page};
use super::{Choices, Pages, format, now_ms};
use crate::alarms::Row;

pub(super) async fn show(State(pages): State<Pages>, Query(choices): Query<Choices>) -> Html<String> {
    let rows = pages.alarms.rows();
    let firing: Vec<&Row> = rows
        .iter()
        .filter(|row| row.state == tracehook_local_cloudwatch::State::Alarm)
        .collect();
    let telling = firing.iter().filter(|row| row.severity != Severity::None).count();
    let told = pages.alarms.notifications();
    let now_ms = now_ms();
    let content = html! {
        h1 {
            @if firing.is_empty() { "All is well" } @else {
                (format::count(telling, "alarm")) " of " (rows.len())
                @if firing.len() > telling { span.muted { ", and " (format::count(firing.len() - telling, "part")) } }
            }
        }
        @if !told.is_empty() {
            h2 { "Notifications" }
            table.card.list { tbody { @for told in told.iter().take(20) { tr {
                td { (state(told.state)) }
                td.grow { b { (told.name) } }
                td { (severity(told.severity)) }
                td.num title=(format::moment_ms(told.at_ms)) { (format::age(told.at_ms, now_ms)) }
            } } } }
        }
        h2 { "Alarms" }
        table.card.list {
            thead { tr { th { "State" } th.grow { "Alarm" } th { "Tells" } th.num { "Since" } th {} } }
            tbody { @for row in &rows { (alarm(row, now_ms)) } }
        }
        p.muted {
            "The deployment's definitions, over the functions' metrics and those of AWS that this machine measures: API, "
            "functions, durable executions, table, dead letters. Windows are the deployment's. "
            a href="/local/alarms" { "As JSON" }
        }
    };
    page(Place::Alarms, "Alarms", Refresh::of(choices.stands_still()), content)
}

fn alarm(row: &Row, now_ms: i64) -> Markup {
    html! {
        tr {
            td { @if row.unmeasured.is_some() { span.pill.quiet { "NO DATA" } } @else { (state(row.state)) } }
            td.grow { b { (row.name) } div { (row.title) }
                @if let Some(why) = row.unmeasured {
                    div.muted { "No data here: " (why) "." }
                } @else if let Some(by) = &row.suppressor {
                    div.muted { (row.reason) "; suppressed by " (by) }
                // That none of its alarms is in alarm needs no line.
                } @else if !row.is_composite || row.state != tracehook_local_cloudwatch::State::Ok {
                    div.muted { (row.reason) }
                }
            }
            td.muted[row.severity == Severity::None] { (severity(row.severity)) }
            td.num title=[row.since_ms.map(format::moment_ms)] {
                @if let Some(since_ms) = row.since_ms { (format::age(since_ms, now_ms)) }
            }
            td.links { a href={ "/alarms/runbooks/" (row.runbook) } { "runbook" } }
        }
    }
}

fn state(state: tracehook_local_cloudwatch::State) -> Markup {
    let tone = match state {
        tracehook_local_cloudwatch::State::Ok => "ok",
        tracehook_local_cloudwatch::State::Alarm => "bad",
        tracehook_local_cloudwatch::State::InsufficientData => "warn",
    };
    // CloudWatch's word for it is too long for a column.
    let name = if state == tracehook_local_cloudwatch::State::InsufficientData {
        "UNKNOWN"
    } else {
        state.as_str()
    };
    html! { span class={ "pill " (tone) } { (name) } }
}

fn severity(severity: Severity) -> &'static str {
    match severity {
        Severity::Page => "page",
        Severity::Ticket => "ticket",
        Severity::None => "part",
    }
}

/// A runbook, as it is written.
pub(super) async fn runbook(Path(name): Path<String>) -> Response {
    let Some(text) = embedded::runbook(&name) else {
        let content = html! { h1 { "No such runbook" } p { a href="/alarms" { "The alarms" } } };
        return (
            StatusCode::NOT_FOUND,
            page(Place::Alarms, "Alarms", Refresh::Never, content),
        )
            .into_response();
    };
    let content = html! { p { a href="/alarms" { "The alarms" } } section.card.help { pre { (text) } } };
    page(Place::Alarms, &name, Refresh::Never, content).into_response()
}
