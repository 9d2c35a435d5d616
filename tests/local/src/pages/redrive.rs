//! `POST /webhooks/{token}/redrive`: the button of a webhook that ended badly. A plain form, so it works without a
//! script.
//!
//! A form can be sent from any page that the browser shows, so only one of this very host is taken: by `Sec-Fetch-Site`
//! where the browser sends it, by `Origin` where it does not. The host must be this machine by name or number, because a
//! name of somebody else may be made to lead here.

use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{Html, IntoResponse, Redirect, Response};
use maud::{Markup, html};
use tracehook_core::ExecutionToken;

use super::layout::{Place, Refresh, page};
use super::{Pages, encode};

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
    if !is_same_origin(&headers) {
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

fn is_same_origin(headers: &HeaderMap) -> bool {
    let text = |name: header::HeaderName| headers.get(name).and_then(|value| value.to_str().ok());
    let Some(host) = text(header::HOST) else { return false };
    let name = host.rsplit_once(':').map_or(host, |(name, _)| name);
    if !matches!(name, "127.0.0.1" | "localhost" | "[::1]") {
        return false;
    }
    match (
        text(header::HeaderName::from_static("sec-fetch-site")),
        text(header::ORIGIN),
    ) {
        (Some(site), _) => site == "same-origin",
        (None, Some(origin)) => origin.strip_prefix("http://") == Some(host),
        (None, None) => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_page_of_this_host_on_this_machine_is_taken() {
        for (host, site, origin, expected) in [
            ("127.0.0.1:8080", Some("same-origin"), None, true),
            ("localhost:8080", None, Some("http://localhost:8080"), true),
            (
                "127.0.0.1:8080",
                Some("cross-site"),
                Some("http://127.0.0.1:8080"),
                false,
            ),
            ("127.0.0.1:8080", Some("same-site"), None, false),
            ("127.0.0.1:8080", None, Some("http://127.0.0.1:9999"), false),
            ("127.0.0.1:8080", None, Some("null"), false),
            ("127.0.0.1:8080", None, None, false),
            (
                "attacker.example:8080",
                Some("same-origin"),
                Some("http://attacker.example:8080"),
                false,
            ),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(header::HOST, host.parse().unwrap());
            for (name, value) in [("sec-fetch-site", site), ("origin", origin)] {
                if let Some(value) = value {
                    headers.insert(name, value.parse().unwrap());
                }
            }
            assert_eq!(is_same_origin(&headers), expected, "{headers:?}");
        }
    }
}
