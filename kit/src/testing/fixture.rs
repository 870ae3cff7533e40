//! What the fixtures of all services have alike.

/// Puts a `$fixture` on ports of its own: it has a field `ports` and a function `over(ports)`, which builds the service on
/// them. Adds `on(engine)`, which answers `None` where that engine is not there, and `with_first_platform(sql)`, on a database
/// in which the first platform left what `sql` makes; and lets it be used as the ports that it stands on.
#[macro_export]
macro_rules! fixture_on_ports {
    ($fixture:ty, $migrations:expr) => {
        impl $fixture {
            pub(crate) async fn on(engine: $crate::testing::Engine) -> Option<Self> {
                Some(Self::over($crate::testing::TestPorts::fresh(engine, &[$migrations]).await?).await)
            }

            pub(crate) async fn with_first_platform(sql: &str) -> Option<Self> {
                let ports = $crate::testing::TestPorts::with_first_platform(sql, &[$migrations]).await?;
                Some(Self::over(ports).await)
            }
        }

        impl ::std::ops::Deref for $fixture {
            type Target = $crate::testing::TestPorts;

            fn deref(&self) -> &Self::Target {
                &self.ports
            }
        }
    };
}
