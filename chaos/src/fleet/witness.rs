//! Looks into the databases from outside, and leaves triggers there that note every event and every effect as it happens.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::str::FromStr;
use std::time::Duration;

use anyhow::{Context, Result};
use clock::Sources;
use lezzetlimani::services::ServiceName;
use sqlx::postgres::{PgConnectOptions, PgPool, PgPoolOptions};
use sqlx::{AssertSqlSafe, ConnectOptions, Connection, PgConnection};
use testkit::order_books::OrderDatabase;
use testkit::servers::postgres::PostgresServer;

/// The eyes of the run.
#[derive(Clone)]
pub(crate) struct Witness {
    pools: BTreeMap<ServiceName, PgPool>,
}

/// An event as it was committed.
#[derive(Debug)]
pub(crate) struct Event {
    /// Who recorded it: events of one key have an order only among those of one service.
    pub(crate) source: ServiceName,
    pub(crate) id: String,
    pub(crate) topic: String,
    pub(crate) key: String,
}

/// A mail as its row stands there.
#[derive(Debug)]
pub(crate) struct Mail {
    pub(crate) event_id: String,
    pub(crate) message_id: String,
    pub(crate) kind: String,
    pub(crate) recipient: String,
    pub(crate) state: String,
    pub(crate) ambiguities: i64,
}

/// A transaction that holds an event of a key of its own.
pub(crate) struct HeldEvent {
    pub(crate) user_id: String,
    connection: PgConnection,
}

/// Whose events are noted: what they cause is judged.
const SOURCES: [ServiceName; 2] = [ServiceName::Auth, ServiceName::Cart];

/// What its sessions are called.
const APPLICATION: &str = "chaos";

const NOTE_EVENTS: &str = "
    CREATE TABLE chaos_event (seq bigint PRIMARY KEY, event_id uuid NOT NULL, topic text NOT NULL, key text NOT NULL);
    CREATE FUNCTION chaos_note_event() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
        INSERT INTO chaos_event VALUES (NEW.seq, NEW.event_id, NEW.topic, NEW.key);
        RETURN NULL;
    END $$;
    CREATE TRIGGER chaos_note_event AFTER INSERT ON bus_outbox FOR EACH ROW EXECUTE FUNCTION chaos_note_event();
";

const NOTE_MAILS: &str = "
    CREATE TABLE chaos_effect (n bigserial PRIMARY KEY, event_id uuid NOT NULL);
    CREATE FUNCTION chaos_note_effect() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
        INSERT INTO chaos_effect (event_id) VALUES (NEW.event_id);
        RETURN NULL;
    END $$;
    CREATE TRIGGER chaos_note_effect AFTER INSERT ON notification_mail
        FOR EACH ROW EXECUTE FUNCTION chaos_note_effect();
";

const NOTE_USERS: &str = "
    CREATE TABLE chaos_effect (n bigserial PRIMARY KEY, user_id uuid NOT NULL);
    CREATE FUNCTION chaos_note_effect() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
        INSERT INTO chaos_effect (user_id) VALUES (NEW.id);
        RETURN NULL;
    END $$;
    CREATE TRIGGER chaos_note_effect AFTER INSERT ON user_account
        FOR EACH ROW EXECUTE FUNCTION chaos_note_effect();

    CREATE TABLE chaos_refused (email text PRIMARY KEY);
    CREATE TABLE chaos_needed (email text PRIMARY KEY);
    CREATE FUNCTION chaos_refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
        PERFORM FROM chaos_needed WHERE email = NEW.email FOR UPDATE;
        IF EXISTS (SELECT FROM chaos_refused WHERE email = NEW.email) THEN
            RAISE EXCEPTION 'this user is refused on purpose';
        END IF;
        RETURN NEW;
    END $$;
    CREATE TRIGGER chaos_refuse BEFORE INSERT ON user_account FOR EACH ROW EXECUTE FUNCTION chaos_refuse();
