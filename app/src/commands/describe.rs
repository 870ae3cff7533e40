//! `openapi` and `asyncapi`: what the platform offers to programs, for programs.

use std::path::Path;

use anyhow::Context;
use clock::Sources;

use crate::error::Result;
use crate::platform::App;
use crate::services::Services;
use crate::settings::{Flag, Layers, Settings, Values, table};
use crate::telemetry;
use crate::terminal::{say, say_json};

/// Builds the platform in a folder that is thrown away: what it would serve is what it describes.
pub(super) async fn openapi() -> Result<()> {
    let folder = tempfile::tempdir().context("there is no place for a scratch folder")?;
    let app = App::build(&scratch_settings(folder.path())?, Sources::system(), telemetry::count_nothing()).await?;
    say_json(app.description())
}

fn scratch_settings(folder: &Path) -> Result<Settings> {
    let flag = |name, text: String| Flag { name, flag: "", text };
    let flags = vec![
        flag(table::DATA_DIR.row.name, folder.display().to_string()),
        flag(table::SERVER_PORT.row.name, "0".to_owned()),
    ];
    let mut values = Values::collect(&Layers { flags, ..Layers::default() });
    Ok(Settings::read(&mut values, Services::all())?)
}

pub(super) fn asyncapi() -> Result<()> {
    let mut document = contracts::async_api(env!("CARGO_PKG_VERSION"));
    // In one order, whichever the maps of a build keep.
    document.sort_all_objects();
    say(&format!("{document:#}"))
}
