//! What every service stands on: context, problems, fields, callers, paging.
//!
//! No rule of any service lives here. A service's `api` takes requests apart with these extractors and answers with these
//! problems; its `actions` work with the [`Context`].

pub mod access;
mod bare_time;
pub mod cache;
mod caller;
mod client;
pub mod commercial_hours;
mod connection;
mod context;
mod entity_tag;
mod event_stream;
mod excerpt;
mod failure_streak;
mod fault;
mod faults;
mod field;
mod health;
pub mod http;
mod human_text;
pub mod idempotency;
mod imported;
mod json;
mod language;
mod local_request;
mod local_time;
mod offer_facts;
mod owner;
mod page;
mod pages;
mod problem;
mod query;
mod service;
mod slash;
#[cfg(feature = "testing")]
pub mod testing;
mod write_limit;

pub use bare_time::BareTime;
pub use caller::{Admin, Caller, CurrentCaller};
pub use client::{Client, TrustedProxies};
pub use context::Context;
pub use entity_tag::EntityTag;
pub use event_stream::{
    EventStreams, PER_USER, StreamEvent, StreamLimits, StreamPart, StreamReader, StreamRefusal, StreamRequest,
    StreamTicket,
};
pub use failure_streak::FailureStreak;
pub use fault::{Fault, FaultBody};
pub use faults::{Faults, row_at};
pub use field::{CONTROL_CHARACTERS, EMPTY, Field, FieldChange, FieldValue, FromField};
pub use health::{Health, HealthRoute};
pub use human_text::{TextFault, breaks_or_reorders, check_line, check_paragraphs, is_blank};
pub use idempotency::IdempotencyKey;
pub use imported::{FirstPlatform, Imported, import_first_platform};
pub use json::{Form, Json};
pub use language::{InLanguage, Language, Text};
pub use local_request::LocalRequest;
pub use local_time::local_time;
pub use offer_facts::{offer_facts, offer_label};
pub use owner::{Claim, Owner};
pub use page::{Cursor, Page, PageParameters, PageRequest, SortKey};
pub use pages::Pages;
pub use problem::{Problem, ProblemBody, render_problems};
pub use query::{Parameter, Parameters, QueryParameters};
pub use service::{Check, Run, Service, Status, Task};
pub use slash::with_and_without_slash;
pub use write_limit::{TooManyWrites, count_write};
