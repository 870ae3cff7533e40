//! Ports for servers of tests.

use std::io;
use std::net::TcpListener;
use std::sync::LazyLock;
use std::sync::atomic::{AtomicU16, Ordering};

use clock::Sources;

/// Below those that outgoing connections take: a client that knocks while a server is down can't meet itself, and nobody takes the
/// port of a server that is about to start.
const FIRST: u16 = 10_000;
const COUNT: u16 = 22_000;
/// Processes that ask at the same time begin at different ones.
static NEXT: LazyLock<AtomicU16> = LazyLock::new(|| AtomicU16::new(u16::from_be_bytes(Sources::system().bytes())));

/// A port that nobody listens on; nobody else in this process gets it until all others were given.
///
/// # Errors
/// No port is free.
pub fn free_port() -> io::Result<u16> {
    for _ in 0..COUNT {
        let port = FIRST + NEXT.fetch_add(1, Ordering::Relaxed) % COUNT;
        if TcpListener::bind(("127.0.0.1", port)).is_ok() {
            return Ok(port);
        }
    }
    Err(io::Error::other("no port is free"))
}
