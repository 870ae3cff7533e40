//! The one door of a fleet, `deploy/Caddyfile`: where it leads, what passes through it, and what it does when a service is away.

mod caddy;
mod file;
mod fleet;
mod one_process;

/// First segments of what a process answers its own machine alone, or for itself alone: nobody comes to it from outside.
const INSIDE: [&str; 3] = ["health", "mailbox", "metrics"];
