//! What can be set, but not served.

use crate::services::ServiceName;
use bus::BusUrl;
use notification::Transport;

use super::{BadSetting, DatabaseChoice, EphemeralChoice, Settings};

impl Settings {
    /// Refuses a process that nobody would hear, whose mails would lead nowhere, or that would answer orders by itself.
    ///
    /// # Errors
    /// The settings that are missing, or what there is in a demonstration alone.
    pub fn check_serving(&self) -> Result<(), BadSetting> {
        self.check_kitchens()?;
        let missing = self.missing_for_fleet();
        if missing.is_empty() {
            return Ok(());
        }
        Err(BadSetting::new(format!(
            "not all services are served, so they need state that others can reach: {} missing",
            missing.join(", ")
        )))
    }

    /// Whether this process sends mails to others that link to a platform on their own machine.
    #[must_use]
    pub fn mails_lead_nowhere(&self) -> bool {
        let sends = matches!(self.mail.transport, Transport::Smtp(_));
        sends && self.services.contains(ServiceName::Notification) && self.http.public_url.is_none()
    }

    fn missing_for_fleet(&self) -> Vec<&'static str> {
        if self.services.are_all() {
            return Vec::new();
        }
        let alone = self.services.alone();
        let is_mail_alone = alone == Some(ServiceName::Notification);
        let mut missing = Vec::new();
        if self.state.database == DatabaseChoice::Embedded {
            missing.push("DATABASE_URL or DB_HOST");
        }
        if self.state.ephemeral == EphemeralChoice::Embedded {
            missing.push(if self.services.contains(ServiceName::Auth) {
                "REDIS_HOST or REDIS_URL"
            } else {
                "REDIS_URL"
            });
        }
        if self.state.bus == BusUrl::Embedded {
            missing.push(if alone == Some(ServiceName::User) { "KAFKA_BOOTSTRAP_SERVERS" } else { "KAFKA_BROKERS" });
        }
        if is_mail_alone && self.mail.front_end.is_none() && self.http.public_url.is_none() {
            missing.push("PUBLIC_URL or EMAIL_VERIFY");
        }
        missing
    }
}