";

impl Witness {
    pub(crate) async fn make_databases(server: &PostgresServer) -> Result<()> {
        let mut connection = PgConnection::connect_with(&options(server, "postgres")?).await?;
        for service in ServiceName::all() {
            let name = service.facts().database;
            sqlx::raw_sql(AssertSqlSafe(format!("CREATE DATABASE {name}"))).execute(&mut connection).await?;
        }
        Ok(connection.close().await?)
    }

    /// Opens its eyes in databases that have their tables.
    pub(crate) async fn post(server: &PostgresServer) -> Result<Self> {
        let pools = ServiceName::all().iter().map(|service| Ok((*service, pool(server, *service)?)));
        let witness = Self { pools: pools.collect::<Result<_>>()? };
        for source in SOURCES {
            sqlx::raw_sql(NOTE_EVENTS).execute(witness.pool(source)).await?;
        }
        witness.orders().note_steps().await?;
        sqlx::raw_sql(NOTE_USERS).execute(witness.user_database()).await?;
        sqlx::raw_sql(NOTE_MAILS).execute(witness.notification_database()).await?;
        Ok(witness)
    }

    /// The accounts of `emails`, by address.
    pub(crate) async fn accounts(&self, emails: &[String]) -> Result<HashMap<String, Vec<String>>> {
        let query = "SELECT email, id::text FROM auth_account WHERE email = ANY($1)";
        let rows: Vec<(String, String)> = sqlx::query_as(query).bind(emails).fetch_all(self.auth_database()).await?;
        let mut accounts: HashMap<String, Vec<String>> = HashMap::new();
        for (email, id) in rows {
            accounts.entry(email).or_default().push(id);
        }
        Ok(accounts)
    }

    /// Those of `emails` that are known in user's database.
    pub(crate) async fn users(&self, emails: &[String]) -> Result<HashSet<String>> {
        let query = "SELECT email FROM user_account WHERE email = ANY($1)";
        Ok(sqlx::query_scalar(query).bind(emails).fetch_all(self.user_database()).await?.into_iter().collect())
    }

    /// The ids of all accounts.
    pub(crate) async fn account_ids(&self) -> Result<HashSet<String>> {
        let query = "SELECT id::text FROM auth_account";
        Ok(sqlx::query_scalar(query).fetch_all(self.auth_database()).await?.into_iter().collect())
    }

    /// The ids of all users, as often as a row was made for them.
    pub(crate) async fn user_ids(&self) -> Result<Vec<String>> {
        Ok(sqlx::query_scalar("SELECT user_id::text FROM chaos_effect ORDER BY n")
            .fetch_all(self.user_database())
            .await?)
    }

    /// Those of whom carts know, by their ids.
    pub(crate) async fn contacts(&self) -> Result<HashSet<String>> {
        let query = "SELECT user_id::text FROM cart_contact";
        Ok(sqlx::query_scalar(query).fetch_all(self.pool(ServiceName::Cart)).await?.into_iter().collect())
    }

    /// Every event that was committed, in the order in which those of one key and source were.
    pub(crate) async fn events(&self) -> Result<Vec<Event>> {
        let query = "SELECT event_id::text, topic, key FROM chaos_event ORDER BY seq";
        let mut events = Vec::new();
        for source in SOURCES {
            let rows: Vec<(String, String, String)> = sqlx::query_as(query).fetch_all(self.pool(source)).await?;
            events.extend(rows.into_iter().map(|(id, topic, key)| Event { source, id, topic, key }));
        }
        Ok(events)
    }

    /// The books of orders.
    pub(crate) fn orders(&self) -> OrderDatabase {
        OrderDatabase::Postgres(self.pool(ServiceName::Cart).clone())
    }

    /// The mails about them, and all others.
    pub(crate) fn mailed(&self) -> OrderDatabase {
        OrderDatabase::Postgres(self.notification_database().clone())
    }

