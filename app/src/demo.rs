//! A town of restaurants, a cart, and accounts to walk around in it. Their passwords are new at each start and stand nowhere but on the
//! terminal; without a demonstration the accounts are locked.

use address::DemoAddress;
use contracts::{EmailAddress, Role, Secret, UserId};
use data_encoding::BASE32_NOPAD;
use restaurant::{DemoManagers, DemoTown};

use crate::error::Result;
use crate::platform::App;
use crate::settings::Demo;
use crate::terminal::say;

/// A name below a domain that nobody can own (RFC 2606), and the role of its account.
type DemoAccount = (&'static str, Role);

const DINER: DemoAccount = ("demo@lezzetlimani.example", Role::User);
const MANAGERS: [DemoAccount; 3] = [
    ("manager@lezzetlimani.example", Role::Manager),
    ("manager2@lezzetlimani.example", Role::Manager),
    ("manager3@lezzetlimani.example", Role::Manager),
];
const ADMIN: DemoAccount = ("admin@lezzetlimani.example", Role::Admin);

/// Writes down what is missing of the town, gives the accounts new passwords and shows them, with the addresses to begin at.
pub(crate) async fn open(app: &App, demo: Demo) -> Result<()> {
    let port = app.address().port();
    let mut shown = Vec::new();
    let mut managers = Vec::new();
    for account in MANAGERS {
        let (manager, password) = seed_account(app, account).await?;
        managers.push(manager);
        shown.push(("manager", account.0, password));
    }
    seed_town(app, &managers.try_into().expect("each of them has an account")).await?;
    let (diner, password) = seed_account(app, DINER).await?;
    let (restaurant, meals) = restaurant::demo_cart();
    cart::seed(&app.context().database, diner, restaurant, meals).await?;
    shown.push(("diner", DINER.0, password));
    shown.push(("admin", ADMIN.0, seed_account(app, ADMIN).await?.1));
    say(&format!("\n  Lezzetlimanı is open: http://localhost:{port}\n"))?;
    for (what, path) in
        [("restaurants", "/"), ("mailbox", "/mailbox"), ("API explorer", "/docs"), ("readiness", "/health/ready")]
    {
        say(&format!("  {what:<14}http://localhost:{port}{path}"))?;
    }
    say("")?;
    for (what, email, password) in shown {
        say(&format!("  {what:<14}{email:<30}password {password}"))?;
    }
    say(&format!("\n  {}", kitchens(demo)))?;
    say("  The passwords are new at each start. Ctrl-C stops.\n")
}

/// Who answers orders.
fn kitchens(Demo { has_kitchens }: Demo) -> &'static str {
    if has_kitchens {
        "The kitchens answer orders and bring them by themselves, unless a manager is faster."
    } else {
        "Orders wait for their managers: the kitchens are closed (DEMO_KITCHENS=false)."
    }
}

async fn seed_account(app: &App, (email, role): DemoAccount) -> Result<(UserId, String)> {
    let password = new_password(app);
    let address: EmailAddress = email.parse().expect("the addresses above are addresses");
    let user_id = auth::seed(&app.context().database, address, Secret::new(&password), role).await?;
    Ok((user_id, password))
}

/// Restaurants, where they are, what they cook, and what the platform promises. What was changed or deleted since stays so.
async fn seed_town(app: &App, managers: &DemoManagers) -> Result<()> {
    let database = &app.context().database;
    let town = DemoTown::missing(database).await?;
    let addresses =
        town.places(managers).into_iter().map(|(id, manager, details)| DemoAddress { id, manager, details });
    address::seed(database, addresses.collect()).await?;
    Ok(town.seed(database, managers).await?)
}

/// 80 random bits, in letters and digits that can be read aloud.
fn new_password(app: &App) -> String {
    BASE32_NOPAD.encode(&app.context().sources.bytes::<10>()).to_lowercase()
}
