//! Requests below HTTP libraries: split, slow and oversized.

use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tracehook_test_support::Delivery;

use crate::target::{Target, header};

/// The header of a connection that takes one request.
const CLOSE: &str = "Connection: close\r\n";
/// Requests that are never sent to their end, at the same time.
const SLOW: usize = 40;

fn address(target: &Target) -> &str {
    target.service.url().trim_start_matches("http://")
}

/// A request as bytes: these headers, then those of a delivery.
fn bytes(delivery: &Delivery, target: &Target, first: &str, body: &[u8]) -> Vec<u8> {
    let headers = delivery
        .headers()
        .map(|(name, value)| line(name, value))
        .collect::<String>();
    request(delivery, target, &format!("{first}{headers}"), body)
}

fn request(delivery: &Delivery, target: &Target, headers: &str, body: &[u8]) -> Vec<u8> {
    let (path, address) = (delivery.path(), address(target));
    let mut bytes = format!("POST {path} HTTP/1.1\r\nHost: {address}\r\n{headers}\r\n").into_bytes();
    bytes.extend(body);
    bytes
}

fn line(name: &str, value: &[u8]) -> String {
    format!("{name}: {}\r\n", String::from_utf8_lossy(value))
}

fn length(delivery: &Delivery) -> String {
    format!("{CLOSE}Content-Length: {}\r\n", delivery.body().len())
}

/// A request with its headers from the last to the first.
pub(crate) fn reversed(delivery: &Delivery, target: &Target) -> Vec<u8> {
    let headers = delivery
        .headers()
        .rev()
        .map(|(name, value)| line(name, value))
        .collect::<String>();
    request(delivery, target, &(headers + &length(delivery)), delivery.body())
}

/// A request with the names of its headers in upper case.
pub(crate) fn upper_case(delivery: &Delivery, target: &Target) -> Vec<u8> {
    let headers = delivery
        .headers()
        .map(|(name, value)| line(&name.to_uppercase(), value))
        .collect::<String>();
    request(delivery, target, &(headers + &length(delivery)), delivery.body())
}

/// A request as it should be.
pub(crate) fn plain(delivery: &Delivery, target: &Target) -> Vec<u8> {
    bytes(delivery, target, &length(delivery), delivery.body())
}

