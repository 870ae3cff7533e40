//! For tests alone: the built server as a process, the real servers it stands on, and a mail server that records.

mod server;
pub mod servers;
mod smtp;

pub use server::Server;
pub use smtp::{ReceivedMail, SmtpFault, SmtpPhase, SmtpSecurity, SmtpSink};
