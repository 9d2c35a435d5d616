//! Logs the place of a panic, and not its message: the message may quote what was being processed.

pub(crate) fn install() {
    std::panic::set_hook(Box::new(|panic| {
        let place = panic
            .location()
            .map_or_else(|| "unknown".to_owned(), ToString::to_string);
        tracing::error!(place, "panicked");
    }));
}
