//! Contents stand sealed in our tables: they may hold tokens.

use anyhow::Context as _;
use database::Vault;

use crate::model::mail::Content;

const PURPOSE: &str = "notification content";

pub(super) fn seal(vault: &Vault, content: &Content) -> anyhow::Result<Vec<u8>> {
    Ok(vault.seal(PURPOSE, &serde_json::to_vec(content)?))
}

pub(super) fn open(vault: &Vault, sealed: &[u8]) -> anyhow::Result<Content> {
    let json = vault.open(PURPOSE, sealed)?;
    serde_json::from_slice(&json).context("a sealed mail is not in the form of this version")
}
