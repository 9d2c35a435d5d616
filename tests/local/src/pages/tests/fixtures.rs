//! Traces as the functions make them, for tests and for looking at the pages.

use std::time::Duration;

use serde_json::{Value, json};

use crate::traces::{Span, SpanEvent, SpanKind, SpanLink, SpanStatus, StatusCode, Trace};

pub(in crate::pages) const TRACE_ID: &str = "6553f1005947d7c33d783f94b3b4c1a9";
pub(in crate::pages) const TOKEN: &str = "00112233445566778899aabbccddeeff";
const BEGIN_NS: u64 = 1_700_000_000_000_000_000;

/// Builds a trace; times are milliseconds since its begin.
pub(in crate::pages) struct Builder {
    spans: Vec<Span>,
}

impl Builder {
    pub(in crate::pages) fn new() -> Self {
        Self { spans: Vec::new() }
    }

    /// Adds a span and returns its number, by which others name it as their parent; 0 is none.
    pub(in crate::pages) fn span(
        &mut self,
        parent: usize,
        service: &str,
        name: &str,
        kind: SpanKind,
        from: f64,
        to: f64,
    ) -> usize {
        let ns = |ms: f64| BEGIN_NS + u64::try_from(Duration::from_secs_f64(ms / 1e3).as_nanos()).unwrap();
        let number = self.spans.len() + 1;
        self.spans.push(Span {
            trace_id: TRACE_ID.to_owned(),
            span_id: id(number),
            parent_span_id: (parent > 0).then(|| id(parent)),
            name: name.to_owned(),
            kind,
            start_ns: ns(from),
            end_ns: ns(to),
            attributes: [("webhook.execution_token".to_owned(), json!(TOKEN))].into(),
            resource: [
                ("service.name".to_owned(), json!(format!("tracehook-{service}"))),
                ("cloud.region".to_owned(), json!("us-east-1")),
            ]
            .into(),
            scope: "tracehook 0.1.0".to_owned(),
            received: 1,
            ..Span::default()
        });
        number
    }

    pub(in crate::pages) fn set(&mut self, number: usize, attributes: Value) {
        let Value::Object(attributes) = attributes else {
            panic!("attributes are an object");
        };
        self.spans[number - 1].attributes.extend(attributes);
    }

    pub(in crate::pages) fn fail(&mut self, number: usize, kind: &str, message: &str) {
        let span = &mut self.spans[number - 1];
        span.status = SpanStatus {
            code: StatusCode::Error,
            message: message.to_owned(),
        };
        span.attributes.insert("error.type".to_owned(), json!(kind));
        span.events.push(SpanEvent {
            time_ns: span.end_ns,
            name: "exception".to_owned(),
            attributes: [
                ("exception.message".to_owned(), json!(message)),
                ("exception.type".to_owned(), json!(kind)),
            ]
            .into(),
        });
    }

    fn dynamo(&mut self, parent: usize, service: &str, operation: &str, from: f64, to: f64) {
        let span = self.span(
            parent,
            service,
            &format!("DynamoDB.{operation}"),
            SpanKind::Client,
            from,
            to,
        );
        self.set(
            span,
            json!({
                "rpc.system": "aws-api", "rpc.service": "DynamoDB", "rpc.method": operation, "db.system": "dynamodb",
                "aws.dynamodb.table_names": ["tracehook"], "aws.dynamodb.consumed_capacity": 1.0,
                "http.response.status_code": 200,
            }),
        );
    }

    fn root(&mut self, to: f64) -> usize {
        let root = self.span(0, "processor", "webhook github", SpanKind::Internal, 0.0, to);
        self.set(
            root,
            json!({
                "webhook.source": "github", "webhook.type": "push", "webhook.payload_bytes": 7324,
                "webhook.delivery_id": "72d3162e-cc78-11e3-81ab-4c9367dc0958", "webhook.status": "completed",
            }),
        );
        root
    }

    fn validator(&mut self, root: usize) {
        let server = self.span(root, "validator", "POST /webhook/{source}", SpanKind::Server, 0.1, 18.0);
        self.set(
            server,
            json!({
                "http.request.method": "POST", "http.route": "/webhook/{source}", "http.response.status_code": 202,
                "faas.trigger": "http", "faas.invocation_id": "f0d1c2b3-0000-4000-8000-000000000001", "faas.coldstart": false,
            }),
        );
        self.span(server, "validator", "verify", SpanKind::Internal, 0.5, 1.1);
        let store = self.span(server, "validator", "store", SpanKind::Internal, 1.3, 11.0);
        self.dynamo(store, "validator", "PutItem", 1.5, 9.1);
        self.dynamo(store, "validator", "PutItem", 1.6, 10.7);
        let start = self.span(server, "validator", "start", SpanKind::Internal, 11.1, 17.6);
        self.span(start, "validator", "Lambda.Invoke", SpanKind::Client, 11.2, 17.5);
    }

    fn invocation(&mut self, root: usize, number: u32, from: f64, to: f64) -> usize {
        let span = self.span(root, "processor", "processor", SpanKind::Server, from, to);
        self.set(
            span,
            json!({
                "faas.trigger": "other", "faas.coldstart": number == 1,
                "faas.invocation_id": format!("a0d1c2b3-0000-4000-8000-00000000000{number}"),
                "durable.execution.arn": "arn:aws:lambda:us-east-1:000000000000:function:processor:1/durable-execution/w/1",
            }),
        );
        span
    }

