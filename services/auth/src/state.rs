//! What every module of this service works with.

use std::num::NonZeroUsize;
use std::sync::Arc;

use anyhow::Context as _;
use kit::access::Guard;
use kit::{Context, FailureStreak};
use tokio::sync::Notify;

use crate::actions::epoch::EpochCache;
use crate::actions::keys::Signer;
use crate::actions::role_version::RoleVersionCache;
use crate::model::address_digest::AddressKey;
use crate::model::device::DeviceKey;
use crate::model::hashing::Hasher;
use crate::model::refresh_token::RefreshKey;
use crate::settings::Settings;
use crate::store::limits::Limits;

/// The service's own state: its ports, its settings and its keys.
pub(crate) struct Auth {
    pub(crate) context: Context,
    pub(crate) guard: Guard,
    pub(crate) settings: Settings,
    pub(crate) hasher: Hasher,
    pub(crate) limits: Limits,
    pub(crate) signer: Signer,
    pub(crate) refresh_key: RefreshKey,
    pub(crate) device_key: DeviceKey,
    pub(crate) address_key: AddressKey,
    pub(crate) epoch: EpochCache,
    pub(crate) roles: RoleVersionCache,
    /// Whether new sessions can be copied to the ephemeral store.
    pub(crate) session_copies: FailureStreak,
    /// Whether ended sessions can be published.
    pub(crate) publications: FailureStreak,
    /// Whether sessions that go on can be given the role of their account.
    pub(crate) role_reads: FailureStreak,
    /// Somebody asked for a mail here.
    pub(crate) mail_requested: Arc<Notify>,
}

impl Auth {
    pub(crate) async fn new(context: Context, guard: Guard, settings: Settings) -> anyhow::Result<Arc<Self>> {
        let threads = NonZeroUsize::new(settings.hash_threads).context("passwords need at least one thread")?;
        let vault = context.database.vault();
        Ok(Arc::new(Self {
            hasher: Hasher::start(threads, context.sources.clone()).context("no threads to hash passwords with")?,
            limits: Limits::new(Arc::clone(&context.ephemeral), context.sources.clone()),
            signer: Signer::open(&context.database, &settings).await?,
            refresh_key: RefreshKey::new(&vault.key("auth refresh token")),
            device_key: DeviceKey::new(&vault.key("auth device cookie")),
            address_key: AddressKey::new(&vault.key("auth address digest")),
            epoch: EpochCache::default(),
            roles: RoleVersionCache::default(),
            session_copies: FailureStreak::default(),
            publications: FailureStreak::default(),
            role_reads: FailureStreak::default(),
            mail_requested: Arc::default(),
            context,
            guard,
            settings,
        }))
    }
}
