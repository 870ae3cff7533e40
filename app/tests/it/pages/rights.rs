//! Who may do what with which page: one table for all of them.

use reqwest::StatusCode;

use super::rights_table::RIGHTS;
use super::world::{PageRoute, Shown, Who, World, show};
use crate::support::Platform;

/// After these a reader has no session any more.
const ENDS_SESSIONS: &str = "/guvenlik/oturumlar";

/// An answer as the table has it: its status, or the name of the detour that a reader makes who is not signed in.
fn cell(shown: &Shown) -> String {
    let led_to = |path: &str| shown.location.as_deref().is_some_and(|location| location.starts_with(path));
    match shown.status {
        StatusCode::SEE_OTHER if led_to("/giris?donus=") => "giris".to_owned(),
        StatusCode::TEMPORARY_REDIRECT if led_to("/oturum/devam?donus=") => "devam".to_owned(),
        status => status.as_u16().to_string(),
    }
}

fn line(PageRoute { method, path }: &PageRoute, cells: &[String]) -> String {
    let cells: Vec<String> = cells.iter().map(|cell| format!("{cell:<5}")).collect();
    format!("{method:<4} {path:<47} {}", cells.join(" ")).trim_end().to_owned()
}

#[tokio::test]
async fn every_page_is_there_for_whom_it_is_and_for_nobody_else() {
    let mut world = World::open(Platform::start().await).await;
    let mut lines = Vec::new();

    for route in world.routes().await {
        let mut cells = Vec::new();
        for who in Who::ALL {
            let path = world.filled(&route).await;
            let request = world.ask(who, route.method.parse().unwrap(), &path);
            let is_form = route.method == "POST";
            let shown = show(if is_form { request.body(world.form(&route).await) } else { request }).await;
            assert!(!shown.status.is_server_error(), "{} {path} of {who:?}: {}", route.method, shown.text);
            cells.push(cell(&shown));
            if route.path == ENDS_SESSIONS && who != Who::Stranger {
                world.sign_in(who).await;
            }
        }
        lines.push(line(&route, &cells));
    }

    let mut expected: Vec<&str> = RIGHTS.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
    expected.sort_unstable();
    lines.sort_unstable();
    let unexpected: Vec<&String> = lines.iter().filter(|line| !expected.contains(&line.as_str())).collect();
    let missing: Vec<&&str> = expected.iter().filter(|line| !lines.iter().any(|seen| seen == *line)).collect();
    assert!(unexpected.is_empty() && missing.is_empty(), "seen: {unexpected:#?}\nin the table: {missing:#?}");
}
