//! The port that HTTP is served on: taken early, so that a taken one is reported before anything else happens, and opened
//! last, so that nobody is accepted who could not be answered.

use std::net::SocketAddr;

use anyhow::Context;
use kit::http::QUEUE;
use tokio::net::{TcpListener, TcpSocket};

use crate::error::Result;

/// A port that nobody else can take, and nobody can reach yet.
pub(super) struct Socket {
    socket: TcpSocket,
    address: SocketAddr,
}

impl Socket {
    pub(super) fn bind(wanted: SocketAddr) -> Result<Self> {
        Ok(Self::try_bind(wanted).with_context(|| format!("can't listen on {wanted}"))?)
    }

    fn try_bind(wanted: SocketAddr) -> std::io::Result<Self> {
        let socket = if wanted.is_ipv4() { TcpSocket::new_v4()? } else { TcpSocket::new_v6()? };
        // A port whose last connections are still being forgotten can be used again.
        socket.set_reuseaddr(true)?;
        socket.bind(wanted)?;
        let address = socket.local_addr()?;
        Ok(Self { socket, address })
    }

    /// Where it is; with port 0 the system chose one.
    pub(super) fn address(&self) -> SocketAddr {
        self.address
    }

    pub(super) fn listen(self) -> Result<TcpListener> {
        Ok(self.socket.listen(QUEUE).with_context(|| format!("can't listen on {}", self.address))?)
    }
}
