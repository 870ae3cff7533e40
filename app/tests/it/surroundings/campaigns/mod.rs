//! Campaigns on their way to those who follow, whatever becomes of the processes that take them there.

mod killed;
mod releases;
mod rig;
