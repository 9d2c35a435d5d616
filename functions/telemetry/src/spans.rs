//! The list of spans and attributes as a Markdown document. A test of the whole service holds what is exported against it.

/// A span: its name, its kind, its parent, and what it is.
struct SpanRow(&'static str, &'static str, &'static str, &'static str);

/// An attribute: its key, the type of its values, the spans that have it, and its meaning.
struct AttributeRow(&'static str, &'static str, &'static str, &'static str);

/// A difference from AWS's requirements for plugins of its durable SDKs: what they ask for, what is here, and what is gained.
struct Difference(&'static str, &'static str, &'static str);

const SPANS: &[SpanRow] = &[
    SpanRow(
        "webhook {source}",
        "internal",
        "–",
        "The webhook's first attempt, from receipt to end. Its service is the validator, whoever tells it",
    ),
    SpanRow(
        "redrive {n}",
        "internal",
        "–",
        "A later attempt, from its opening to its end, in the same trace; linked to the webhook's span",
    ),
    SpanRow(
        "failed webhook {source}",
        "internal",
        "–",
        "An attempt has failed: a trace of its own, linked to the webhook, for samplers that have decided about that one",
    ),
    SpanRow(
        "{method} {route}",
        "server",
        "webhook",
        "A request; one that is no new webhook has a trace of its own",
    ),
    SpanRow("verify", "internal", "request", "The check of the signature"),
    SpanRow("store", "internal", "request", "The write of record and payload"),
    SpanRow("start", "internal", "request", "The start of the execution"),
    SpanRow(
        "{processor}",
        "server",
        "webhook, redrive",
        "One invocation of the processor, named as the function",
    ),
    SpanRow(
        "Workflow",
        "internal",
        "webhook, redrive",
        "The attempt's durable execution",
    ),
    SpanRow(
        "{step}",
        "internal",
        "Workflow",
        "A step, from the end of the one before to its own, when its execution ended by itself",
    ),
    SpanRow(
        "{step} attempt {n}",
        "internal",
        "Workflow",
        "One try of a step, linked to its invocation",
    ),
    SpanRow(
        "reconcile {action}",
        "internal",
        "webhook, redrive",
        "`start`, `close`, `redrive`; `compare`, and whatever found nothing to do, has a trace of its own",
    ),
    SpanRow(
        "{Service}.{Operation}",
        "client",
        "any",
        "A call of AWS with all its retries",
    ),
];

const ATTRIBUTES: &[AttributeRow] = &[
    AttributeRow("webhook.execution_token", "text", "all of a webhook", "The token"),
    AttributeRow("webhook.source", "text", "all of a webhook", "The source"),
    AttributeRow(
        "webhook.label.{name}",
        "text",
        "all of a webhook",
        "A label of the source, where the record was read",
    ),
    AttributeRow("webhook.type", "text", "webhook, redrive, request", "The event's type"),
    AttributeRow(
        "webhook.delivery_id",
        "text",
        "webhook, redrive, request",
        "The producer's id",
    ),
    AttributeRow(
        "webhook.payload_bytes",
        "integer",
        "webhook, redrive, request",
        "The size of the body",
    ),
    AttributeRow(
        "webhook.status",
        "text",
        "webhook, redrive, failed",
        "The status that the attempt ended with",
    ),
    AttributeRow(
        "webhook.attempt",
        "integer",
        "webhook, redrive, failed, reconcile",
        "1, and one more with every redrive",
    ),
    AttributeRow(
        "webhook.request_id",
        "text",
        "request",
        "The gateway's id of the request",
    ),
    AttributeRow(
        "webhook.duplicate",
        "boolean",
        "request",
        "It delivers what was stored before",
    ),
    AttributeRow("webhook.reopened", "boolean", "request", "It opened the next attempt"),
    AttributeRow("webhook.rejection_code", "text", "request", "Why it was refused"),
    AttributeRow("reconciler.trigger", "text", "reconcile", "What caused the action"),
    AttributeRow("reconciler.outcome", "text", "reconcile", "What became of it"),
    AttributeRow("http.request.method", "text", "request", ""),
    AttributeRow("http.route", "text", "request", ""),
    AttributeRow("http.request.body.size", "integer", "request", ""),
    AttributeRow("http.response.status_code", "integer", "request, call", ""),
    AttributeRow(
        "http.request.resend_count",
        "integer",
        "call",
        "Its retries, when there were any",
    ),
    AttributeRow("url.scheme", "text", "request", ""),
    AttributeRow(
        "url.path",
        "text",
        "request",
        "The route, with the source where it is one of the deployment's",
    ),
    AttributeRow(
        "user_agent.original",
        "text",
        "request",
        "At most 256 characters, of a verified request",
    ),
    AttributeRow(
        "server.address",
        "text",
        "request, call",
        "The host that was called, of a verified request",
    ),
    AttributeRow("faas.trigger", "text", "request, invocation", "`http` or `other`"),
    AttributeRow("faas.invocation_id", "text", "request, invocation", ""),
    AttributeRow("faas.coldstart", "boolean", "request, invocation", ""),
    AttributeRow("aws.lambda.invoked_arn", "text", "invocation", ""),
    AttributeRow(
        "durable.execution.arn",
        "text",
        "all of an execution; webhook, redrive",
        "The execution's ARN",
    ),
    AttributeRow(
        "durable.execution.status",
        "text",
        "Workflow",
        "`SUCCEEDED` or `FAILED`",
    ),
    AttributeRow(
        "durable.invocation.first",
        "boolean",
        "invocation",
        "The execution's first one",
    ),
    AttributeRow(
        "durable.invocation.status",
        "text",
        "invocation",
        "`PENDING`, `SUCCEEDED`, `FAILED`; `RETRYING` when it came to no end",
    ),
    AttributeRow("durable.operation.id", "text", "step, attempt", "The engine's id"),
    AttributeRow(
        "durable.operation.name",
        "text",
        "step, attempt",
        "`validate`, `process`, `finalize`",
    ),
    AttributeRow("durable.operation.type", "text", "step, attempt", "`STEP`"),
    AttributeRow("durable.operation.subtype", "text", "step, attempt", "`Step`"),
    AttributeRow("durable.operation.status", "text", "step", "`SUCCEEDED` or `FAILED`"),
    AttributeRow(
        "durable.attempt.number",
        "integer",
        "step, attempt",
        "From 1, the interrupted tries included; of a step, that of its last try",
    ),
    AttributeRow(
        "durable.attempt.outcome",
        "text",
        "attempt",
        "`SUCCEEDED`, `FAILED`, `INTERRUPTED`",
    ),
    AttributeRow(
        "durable.span.truncated_at_invocation_boundary",
        "boolean",
        "attempt",
        "It was cut off by the end of its process",
    ),
    AttributeRow(
        "try.transient",
        "boolean",
        "attempt",
        "Whether what made it fail may pass",
    ),
    AttributeRow(
        "try.interrupted_before",
        "integer",
        "attempt",
        "The interrupted tries before it",
    ),
    AttributeRow("error.type", "text", "all that failed", "A stable code"),
    AttributeRow("rpc.system", "text", "call", "`aws-api`"),
    AttributeRow("rpc.system.name", "text", "call", "`aws-api`, the name of today"),
    AttributeRow("rpc.service", "text", "call", ""),
    AttributeRow("rpc.method", "text", "call", "The operation alone"),
    AttributeRow(
        "rpc.response.status_code",
        "text",
        "call",
        "AWS's error code, of an expected error too",
    ),
    AttributeRow("aws.request_id", "text", "call", ""),
    AttributeRow("db.system.name", "text", "call", ""),
    AttributeRow("db.operation.name", "text", "call", ""),
    AttributeRow("db.collection.name", "text", "call", "The table"),
    AttributeRow("aws.dynamodb.table_names", "list", "call", ""),
    AttributeRow("aws.dynamodb.consumed_capacity", "list", "call", ""),
];

const DIFFERENCES: &[Difference] = &[
    Difference(
        "`Workflow` has no parent and is as long as the execution",
        "it is under `webhook {source}` and begins when the attempt opens",
        "The trace begins with the request, and shows what it waited for before its execution began",
    ),
    Difference(
        "an invocation is called `Invocation`, internal",
        "it is called as the function, server",
        "Service maps draw the function",
    ),
    Difference(
        "attempts are under their operation",
        "they are beside it, under `Workflow`",
        "An operation that nobody ends (its execution was stopped or timed out) has no span, and its attempts would have no parent",
    ),
    Difference(
        "an execution that timed out or was stopped has no `Workflow`",
        "the reconciler tells it, as an error, with the attempt that it ended in",
        "Every trace is whole",
    ),
    Difference(
        "an attempt that was cut off, and an invocation that is repeated, have no status",
        "they are errors, `interrupted`",
        "A sampler that keeps errors keeps the webhook",
    ),
    Difference(
        "ids of traces and operations follow from the ARN",
        "the trace id follows from receipt and token",
        "The answer to the producer and the record name the trace before the execution exists; a redrive stays in it",
    ),
    Difference(
        "a trace has the spans of one ARN",
        "each attempt has its execution",
        "One trace tells the whole webhook",
    ),
    Difference(
        "calls get an X-Ray header",
        "a handler gets the `traceparent` of its attempt",
        "Any backend can go on",
    ),
    Difference(
        "`rpc.method` is the full name today",
        "it is the operation alone, beside `rpc.service`",
        "X-Ray reads it so, and draws DynamoDB, Lambda and Secrets Manager as what they are",
    ),
];

/// The document `functions/telemetry/SPANS.md`.
fn markdown() -> String {
    let mut text = "# Spans\n\nGenerated from `src/spans.rs`; a test holds it against what is exported. \
         Attributes without a meaning are those of OpenTelemetry's semantic conventions, durable ones have AWS's names. An error has \
         a message; a failed attempt also an event `exception` (`exception.type`, `exception.message`). A link says why in `link.relation`: \
         `invocation`, `previous_attempt`, `webhook`, `execution` or `producer`.\n\n\
         | span | kind | under | what it is |\n| --- | --- | --- | --- |\n"
        .to_owned();
    for SpanRow(name, kind, under, what) in SPANS {
        text.push_str(&format!("| `{name}` | {kind} | {under} | {what} |\n"));
    }
    text.push_str("\n## Attributes\n\n| attribute | type | of | meaning |\n| --- | --- | --- | --- |\n");
    for AttributeRow(key, kind, of, meaning) in ATTRIBUTES {
        text.push_str(&format!("| `{key}` | {kind} | {of} | {meaning} |\n"));
    }
    text.push_str(
        "\n## Where AWS's requirements ask for something else\n\nThe names are those of AWS's OpenTelemetry plugins for its durable SDKs \
         (execution view).\n\n| asked for | here | gain |\n| --- | --- | --- |\n",
    );
    for Difference(asked, here, gain) in DIFFERENCES {
        text.push_str(&format!("| {asked} | {here} | {gain} |\n"));
    }
    text
}

#[test]
fn the_document_matches_the_list() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/SPANS.md");
    if std::env::var_os("UPDATE_SPANS").is_some() {
        std::fs::write(path, markdown()).unwrap();
    }
    assert_eq!(
        std::fs::read_to_string(path).unwrap_or_default(),
        markdown(),
        "UPDATE_SPANS=1 writes it"
    );
}
