//! The local service is for this machine: by its own names, and by no page of another origin.

use serde_json::{Value, json};
use tracehook_test_support::service::{effects, scripted_alone};
use tracehook_test_support::{Answer, Delivery, Service};

/// The port that a socket of `/proc/net/tcp` listens on, and its inode.
fn listening(line: &str) -> Option<(u16, &str)> {
    const LISTEN: &str = "0A";
    let fields: Vec<&str> = line.split_whitespace().collect();
    let (local, state, inode) = (fields.get(1)?, fields.get(3)?, fields.get(9)?);
    let port = u16::from_str_radix(local.split_once(':')?.1, 16).ok()?;
    (*state == LISTEN).then_some((port, inode))
}

/// Every port that a process listens on.
fn ports(pid: u32) -> Vec<u16> {
    let sockets: Vec<String> = std::fs::read_dir(format!("/proc/{pid}/fd"))
        .unwrap()
        .filter_map(|entry| std::fs::read_link(entry.ok()?.path()).ok())
        .map(|link| link.display().to_string())
        .collect();
    let table = std::fs::read_to_string("/proc/net/tcp").unwrap();
    let found = table.lines().filter_map(listening);
    found
        .filter(|(_, inode)| sockets.contains(&format!("socket:[{inode}]")))
        .map(|(port, _)| port)
        .collect()
}

/// Status and text of the answer; none when the connection is closed without one.
async fn ask(port: u16, method: &str, path: &str, headers: &[(&str, &str)]) -> Option<(u16, String)> {
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    let url = format!("http://127.0.0.1:{port}{path}");
    let mut request = client.request(method.parse().unwrap(), url);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let answer = request.send().await.ok()?;
    Some((answer.status().as_u16(), answer.text().await.unwrap()))
}

#[tokio::test]
async fn every_listener_of_the_service_misdirects_requests_for_another_host() {
    let service = Service::start().await.unwrap();
    let accepted = service.send(&Delivery::github("push", "{}")).await.unwrap();
    service.end_of(&accepted.token().unwrap()).await.unwrap();
    let ports = ports(service.pid());
    let sandboxes = service.sandboxes().await.unwrap().len();
    assert_eq!(
        ports.len(),
        3 + sandboxes,
        "API, AWS, spans, and a Runtime API for each process: {ports:?}"
    );
    let mut for_everybody_here = 0;
    for port in ports {
        // A Runtime API is for its process alone, and closes the connection of everybody else.
        let by_its_name = ask(port, "GET", "/", &[]).await;
        for_everybody_here += usize::from(by_its_name.is_some());
        for path in ["/", "/local/logs", "/2018-06-01/runtime/invocation/next", "/v1/traces"] {
            for host in ["evil.example", &format!("evil.example:{port}"), "127.0.0.1:1"] {
                for method in ["GET", "POST", "OPTIONS"] {
                    let answer = ask(port, method, path, &[("Host", host)]).await;
                    let status = answer.as_ref().map(|(status, _)| *status);
                    let expected = by_its_name.as_ref().map(|_| 421);
                    assert_eq!(status, expected, "{method} {path} of {port} for {host}: {answer:?}");
                }
            }
        }
        assert_ne!(
            by_its_name.map(|(status, _)| status),
            Some(421),
            "{port} by its own name"
        );
    }
    assert_eq!(for_everybody_here, 3);
    let after = service.send(&Delivery::github("push", "{}")).await.unwrap();
    service.end_of(&after.token().unwrap()).await.unwrap();
}

fn is_refused(answer: &Answer, status: u16, code: &str) -> bool {
    let said = |name: &str| answer.json[name].as_str().is_some_and(|text| !text.is_empty());
    (answer.status, answer.json["code"].as_str()) == (status, Some(code)) && said("error") && said("requestId")
}

