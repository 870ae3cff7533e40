//! Clients for servers of this machine.

use reqwest::{Client, ClientBuilder};

/// A client that keeps nothing.
pub(crate) fn http_client() -> Client {
    built(Client::builder())
}

/// The client of `builder`, for plain HTTP: one that trusts what the machine trusts reads and parses all of its certificates
/// first, which takes longer than a test's requests.
pub(crate) fn built(builder: ClientBuilder) -> Client {
    builder.tls_certs_only([]).build().unwrap()
}
