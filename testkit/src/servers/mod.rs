//! Real servers: each as a process of its own on ports of its own, ended when its value is dropped.

pub mod kafka;
pub mod kafka_tools;
pub mod postgres;
mod process;
mod proxy;
pub mod redis;
pub mod shared;
mod together;

pub use proxy::FreezingProxy;
pub use together::Together;
