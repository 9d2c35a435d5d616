//! The wire forms of an execution: `GetDurableExecution` and the rows of a list.

use serde_json::{Map, Value, json};

use crate::operation::put;
use crate::{Execution, ExecutionStatus, TimeForm};

/// An execution in a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Summary {
    /// The execution's ARN.
    pub arn: String,
    /// The execution's name.
    pub name: String,
    /// The function's name.
    pub function: String,
    /// The version's ARN.
    pub function_arn: String,
    /// The status at the time of the call.
    pub status: ExecutionStatus,
    /// Epoch milliseconds.
    pub start_ms: i64,
    /// Epoch milliseconds; none while it runs.
    pub end_ms: Option<i64>,
}

impl Summary {
    /// The row as JSON.
    #[must_use]
    pub fn render(&self) -> Value {
        Value::Object(self.fields())
    }

    fn fields(&self) -> Map<String, Value> {
        let mut json = Map::new();
        json.insert("DurableExecutionArn".into(), json!(self.arn));
        json.insert("DurableExecutionName".into(), json!(self.name));
        json.insert("FunctionArn".into(), json!(self.function_arn));
        json.insert("Status".into(), json!(self.status.as_str()));
        json.insert("StartTimestamp".into(), TimeForm::Seconds.render(self.start_ms));
        put(
            &mut json,
            "EndTimestamp",
            self.end_ms.map(|end| TimeForm::Seconds.render(end)),
        );
        json
    }
}

impl Execution {
    /// The execution as a row of a list.
    #[must_use]
    pub fn summary(&self) -> Summary {
        Summary {
            arn: self.core.arn.clone(),
            name: self.core.name.clone(),
            function: self.core.function.clone(),
            function_arn: self.core.function_arn.clone(),
            status: self.core.status,
            start_ms: self.core.start_ms,
            end_ms: self.core.end_ms,
        }
    }

    /// The answer of `GetDurableExecution`.
    #[must_use]
    pub fn render(&self, include_data: bool) -> Value {
        let mut json = self.summary().fields();
        if include_data {
            json.insert("InputPayload".into(), json!(self.input()));
            put(&mut json, "Result", self.result());
            put(&mut json, "Error", self.error());
        }
        json.insert("Version".into(), json!(self.core.version));
        json.insert("TraceHeader".into(), json!({ "XAmznTraceId": self.core.trace }));
        json.insert(
            "DurableConfig".into(),
            json!({
                "RetentionPeriodInDays": self.core.retention_days,
                "ExecutionTimeout": self.core.execution_timeout_seconds,
            }),
        );
        Value::Object(json)
    }
}
