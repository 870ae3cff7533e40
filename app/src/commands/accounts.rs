//! `admin`: what the operator does to accounts.

use std::io::BufRead;

use anyhow::Context;
use auth::admin::{self, Created};
use contracts::{EmailAddress, Secret};
use database::Database;

use crate::command_line::Admin;
use crate::error::{Error, Result};
use crate::services::{ServiceName, Services};
use crate::terminal::say;

use super::invocation::Invocation;

pub(super) async fn run(invocation: &Invocation, command: Admin) -> Result<()> {
    match command {
        Admin::Create { email, password_stdin } => {
            let password = if password_stdin { read_password()? } else { ask_for_password()? };
            create(&first_or_running(invocation).await?, email, password).await
        }
        Admin::Grant { email, role } => {
            admin::grant(&invocation.database_of(ServiceName::Auth).await?, &email, role).await?;
            say(&format!("{email} is {role} in a second, from the next refresh of each session on."))
        }
        Admin::Lock { email } => {
            admin::lock(&invocation.database_of(ServiceName::Auth).await?, &email).await?;
            say(&format!("{email} is locked, and its sessions end."))
        }
        Admin::Unlock { email } => {
            admin::unlock(&invocation.database_of(ServiceName::Auth).await?, &email).await?;
            say(&format!("{email} can sign in again."))
        }
        Admin::SignOut { email } => {
            admin::sign_out(&invocation.database_of(ServiceName::Auth).await?, &email).await?;
            say(&format!("The sessions of {email} end."))
        }
    }
}

/// The first account may be made before the first start.
async fn first_or_running(invocation: &Invocation) -> Result<Database> {
    if invocation.is_new(ServiceName::Auth)? {
        invocation.migrated(Services::all()).await
    } else {
        invocation.database_of(ServiceName::Auth).await
    }
}

async fn create(database: &Database, email: EmailAddress, password: Secret) -> Result<()> {
    let created = admin::create(database, email.clone(), password).await?;
    say(&match created {
        Created::New(id) => format!("{email} runs the platform now (account {id})."),
        Created::Promoted(id) => {
            format!("{email} was promoted to run the platform (account {id}); its old sessions end.")
        }
    })
}

/// The first line of standard input.
fn read_password() -> Result<Secret> {
    let mut line = String::new();
    std::io::stdin().lock().read_line(&mut line).context("no password can be read from standard input")?;
    let password = line.trim_end_matches(['\r', '\n']);
    if password.is_empty() {
        Err(Error::Refused("there is no password on standard input".to_owned()))
    } else {
        Ok(Secret::new(password))
    }
}

fn ask_for_password() -> Result<Secret> {
    let ask =
        |prompt| rpassword::prompt_password(prompt).context("no password can be asked for here; try --password-stdin");
    let password = ask("Password: ")?;
    if password == ask("The same again: ")? {
        Ok(Secret::new(password))
    } else {
        Err(Error::Refused("the two passwords differ".to_owned()))
    }
}
