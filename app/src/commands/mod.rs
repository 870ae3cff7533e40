//! What each command does. Those that read or change something open the database alone, beside a running server.

mod accounts;
mod backup;
mod campaigns;
mod config;
mod dead_letters;
mod describe;
mod health;
mod import;
mod invocation;
mod keys;
mod mail;
mod migrate;
mod restaurants;
mod serve;
mod topics;

use std::ffi::OsString;
use std::process::ExitCode;

use clap::Parser;

use crate::command_line::{Command, CommandLine, Serve};
use crate::end::to_the_end;
use crate::error::Result;

use invocation::Invocation;

/// Runs the command that `arguments` ask for, and says on standard error why it did not work.
///
/// Neither async nor generic, so that the compiler makes the whole program here and the binary only links it.
#[must_use]
pub fn main(arguments: Vec<OsString>, environment: Vec<(OsString, OsString)>) -> ExitCode {
    to_the_end(answer(arguments, environment))
}

async fn answer(arguments: Vec<OsString>, environment: Vec<(OsString, OsString)>) -> ExitCode {
    let CommandLine { place, command } = match CommandLine::try_parse_from(arguments) {
        Ok(line) => line,
        Err(answer) => return show(&answer),
    };
    // Who serves says why, once there is a log.
    let _raised = crate::file_handles::raise_limit();
    let invocation = Invocation::new(place, environment);
    match run(&invocation, command).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            crate::terminal::complain(&error);
            error.exit_code()
        }
    }
}

/// Help and version go to standard output and are a success; anything else is a refusal.
fn show(answer: &clap::Error) -> ExitCode {
    match answer.print() {
        Ok(()) if !answer.use_stderr() => ExitCode::SUCCESS,
        Ok(()) => ExitCode::from(2),
        Err(_) => ExitCode::from(1),
    }
}

async fn run(invocation: &Invocation, command: Option<Command>) -> Result<()> {
    match command {
        None => serve::run(invocation, Serve { demo: true, ..Serve::default() }).await,
        Some(Command::Serve(serve)) => serve::run(invocation, serve).await,
        Some(Command::Config(config)) => config::run(invocation, &config),
        Some(Command::Migrate(migrate)) => migrate::run(invocation, migrate).await,
        Some(Command::Import(import)) => import::run(invocation, import).await,
        Some(Command::Health(port)) => health::run(invocation, port).await,
        Some(Command::Openapi) => describe::openapi().await,
        Some(Command::Asyncapi) => describe::asyncapi(),
        Some(Command::Admin(admin)) => accounts::run(invocation, admin).await,
        Some(Command::Keys(keys)) => keys::run(invocation, keys).await,
        Some(Command::Mail(mail)) => mail::run(invocation, mail).await,
        Some(Command::Restaurants(restaurants)) => restaurants::run(invocation, restaurants).await,
        Some(Command::Campaigns(campaigns)) => campaigns::run(invocation, campaigns).await,
        Some(Command::Backup { file }) => backup::run(invocation, &file).await,
        Some(Command::Topics(topics)) => topics::run(invocation, topics).await,
        Some(Command::DeadLetters(letters)) => dead_letters::run(invocation, letters).await,
    }
}
