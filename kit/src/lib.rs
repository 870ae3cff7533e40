//! What every service stands on: context, problems, fields, callers, paging.
//!
//! No rule of any service lives here. A service's `api` takes requests apart with these extractors and answers with these
//! problems; its `actions` work with the [`Context`].

pub mod access;
mod caller;
mod client;
mod context;
mod field;
pub mod http;
mod idempotency;
mod json;
mod language;
mod neighbour;
mod page;
mod problem;
mod refusals;
mod service;

pub use caller::{Admin, Caller, CurrentCaller};
pub use client::{Client, TrustedProxies};
pub use context::Context;
pub use field::{CONTROL_CHARACTERS, EMPTY, Fault, Faults, Field, FieldValue};
pub use idempotency::IdempotencyKey;
pub use json::{Form, Json};
pub use language::{Language, Text};
pub use neighbour::Neighbour;
pub use page::{Cursor, Page, PageParameters, PageRequest};
pub use problem::{FaultBody, Problem, ProblemBody, render_problems};
pub use refusals::{BadBody, BadCaller, NoAdmin, NoJson};
pub use service::{Check, Run, Service, Status, Task};
