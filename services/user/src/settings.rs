//! How this service is set up; the names of the settings are the app's.

use std::num::NonZeroU32;

/// What user does besides what callers ask for.
#[derive(Debug, Clone, Copy)]
pub struct Settings {
    /// How many mails of campaigns are asked for in a second: as many as leave.
    pub commercial_mails_per_second: NonZeroU32,
}

/// As many as leave where nobody says otherwise.
const USUAL_RATE: NonZeroU32 = NonZeroU32::new(50).expect("it is not zero");

impl Default for Settings {
    fn default() -> Self {
        Self { commercial_mails_per_second: USUAL_RATE }
    }
}
