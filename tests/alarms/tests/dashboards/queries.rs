//! The saved queries and the tables that show them.

use super::dashboards;
use tracehook_alarms::dashboard::Widget;

const COMMANDS: [&str; 6] = ["fields", "filter", "stats", "sort", "limit", "parse"];

#[test]
fn every_query_is_one_of_commands_over_the_logs_of_functions() {
    let (_, context, _) = dashboards();
    for name in ["by-token", "rejected", "slowest", "failed"] {
        assert!(context.queries.contains_key(name), "{name}");
    }
    for (name, query) in &context.queries {
        assert!(
            !query.title.is_empty() && !query.why.is_empty() && !query.functions.is_empty(),
            "{name}"
        );
        for part in &query.functions {
            assert!(context.values["functions"].get(part).is_some(), "{name}: {part}");
        }
        for line in query.query.split('|') {
            let command = line.split_whitespace().next().unwrap_or_default();
            assert!(COMMANDS.contains(&command), "{name}: {command}");
        }
    }
}

#[test]
fn every_table_shows_a_saved_query() {
    let (dashboards, context, _) = dashboards();
    for widget in dashboards
        .iter()
        .flat_map(|dashboard| &dashboard.sections)
        .flat_map(|section| &section.widgets)
    {
        if let Widget::Log { query, .. } = widget {
            assert!(context.queries.contains_key(query), "{query}");
        }
    }
}
