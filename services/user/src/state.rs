//! What every module of this service works with.

use std::sync::Arc;

use kit::Context;

use crate::Settings;
use crate::model::{ChunkSize, MailPace};

/// The service's own state: its ports, and how it goes on with campaigns.
pub(crate) struct User {
    pub(crate) context: Context,
    /// How fast.
    pub(crate) pace: MailPace,
    /// In which steps.
    pub(crate) chunk_size: ChunkSize,
}

impl User {
    pub(crate) fn new(context: Context, settings: Settings) -> Arc<Self> {
        Arc::new(Self {
            context,
            pace: MailPace(settings.commercial_mails_per_second),
            chunk_size: ChunkSize::default(),
        })
    }
}
