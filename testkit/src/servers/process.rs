//! The process of a server, and all power over it.

use std::fs::{self, File};
use std::io;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use clock::Sources;

/// The pause between two polls of what a server has logged.
const POLL_INTERVAL: Duration = Duration::from_millis(10);

/// A server that runs or does not; dropped, it is not ended.
pub(super) struct ServerProcess {
    name: &'static str,
    /// Everything it logs, over all its lives.
    log: PathBuf,
    child: Option<Child>,
}

impl ServerProcess {
    /// A server that was not started yet.
    pub(super) fn new(name: &'static str, log: PathBuf) -> Self {
        Self { name, log, child: None }
    }

    pub(super) fn log(&self) -> PathBuf {
        self.log.clone()
    }

    pub(super) fn is_started(&self) -> bool {
        self.child.is_some()
    }

    /// Starts it as `command` says.
    pub(super) fn spawn(&mut self, command: &mut Command) -> io::Result<()> {
        let log = File::options().create(true).append(true).open(&self.log)?;
        self.child = Some(command.stdin(Stdio::null()).stdout(log.try_clone()?).stderr(log).spawn()?);
        Ok(())
    }

    /// Starts it as `command` says, and returns when it logs `word` once more than before.
    pub(super) async fn spawn_until_logged(
        &mut self,
        command: &mut Command,
        word: &str,
        timeout: Duration,
    ) -> io::Result<()> {
        let before = self.logged(word)?;
        self.spawn(command)?;
        let sources = Sources::system();
        let deadline = sources.now() + timeout;
        while sources.now() < deadline {
            if let Some(status) = self.child.as_mut().and_then(|child| child.try_wait().transpose()).transpose()? {
                return Err(self.error(&format!("ended with {status}")));
            }
            if self.logged(word)? > before {
                return Ok(());
            }
            sources.sleep(POLL_INTERVAL).await;
        }
        Err(self.error("does not answer"))
    }

    fn logged(&self, word: &str) -> io::Result<usize> {
        match fs::read_to_string(&self.log) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(0),
            log => Ok(log?.matches(word).count()),
        }
    }

    /// Sends it `signal`, such as `-STOP`.
    pub(super) fn signal(&self, signal: &str) -> io::Result<()> {
        let child = self.child.as_ref().ok_or_else(|| self.error("is not running"))?;
        let status = Command::new("kill").args([signal, &child.id().to_string()]).status()?;
        if status.success() { Ok(()) } else { Err(self.error(&format!("can't be sent {signal}"))) }
    }

    /// Sends it `signal`, by which it ends, and returns when it has.
    pub(super) fn end_by(&mut self, signal: &str) -> io::Result<()> {
        self.signal(signal)?;
        self.take()?.wait().map(drop)
    }

    /// Lets it run on without us, and says as which process.
    pub(super) fn detach(&mut self) -> io::Result<u32> {
        self.take().map(|child| child.id())
    }

    fn take(&mut self) -> io::Result<Child> {
        self.child.take().ok_or_else(|| self.error("is not running"))
    }

    fn error(&self, what: &str) -> io::Error {
        io::Error::other(format!("{} {what}; see {}", self.name, self.log.display()))
    }
}

/// Gives a server that keeps a [`ServerProcess`] in `process` the power over it; dropped, it ends by `$end`.
macro_rules! power_over_process {
    ($server:ident, $end:literal) => {
        impl $server {
            /// Ends it at once; what it had not written down is gone.
            ///
            /// # Errors
            /// It is not running.
            pub fn kill(&mut self) -> io::Result<()> {
                self.process.end_by($end)
            }

            /// Lets it hang, as a machine does that has more urgent things to do: what is open stays open.
            ///
            /// # Errors
            /// It is not running.
            pub fn pause(&self) -> io::Result<()> {
                self.process.signal("-STOP")
            }

            /// Lets it go on after a pause.
            ///
            /// # Errors
            /// It is not running.
            pub fn resume(&self) -> io::Result<()> {
                self.process.signal("-CONT")
            }

            /// Lets it run on without us, and says as which process.
            ///
            /// # Errors
            /// It is not running.
            pub fn detach(mut self) -> io::Result<u32> {
                self.process.detach()
            }

            /// Everything that it logged, over all its lives.
            #[must_use]
            pub fn log(&self) -> PathBuf {
                self.process.log()
            }
        }

        impl Drop for $server {
            fn drop(&mut self) {
                if self.process.is_started() {
                    // It may have ended by itself; there is nobody left to stop.
                    let _ = self.kill();
                }
            }
        }
    };
}

pub(super) use power_over_process;