#[tokio::test]
async fn a_name_that_was_made_to_lead_here_reads_and_changes_nothing() {
    let service = Service::start().await.unwrap();
    let own = service.url().strip_prefix("http://").unwrap().to_owned();
    let port = own.rsplit_once(':').unwrap().1;
    for (method, path) in [
        ("GET", "/"),
        ("GET", "/traces"),
        ("GET", "/local/logs"),
        ("GET", "/local/stats"),
        ("GET", "/local/executions"),
        ("HEAD", "/local/logs"),
        ("DELETE", "/local/faults"),
        ("POST", "/webhook/github"),
        ("GET", "/status/00000000000000000000000000000000"),
        ("GET", "/nothing"),
    ] {
        for host in [
            format!("evil.example:{port}"),
            format!("127.0.0.1.evil.example:{port}"),
            format!("127.0.0.1:{}", port.parse::<u16>().unwrap() ^ 1),
            format!("0.0.0.0:{port}"),
            format!("localhost.:{port}"),
        ] {
            let asked = Delivery::new(path, "").method(method).with("Host", &host);
            let answer = service.send(&asked).await.unwrap();
            let is_misdirected =
                answer.status == 421 && (method == "HEAD" || is_refused(&answer, 421, "host_not_local"));
            assert!(
                is_misdirected,
                "{method} {path} for {host}: {} {}",
                answer.status, answer.text
            );
        }
        for host in [
            &own,
            "localhost",
            &format!("LOCALHOST:{port}"),
            &format!("[::1]:{port}"),
        ] {
            let asked = Delivery::new(path, "").method(method).with("Host", host);
            let answer = service.send(&asked).await.unwrap();
            assert_ne!(answer.status, 421, "{method} {path} for {host}");
        }
    }
}

