//! Where a request comes from, as far as we keep it: a network and the name of a program, never a whole address.

use clock::Timestamp;
use contracts::Asked;
use kit::Client;
use serde::{Deserialize, Serialize};

/// The network and the program behind a request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Origin {
    /// /24 of IPv4, /64 of IPv6.
    pub(crate) network: String,
    /// How the program names itself.
    pub(crate) user_agent: Option<String>,
}

impl Origin {
    /// What a mail says of a request that came from here.
    pub(crate) fn asked(&self, at: Timestamp) -> Asked {
        Asked { asked_at: Some(at), asked_from: Some(self.network.clone()), asked_with: self.user_agent.clone() }
    }
}

impl From<&Client> for Origin {
    fn from(client: &Client) -> Self {
        Self { network: client.network().to_string(), user_agent: client.user_agent.clone() }
    }
}
