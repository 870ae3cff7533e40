//! A client's connection, read to the last byte before it is closed.
//!
//! The runtime hears of bytes a moment after they have come, on a busy machine milliseconds later. A connection that looks
//! idle and is closed then cuts off a request that is here already.
//!
//! A client that does not read its answer is given up. One that still sends a body which nobody reads is let finish for a
//! while: what arrives at a closed connection resets it, and the reset can overtake the answer.

use std::future::Future;
use std::io::{self, Read};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use socket2::SockRef;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio::time::{Instant, Sleep, sleep_until};

use super::arrival::Arrival;
use super::connection_slots::ConnectionSlot;

/// What a client has to read within the time limit. Less would let one read byte by byte for hours.
const PROGRESS: usize = 16 * 1024;
/// How long a client may go on sending what nobody reads.
const LINGER_TIMEOUT: Duration = Duration::from_secs(5);
/// How much of it.
const READ_AWAY: usize = 8 * 1024 * 1024;

/// A connection that asks the system itself once it is about to be closed, and breaks when its client does not read.
pub(super) struct ClientStream {
    stream: TcpStream,
    slot: Arc<ConnectionSlot>,
    arrival: Arrival,
    write_timeout: Duration,
    stuck: Option<Stuck>,
    lingering: Option<Lingering>,
}

/// The client reads more slowly than we write.
struct Stuck {
    written: usize,
    // Real time, not the injected clock's: this is about a client that waits.
    deadline: Pin<Box<Sleep>>,
}

/// The answer is written, and the client still sends.
struct Lingering {
    read: usize,
    // Real time, not the injected clock's: this is about a client that sends.
    deadline: Pin<Box<Sleep>>,
}

impl ClientStream {
    pub(super) fn new(stream: TcpStream, slot: Arc<ConnectionSlot>, arrival: Arrival, write_timeout: Duration) -> Self {
        Self { stream, slot, arrival, write_timeout, stuck: None, lingering: None }
    }

    /// `written`, or an error once the client has taken too long.
    fn watch(&mut self, written: Poll<io::Result<usize>>, cx: &mut Context<'_>) -> Poll<io::Result<usize>> {
        match (&written, &mut self.stuck) {
            (Poll::Ready(Ok(length)), Some(stuck)) => {
                stuck.written += *length;
                if stuck.written >= PROGRESS {
                    stuck.written = 0;
                    let now = Instant::now();
                    stuck.deadline.as_mut().reset(now + self.write_timeout);
                    self.slot.set_stuck(Some(now));
                }
            }
            (Poll::Pending, stuck) => {
                let stuck = stuck.get_or_insert_with(|| {
                    let now = Instant::now();
                    self.slot.set_stuck(Some(now));
                    Stuck { written: 0, deadline: Box::pin(sleep_until(now + self.write_timeout)) }
                });
                ready!(stuck.deadline.as_mut().poll(cx));
                return Poll::Ready(Err(io::Error::new(io::ErrorKind::TimedOut, "the client does not read")));
            }
            (Poll::Ready(_), _) => {}
        }
        written
    }

    /// All that there was to write is written.
    fn end_of_writing(&mut self) {
        if self.stuck.take().is_some() {
            self.slot.set_stuck(None);
        }
    }

    /// Reads away what the client still sends, until it has seen that nobody wants it. Whoever waits for the slot comes first.
    fn linger(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        let lingering = self.lingering.get_or_insert_with(|| Lingering {
            read: 0,
            deadline: Box::pin(sleep_until(Instant::now() + LINGER_TIMEOUT)),
        });
        let mut bytes = [0; PROGRESS];
        while lingering.read < READ_AWAY && !self.slot.connection().gives_way().is_cancelled() {
            if lingering.deadline.as_mut().poll(cx).is_ready() {
                break;
            }
            let mut buffer = ReadBuf::new(&mut bytes);
            match ready!(Pin::new(&mut self.stream).poll_read(cx, &mut buffer)) {
                Ok(()) if !buffer.filled().is_empty() => lingering.read += buffer.filled().len(),
                // The client has closed, too, or is gone.
                Ok(()) | Err(_) => break,
            }
        }
        Poll::Ready(())
    }

    fn read_now(&self, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        match (&*SockRef::from(&self.stream)).read(buffer.initialize_unfilled()) {
            Ok(length) => {
                buffer.advance(length);
                Poll::Ready(Ok(()))
            }
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => Poll::Pending,
            Err(error) => Poll::Ready(Err(error)),
        }
    }
}

impl AsyncRead for ClientStream {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let filled = buffer.filled().len();
        let read = match Pin::new(&mut self.stream).poll_read(cx, buffer) {
            Poll::Pending if self.slot.connection().gives_way().is_cancelled() => self.read_now(buffer),
            read @ (Poll::Ready(_) | Poll::Pending) => read,
        };
        if buffer.filled().len() > filled {
            // A head that is refused is nobody's body, and more of it may come.
            self.arrival.begin();
        }
        read
    }
}

impl AsyncWrite for ClientStream {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write(cx, bytes);
        self.watch(written, cx)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        parts: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write_vectored(cx, parts);
        self.watch(written, cx)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.end_of_writing();
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        if self.lingering.is_none() {
            ready!(Pin::new(&mut self.stream).poll_shutdown(cx))?;
        }
        if self.arrival.is_unread() {
            ready!(self.linger(cx));
        }
        Poll::Ready(Ok(()))
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use futures_util::FutureExt;
    use tokio::io::AsyncReadExt;
    use tokio_util::sync::CancellationToken;

    use super::*;
    use crate::TrustedProxies;
    use crate::http::ConnectionLimits;
    use crate::http::connection_slots::ConnectionSlots;

    #[tokio::test]
    async fn a_closing_connection_is_read_before_the_runtime_hears_that_something_came() {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let mut client = std::net::TcpStream::connect(listener.local_addr().unwrap()).unwrap();
        let (accepted, _) = listener.accept().unwrap();
        accepted.set_nonblocking(true).unwrap();
        let closing = CancellationToken::new();
        let limits = ConnectionLimits {
            total: 1.try_into().unwrap(),
            per_client: 1.try_into().unwrap(),
            write_timeout: Duration::from_secs(10),
            proxies: TrustedProxies::default(),
        };
        let slot = ConnectionSlots::new(limits).take([127, 0, 0, 1].into(), &closing);
        let mut stream = ClientStream::new(
            TcpStream::from_std(accepted).unwrap(),
            slot,
            Arrival::default(),
            Duration::from_secs(10),
        );
        client.write_all(b"GET").unwrap();
        let mut bytes = [0; 8];

        let unheard = stream.read(&mut bytes).now_or_never();
        closing.cancel();
        let read = stream.read(&mut bytes).now_or_never();
        let nothing_more = stream.read(&mut bytes).now_or_never();

        assert!(unheard.is_none() && nothing_more.is_none());
        assert!(matches!(read, Some(Ok(3))), "{read:?}");
        assert_eq!(&bytes[..3], b"GET");
    }
}
