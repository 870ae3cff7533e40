//! Scripts that Redis runs as one operation. They know keys, bytes and times, and no rule of the domain.

use redis::Cmd;

/// A script; Redis remembers it by its hash until it is restarted or told to forget.
pub(super) struct Script {
    text: &'static str,
    hash: String,
}

/// All scripts.
pub(super) struct Scripts {
    pub(super) swap: Script,
    pub(super) count: Script,
    pub(super) append: Script,
}

impl Scripts {
    pub(super) fn new() -> Self {
        Self {
            swap: Script::new(include_str!("scripts/swap.lua")),
            count: Script::new(include_str!("scripts/count.lua")),
            append: Script::new(include_str!("scripts/append.lua")),
        }
    }
}

impl Script {
    fn new(text: &'static str) -> Self {
        Self { text, hash: redis::Script::new(text).get_hash().to_owned() }
    }

    /// Runs it if Redis remembers it.
    pub(super) fn by_hash(&self, key: &str, arguments: &[&[u8]]) -> Cmd {
        invocation("EVALSHA", &self.hash, key, arguments)
    }

    /// Runs it and has Redis remember it.
    pub(super) fn in_full(&self, key: &str, arguments: &[&[u8]]) -> Cmd {
        invocation("EVAL", self.text, key, arguments)
    }
}

fn invocation(command: &str, script: &str, key: &str, arguments: &[&[u8]]) -> Cmd {
    let mut command = redis::cmd(command);
    command.arg(script).arg(1).arg(key).arg(arguments);
    command
}
