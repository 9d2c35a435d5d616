//! The project's alarms and dashboards: the reader of their definitions.
//!
//! Contract: `alarms/*.yaml` and `dashboards/*.yaml` are read as Terraform reads them, with the names of a [`Deployment`]
//! filled in. `tracehook-local-cloudwatch` evaluates the alarms that come of it.

pub mod aws;
pub mod dashboard;
pub mod data;
pub mod embedded;

pub use data::{DataError, Deployment, alarms_at, alarms_of, engine_of};
