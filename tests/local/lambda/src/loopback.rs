//! The names under which this machine is asked by itself.
//!
//! A name of somebody else may be made to lead here, and a browser then takes what listens here for that site's own (DNS
//! rebinding). So a request is answered only if it names its host as this machine, with the port that was listened on or
//! without one.

use http::{HeaderMap, Uri, header};

/// The names of this machine that lead nowhere else.
const NAMES: [&str; 3] = ["127.0.0.1", "localhost", "[::1]"];

/// The port of `http`, which browsers leave out.
const HTTP_PORT: u16 = 80;

/// A port on loopback.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Loopback(u16);

impl Loopback {
    /// The port that is listened on.
    #[must_use]
    pub const fn port(port: u16) -> Self {
        Self(port)
    }

    /// Whether a request names it: by the one `Host`, and by the authority in its target where there is one.
    #[must_use]
    pub fn is_host_of(self, target: &Uri, headers: &HeaderMap) -> bool {
        let mut hosts = headers.get_all(header::HOST).iter();
        let (host, another) = (hosts.next(), hosts.next());
        let authority = target.authority().map(http::uri::Authority::as_str);
        let is_ours = |host: &str| after_name(host).is_some_and(|rest| rest.is_empty() || rest == self.with_colon());
        let host_is_ours = host.map(|host| host.to_str().is_ok_and(is_ours));
        another.is_none()
            && host_is_ours != Some(false)
            && authority.is_none_or(is_ours)
            && (host.is_some() || authority.is_some())
    }

    /// Whether this is the origin of a page that it serves.
    #[must_use]
    pub fn is_origin(self, origin: &str) -> bool {
        let rest = origin.strip_prefix("http://").and_then(after_name);
        rest.is_some_and(|rest| rest == self.with_colon() || (rest.is_empty() && self.0 == HTTP_PORT))
    }

    fn with_colon(self) -> String {
        format!(":{}", self.0)
    }
}

/// What follows a loopback name at the start of a text; none where it starts with none.
fn after_name(text: &str) -> Option<&str> {
    NAMES.iter().find_map(|name| {
        let (start, rest) = text.split_at_checked(name.len())?;
        start.eq_ignore_ascii_case(name).then_some(rest)
    })
}

/// Whether a browser sent a request for a page: no program says where it comes from.
#[must_use]
pub fn is_of_a_page(headers: &HeaderMap) -> bool {
    headers.contains_key(header::ORIGIN) || headers.contains_key("sec-fetch-site")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_named(target: &str, hosts: &[&[u8]]) -> bool {
        let mut headers = HeaderMap::new();
        for host in hosts {
            headers.append(header::HOST, http::HeaderValue::from_bytes(host).unwrap());
        }
        Loopback::port(8080).is_host_of(&target.parse().unwrap(), &headers)
    }

    #[test]
    fn only_a_loopback_name_with_the_own_port_or_none_is_this_machine() {
        for host in [
            "127.0.0.1:8080",
            "localhost:8080",
            "LocalHost",
            "[::1]:8080",
            "[::1]",
            "127.0.0.1",
        ] {
            assert!(is_named("/", &[host.as_bytes()]), "{host}");
        }
        for host in [
            "evil.example",
            "evil.example:8080",
            "localhost:8081",
            "127.0.0.1:80",
            "127.0.0.1:08080",
            "127.0.0.1:",
            "127.0.0.1.evil.example:8080",
            "localhost.evil.example",
            "localhost.:8080",
            "127.0.0.10:8080",
            "127.1:8080",
            "2130706433:8080",
            "0.0.0.0:8080",
            "[::ffff:127.0.0.1]:8080",
            "evil.example@127.0.0.1:8080",
            "127.0.0.1:8080@evil.example",
            "127.0.0.1:8080, evil.example",
            "ⓛocalhost:8080",
            "",
        ] {
            assert!(!is_named("/", &[host.as_bytes()]), "{host}");
        }
        assert!(!is_named("/", &[]), "a request without a host");
        assert!(!is_named("/", &[b"127.0.0.1:8080\xff"]));
    }

    #[test]
    fn every_place_that_names_a_host_must_name_this_machine() {
        let ours: &[u8] = b"127.0.0.1:8080";
        assert!(is_named("http://127.0.0.1:8080/webhook", &[ours]));
        assert!(is_named("http://localhost:8080/webhook", &[]));
        assert!(!is_named("http://evil.example/webhook", &[ours]));
        assert!(!is_named("http://127.0.0.1:8080/webhook", &[b"evil.example"]));
        assert!(!is_named("/", &[ours, b"evil.example"]));
        assert!(!is_named("/", &[ours, ours]));
    }

    #[test]
    fn an_origin_has_the_scheme_and_the_port_of_a_page_here() {
        let here = Loopback::port(8080);
        for origin in ["http://127.0.0.1:8080", "http://localhost:8080", "http://[::1]:8080"] {
            assert!(here.is_origin(origin), "{origin}");
        }
        for origin in [
            "http://localhost",
            "http://localhost:3000",
            "https://localhost:8080",
            "http://evil.example:8080",
            "null",
            "",
        ] {
            assert!(!here.is_origin(origin), "{origin}");
        }
        assert!(Loopback::port(80).is_origin("http://localhost"), "as browsers write it");
    }
}
