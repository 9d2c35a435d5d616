//! `POST /webhooks/{token}/redrive`: the button of a webhook that ended badly. A plain form, so it works without a
//! script.
//!
//! A form can be sent from any page that the browser shows, so only one of a page of this service is taken: the browser must
//! say that it is, by `Sec-Fetch-Site` or by `Origin`.

use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{Html, IntoResponse, Redirect, Response};
use maud::{Markup, html};
use tracehook_core::ExecutionToken;

use super::layout::{Place, Refresh, page};
use super::{Pages, encode};
use crate::guard;

/// The button, for a webhook whose status may be redriven.
pub(super) fn button(token: &str, status: &str) -> Markup {
    let redrivable = matches!(status, "failed" | "timed_out" | "stopped");
    html! {
        @if redrivable {
            form.redrive method="post" action={ "/webhooks/" (encode(token)) "/redrive" } {
                button type="submit" title="Open the next attempt under the same token and trace" { "redrive" }
            }
        }
    }
}

pub(super) async fn redrive(State(pages): State<Pages>, Path(token): Path<String>, headers: HeaderMap) -> Response {
    if !guard::is_from_a_page_of(pages.here, &headers) {
        return (
            StatusCode::FORBIDDEN,
            problem("This form was not sent by a page of this service."),
        )
            .into_response();
    }
    let Ok(token) = token.parse::<ExecutionToken>() else {
        return (StatusCode::NOT_FOUND, problem("This is no execution token.")).into_response();
    };
    let told = match pages.webhooks.redrive(token).await.as_deref() {
        Some("redriven" | "started_again") => return Redirect::to("/").into_response(),
        Some("running") => "An attempt of this webhook is running.",
        Some("completed") => "This webhook is completed.",
        Some("token_unknown") => "There is no webhook of this token.",
        Some("payload_expired") => "The payload of this webhook has expired.",
        _ => "The reconciler could not do it now.",
    };
    (StatusCode::CONFLICT, problem(told)).into_response()
}

fn problem(told: &str) -> Html<String> {
    let content = html! {
        section.card.help {
            h1 { "Not redriven" }
            p { (told) }
            p { a href="/" { "Back to the webhooks" } }
        }
    };
    page(Place::Webhooks, "Not redriven", Refresh::Never, content)
}
