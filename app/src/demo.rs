//! Two accounts to look around with. Their passwords are new at each start and stand nowhere but on the terminal; without
//! a demonstration the accounts are locked.

use auth::seed;
use contracts::{EmailAddress, Role, Secret};
use data_encoding::BASE32_NOPAD;

use crate::error::Result;
use crate::platform::App;
use crate::terminal::say;

/// Names below a domain that nobody can own (RFC 2606), and the role of each.
const ACCOUNTS: [(&str, &str, Role); 2] =
    [("diner", "demo@lezzetlimani.example", Role::User), ("admin", "admin@lezzetlimani.example", Role::Admin)];

/// Gives the accounts new passwords and shows them, with the addresses to begin at.
pub(crate) async fn open(app: &App) -> Result<()> {
    let port = app.address().port();
    say(&format!("\n  Lezzetlimanı is open: http://localhost:{port}\n"))?;
    for (what, path) in
        [("front page", "/"), ("mailbox", "/mailbox"), ("API explorer", "/docs"), ("readiness", "/health/ready")]
    {
        say(&format!("  {what:<14}http://localhost:{port}{path}"))?;
    }
    say("")?;
    for (what, email, role) in ACCOUNTS {
        let password = new_password(app);
        let address: EmailAddress = email.parse().expect("the addresses above are addresses");
        seed(&app.context().database, address, Secret::new(&password), role).await?;
        say(&format!("  {what:<14}{email}  password {password}"))?;
    }
    say("\n  The passwords are new at each start. Ctrl-C stops.\n")
}

/// 80 random bits, in letters and digits that can be read aloud.
fn new_password(app: &App) -> String {
    BASE32_NOPAD.encode(&app.context().sources.bytes::<10>()).to_lowercase()
}
