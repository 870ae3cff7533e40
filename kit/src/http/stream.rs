//! A client's connection, read to the last byte before it is closed.
//!
//! The runtime hears of bytes a moment after they have come, on a busy machine milliseconds later. A connection that looks
//! idle and is closed then cuts off a request that is here already.

use std::io::{self, Read};
use std::pin::Pin;
use std::task::{Context, Poll};

use socket2::SockRef;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio_util::sync::CancellationToken;

/// A connection that asks the system itself once it is about to be closed.
pub(super) struct ClientStream {
    stream: TcpStream,
    closing: CancellationToken,
}

impl ClientStream {
    pub(super) fn new(stream: TcpStream, closing: CancellationToken) -> Self {
        Self { stream, closing }
    }

    fn look(&self, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
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
        match Pin::new(&mut self.stream).poll_read(cx, buffer) {
            Poll::Pending if self.closing.is_cancelled() => self.look(buffer),
            read @ (Poll::Ready(_) | Poll::Pending) => read,
        }
    }
}

impl AsyncWrite for ClientStream {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(cx, bytes)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        parts: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write_vectored(cx, parts)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test may panic")]
mod tests {
    use std::io::Write;

    use futures_util::FutureExt;
    use tokio::io::AsyncReadExt;

    use super::*;

    #[tokio::test]
    async fn a_closing_connection_is_read_before_the_runtime_hears_that_something_came() {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let mut client = std::net::TcpStream::connect(listener.local_addr().unwrap()).unwrap();
        let (accepted, _) = listener.accept().unwrap();
        accepted.set_nonblocking(true).unwrap();
        let closing = CancellationToken::new();
        let mut stream = ClientStream::new(TcpStream::from_std(accepted).unwrap(), closing.clone());
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
