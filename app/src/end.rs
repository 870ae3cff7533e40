//! The end of a process waits for nobody who hangs.

use std::process::ExitCode;

use tokio::runtime::Runtime;

use crate::error::Error;
use crate::terminal::complain;

/// Runs `program` on a runtime of its own, and ends with it. By then everything is let go of in order; what still runs on
/// threads that may block, such as the lookup of a name that nobody answers, would hold the process up for as long as it takes.
pub(crate) fn to_the_end(program: impl Future<Output = ExitCode>) -> ExitCode {
    let runtime = match Runtime::new() {
        Ok(runtime) => runtime,
        Err(error) => {
            complain(&Error::Refused(format!("the system has no threads for us: {error}")));
            return ExitCode::FAILURE;
        }
    };
    let code = runtime.block_on(program);
    runtime.shutdown_background();
    code
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;
    use std::time::Duration;

    use tokio::sync::oneshot;

    use super::*;

    #[test]
    fn what_blocks_a_thread_does_not_hold_up_the_end() {
        let (release, held) = mpsc::channel::<()>();
        let (begin, begun) = oneshot::channel();

        let code = to_the_end(async {
            drop(tokio::task::spawn_blocking(move || {
                begin.send(()).unwrap();
                held.recv_timeout(Duration::from_secs(30))
            }));
            begun.await.unwrap();
            ExitCode::from(7)
        });

        assert_eq!(code, ExitCode::from(7));
        assert!(release.send(()).is_ok(), "it was waited for");
    }
}