/// Requests that two readers may take for different ones. Each holds a captured signature and a body that it is not of.
pub(crate) fn split(captured: &[(Delivery, String)], target: &Target) -> Vec<(&'static str, Vec<u8>)> {
    let mut captured = captured.iter().map(|(delivery, _)| delivery);
    let genuine = captured.find(|delivery| delivery.path() == "/webhook/github").unwrap();
    let signature = format!("X-Hub-Signature-256: {}\r\n", header(genuine, "X-Hub-Signature-256"));
    let forged = genuine
        .clone()
        .with_body(r#"{"forged":1}"#)
        .with("X-GitHub-Delivery", "forged");
    let unsigned = forged.clone().without("X-Hub-Signature-256");
    let (right, wrong) = (genuine.body(), forged.body());
    let mut all = Vec::new();

    let sizes = |first: &[u8], second: &[u8]| {
        let (first, second) = (first.len(), second.len());
        format!("{CLOSE}Content-Length: {first}\r\nContent-Length: {second}\r\n")
    };
    all.push(("two sizes", bytes(&forged, target, &sizes(wrong, right), wrong)));
    all.push(("two sizes in turn", bytes(&forged, target, &sizes(right, wrong), right)));

    let chunks = format!("{:x}\r\n{}\r\n0\r\n", wrong.len(), String::from_utf8_lossy(wrong));
    let end = format!("{chunks}\r\n");
    let trailer = format!("{chunks}{signature}\r\n");
    for (what, delivery, headers, body) in [
        (
            "a size and chunks",
            &forged,
            "Content-Length: 0\r\nTransfer-Encoding: chunked",
            &*end,
        ),
        (
            "a coding before chunks",
            &forged,
            "Transfer-Encoding: identity, chunked",
            &end,
        ),
        (
            "a chunk of no size",
            &forged,
            "Transfer-Encoding: chunked",
            "-1\r\n{}\r\n0\r\n\r\n",
        ),
        (
            "a signature in a trailer",
            &unsigned,
            "Transfer-Encoding: chunked\r\nTrailer: X-Hub-Signature-256",
            &trailer,
        ),
    ] {
        all.push((
            what,
            bytes(delivery, target, &format!("{CLOSE}{headers}\r\n"), body.as_bytes()),
        ));
    }

    let size = length(&forged);
    let folded = format!("{size}X-Other: a\r\n {signature}");
    all.push((
        "a signature folded into another header",
        bytes(&unsigned, target, &folded, wrong),
    ));
    let twice = format!("{size}X-Hub-Signature-256: sha256={}\r\n", "0".repeat(64));
    all.push(("two signatures", bytes(&forged, target, &twice, wrong)));
    let second = [wrong, &plain(&forged, target)].concat();
    let open = size.replace(CLOSE, "");
    all.push((
        "a second request after the body",
        bytes(&forged, target, &open, &second),
    ));

    let whole = String::from_utf8(plain(&forged, target)).unwrap();
    let absolute = whole.replacen("POST ", "POST http://internal.example", 1);
    all.push(("an absolute address of another host", absolute.into_bytes()));
    all.push(("line feeds for line ends", whole.replace("\r\n", "\n").into_bytes()));
    all
}

/// Bodies, headers and addresses beyond every limit, with a captured signature.
pub(crate) fn oversized(captured: &[(Delivery, String)]) -> Vec<(String, Delivery)> {
    let mut all = Vec::new();
    for (genuine, _) in captured {
        let path = genuine.path();
        for size in [4_669_441, 10 * 1024 * 1024 + 1] {
            let body = format!("{{\"a\":\"{}\"}}", "x".repeat(size));
            all.push((
                format!("{path}: a body of {size} bytes"),
                genuine.clone().with_body(body),
            ));
        }
        let forged = genuine.clone().with_body(r#"{"forged":2}"#);
        all.push((
            format!("{path}: a header of 20 KB"),
            forged.clone().with("X-Large", "a".repeat(20_480)),
        ));
        let many = (0..200).fold(forged.clone(), |delivery, number| {
            delivery.with(&format!("X-{number}"), "a")
        });
        all.push((format!("{path}: 200 headers"), many));
        all.push((
            format!("{path}: a query of 20 KB"),
            forged.to(&format!("{path}?{}", "a".repeat(20_480))),
        ));
    }
    all
}

/// Connections that send a part of a request and then nothing.
pub(crate) async fn slow(target: &Target) -> Vec<TcpStream> {
    let mut held = Vec::new();
    for number in 0..SLOW {
        let mut stream = TcpStream::connect(address(target)).await.unwrap();
        let head = format!("POST /webhook/github HTTP/1.1\r\nHost: {}\r\n", address(target));
        let part = match number % 3 {
            0 => head,
            1 => head + "Content-Length: 1000\r\n\r\n{",
            _ => head + "Transfer-Encoding: chunked\r\n\r\n5\r\n{",
        };
        stream.write_all(part.as_bytes()).await.unwrap();
        held.push(stream);
    }
    held
}

/// Status and text of the first answer to some bytes.
pub(crate) async fn answer(target: &Target, bytes: &[u8]) -> (u16, String) {
    let text = sent(target, bytes).await;
    (statuses(&text).first().copied().unwrap_or_default(), text)
}

/// The statuses of all answers to some bytes. A connection that is closed without one gives none.
pub(crate) async fn exchange(target: &Target, bytes: &[u8]) -> Vec<u16> {
    statuses(&sent(target, bytes).await)
}

fn statuses(answers: &str) -> Vec<u16> {
    let answers = answers.split("HTTP/1.1 ").skip(1);
    answers.map(|answer| answer[..3].parse().unwrap()).collect()
}

async fn sent(target: &Target, bytes: &[u8]) -> String {
    let mut stream = TcpStream::connect(address(target)).await.unwrap();
    // It may be closed before everything is sent.
    let _ = stream.write_all(bytes).await;
    let mut answers = Vec::new();
    let mut buffer = [0; 16_384];
    // What is left open waits for more of the request.
    while let Ok(Ok(read)) = tokio::time::timeout(Duration::from_secs(3), stream.read(&mut buffer)).await {
        if read == 0 {
            break;
        }
        answers.extend(&buffer[..read]);
    }
    String::from_utf8_lossy(&answers).into_owned()
}
