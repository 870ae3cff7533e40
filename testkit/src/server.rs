//! The built binary as a process of its own, for tests from outside: started, watched, killed and started again.

use std::io;
use std::path::{Path, PathBuf};
use std::process::{ExitStatus, Stdio};
use std::time::Duration;

use clock::Sources;
use tokio::io::AsyncWriteExt;
use tokio::process::{Child, Command};

use crate::faketime;
use crate::free_port;

/// A server process with a data folder and a port that stay the same over restarts.
pub struct Server {
    binary: PathBuf,
    /// What follows `serve`.
    served: Vec<String>,
    environment: Vec<(String, String)>,
    folder: PathBuf,
    port: u16,
    log: PathBuf,
    /// Where its standard output goes.
    output: PathBuf,
    child: Option<Child>,
}

/// How long a server may take until it is ready, on a machine that is busy with other things.
const START_TIMEOUT: Duration = Duration::from_secs(60);

impl Server {
    /// A server of `binary` over the data folder `folder`, not started yet. `environment` is all that it sees of one.
    ///
    /// # Errors
    /// No port is free.
    pub fn new(binary: &Path, folder: &Path, environment: &[(&str, &str)]) -> io::Result<Self> {
        let port = free_port()?;
        let environment = environment.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        Ok(Self {
            binary: binary.to_owned(),
            served: Vec::new(),
            environment,
            folder: folder.to_owned(),
            port,
            log: folder.with_extension("log"),
            output: folder.with_extension("out"),
            child: None,
        })
    }

    /// The same with `service` alone in it.
    #[must_use]
    pub fn serving(mut self, service: &str) -> Self {
        self.served = vec![service.to_owned()];
        self
    }

    /// The same with the town and the accounts of a demonstration.
    #[must_use]
    pub fn demonstrating(mut self) -> Self {
        self.served.push("--demo".to_owned());
        self
    }

    /// The same with a clock that is ahead of ours by so many seconds. What it waits for takes as long as ever.
    ///
    /// # Errors
    /// What shows it another time can't be made.
    pub fn ahead_by(self, seconds: u32) -> io::Result<Self> {
        self.with_clock([("FAKETIME", format!("+{seconds}s"))])
    }

    /// The same with a clock that [`Server::set_clock`] sets while it runs. What it waits for takes as long as ever.
    ///
    /// # Errors
    /// What shows it another time can't be made.
    pub fn with_a_clock_of_its_own(self) -> io::Result<Self> {
        let file = self.clock_file().display().to_string();
        self.with_clock([("FAKETIME_TIMESTAMP_FILE", file), ("FAKETIME_NO_CACHE", "1".to_owned())])
    }

