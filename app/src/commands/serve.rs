//! `serve`: runs the platform until it is told to stop.

use std::time::Duration;

use anyhow::{Context, anyhow};
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio_util::sync::CancellationToken;

use crate::command_line::Serve;
use crate::demo;
use crate::error::Result;
use crate::file_handles;
use crate::platform::App;
use crate::services::Services;
use crate::settings::Settings;
use crate::telemetry;

use super::invocation::Invocation;

pub(super) async fn run(invocation: &Invocation, serve: Serve) -> Result<()> {
    let mut values = invocation.values(serve.port.flags())?;
    let settings = Settings::read(&mut values, Services::chosen(&serve.services))?;
    let settings = if serve.demo { settings.demonstrating()? } else { settings };
    settings.check_serving()?;
    let _spans = telemetry::start_logging(&settings.log)?;
    if let Err(error) = file_handles::raise_limit() {
        tracing::warn!(%error, "the limit of open files stays as it is");
    }
    let counts = telemetry::start_counting()?;

    let mut signals = Signals::listen()?;
    let app = tokio::select! {
        built = App::build(&settings, invocation.sources.clone(), counts) => built?,
        // What it waits for, such as a database that is away, need not come any more.
        () = signals.next() => {
            tracing::info!("stopped before it was ready");
            return Ok(());
        }
    };
    if let Some(demo) = settings.demo {
        demo::open(&app, demo).await?;
    }
    tracing::info!(address = %app.address(), data = %settings.state.data.display(), "ready");
    let stop = CancellationToken::new();
    tokio::select! {
        ended = app.run(stop.clone()) => ended,
        impatient = signals.stop(&stop) => impatient,
    }
}

/// Supervisors and terminals signal a process and then its group; that is one wish, heard twice.
const ECHO_WINDOW: Duration = Duration::from_millis(500);

/// What ends the process from outside.
struct Signals {
    terminate: Signal,
    interrupt: Signal,
}

impl Signals {
    fn listen() -> Result<Self> {
        let listen = |kind| signal(kind).context("signals can't be heard");
        Ok(Self { terminate: listen(SignalKind::terminate())?, interrupt: listen(SignalKind::interrupt())? })
    }

    /// The first signal lets everything end in order; the second one ends it where it stands.
    async fn stop(mut self, stop: &CancellationToken) -> Result<()> {
        self.next().await;
        tracing::info!("stopping");
        stop.cancel();
        let _echoes = tokio::time::timeout(ECHO_WINDOW, self.echo()).await;
        self.next().await;
        Err(anyhow!("stopped at once, with work at hand"))?
    }

    async fn echo(&mut self) {
        loop {
            self.next().await;
        }
    }

    async fn next(&mut self) {
        tokio::select! {
            _ = self.terminate.recv() => {}
            _ = self.interrupt.recv() => {}
        }
    }
}
