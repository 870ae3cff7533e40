//! The suite of a port as tests.

/// A test for each clause of a port's suite, on one adapter: `$port` is the crate of the port, `$harness` what the adapter
/// brings, and then each module of `$port::contract` names its clauses. They run side by side, so each works on something
/// that is its own.
#[macro_export]
macro_rules! clauses {
    ($port:tt $harness:ty; $($module:ident { $($clause:ident,)+ })+) => {
        $(
            mod $module {
                use super::*;

                $(
                    #[tokio::test(flavor = "multi_thread")]
                    async fn $clause() {
                        if <$harness as $port::contract::Harness>::is_wanted() {
                            $port::contract::$module::$clause::<$harness>().await;
                        }
                    }
                )+
            }
        )+
    };
}
