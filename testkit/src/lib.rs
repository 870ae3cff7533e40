//! For tests alone: the built server as a process, the real servers it stands on, a mail server that records, and rows that
//! fill a database; what a change of a description breaks, and what must hold in the books of orders.

mod chrome_driver;
mod clauses;
pub mod compatibility;
mod counters;
mod faketime;
pub mod filling;
mod gateway;
pub mod order_books;
mod ports;
mod server;
pub mod servers;
mod smtp;
pub mod sqlite;
mod wait;
mod warnings;

pub use chrome_driver::ChromeDriver;
pub use counters::Counters;
pub use gateway::Gateway;
pub use ports::free_port;
pub use server::Server;
pub use smtp::{ReceivedMail, SmtpFault, SmtpPhase, SmtpSecurity, SmtpSink};
pub use wait::{TIMEOUT, at_last, in_time};
pub use warnings::Warnings;
