//! `testkit up FOLDER` starts the servers that all tests of one run share and prints how the environment names them;
//! `testkit down FOLDER` stops them.

#![expect(clippy::print_stdout, reason = "what it prints is read by a shell")]

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use clock::Sources;
use testkit::servers::kafka::KafkaServer;
use testkit::servers::postgres::{Durability, PostgresServer};

/// How long a server may take to stop.
const STOP_TIMEOUT: Duration = Duration::from_secs(20);

#[tokio::main(flavor = "current_thread")]
async fn main() -> io::Result<()> {
    let words: Vec<String> = std::env::args().skip(1).collect();
    match words.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["up", folder] => up(&fs::canonicalize(made(Path::new(folder))?)?).await,
        ["down", folder] => down(Path::new(folder)).await,
        _ => Err(io::Error::other("usage: testkit up FOLDER | testkit down FOLDER")),
    }
}

async fn up(folder: &Path) -> io::Result<()> {
    let (kafka, postgres) = (made(&folder.join("kafka"))?, made(&folder.join("postgres"))?);
    let (kafka, postgres) =
        tokio::try_join!(KafkaServer::start(&kafka), PostgresServer::start(&postgres, Durability::Fast))?;
    println!("export TEST_KAFKA={}", kafka.brokers());
    println!("export TEST_POSTGRES={}", postgres.url());
    // Postgres takes SIGTERM as a wish to stop once all have gone, and SIGINT as an order.
    let processes = [format!("TERM {}", kafka.detach()?), format!("INT {}", postgres.detach()?)];
    fs::write(processes_in(folder), processes.join("\n"))
}

async fn down(folder: &Path) -> io::Result<()> {
    let processes = match fs::read_to_string(processes_in(folder)) {
        // `up` did not get that far, and has ended what it had started.
        Err(error) if error.kind() == io::ErrorKind::NotFound => String::new(),
        processes => processes?,
    };
    for (signal, process) in processes.lines().filter_map(|line| line.split_once(' ')) {
        stop(signal, process).await?;
    }
    fs::remove_dir_all(folder)
}

/// Asks a process to end, and makes it when it takes too long.
async fn stop(signal: &str, process: &str) -> io::Result<()> {
    let sources = Sources::system();
    let deadline = sources.now() + STOP_TIMEOUT;
    kill(signal, process)?;
    while Path::new("/proc").join(process).is_dir() {
        if sources.now() > deadline {
            return kill("KILL", process);
        }
        sources.sleep(Duration::from_millis(50)).await;
    }
    Ok(())
}

fn kill(signal: &str, process: &str) -> io::Result<()> {
    Command::new("kill").args(["-s", signal, process]).status().map(drop)
}

fn processes_in(folder: &Path) -> PathBuf {
    folder.join("processes")
}

fn made(folder: &Path) -> io::Result<PathBuf> {
    fs::create_dir_all(folder)?;
    Ok(folder.to_owned())
}
