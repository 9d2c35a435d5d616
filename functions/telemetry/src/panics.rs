//! A panic's message may quote what was being processed: only the place is logged.

pub(crate) fn install() {
    std::panic::set_hook(Box::new(|panic| {
        let place = panic
            .location()
            .map_or_else(|| "unknown".to_owned(), ToString::to_string);
        tracing::error!(place, "panicked");
    }));
}