    /// The events that notification's effects came from, in the order in which they happened.
    pub(crate) async fn mail_effects(&self) -> Result<Vec<String>> {
        let query = "SELECT event_id::text FROM chaos_effect ORDER BY n";
        Ok(sqlx::query_scalar(query).fetch_all(self.notification_database()).await?)
    }

    pub(crate) async fn mails(&self) -> Result<Vec<Mail>> {
        let query =
            "SELECT event_id::text, message_id, kind, recipient, state, ambiguities::bigint FROM notification_mail";
        let rows: Vec<(String, String, String, String, String, i64)> =
            sqlx::query_as(query).fetch_all(self.notification_database()).await?;
        let mail = |(event_id, message_id, kind, recipient, state, ambiguities)| Mail {
            event_id,
            message_id,
            kind,
            recipient,
            state,
            ambiguities,
        };
        Ok(rows.into_iter().map(mail).collect())
    }

    /// The events that `service` knows.
    pub(crate) async fn heard(&self, service: ServiceName) -> Result<Vec<String>> {
        let query = "SELECT event_id::text FROM bus_inbox WHERE consumer = $1";
        Ok(sqlx::query_scalar(query).bind(service.as_str()).fetch_all(self.pool(service)).await?)
    }

    /// How often restaurants have changed: each change raises the version of one, and is one event.
    pub(crate) async fn restaurant_changes(&self) -> Result<usize> {
        let query = "SELECT coalesce(sum(version), 0)::bigint FROM restaurant_restaurant";
        let changes: i64 = sqlx::query_scalar(query).fetch_one(self.pool(ServiceName::Restaurant)).await?;
        Ok(usize::try_from(changes)?)
    }

    /// What is parked or dead, anywhere.
    pub(crate) async fn stuck(&self) -> Result<Vec<String>> {
        let query =
            "SELECT 'parked at ' || consumer || ' after ' || attempts || ' attempts: ' || reason FROM bus_parked
            UNION ALL SELECT 'dead at ' || consumer || ': ' || reason FROM bus_dead_letter";
        let mut stuck = Vec::new();
        for pool in self.pools.values() {
            stuck.extend(sqlx::query_scalar::<_, String>(query).fetch_all(pool).await?);
        }
        Ok(stuck)
    }

    /// Makes user's database refuse the user with `email`, or take them again.
    pub(crate) async fn refuse_user(&self, email: &str) -> Result<()> {
        sqlx::query("INSERT INTO chaos_refused VALUES ($1)").bind(email).execute(self.user_database()).await?;
        Ok(())
    }

    pub(crate) async fn take_user(&self, email: &str) -> Result<()> {
        sqlx::query("DELETE FROM chaos_refused WHERE email = $1").bind(email).execute(self.user_database()).await?;
        Ok(())
    }

    /// Locks a row that the user with `email` needs, until what is answered is dropped.
    pub(crate) async fn lock_user(&self, email: &str) -> Result<PgConnection> {
        sqlx::query("INSERT INTO chaos_needed VALUES ($1)").bind(email).execute(self.user_database()).await?;
        let mut connection = self.user_database().acquire().await?.detach();
        sqlx::raw_sql("BEGIN").execute(&mut connection).await?;
        let lock = "SELECT FROM chaos_needed WHERE email = $1 FOR UPDATE";
        sqlx::query(lock).bind(email).execute(&mut connection).await?;
        Ok(connection)
    }

    /// Whether somebody waits for such a row, or has waited and given up.
    pub(crate) async fn has_met_lock(&self) -> Result<bool> {
        let query = "SELECT EXISTS (SELECT FROM pg_stat_activity WHERE datname = $1 AND wait_event_type = 'Lock')
            OR EXISTS (SELECT FROM bus_parked)";
        Ok(sqlx::query_scalar(query).bind(ServiceName::User.facts().database).fetch_one(self.user_database()).await?)
    }

