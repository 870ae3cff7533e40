//! What stands between a process and its server, and can fall silent: a failover, a half-open NAT, a frozen machine.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicU16, Ordering};

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinSet;

/// Passes connections on to a port of 127.0.0.1. Dropped, it ends them all.
pub struct FreezingProxy {
    port: u16,
    target: Arc<AtomicU16>,
    /// How often it was frozen; a connection that is older than the last time passes nothing on any more.
    frozen: watch::Sender<u32>,
    _tasks: JoinSet<()>,
}

impl FreezingProxy {
    /// Starts before `target` on a free port.
    ///
    /// # Errors
    /// No port is free.
    pub async fn start(target: u16) -> io::Result<Self> {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
        let port = listener.local_addr()?.port();
        let (target, frozen) = (Arc::new(AtomicU16::new(target)), watch::Sender::new(0));
        let mut tasks = JoinSet::new();
        tasks.spawn(accept(listener, target.clone(), frozen.clone()));
        Ok(Self { port, target, frozen, _tasks: tasks })
    }

    /// Its port on 127.0.0.1.
    #[must_use]
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Lets all that are connected by now hang for good: they stay open, and nothing comes through. New ones work.
    pub fn freeze(&self) {
        self.frozen.send_modify(|times| *times += 1);
    }

    /// Passes connections that come from now on to another port.
    pub fn switch_over(&self, target: u16) {
        self.target.store(target, Ordering::Relaxed);
    }
}

async fn accept(listener: TcpListener, target: Arc<AtomicU16>, frozen: watch::Sender<u32>) {
    let mut connections = JoinSet::new();
    while let Ok((client, _)) = listener.accept().await {
        while connections.try_join_next().is_some() {}
        connections.spawn(pass_on(client, target.load(Ordering::Relaxed), frozen.subscribe()));
    }
}

async fn pass_on(client: TcpStream, target: u16, mut frozen: watch::Receiver<u32>) {
    let Ok(server) = TcpStream::connect(("127.0.0.1", target)).await else { return };
    let (mut from_client, mut to_client) = client.into_split();
    let (mut from_server, mut to_server) = server.into_split();
    let passing = async {
        tokio::select! {
            () = copy(&mut from_client, &mut to_server) => {}
            () = copy(&mut from_server, &mut to_client) => {}
        }
    };
    tokio::select! {
        biased;
        _ = frozen.changed() => std::future::pending().await,
        () = passing => {}
    }
}

/// Until one side ends.
async fn copy(from: &mut (impl AsyncRead + Unpin), to: &mut (impl AsyncWrite + Unpin)) {
    let mut bytes = vec![0; 16 * 1024];
    while let Ok(count @ 1..) = from.read(&mut bytes).await {
        if to.write_all(&bytes[..count]).await.is_err() {
            return;
        }
    }
}
