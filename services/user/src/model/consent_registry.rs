//! The registry of consent (İYS): which answers are to be reported there. None is connected, so nothing is reported.

use strum::{EnumString, IntoStaticStr};

use super::ConsentStatus;

/// What has become of an answer at the registry.
#[derive(Debug, Clone, Copy, PartialEq, Eq, EnumString, IntoStaticStr)]
#[strum(serialize_all = "snake_case")]
pub(crate) enum RegistryState {
    /// No registry is connected.
    None,
    /// It is never reported: the registry takes no refusal of a mailbox that it does not know.
    FirstRefusal,
}

impl RegistryState {
    /// Of an answer for a mailbox that has agreed before, or has not.
    pub(crate) fn of_new(status: ConsentStatus, has_agreed: bool) -> Self {
        match status {
            ConsentStatus::Ret if !has_agreed => Self::FirstRefusal,
            ConsentStatus::Ret | ConsentStatus::Onay => Self::None,
        }
    }

    /// The word in columns.
    pub(crate) fn as_str(self) -> &'static str {
        self.into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_comes_first_at_no_registry() {
        let state = RegistryState::of_new;

        assert_eq!(state(ConsentStatus::Ret, false), RegistryState::FirstRefusal);
        assert_eq!(state(ConsentStatus::Ret, true), RegistryState::None);
        assert_eq!(state(ConsentStatus::Onay, false), RegistryState::None);
    }
}
