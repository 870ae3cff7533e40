//! A fact that must hold on both databases.

/// Two tests of each `$fact`, `sqlite` and `postgres`: it is an `async fn` that takes a `$fixture`. Where no servers are wanted
/// it is tested on SQLite alone. `$fixture::on(engine)` answers the fixture, or `None` where that engine is not there.
#[macro_export]
macro_rules! on_every_database {
    ($fixture:ty: $($fact:ident),+ $(,)?) => {
        $(
            mod $fact {
                use super::*;

                #[tokio::test]
                async fn sqlite() {
                    if let Some(fixture) = <$fixture>::on($crate::testing::Engine::Sqlite).await {
                        super::$fact(fixture).await;
                    }
                }

                #[tokio::test]
                async fn postgres() {
                    if let Some(fixture) = <$fixture>::on($crate::testing::Engine::Postgres).await {
                        super::$fact(fixture).await;
                    }
                }
            }
        )+
    };
}
