//! What the tests of both adapters stand on.

pub(crate) mod killed_writer;