    fn with_clock<const N: usize>(mut self, clock: [(&'static str, String); N]) -> io::Result<Self> {
        let clock = faketime::environment()?.into_iter().chain(clock);
        self.environment.extend(clock.map(|(name, value)| (name.to_owned(), value)));
        Ok(self)
    }

    /// Sets the clock of a process that has one of its own: so many seconds ahead of ours, or behind it.
    ///
    /// # Errors
    /// The file that says so can't be written.
    pub fn set_clock(&self, seconds: i64) -> io::Result<()> {
        // A reader must never find it half written.
        let written = self.clock_file().with_extension("new");
        std::fs::write(&written, format!("{seconds:+}s"))?;
        std::fs::rename(written, self.clock_file())
    }

    fn clock_file(&self) -> PathBuf {
        self.folder.with_extension("clock")
    }

    /// Starts the process and returns when it is ready.
    ///
    /// # Errors
    /// It can't be started, ended by itself, or is not ready in time; its log says why.
    pub async fn start(&mut self) -> io::Result<()> {
        self.launch()?;
        self.wait_until_ready().await
    }

    /// Starts the process and does not wait for it.
    ///
    /// # Errors
    /// It can't be started.
    pub fn launch(&mut self) -> io::Result<()> {
        let appended = |file| std::fs::OpenOptions::new().create(true).append(true).open(file);
        let (log, output) = (appended(&self.log)?, appended(&self.output)?);
        let child = Command::new(&self.binary)
            .arg("serve")
            .args(&self.served)
            .arg("--data")
            .arg(&self.folder)
            .args(["--port", &self.port.to_string()])
            .env_clear()
            .envs(self.environment.iter().map(|(name, value)| (name, value)))
            .stdin(Stdio::null())
            .stdout(output)
            .stderr(log)
            .kill_on_drop(true)
            .spawn()?;
        self.child = Some(child);
        Ok(())
    }

    /// Returns when the process is ready.
    ///
    /// # Errors
    /// It ended by itself, or is not ready in time; its log says why.
    pub async fn wait_until_ready(&mut self) -> io::Result<()> {
        let sources = Sources::system();
        let deadline = sources.now() + START_TIMEOUT;
        // Each new one reads all certificates of this machine.
        let client = reqwest::Client::new();
        let ready = self.url("/health/ready");
        while sources.now() < deadline {
            if let Some(status) = self.child.as_mut().and_then(|child| child.try_wait().transpose()).transpose()? {
                return Err(io::Error::other(format!("the server ended with {status}; see {}", self.log.display())));
            }
            if client.get(&ready).send().await.is_ok_and(|answer| answer.status().is_success()) {
                return Ok(());
            }
            sources.sleep(Duration::from_millis(5)).await;
        }
        Err(io::Error::other(format!("the server is not ready; see {}", self.log.display())))
    }

    /// Runs a command of the program beside the process, over the same folder and with the same environment, and `input` on its
    /// standard input.
    ///
    /// # Errors
    /// It can't be started, or ended without success; the error says what it said.
    pub async fn run(&self, arguments: &[&str], input: &str) -> io::Result<()> {
        let mut child = Command::new(&self.binary)
            .args(arguments)
            .arg("--data")
            .arg(&self.folder)
            .env_clear()
            .envs(self.environment.iter().map(|(name, value)| (name, value)))
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .kill_on_drop(true)
            .spawn()?;
        // Dropped behind it, so that the program meets its end.
        if let Some(mut stdin) = child.stdin.take() {
            stdin.write_all(input.as_bytes()).await?;
        }
        let ended = child.wait_with_output().await?;
        let said = || io::Error::other(String::from_utf8_lossy(&ended.stderr).trim().to_owned());
        if ended.status.success() { Ok(()) } else { Err(said()) }
    }

    /// Ends the process as `kill -9` does and waits until it is gone.
    ///
    /// # Errors
    /// There is no process.
    pub async fn kill(&mut self) -> io::Result<()> {
        match self.child.take() {
            Some(mut child) => child.kill().await,
            None => Err(not_running()),
        }
    }

    /// Ends the process as `kill -9` does and does not wait for it.
    ///
    /// # Errors
    /// There is no process, or no `kill` command.
    pub async fn send_kill(&self) -> io::Result<()> {
        self.signal("-KILL").await
    }

    /// Asks the process to stop by SIGTERM and waits until it has.
    ///
    /// # Errors
    /// There is no process, or no `kill` command.
    pub async fn stop(&mut self) -> io::Result<ExitStatus> {
        self.ask_to_stop().await?;
        self.wait_until_ended().await
    }

    /// Asks the process to stop by SIGTERM and does not wait for it.
    ///
    /// # Errors
    /// There is no process, or no `kill` command.
    pub async fn ask_to_stop(&self) -> io::Result<()> {
        self.signal("-TERM").await
    }

    /// Returns when the process has ended, and how.
    ///
    /// # Errors
    /// There is no process.
    pub async fn wait_until_ended(&mut self) -> io::Result<ExitStatus> {
        let mut child = self.child.take().ok_or_else(not_running)?;
        child.wait().await
    }

    /// Lets the process hang, as a machine does that has more urgent things to do.
    ///
    /// # Errors
    /// There is no process, or no `kill` command.
    pub async fn pause(&self) -> io::Result<()> {
        self.signal("-STOP").await
    }

    /// Lets it go on after [`Server::pause`].
    ///
    /// # Errors
    /// There is no process, or no `kill` command.
    pub async fn resume(&self) -> io::Result<()> {
        self.signal("-CONT").await
    }

    async fn signal(&self, signal: &str) -> io::Result<()> {
        let id = self.process_id().ok_or_else(not_running)?;
        Command::new("kill").args([signal, &id.to_string()]).status().await.map(drop)
    }

    /// What it has said on its standard output, over all of its starts.
    ///
    /// # Errors
    /// It was not started, or said what is no text.
    pub fn said(&self) -> io::Result<String> {
        std::fs::read_to_string(&self.output)
    }

    /// The process id, while it runs.
    #[must_use]
    pub fn process_id(&self) -> Option<u32> {
        self.child.as_ref().and_then(Child::id)
    }

    /// The address of `path` on this server.
    #[must_use]
    pub fn url(&self, path: &str) -> String {
        format!("http://127.0.0.1:{}{path}", self.port)
    }

    /// The data folder.
    #[must_use]
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// The file with everything that the process logged, over all its lives.
    #[must_use]
    pub fn log(&self) -> &Path {
        &self.log
    }
}

fn not_running() -> io::Error {
    io::Error::other("the server is not running")
}
