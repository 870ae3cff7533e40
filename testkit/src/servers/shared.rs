//! The servers that all tests of one run share, started by `scripts/test` and named by the environment.
//!
//! With `TEST_SERVERS=none` a run is embedded only: a test that needs a server says so and ends. Otherwise a server that is
//! missing is a failure, never a silent skip.

/// `host:port` of the shared Kafka; none in an embedded run.
///
/// # Panics
/// Nobody has started one.
#[must_use]
pub fn kafka() -> Option<String> {
    shared("TEST_KAFKA")
}

/// The URL of the shared Postgres, without the name of a database; none in an embedded run.
///
/// # Panics
/// Nobody has started one.
#[must_use]
pub fn postgres() -> Option<String> {
    shared("TEST_POSTGRES")
}

/// Whether a test may start servers of its own; says so when it may not.
#[must_use]
#[expect(clippy::print_stderr, reason = "the test that ends early says why")]
pub fn are_wanted() -> bool {
    let wanted = environment("TEST_SERVERS").as_deref() != Some("none");
    if !wanted {
        eprintln!("TEST_SERVERS=none: what needs a server is not tested");
    }
    wanted
}

fn shared(name: &str) -> Option<String> {
    are_wanted().then(|| {
        let missing = "is not set: run ./scripts/test, or cargo run -p testkit -- up FOLDER";
        environment(name).unwrap_or_else(|| panic!("{name} {missing}"))
    })
}

#[expect(clippy::disallowed_methods, reason = "tests have no settings but these")]
fn environment(name: &str) -> Option<String> {
    std::env::var(name).ok()
}
