//! Why a command was not done, or may not have been.

use std::sync::Arc;

use redis::{ErrorKind, ParsingError, RedisError, ServerErrorKind};

use super::server::Node;
use crate::EphemeralError;

/// What went wrong with one command.
#[derive(Debug, thiserror::Error)]
pub(super) enum Fault {
    /// Nothing was sent, because the server is known to be away.
    #[error("{0}")]
    Away(Arc<str>),
    /// There is no answer. The command may have been done, or may still be.
    #[error("{server} can't be used: {reason}")]
    Lost { server: Arc<str>, reason: String },
    /// The server answered that it did not do it.
    #[error("{server} refuses: {error}")]
    Refused { server: Arc<str>, error: RedisError },
    /// The answer is none that this command has.
    #[error("an answer that can't be read: {0}")]
    Odd(#[from] ParsingError),
}

/// The answers of a server that is no master any more, or not yet, or that forgot us.
const ENDING: [&str; 4] = ["READONLY", "MASTERDOWN", "LOADING", "NOAUTH"];
/// The answers of a server that can't do its part among others, so that another one may be in charge by now.
const DOUBTFUL: [&str; 5] = ["CLUSTERDOWN", "MASTERDOWN", "LOADING", "READONLY", "NOREPLICAS"];

/// Where else a command has to go.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Redirect {
    /// There, now and later.
    Moved(Node),
    /// There, this once.
    Ask(Node),
}

impl Fault {
    /// Whether the connection is worth nothing any more: it is dead, or the server is no master any more, or forgot us.
    pub(super) fn ends_connection(&self) -> bool {
        match self {
            Self::Lost { .. } => true,
            Self::Refused { error, .. } => says_one_of(error, &ENDING),
            Self::Away(_) | Self::Odd(_) => false,
        }
    }

    /// Whether others may know a better server for what was asked: nobody answered, or one that is cut off from the others,
    /// or not in charge.
    pub(super) fn doubts_server(&self) -> bool {
        match self {
            Self::Away(_) | Self::Lost { .. } => true,
            Self::Refused { error, .. } => says_one_of(error, &DOUBTFUL),
            Self::Odd(_) => false,
        }
    }

    pub(super) fn is_unknown_script(&self) -> bool {
        self.refusal().is_some_and(|error| error.kind() == ErrorKind::Server(ServerErrorKind::NoScript))
    }

    pub(super) fn is_forbidden(&self) -> bool {
        self.refusal().is_some_and(|error| error.kind() == ErrorKind::Server(ServerErrorKind::NoPerm))
    }

    pub(super) fn is_sign_in_missing(&self) -> bool {
        self.refusal().is_some_and(|error| error.code() == Some("NOAUTH"))
    }

    pub(super) fn is_missing_key(&self) -> bool {
        self.refusal().and_then(RedisError::detail) == Some("no such key")
    }

    /// Where the command has to go instead. `asked` is the host that said so, which may mean itself.
    pub(super) fn redirect(&self, asked: &str) -> Option<Redirect> {
        let error = self.refusal()?;
        let (node, _) = error.redirect_node()?;
        let (host, port) = node.rsplit_once(':')?;
        let host = if host.is_empty() { asked } else { host };
        let node = Node { host: host.to_owned(), port: port.parse().ok()? };
        Some(if error.kind() == ErrorKind::Server(ServerErrorKind::Ask) {
            Redirect::Ask(node)
        } else {
            Redirect::Moved(node)
        })
    }

    /// What the caller of an operation on `key` gets.
    pub(super) fn about(self, key: &str) -> EphemeralError {
        let foreign = |reason: String| EphemeralError::Foreign { key: key.to_owned(), reason };
        match self {
            Self::Odd(error) => foreign(error.to_string()),
            Self::Refused { error, .. } if is_wrong_type(&error) => foreign("something of another type".to_owned()),
            Self::Away(_) | Self::Lost { .. } | Self::Refused { .. } => EphemeralError::Unavailable(Box::new(self)),
        }
    }

    fn refusal(&self) -> Option<&RedisError> {
        match self {
            Self::Refused { error, .. } => Some(error),
            Self::Away(_) | Self::Lost { .. } | Self::Odd(_) => None,
        }
    }
}

fn is_wrong_type(error: &RedisError) -> bool {
    says_one_of(error, &["WRONGTYPE"])
}

/// Before version 7, an error inside a script loses its code and keeps its text.
fn says_one_of(error: &RedisError, codes: &[&str]) -> bool {
    let of_script = |code: &&str| error.detail().is_some_and(|detail| detail.contains(&format!("{code} ")));
    error.code().is_some_and(|found| codes.contains(&found)) || codes.iter().any(of_script)
}