    /// Lets every session of ours only read from now on, and those that come write: the server that they are on was
    /// demoted, and another one is found under its name.
    pub(crate) async fn switch_over(&self) -> Result<()> {
        // What a role is given counts for its next sessions, and more than what the server is told.
        self.run_on_server("ALTER ROLE postgres SET default_transaction_read_only = off").await?;
        self.run_on_server("ALTER SYSTEM SET default_transaction_read_only = on").await?;
        self.run_on_server("SELECT pg_reload_conf()").await
    }

    /// Makes the next switch-over reach all sessions, also those that came after the one before.
    pub(crate) async fn forget_switch_over(&self) -> Result<()> {
        self.run_on_server("ALTER SYSTEM RESET default_transaction_read_only").await?;
        self.run_on_server("ALTER ROLE postgres RESET default_transaction_read_only").await?;
        self.run_on_server("SELECT pg_reload_conf()").await?;
        self.end_sessions().await
    }

    /// Ends all sessions but those of the witness.
    pub(crate) async fn end_sessions(&self) -> Result<()> {
        let end = format!(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity
             WHERE backend_type = 'client backend' AND application_name <> '{APPLICATION}'"
        );
        sqlx::raw_sql(AssertSqlSafe(end)).execute(self.auth_database()).await?;
        Ok(())
    }

    async fn run_on_server(&self, statement: &'static str) -> Result<()> {
        sqlx::raw_sql(statement).execute(self.auth_database()).await?;
        Ok(())
    }

    /// How often user tried what it parked.
    pub(crate) async fn parked_attempts(&self) -> Result<i64> {
        let query = "SELECT coalesce(sum(attempts), 0)::bigint FROM bus_parked";
        Ok(sqlx::query_scalar(query).fetch_one(self.user_database()).await?)
    }

    /// Opens a transaction with an event of a user who is nobody's account.
    pub(crate) async fn hold_event(&self) -> Result<HeldEvent> {
        let user_id = Sources::system().uuid().to_string();
        let mut connection = self.auth_database().acquire().await?.detach();
        sqlx::raw_sql("BEGIN").execute(&mut connection).await?;
        let payload = serde_json::json!({ "id": user_id, "user_id": user_id }).to_string().into_bytes();
        let insert = "INSERT INTO bus_outbox (segment, event_id, type, topic, key, payload, sealed, recorded_at)
            SELECT current, gen_random_uuid(), 'lezzetlimani.user.created.v1', 'user_created', $1, $2, FALSE, now()
            FROM bus_outbox_segment";
        sqlx::query(insert).bind(&user_id).bind(payload).execute(&mut connection).await?;
        Ok(HeldEvent { user_id, connection })
    }

    fn auth_database(&self) -> &PgPool {
        self.pool(ServiceName::Auth)
    }

    fn user_database(&self) -> &PgPool {
        self.pool(ServiceName::User)
    }

    fn notification_database(&self) -> &PgPool {
        self.pool(ServiceName::Notification)
    }

    fn pool(&self, service: ServiceName) -> &PgPool {
        &self.pools[&service]
    }
}

impl HeldEvent {
    /// Commits it; an error means that it is gone with its connection.
    pub(crate) async fn commit(mut self) -> Result<String> {
        sqlx::raw_sql("COMMIT").execute(&mut self.connection).await?;
        Ok(self.user_id)
    }
}

fn options(server: &PostgresServer, database: &str) -> Result<PgConnectOptions> {
    let options = PgConnectOptions::from_str(&server.url()).context("Postgres has a URL")?;
    let options = options.database(database).application_name(APPLICATION);
    Ok(options.options([("default_transaction_read_only", "off")]).disable_statement_logging())
}

fn pool(server: &PostgresServer, service: ServiceName) -> Result<PgPool> {
    let pool = PgPoolOptions::new().max_connections(4).acquire_timeout(Duration::from_secs(10));
    Ok(pool.connect_lazy_with(options(server, service.facts().database)?))
}