    pub(in crate::pages) fn step(
        &mut self,
        parent: usize,
        name: &str,
        try_number: u64,
        before: usize,
        from: f64,
        to: f64,
    ) -> usize {
        let span = self.span(parent, "processor", name, SpanKind::Internal, from, to);
        self.set(
            span,
            json!({
                "durable.operation.name": name, "durable.attempt.number": try_number,
                "durable.attempt.outcome": "SUCCEEDED",
            }),
        );
        if before > 0 {
            self.spans[span - 1].links.push(SpanLink {
                trace_id: TRACE_ID.to_owned(),
                span_id: id(before),
                attributes: [("link.kind".to_owned(), json!("previous step"))].into(),
            });
        }
        span
    }

    pub(in crate::pages) fn build(mut self) -> Trace {
        self.spans.sort_by_key(|span| (span.start_ns, u64::MAX - span.end_ns));
        Trace {
            trace_id: TRACE_ID.to_owned(),
            spans: self.spans,
        }
    }
}

fn id(number: usize) -> String {
    format!("{:016x}", 0x00f0_67aa_0ba9_0000_u64 + number as u64)
}

/// A rejected request: one span, no token.
pub(in crate::pages) fn single() -> Trace {
    let mut built = Builder::new();
    let server = built.span(0, "validator", "POST /webhook/{source}", SpanKind::Server, 0.0, 0.82);
    built.set(server, json!({"http.response.status_code": 401, "webhook.rejection": "signature_mismatch", "webhook.source": "github"}));
    let mut trace = built.build();
    trace.spans[0].attributes.remove("webhook.execution_token");
    trace
}

/// A webhook that meets no trouble.
pub(in crate::pages) fn plain() -> Trace {
    let mut built = Builder::new();
    let root = built.root(61.4);
    built.validator(root);
    let run = built.invocation(root, 1, 22.2, 61.0);
    let validate = built.step(run, "validate", 1, 0, 29.0, 37.2);
    built.dynamo(validate, "processor", "GetItem", 29.3, 32.8);
    built.dynamo(validate, "processor", "UpdateItem", 33.1, 37.0);
    let process = built.step(run, "process", 1, validate, 39.5, 49.0);
    built.dynamo(process, "processor", "UpdateItem", 39.8, 43.7);
    let finalize = built.step(run, "finalize", 1, process, 51.2, 58.9);
    built.dynamo(finalize, "processor", "UpdateItem", 51.5, 58.5);
    built.build()
}

/// A webhook whose `process` fails twice.
pub(in crate::pages) fn retried() -> Trace {
    let mut built = Builder::new();
    let root = built.root(4402.0);
    built.validator(root);
    let run = built.invocation(root, 1, 22.0, 56.0);
    let validate = built.step(run, "validate", 1, 0, 29.0, 37.2);
    built.dynamo(validate, "processor", "GetItem", 29.3, 32.8);
    built.dynamo(validate, "processor", "UpdateItem", 33.1, 37.0);
    let first = built.step(run, "process", 1, validate, 39.5, 55.0);
    built.dynamo(first, "processor", "UpdateItem", 39.8, 43.7);
    built.fail(
        first,
        "HandlerError",
        "inventory service: connection refused (os error 111)",
    );
    let run = built.invocation(root, 2, 1256.0, 1270.0);
    let second = built.step(run, "process", 2, validate, 1258.0, 1269.0);
    built.dynamo(second, "processor", "UpdateItem", 1258.3, 1262.0);
    built.fail(
        second,
        "HandlerError",
        "inventory service: 503 Service Unavailable, retry after 3 s",
    );
    let run = built.invocation(root, 3, 4370.0, 4401.0);
    let third = built.step(run, "process", 3, validate, 4372.0, 4385.0);
    built.dynamo(third, "processor", "UpdateItem", 4372.4, 4376.0);
    let finalize = built.step(run, "finalize", 1, third, 4387.0, 4398.0);
    built.dynamo(finalize, "processor", "UpdateItem", 4387.3, 4397.5);
    built.build()
}

/// A webhook of 200 spans and more, with long names and a deep chain.
pub(in crate::pages) fn large() -> Trace {
    let mut built = Builder::new();
    let root = built.root(2003.0);
    built.validator(root);
    let run = built.invocation(root, 1, 22.0, 2001.0);
    let process = built.step(run, "process", 1, 0, 30.0, 1990.0);
    let mut parent = process;
    for at in 0..190_u32 {
        let from = 32.0 + f64::from(at) * 10.0;
        let name = match at % 5 {
            0 => "reconcile the inventory of every warehouse that the order's line items touch, one by one".to_owned(),
            _ => format!("GET /warehouses/{{id}}/items #{at}"),
        };
        let span = built.span(
            parent,
            "inventory",
            &name,
            SpanKind::Client,
            from,
            from + 7.0 + f64::from(at % 7) * 9.0,
        );
        parent = if at % 20 < 15 { span } else { process };
        if at == 77 {
            built.fail(span, "Timeout", "no answer within 50 ms");
        }
    }
    built.build()
}
