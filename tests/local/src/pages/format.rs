//! Times and numbers as people read them.

use jiff::Timestamp;

/// A duration with three digits: `0.42 ms`, `42.1 ms`, `4.21 s`, `2 min 5 s`, `3 h 20 min`.
pub(super) fn duration(ns: u64) -> String {
    let ms = ns as f64 / 1e6;
    if ns == 0 {
        "0 ms".to_owned()
    } else if ms < 9.995 {
        format!("{ms:.2} ms")
    } else if ms < 99.95 {
        format!("{ms:.1} ms")
    } else if ms < 999.5 {
        format!("{ms:.0} ms")
    } else if ms < 9_995.0 {
        format!("{:.2} s", ms / 1e3)
    } else if ms < 59_950.0 {
        format!("{:.1} s", ms / 1e3)
    } else {
        let seconds = ns.saturating_add(500_000_000) / 1_000_000_000;
        match (seconds / 3600, seconds / 60 % 60, seconds % 60) {
            (0, minutes, 0) => format!("{minutes} min"),
            (0, minutes, seconds) => format!("{minutes} min {seconds} s"),
            (hours, 0, _) => format!("{hours} h"),
            (hours, minutes, _) => format!("{hours} h {minutes} min"),
        }
    }
}

/// A time on an axis whose ticks are `step_ns` apart, so precise that neighbours differ: `40 ms`, `4.372 s`, `2:05.4`.
pub(super) fn offset(ns: u64, step_ns: u64) -> String {
    const MS: u64 = 1_000_000;
    let digits = |unit_ns: u64| {
        (0..9)
            .find(|digits| step_ns >= unit_ns / 10_u64.pow(*digits))
            .unwrap_or(9) as usize
    };
    let seconds = ns as f64 / 1e9;
    if ns < 1000 * MS {
        format!("{:.*} ms", digits(MS), ns as f64 / 1e6)
    } else if ns < 60_000 * MS {
        format!("{seconds:.*} s", digits(1000 * MS))
    } else {
        let digits = digits(1000 * MS);
        let width = if digits > 0 { digits + 3 } else { 2 };
        let minutes = ns / (60_000 * MS);
        let rest = seconds - minutes as f64 * 60.0;
        match (minutes / 60, minutes % 60) {
            (0, minutes) => format!("{minutes}:{rest:0width$.digits$}"),
            (hours, minutes) => format!("{hours}:{minutes:02}:{rest:0width$.digits$}"),
        }
    }
}

/// [`duration`] of milliseconds; what is negative is nothing.
pub(super) fn duration_ms(ms: i64) -> String {
    duration(u64::try_from(ms).unwrap_or_default().saturating_mul(1_000_000))
}

/// An age: `now`, `12 s ago`, `5 min ago`, `3 h ago`, `2 d ago`.
pub(super) fn age(at_ms: i64, now_ms: i64) -> String {
    let seconds = now_ms.saturating_sub(at_ms) / 1000;
    match seconds {
        ..1 => "now".to_owned(),
        1..60 => format!("{seconds} s ago"),
        60..3600 => format!("{} min ago", seconds / 60),
        3600..86_400 => format!("{} h ago", seconds / 3600),
        _ => format!("{} d ago", seconds / 86_400),
    }
}

/// `2026-01-31 12:00:00.250 UTC`.
pub(super) fn moment_ms(at_ms: i64) -> String {
    let at = Timestamp::from_millisecond(at_ms).unwrap_or_default();
    format!("{} UTC", format!("{at:.3}").replace('T', " ").trim_end_matches('Z'))
}

/// The same for nanoseconds.
pub(super) fn moment_ns(at_ns: u64) -> String {
    moment_ms(i64::try_from(at_ns / 1_000_000).unwrap_or_default())
}

/// A number with at most four digits that matter and groups of three: `0.3725`, `12.5`, `1,234,567`.
pub(super) fn number(value: f64) -> String {
    let size = value.abs();
    let decimals = match size {
        _ if size >= 1000.0 => 0,
        _ if size >= 100.0 => 1,
        _ if size >= 10.0 => 2,
        _ if size >= 1.0 => 3,
        _ => 4,
    };
    let text = format!("{size:.decimals$}");
    let (whole, fraction) = text.split_once('.').unwrap_or((&text, ""));
    let fraction = fraction.trim_end_matches('0');
    let mut grouped = String::new();
    for (at, digit) in whole.chars().enumerate() {
        if at > 0 && (whole.len() - at).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    let sign = if value < 0.0 { "-" } else { "" };
    match fraction {
        "" => format!("{sign}{grouped}"),
        fraction => format!("{sign}{grouped}.{fraction}"),
    }
}

/// `1 span`, `2 spans`.
pub(super) fn count(number: usize, what: &str) -> String {
    format!("{number} {what}{}", if number == 1 { "" } else { "s" })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_have_three_digits_and_the_unit_that_fits() {
        for (ns, text) in [
            (0, "0 ms"),
            (420_000, "0.42 ms"),
            (9_994_000, "9.99 ms"),
            (9_996_000, "10.0 ms"),
            (42_140_000, "42.1 ms"),
            (999_400_000, "999 ms"),
            (999_600_000, "1.00 s"),
            (4_210_000_000, "4.21 s"),
            (42_140_000_000, "42.1 s"),
            (59_960_000_000, "1 min"),
            (125_000_000_000, "2 min 5 s"),
            (12_000_000_000_000, "3 h 20 min"),
            (7_200_000_000_000, "2 h"),
        ] {
            assert_eq!(duration(ns), text);
        }
        assert_eq!(duration_ms(-5), "0 ms");
    }

    #[test]
    fn offsets_are_as_precise_as_their_ticks_need() {
        const MS: u64 = 1_000_000;
        for (ns, step_ns, text) in [
            (0, 20 * MS, "0 ms"),
            (40 * MS, 20 * MS, "40 ms"),
            (600_000, MS / 5, "0.6 ms"),
            (4372 * MS, 20 * MS, "4.37 s"),
            (4372 * MS, 2 * MS, "4.372 s"),
            (2000 * MS, 500 * MS, "2.0 s"),
            (125_370 * MS, 5 * MS, "2:05.370"),
            (125_000 * MS, 20_000 * MS, "2:05"),
            (7_325_000 * MS, 1000 * MS, "2:02:05"),
        ] {
            assert_eq!(offset(ns, step_ns), text);
        }
    }

    #[test]
    fn ages_are_rounded_down() {
        for (seconds, text) in [
            (-9, "now"),
            (0, "now"),
            (59, "59 s ago"),
            (119, "1 min ago"),
            (7300, "2 h ago"),
            (200_000, "2 d ago"),
        ] {
            assert_eq!(age(0, seconds * 1000), text);
        }
    }

    #[test]
    fn numbers_are_grouped_and_end_in_no_zeros() {
        for (value, text) in [
            (0.0, "0"),
            (1.0, "1"),
            (0.37254, "0.3725"),
            (12.5, "12.5"),
            (999.96, "1,000"),
            (1_234_567.0, "1,234,567"),
            (-1234.0, "-1,234"),
        ] {
            assert_eq!(number(value), text);
        }
    }

    #[test]
    fn moments_are_utc_with_milliseconds() {
        assert_eq!(moment_ns(1_700_000_000_123_456_789), "2023-11-14 22:13:20.123 UTC");
    }
}