#[tokio::test]
async fn a_page_of_another_origin_changes_nothing() {
    let service = Service::start().await.unwrap();
    let rule = json!({"operation": "dynamodb:Query", "effect": {"throttle": true}}).to_string();
    let own = service.url().to_owned();
    for (method, path, body) in [
        ("POST", "/local/faults", rule.as_str()),
        ("PUT", "/local/faults", &rule),
        ("DELETE", "/local/faults", ""),
        ("POST", "/local/reconcile", r#"{"action": "sweep"}"#),
        ("POST", "/local/clock", r#"{"advance_seconds": 1}"#),
    ] {
        let call = Delivery::new(path, body).method(method);
        let json = call.clone().with("Content-Type", "application/json");
        for page in [
            &[("Origin", "https://evil.example")][..],
            &[("Origin", "http://localhost:3000"), ("Sec-Fetch-Site", "same-site")],
            &[("Origin", "null")],
            &[("Sec-Fetch-Site", "cross-site")],
            &[("Origin", own.as_str()), ("Sec-Fetch-Site", "cross-site")],
        ] {
            let asked = page
                .iter()
                .fold(json.clone(), |asked, (name, value)| asked.with(name, value));
            let answer = service.send(&asked).await.unwrap();
            assert!(
                is_refused(&answer, 403, "origin_not_local"),
                "{method} {path} {page:?}: {}",
                answer.text
            );
        }
        if method != "DELETE" {
            for simple in [
                "",
                "text/plain",
                "application/x-www-form-urlencoded",
                "multipart/form-data; boundary=x",
            ] {
                let answer = service.send(&call.clone().with("Content-Type", simple)).await.unwrap();
                let is_asked_for_json = is_refused(&answer, 415, "content_type_not_json");
                assert!(is_asked_for_json, "{method} {path} as {simple:?}: {}", answer.text);
            }
        }
        assert_eq!(service.faults().await.unwrap(), Vec::<Value>::new(), "{method} {path}");
        assert_eq!(service.get("/local/clock").await.unwrap().json["ahead_seconds"], 0);
        for page in [&[][..], &[("Origin", own.as_str()), ("Sec-Fetch-Site", "same-origin")]] {
            let asked = page
                .iter()
                .fold(json.clone(), |asked, (name, value)| asked.with(name, value));
            let answer = service.send(&asked).await.unwrap();
            assert!(
                (200..300).contains(&answer.status),
                "{method} {path} {page:?}: {}",
                answer.text
            );
        }
        service.clear_faults().await.unwrap();
        if path == "/local/clock" {
            let ahead = service.get("/local/clock").await.unwrap().json["ahead_seconds"].clone();
            assert_eq!(ahead, 2, "what was let through did something");
        }
    }
}

#[tokio::test]
async fn only_a_webhook_that_is_named_whole_is_stopped() {
    let quiet =
        "[functions.processor.environment]\nSTEP_INITIAL_DELAY_SECONDS = \"1200\"\nSTEP_MAX_DELAY_SECONDS = \"1200\"\n";
    let service = scripted_alone(quiet).await;
    let sent = json!({"script": {"failures": 1000}}).to_string();
    let answer = service.send(&Delivery::github("push", sent)).await.unwrap();
    let token = answer.token().unwrap();
    while effects(&service, &token).is_empty() {
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    let stop = |body: String| Delivery::new("/local/stop", body).with("Content-Type", "application/json");
    for body in [
        json!({"token": "tracehook"}),
        json!({"token": &token[..16]}),
        json!({"token": token.to_uppercase()}),
        json!({"token": format!("{token} ")}),
        json!({"token": ""}),
        json!({"token": [token.clone()]}),
        json!({"token": token, "all": true}),
        json!({}),
    ] {
        let answer = service.send(&stop(body.to_string())).await.unwrap();
        assert!(
            is_refused(&answer, 422, "call_malformed"),
            "{body}: {} {}",
            answer.status,
            answer.text
        );
    }
    let answer = service.send(&stop("{".to_owned())).await.unwrap();
    assert!(is_refused(&answer, 400, "call_malformed"), "{}", answer.text);
    let other = json!({"token": "0".repeat(32)}).to_string();
    let answer = service.send(&stop(other)).await.unwrap();
    assert!(is_refused(&answer, 404, "nothing_runs"), "{}", answer.text);
    let simple = Delivery::new(&format!("/local/stop?token={token}"), "");
    let answer = service.send(&simple).await.unwrap();
    assert!(is_refused(&answer, 415, "content_type_not_json"), "{}", answer.text);
    let foreign = stop(json!({"token": token}).to_string()).with("Origin", "https://evil.example");
    let answer = service.send(&foreign).await.unwrap();
    assert!(is_refused(&answer, 403, "origin_not_local"), "{}", answer.text);

    let status = service.status(&token).await.unwrap()["status"].clone();
    assert_eq!(status, "processing", "it still runs");
    let answer = service.send(&stop(json!({"token": token}).to_string())).await.unwrap();
    assert_eq!((answer.status, answer.text.as_str()), (204, ""));
    assert_eq!(service.end_of(&token).await.unwrap()["status"], "stopped");
}

#[tokio::test]
async fn a_producer_may_send_any_origin_and_any_type() {
    let service = Service::start().await.unwrap();
    for (name, value) in [
        ("Origin", "https://producer.example"),
        ("Origin", "null"),
        ("Sec-Fetch-Site", "cross-site"),
        ("Content-Type", "text/plain"),
        ("Content-Type", "application/json; charset=latin1"),
    ] {
        let sent = Delivery::github("push", "{}").with(name, value);
        let answer = service.send(&sent).await.unwrap();
        assert_eq!(answer.status, 202, "{name}: {value}: {}", answer.text);
    }
}

#[tokio::test]
async fn a_call_that_says_something_else_is_told_so_in_json() {
    let service = Service::start().await.unwrap();
    for (path, body, status) in [
        ("/local/clock", "", 400),
        ("/local/clock", "{", 400),
        ("/local/clock", "[]", 422),
        ("/local/clock", r#"{"advance_seconds": "1"}"#, 422),
        ("/local/reconcile", "not json", 400),
    ] {
        let call = Delivery::new(path, body).with("Content-Type", "application/json");
        let answer = service.send(&call).await.unwrap();
        assert!(
            is_refused(&answer, status, "call_malformed"),
            "{path} {body}: {} {}",
            answer.status,
            answer.text
        );
    }
}
