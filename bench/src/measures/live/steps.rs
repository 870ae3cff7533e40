//! The steps of orders, by who runs the restaurants, on schedule.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Result, ensure};
use clock::Sources;
use tokio::task::JoinSet;

use super::{OrderState, Placed};
use crate::lean_client::LeanClient;

/// What an order does, with the body of its request.
pub(super) type Step = (&'static str, &'static str);

/// Each order makes all of them.
pub(super) const STEPS: [Step; 4] = [("accept", "{}"), ("prepare", ""), ("dispatch", ""), ("deliver", "")];
/// Between two steps: a hundred are made in a second.
const INTERVAL: Duration = Duration::from_millis(10);
/// As many steps may be under way.
const WORKERS: usize = 16;

/// A step that was made.
#[derive(Debug, Clone, Copy)]
pub(super) struct StepMade {
    pub(super) diner: usize,
    /// What the order has become.
    pub(super) order: OrderState,
    pub(super) asked: Instant,
    pub(super) answered: Instant,
}

/// What is to be done, and how much of it has begun.
struct Schedule {
    sources: Sources,
    bearer: String,
    orders: Vec<Placed>,
    steps: Vec<Step>,
    begun: Instant,
    next: AtomicUsize,
}

/// Lets all of `orders` make the first of `steps`, then all of them the next one: each on schedule, however late those before are.
pub(super) async fn make_steps(url: &str, bearer: &str, orders: &[Placed], steps: &[Step]) -> Result<Vec<StepMade>> {
    let mut clients = Vec::with_capacity(WORKERS);
    for _ in 0..WORKERS {
        clients.push(LeanClient::connect(url).await?);
    }
    let schedule = Arc::new(Schedule {
        sources: Sources::system(),
        bearer: bearer.to_owned(),
        orders: orders.to_vec(),
        steps: steps.to_vec(),
        begun: Instant::now(),
        next: AtomicUsize::new(0),
    });
    let mut workers: JoinSet<Result<Vec<StepMade>>> =
        clients.into_iter().map(|client| Arc::clone(&schedule).work(client)).collect();
    let mut made = Vec::with_capacity(orders.len() * steps.len());
    while let Some(steps) = workers.join_next().await {
        made.extend(steps??);
    }
    Ok(made)
}

impl Schedule {
    async fn work(self: Arc<Self>, mut client: LeanClient) -> Result<Vec<StepMade>> {
        let mut made = Vec::new();
        loop {
            let number = self.next.fetch_add(1, Ordering::Relaxed);
            let Some(step) = self.steps.get(number / self.orders.len()) else { return Ok(made) };
            let due = self.begun + INTERVAL * u32::try_from(number)?;
            self.sources.sleep(due.saturating_duration_since(Instant::now())).await;
            made.push(self.make(&mut client, self.orders[number % self.orders.len()], *step).await?);
        }
    }

    async fn make(
        &self,
        client: &mut LeanClient,
        Placed { id, diner }: Placed,
        (step, body): Step,
    ) -> Result<StepMade> {
        let asked = Instant::now();
        let headers = [("authorization", self.bearer.as_str())];
        let answer = client.post(&format!("/carts/orders/{id}/{step}"), body, &headers).await?;
        let answered = Instant::now();
        let said = String::from_utf8_lossy(answer.body);
        ensure!(answer.status == 200, "{step} answered {}: {said}", answer.status);
        Ok(StepMade { diner, order: serde_json::from_slice(answer.body)?, asked, answered })
    }
}
