//! A fleet on Redis, Kafka and Postgres: each service alone, two replicas each, and one fault after the other. After each one
//! events have to flow again within ten seconds, and everything acknowledged has to be true.

mod deployment;
mod flow;
mod injection;
mod report;
mod verdict;
mod witness;

use anyhow::{Result, bail};
use clock::Sources;
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::client::Client;
use crate::http_client::HttpClient;
use crate::kitchen::Kitchen;
use crate::ledger::Ledger;
use crate::plan::{Fault, Plan, Rig};
use crate::recoveries::Recoveries;
use crate::{Arguments, clocks};
use deployment::Deployment;
use flow::Flow;
use injection::Injector;
use report::Report;
use verdict::Judge;
use witness::Witness;

pub(crate) async fn run(arguments: &Arguments) -> Result<Report> {
    let mut deployment = Deployment::start(arguments).await?;
    let outcome = judged(arguments, &mut deployment).await;
    match outcome {
        Ok(report) if report.is_clean() => Ok(report),
        Ok(report) => {
            note(&format!("all logs are kept in {}", deployment.keep().display()));
            Ok(report)
        }
        Err(error) => bail!("{error:#}\nall logs are kept in {}", deployment.keep().display()),
    }
}

async fn judged(arguments: &Arguments, deployment: &mut Deployment) -> Result<Report> {
    let witness = Witness::post(&deployment.postgres).await?;
    let ledger = Ledger::default();
    let mut judge = Judge::new(ledger.clone(), witness.clone(), deployment.doors(), arguments.limits());
    let recoveries = work_under_faults(arguments, deployment, &ledger, &witness, &mut judge).await?;
    let totals = judge.conclude(&deployment.mails).await?;
    deployment.stop().await?;
    let promises = std::mem::take(&mut *ledger.promises());
    Ok(Report::new(arguments.seed, recoveries, promises, totals))
}

/// Lets clients work through one fault after the other, then lets them finish what is under way.
async fn work_under_faults(
    arguments: &Arguments,
    deployment: &mut Deployment,
    ledger: &Ledger,
    witness: &Witness,
    judge: &mut Judge,
) -> Result<Recoveries> {
    let mut random = StdRng::seed_from_u64(arguments.seed);
    let http = HttpClient::new(random.random(), deployment.doors(), ledger.clone());
    let kitchen = Kitchen::open(deployment.auth()?, http, (ledger.clone(), random.random())).await?;
    let stop = CancellationToken::new();
    let clients = TaskTracker::new();
    for number in 0..arguments.clients {
        let client = Client::new(number, random.random(), deployment.doors(), deployment.mails.clone(), ledger.clone());
        clients.spawn(client.ordering_from(kitchen.menu()).work(stop.clone()));
    }
    let cooking = clients.spawn(kitchen.work(stop.clone()));
    clients.close();

    let limits = arguments.limits();
    let around = (&deployment.doors(), &deployment.mails);
    let mut flow = Flow::new(random.random(), around, (ledger, witness), limits);
    let mut plan = Plan::new(Rig::Fleet, arguments.fault);
    let seed = random.random();
    let mut injector = Injector::new(StdRng::seed_from_u64(seed), ledger.clone(), witness.clone(), limits);
    let mut recoveries = Recoveries::default();
    for round in 1..=arguments.runs.unwrap_or_else(|| plan.rounds()) {
        let fault = plan.next(&mut random);
        let occasion = format!("round {round} ({})", fault.name());
        let ended = injector.make(fault, deployment, &mut flow).await?;
        let mut recovery = flow.measure(ended).await?;
        if recovery.is_none() && deployment.mend_kafka().await? {
            ledger.promises().lapses_of_kafka += 1;
            note(&format!("{occasion}: Kafka lost its own way and was started again"));
            recovery = flow.measure(Sources::system().now()).await?;
        }
        let Some(recovery) = recovery else { bail!("{occasion}: events do not flow any more") };
        recoveries.note(fault, recovery);
        if recovery > limits.recovery() {
            ledger.promises().broken.push(format!("{occasion}: events flowed again after {recovery:.1?}"));
        }
        deployment.wait_until_ready().await?;
        injector.judge_stop(&occasion);
        judge.check(&occasion, injector.committed()).await?;
        let broken = ledger.promises().broken.len();
        note(&format!("{occasion}: events flow after {recovery:.1?}, {broken} promises broken"));
    }
    stop.cancel();
    clients.wait().await;
    judge.check("after the last round", injector.commit_all().await).await?;
    close(&mut cooking.await?, (deployment, witness), (ledger, arguments.fault)).await?;
    Ok(recoveries)
}

/// Lets the kitchen lead all orders to their end; where the clock was ahead meanwhile, as soon as that is again so.
async fn close(
    kitchen: &mut Kitchen,
    (deployment, witness): (&Deployment, &Witness),
    (ledger, only): (&Ledger, Option<Fault>),
) -> Result<()> {
    if only != Some(Fault::ClockJumped) {
        return kitchen.close(&witness.orders()).await;
    }
    ledger.promises().jumps += 1;
    deployment.set_clocks(clocks::CLOSING)?;
    kitchen.close(&witness.orders()).await?;
    ledger.promises().jumps += 1;
    deployment.set_clocks(0)
}

#[expect(clippy::print_stderr, reason = "whoever waits wants to see how far it has come")]
fn note(line: &str) {
    eprintln!("{line}");
}
