//! Answers about commercial mail as the law wants them kept: each, with how it was given, as İYS asks for it.

use strum::{EnumString, IntoStaticStr};

/// İYS's word for consent and refusal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, EnumString, IntoStaticStr)]
#[strum(serialize_all = "UPPERCASE")]
pub(crate) enum ConsentStatus {
    Onay,
    Ret,
}

/// İYS's word for how a message travels.
#[derive(Debug, Clone, Copy, PartialEq, Eq, EnumString, IntoStaticStr)]
#[strum(serialize_all = "UPPERCASE")]
pub(crate) enum ConsentChannel {
    Eposta,
}

/// İYS's word for where an answer was given.
#[derive(Debug, Clone, Copy, PartialEq, Eq, EnumString, IntoStaticStr)]
pub(crate) enum ConsentOrigin {
    /// On our pages.
    #[strum(serialize = "HS_WEB")]
    Web,
    /// By a mail.
    #[strum(serialize = "HS_EPOSTA")]
    Mail,
}

impl ConsentStatus {
    pub(crate) fn of(granted: bool) -> Self {
        if granted { Self::Onay } else { Self::Ret }
    }

    /// The word in columns.
    pub(crate) fn as_str(self) -> &'static str {
        self.into()
    }
}

impl ConsentChannel {
    /// The word in columns.
    pub(crate) fn as_str(self) -> &'static str {
        self.into()
    }
}

impl ConsentOrigin {
    /// The word in columns.
    pub(crate) fn as_str(self) -> &'static str {
        self.into()
    }
}

/// The request by which an answer was given, as far as we keep it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct ConsentRequest {
    /// /24 of IPv4, /64 of IPv6.
    pub(crate) prefix: Option<String>,
    /// How the program names itself.
    pub(crate) agent: Option<String>,
}
