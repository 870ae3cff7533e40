//! For tests alone: the built server as a process, and a mail server that records.

mod server;
mod smtp;

pub use server::Server;
pub use smtp::{ReceivedMail, SmtpFault, SmtpPhase, SmtpSecurity, SmtpSink};
