//! The frame of every page: head, style and navigation.

use axum::response::Html;
use maud::{DOCTYPE, Markup, PreEscaped, html};
use tracehook_core::Status;

const STYLE: &str = include_str!("style.css");

/// The interval at which an unfinished page loads itself again.
const REFRESH_SECONDS: u32 = 2;

/// The pages that the others lead to.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    Webhooks,
    Traces,
    Metrics,
    Alarms,
}

/// The automatic reload of a page.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Refresh {
    /// It does; the text leads to the page that does not.
    On,
    /// It would, and is switched off.
    Off,
    /// There is nothing to wait for.
    Never,
}

impl Refresh {
    pub(super) const fn of(stands_still: bool) -> Self {
        if stands_still { Self::Off } else { Self::On }
    }
}

pub(super) fn page(place: Place, title: &str, refresh: Refresh, content: Markup) -> Html<String> {
    let page = html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                @if refresh == Refresh::On { meta http-equiv="refresh" content=(REFRESH_SECONDS); }
                title { (title) " · tracehook" }
                link rel="icon" href="data:,";
                style { (PreEscaped(STYLE)) }
            }
            body {
                header.top {
                    a.brand href="/" { "tracehook" }
                    nav {
                        @for (to, path, name) in [
                            (Place::Webhooks, "/", "Webhooks"),
                            (Place::Traces, "/traces", "Traces"),
                            (Place::Metrics, "/metrics", "Metrics"),
                            (Place::Alarms, "/alarms", "Alarms"),
                        ] {
                            a href=(path) aria-current=[(to == place).then_some("page")] { (name) }
                        }
                    }
                    span.refresh {
                        @match refresh {
                            Refresh::On => { i.live {} "live, every " (REFRESH_SECONDS) " s " a href="?refresh=off" { "stop" } }
                            Refresh::Off => { "stopped " a href="?" { "go on" } }
                            Refresh::Never => {}
                        }
                    }
                }
                main { (content) }
            }
        }
    };
    Html(page.into_string())
}

/// A status as a pill, coloured by what it means.
pub(super) fn pill(status: &str) -> Markup {
    let tone = match (status.parse::<Status>(), status) {
        (Ok(Status::Completed), _) | (_, "ok") => "ok",
        (Ok(status), _) if !status.is_terminal() => "busy",
        (Ok(_), _) | (_, "error") => "bad",
        (_, "in progress") => "busy",
        _ => "warn",
    };
    html! { span class={ "pill " (tone) } { (status.replace('_', " ")) } }
}
