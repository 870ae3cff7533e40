//! Ports for servers of tests.

use std::io;
use std::net::TcpListener;
use std::sync::LazyLock;
use std::sync::atomic::{AtomicU32, Ordering};

use clock::Sources;

/// Below those that outgoing connections take: a client that knocks while a server is down can't meet itself, and nobody takes the
/// port of a server that is about to start.
const FIRST: u32 = 10_000;
const COUNT: u32 = 22_000;
/// Processes that ask at the same time begin at different ones.
static NEXT: LazyLock<AtomicU32> =
    LazyLock::new(|| AtomicU32::new(u16::from_be_bytes(Sources::system().bytes()).into()));

/// A port that nobody listens on; nobody else in this process gets it until all others were given.
///
/// # Errors
/// No port is free.
pub fn free_port() -> io::Result<u16> {
    for _ in 0..COUNT {
        let port = FIRST + NEXT.fetch_add(1, Ordering::Relaxed) % COUNT;
        let port = u16::try_from(port).map_err(io::Error::other)?;
        if TcpListener::bind(("127.0.0.1", port)).is_ok() {
            return Ok(port);
        }
    }
    Err(io::Error::other("no port is free"))
}
