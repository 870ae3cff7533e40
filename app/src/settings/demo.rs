//! A demonstration: what it needs, and what there is in one alone.

use super::{BadSetting, Settings};

/// How a demonstration goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Demo {
    /// Whether the kitchens of its town answer orders and bring them by themselves.
    pub has_kitchens: bool,
}

impl Settings {
    /// The same for a demonstration. Refuses accounts with known passwords where anyone but this machine could use them.
    ///
    /// # Errors
    /// What is not as a demonstration needs it.
    pub fn demonstrating(self) -> Result<Self, BadSetting> {
        if !self.state.is_embedded() {
            return Err(BadSetting::new(
                "--demo needs embedded state: unset DATABASE_URL, REDIS_URL, KAFKA_BROKERS and their like",
            ));
        }
        if !self.http.address.ip().is_loopback() {
            let host = self.http.address.ip();
            return Err(BadSetting::new(format!(
                "--demo listens on this machine alone, and SERVER_HOST={host} is more than that"
            )));
        }
        let has_kitchens = self.demo_kitchens.unwrap_or(true);
        let mail = self.mail.demonstrating();
        let identity = auth::Settings { is_demo: true, ..self.identity };
        Ok(Self { demo: Some(Demo { has_kitchens }), mail, identity, ..self })
    }

    /// Refuses kitchens that cook by themselves where orders are real.
    pub(super) fn check_kitchens(&self) -> Result<(), BadSetting> {
        if self.demo.is_none() && self.demo_kitchens == Some(true) {
            return Err(BadSetting::new(
                "DEMO_KITCHENS=true needs --demo: orders of real diners are answered by people",
            ));
        }
        Ok(())
    }

    /// What the cart service does besides what callers ask for.
    #[must_use]
    pub fn cart(&self) -> cart::Settings {
        let has_kitchens = self.demo.is_some_and(|demo| demo.has_kitchens);
        cart::Settings { demo_kitchens: if has_kitchens { restaurant::demo_restaurants() } else { Vec::new() } }
    }
}
