//! The platform itself: ports, services, one router, one task set, one shutdown.
//!
//! [`App::build`] does everything up to an open port; [`App::run`] answers until it is told to stop. Nothing here reads
//! the environment, so a test can run as many platforms in its process as it likes.

mod admin;
mod background;
mod embedded_state;
mod explorer;
mod health;
mod metrics;
mod ports;
mod router;
mod services;
mod socket;
mod tasks;

use std::net::SocketAddr;
use std::pin::pin;
use std::time::Duration;

use axum::Router;
use bus::Bus;
use clock::Sources;
use futures_util::future::join;
use kit::access::{Guard, TokenKeys};
use kit::http::ConnectionLimits;
use kit::{Context, EventStreams, Task};
use metrics_exporter_prometheus::PrometheusHandle;
use tokio::net::TcpListener;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use crate::data_folder::{DataFolder, DataFolderLock};
use crate::error::Result;
use crate::settings::Settings;

use ports::{Ephemeral, Ports};
use router::Routes;
use socket::Socket;
use tasks::TaskSet;

pub(crate) use ports::{has_tables, open_beside_server};
pub use services::migrate;

/// How long after it was asked to stop the platform may still be at work; requests take most of that only when they are slow.
const STOP_GRACE: Duration = Duration::from_millis(4_500);

/// A platform that is ready to answer.
pub struct App {
    address: SocketAddr,
    listener: TcpListener,
    router: Router,
    limits: ConnectionLimits,
    streams: EventStreams,
    description: utoipa::openapi::OpenApi,
    page_paths: Vec<&'static str>,
    tasks: Vec<Task>,
    ports: Ports,
    bus: Bus,
    _lock: Option<DataFolderLock>,
}

impl App {
    /// Takes the data folder, opens the ports, brings the schema up to date, builds the services and listens.
    ///
    /// # Errors
    /// Whatever stands in the way, as one line for the operator.
    pub async fn build(settings: &Settings, sources: Sources, counts: PrometheusHandle) -> Result<Self> {
        let folder = DataFolder::at(&settings.state.data);
        let built = Self::build_on(&folder, settings, sources, counts).await;
        if settings.state.embeds_any() { folder.explain(built) } else { built }
    }

    async fn build_on(
        folder: &DataFolder,
        settings: &Settings,
        sources: Sources,
        counts: PrometheusHandle,
    ) -> Result<Self> {
        let lock = ports::lock_folder(&settings.state, folder)?;
        let socket = Socket::bind(settings.http.address)?;
        let ports = Ports::open(&settings.state, folder, &sources).await?;
        migrate(&ports.context.database, &settings.services).await?;

        let guard = guard(&ports, &settings.identity.token_keys);
        let public_url = settings.http.public_url(socket.address().port());
        let mut built = services::build(settings, &ports.context, &guard, public_url).await?;
        let consumers = built.iter_mut().flat_map(|service| std::mem::take(&mut service.consumers)).collect();
        let bus = Bus::open(&ports.bus_url, ports.context.database.clone(), consumers).await?;
        prepare(&guard, &ports).await?;
        built.push(admin::build(ports.context.database.clone(), bus.clone()));

        let limits = settings.http.limits.clone();
        let Context { database, sources, .. } = &ports.context;
        let streams = EventStreams::new(limits.streams(), guard.clone(), sources.clone(), database.vault().clone());
        let mut tasks = background::tasks(&ports, &bus, &guard, &counts);
        tasks.extend(streams.tasks());
        tasks.extend(built.iter_mut().flat_map(|service| std::mem::take(&mut service.tasks)));
        let Routes { router, description, pages } =
            router::build(settings, (&ports, &bus), (guard, streams.clone()), counts, built)?;
        Ok(Self {
            address: socket.address(),
            listener: socket.listen()?,
            router,
            limits,
            streams,
            description,
            page_paths: pages,
            tasks,
            ports,
            bus,
            _lock: lock,
        })
    }

    /// Where it listens; with port 0 the system chose one.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The ports, for what is done in this process besides requests.
    #[must_use]
    pub fn context(&self) -> &Context {
        &self.ports.context
    }

    /// The consumers, for tests that wait until all events are heard.
    #[must_use]
    pub fn bus(&self) -> &Bus {
        &self.bus
    }

    /// The description of all routes.
    #[must_use]
    pub fn description(&self) -> &utoipa::openapi::OpenApi {
        &self.description
    }

    /// The paths of all pages, as they were routed: `/adresler/{id}`.
    #[must_use]
    pub fn page_paths(&self) -> &[&'static str] {
        &self.page_paths
    }

    /// Answers until `stop`, then finishes what was accepted and lets go of everything.
    ///
    /// # Errors
    /// A task ended or panicked though nobody stopped it, or the stores could not be closed in order.
    pub async fn run(self, stop: CancellationToken) -> Result<()> {
        let mut tasks = TaskSet::start(self.tasks);
        let http_stop = stop.child_token();
        let deadline = async {
            http_stop.cancelled().await;
            self.streams.stop();
            Instant::now() + STOP_GRACE
        };
        let serving = kit::http::serve(self.listener, self.router, self.limits, http_stop.clone());
        let mut http = pin!(join(deadline, serving));
        let (deadline, crashed) = tokio::select! {
            (deadline, ()) = &mut http => (deadline, None),
            fault = tasks.first_end() => {
                http_stop.cancel();
                (http.await.0, Some(fault))
            }
        };
        tasks.stop(deadline).await;
        self.ports.close().await?;
        crashed.map_or(Ok(()), |fault| Err(fault.into()))
    }
}

/// The guard of a process with these ports. Without a store it can't know of revocations, which is said once here and by
/// readiness whenever it is asked.
fn guard(ports: &Ports, keys: &TokenKeys) -> Guard {
    let Context { ephemeral, sources, .. } = ports.context.clone();
    if !ports.ephemeral.is_absent() {
        return Guard::new(ephemeral, sources, keys);
    }
    let guard = Guard::without_store(sources, keys);
    if let Some(consequence) = health::consequence(guard.knowledge()) {
        tracing::warn!("{consequence}");
    }
    guard
}

/// Reads the keys and the revocations before anybody is answered. A Redis that is away, or not told yet what it needs to
/// know, keeps readiness from turning green and not the process from starting: a fleet starts in any order.
async fn prepare(guard: &Guard, ports: &Ports) -> Result<()> {
    match &ports.ephemeral {
        Ephemeral::Embedded(_) => Ok(guard.prepare().await?),
        Ephemeral::Redis(_) => {
            if let Err(error) = guard.prepare().await {
                tracing::warn!(%error, "keys and revocations are not known yet");
            }
            Ok(())
        }
        Ephemeral::Absent => Ok(()),
    }
}
