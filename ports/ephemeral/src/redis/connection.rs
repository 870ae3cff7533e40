//! One connection to one server. What several callers send goes out together and is answered in order.

use std::sync::Arc;
use std::time::Duration;

use redis::aio::MultiplexedConnection;
use redis::{AsyncConnectionConfig, Cmd, ErrorKind, FromRedisValue, RedisConnectionInfo, RedisError, Value};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::task::{AbortHandle, JoinSet};

use super::fault::Fault;

/// How a command is sent to a server of a cluster.
#[derive(Debug, Clone, Copy)]
pub(super) enum SendMode {
    /// As to any server.
    Plain,
    /// To one that is only just taking over the key.
    Asking,
}

/// An open connection; dropped, it closes.
pub(super) struct Connection {
    server: Arc<str>,
    command_timeout: Duration,
    connection: MultiplexedConnection,
    driver: AbortHandle,
    _life: JoinSet<()>,
}

impl Connection {
    /// Speaks Redis over `stream`, without a word yet. An answer may take up to `command_timeout`.
    pub(super) async fn over<S>(stream: S, server: Arc<str>, command_timeout: Duration) -> Result<Self, Fault>
    where
        S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    {
        let silent = RedisConnectionInfo::default().set_skip_set_lib_name();
        let config = AsyncConnectionConfig::new().set_response_timeout(None);
        let opened = MultiplexedConnection::new_with_config(&silent, stream, config).await;
        let (connection, driver) = opened.map_err(|error| lost(&server, &error))?;
        let mut life = JoinSet::new();
        let driver = life.spawn(driver);
        Ok(Self { server, command_timeout, connection, driver, _life: life })
    }

    /// Where it leads, as it stands in the log.
    pub(super) fn server(&self) -> &str {
        &self.server
    }

    /// Whether the server has not closed it.
    pub(super) fn is_open(&self) -> bool {
        !self.driver.is_finished()
    }

    /// Sends `command` and waits for its answer.
    pub(super) async fn send(&self, command: &Cmd, mode: SendMode) -> Result<Value, Fault> {
        self.send_within(self.command_timeout, command, mode).await
    }

    async fn send_within(&self, limit: Duration, command: &Cmd, mode: SendMode) -> Result<Value, Fault> {
        let mut connection = self.connection.clone();
        let answer = async {
            match mode {
                SendMode::Plain => connection.send_packed_command(command).await,
                SendMode::Asking => {
                    let mut both = redis::pipe();
                    both.cmd("ASKING").add_command(command.clone());
                    let mut answers = connection.send_packed_commands(&both, 1, 1).await?;
                    answers.pop().ok_or_else(|| (ErrorKind::UnexpectedReturnType, "no answer behind ASKING").into())
                }
            }
        };
        match tokio::time::timeout(limit, answer).await {
            Ok(Ok(value)) => value.extract_error().map_err(|error| self.refused(error)),
            Ok(Err(error)) => Err(lost(&self.server, &error)),
            Err(_) => Err(Fault::Lost { server: self.server.clone(), reason: format!("no answer within {limit:?}") }),
        }
    }

    /// Sends `command` and reads its answer.
    pub(super) async fn ask<T: FromRedisValue>(&self, command: &Cmd) -> Result<T, Fault> {
        Ok(T::from_redis_value(self.send(command, SendMode::Plain).await?)?)
    }

    /// Sends `command`, which has the server wait up to `wait`, and reads its answer.
    pub(super) async fn ask_and_wait<T: FromRedisValue>(&self, command: &Cmd, wait: Duration) -> Result<T, Fault> {
        Ok(T::from_redis_value(self.send_within(wait + self.command_timeout, command, SendMode::Plain).await?)?)
    }

    fn refused(&self, error: RedisError) -> Fault {
        Fault::Refused { server: self.server.clone(), error }
    }
}

fn lost(server: &Arc<str>, error: &RedisError) -> Fault {
    Fault::Lost { server: server.clone(), reason: error.to_string() }
}
