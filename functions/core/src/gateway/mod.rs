//! API Gateway's REST proxy integration as data: the request event (payload format 1.0) and the answer to it.
//!
//! Reading is tolerant, because a function that cannot read its event is a 502 for the producer: nearly
//! every field may be `null` or missing, and headers that HTTP does not allow are left out. Source: API Gateway documentation, "Lambda proxy
//! integrations in API Gateway".

mod answer;
mod query;
mod request;

pub use answer::{Answer, Cors};
pub use request::Request;
