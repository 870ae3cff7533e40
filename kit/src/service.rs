//! What a service hands to the app: routes, pages, consumers, tasks and checks.

use std::fmt::Display;
use std::future::Future;
use std::pin::Pin;
use std::time::Duration;

use async_trait::async_trait;
use bus::Consumer;
use clock::Sources;
use tokio_util::sync::CancellationToken;
use utoipa_axum::router::OpenApiRouter;

use crate::{FailureStreak, Pages};

/// A built service. The app merges it with the others into one router, one task set and one shutdown.
pub struct Service {
    /// Its name on the command line, in tables and in logs.
    pub name: &'static str,
    /// Its routes, with their description.
    pub routes: OpenApiRouter,
    /// What it shows to readers with a browser.
    pub pages: Pages,
    /// What it hears.
    pub consumers: Vec<Consumer>,
    /// What it does on its own.
    pub tasks: Vec<Task>,
    /// What its readiness depends on, besides the ports.
    pub checks: Vec<Box<dyn Check>>,
}

/// Work that goes on until the platform stops.
pub struct Task {
    /// Its name in logs.
    pub name: &'static str,
    /// Runs until the token is cancelled, then finishes what is at hand and returns.
    pub run: Run,
}

/// What a task does once the app hands it the token that will stop it.
pub type Run = Box<dyn FnOnce(CancellationToken) -> Pin<Box<dyn Future<Output = ()> + Send>> + Send>;

impl Task {
    /// A task named `name`.
    pub fn new<F>(name: &'static str, run: impl FnOnce(CancellationToken) -> F + Send + 'static) -> Self
    where
        F: Future<Output = ()> + Send + 'static,
    {
        Self { name, run: Box::new(move |stop| Box::pin(run(stop))) }
    }

    /// A task named `name` that does `work` at once and then again and again, with `interval` in between.
    pub fn every<F, E>(
        interval: Duration,
        name: &'static str,
        sources: &Sources,
        work: impl Fn() -> F + Send + Sync + 'static,
    ) -> Self
    where
        F: Future<Output = Result<(), E>> + Send + 'static,
        E: Display + Send,
    {
        let sources = sources.clone();
        let pause = move || {
            let sources = sources.clone();
            async move { sources.sleep(interval).await }
        };
        Self::repeat(name, pause, work)
    }

    /// A task named `name` that does `work` at once and again after each `pause`. A round that fails is logged when the one
    /// before it did not; the next one tries again.
    pub fn repeat<P, F, E>(
        name: &'static str,
        pause: impl Fn() -> P + Send + Sync + 'static,
        work: impl Fn() -> F + Send + Sync + 'static,
    ) -> Self
    where
        P: Future<Output = ()> + Send + 'static,
        F: Future<Output = Result<(), E>> + Send + 'static,
        E: Display + Send,
    {
        Self::new(name, move |stop| async move {
            let failures = FailureStreak::default();
            while !stop.is_cancelled() {
                match work().await {
                    Ok(()) if failures.ends() => tracing::info!(task = name, "a round succeeded again"),
                    Ok(()) => {}
                    Err(error) if failures.begins() => {
                        tracing::warn!(task = name, %error, "a round failed; the next one tries again");
                    }
                    Err(error) => tracing::debug!(task = name, %error, "a round failed again"),
                }
                stop.run_until_cancelled(pause()).await;
            }
        })
    }
}

/// Something that readiness asks for.
#[async_trait]
pub trait Check: Send + Sync {
    /// Its name in the answer of `/health/ready`.
    fn name(&self) -> &'static str;
    /// How it is.
    async fn status(&self) -> Status;
}

/// How something is that a service depends on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Status {
    /// It works.
    Up,
    /// It works, in a way that who looks after it should know.
    Noted(String),
    /// It is away, but what needs it waits and nothing is lost.
    Degraded(String),
    /// It is away, and requests fail.
    Down(String),
}
