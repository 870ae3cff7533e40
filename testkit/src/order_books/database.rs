//! The books as they stand in a database, whichever it is.

use std::path::Path;

use sqlx::postgres::{PgPool, PgRow};
use sqlx::sqlite::{SqliteConnectOptions, SqlitePool, SqlitePoolOptions, SqliteRow};
use sqlx::{ConnectOptions, FromRow};

use super::{BookedOrder, BookedPayment, BookedStep, Charge, OrderBooks};

/// A database with orders, with mails, or with both.
#[derive(Debug, Clone)]
pub enum OrderDatabase {
    /// The file of a platform.
    Sqlite(SqlitePool),
    /// Of one service, or of several.
    Postgres(PgPool),
}

impl OrderDatabase {
    /// That in `file`, which stands there.
    ///
    /// # Errors
    /// There is no such database.
    pub async fn open(file: &Path) -> sqlx::Result<Self> {
        let options = SqliteConnectOptions::new().filename(file).disable_statement_logging();
        Ok(Self::Sqlite(SqlitePoolOptions::new().max_connections(1).connect_with(options).await?))
    }

    /// Lets go of it, so that nobody meets a connection of ours.
    pub async fn close(self) {
        match self {
            Self::Sqlite(pool) => pool.close().await,
            Self::Postgres(pool) => pool.close().await,
        }
    }

    /// Leaves a trigger there that notes of each step whether it is known where its diner gets mail: no mail is due where it is not.
    /// [`OrderDatabase::read`] needs it to have been there before the first order.
    ///
    /// # Errors
    /// The database refused.
    pub async fn note_steps(&self) -> sqlx::Result<()> {
        match self {
            Self::Sqlite(pool) => sqlx::raw_sql(NOTE_STEPS_ON_SQLITE).execute(pool).await.map(drop),
            Self::Postgres(pool) => sqlx::raw_sql(NOTE_STEPS_ON_POSTGRES).execute(pool).await.map(drop),
        }
    }

    /// How many orders wait for a card or an answer, and how many movements of money have not ended.
    ///
    /// # Errors
    /// The database is away.
    pub async fn under_way(&self) -> sqlx::Result<i64> {
        let (unanswered, money) = (self.count(UNANSWERED).await?, self.money_under_way().await?);
        Ok(unanswered + money)
    }

    /// How many orders wait for a card, and how many movements of money have not ended.
    ///
    /// # Errors
    /// The database is away.
    pub async fn money_under_way(&self) -> sqlx::Result<i64> {
        self.count(MONEY_UNDER_WAY).await
    }

    async fn count(&self, query: &'static str) -> sqlx::Result<i64> {
        let counts: Vec<(i64,)> = self.rows(query).await?;
        Ok(counts.into_iter().map(|(count,)| count).sum())
    }

    /// All that stands there of orders, and in `mails` of the mails about them.
    ///
    /// # Errors
    /// A database is away, or [`OrderDatabase::note_steps`] was not called.
    pub async fn read(&self, mails: &Self) -> sqlx::Result<OrderBooks> {
        let charges: Vec<(String,)> = self.rows(CHARGES_WITHOUT_ORDER).await?;
        let mails: Vec<(String, i64)> = mails.rows(MAILS).await?;
        Ok(OrderBooks {
            orders: self.rows(ORDERS).await?.into_iter().map(order).collect(),
            steps: self.rows(STEPS).await?.into_iter().map(step).collect(),
            payments: self.rows(PAYMENTS).await?.into_iter().map(payment).collect(),
            charges_without_order: charges.into_iter().map(|(charge,)| charge).collect(),
            mails: mails.into_iter().collect(),
        })
    }

    async fn rows<T>(&self, query: &'static str) -> sqlx::Result<Vec<T>>
    where
        T: for<'r> FromRow<'r, SqliteRow> + for<'r> FromRow<'r, PgRow> + Send + Unpin,
    {
        match self {
            Self::Sqlite(pool) => sqlx::query_as(query).fetch_all(pool).await,
            Self::Postgres(pool) => sqlx::query_as(query).fetch_all(pool).await,
        }
    }
}

const NOTE_STEPS_ON_SQLITE: &str = "
    CREATE TABLE noted_mailed_step (order_id bigint NOT NULL, version bigint NOT NULL, PRIMARY KEY (order_id, version));
    CREATE TRIGGER note_mailed_step AFTER INSERT ON cart_order_event
        WHEN EXISTS (SELECT 1 FROM cart_order JOIN cart_contact ON cart_contact.user_id = cart_order.user_id
                     WHERE cart_order.id = NEW.order_id AND cart_contact.email IS NOT NULL)
    BEGIN
        INSERT INTO noted_mailed_step (order_id, version) VALUES (NEW.order_id, NEW.version);
    END;
";

const NOTE_STEPS_ON_POSTGRES: &str = "
    CREATE TABLE noted_mailed_step (order_id bigint NOT NULL, version bigint NOT NULL, PRIMARY KEY (order_id, version));
    CREATE FUNCTION note_mailed_step() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
        INSERT INTO noted_mailed_step
            SELECT NEW.order_id, NEW.version
            FROM cart_order JOIN cart_contact ON cart_contact.user_id = cart_order.user_id
            WHERE cart_order.id = NEW.order_id AND cart_contact.email IS NOT NULL;
        RETURN NULL;
    END $$;
    CREATE TRIGGER note_mailed_step AFTER INSERT ON cart_order_event
        FOR EACH ROW EXECUTE FUNCTION note_mailed_step();
";

/// What follows has to be the same in both dialects, so it names no id that only one of them can show.
const UNANSWERED: &str = "SELECT count(*) FROM cart_order WHERE status = 'placed'";
const MONEY_UNDER_WAY: &str = "
    SELECT count(*) FROM cart_payment_movement WHERE next_at IS NOT NULL
    UNION ALL SELECT count(*) FROM cart_order WHERE status = 'awaiting_payment'";

type OrderRow = (i64, String, String, i64, String, i64, i64, String);
const ORDERS: &str = "
    SELECT booked.id, booked.note, booked.status, booked.version, booked.payment_method, booked.total_kurus,
        CAST(coalesce((SELECT sum(quantity) FROM cart_order_line AS line WHERE line.order_id = booked.id), 0) AS bigint),
        coalesce(contact.email, '')
    FROM cart_order AS booked LEFT JOIN cart_contact AS contact ON contact.user_id = booked.user_id
    ORDER BY booked.id";

fn order((number, key, status, version, payment_method, total_kurus, units, reader): OrderRow) -> BookedOrder {
    BookedOrder { number, key, status, version, payment_method, total_kurus, units, reader }
}

type StepRow = (i64, i64, String, String, i64);
const STEPS: &str = "
    SELECT step.order_id, step.version, step.status, step.actor,
        (SELECT count(*) FROM noted_mailed_step AS noted
         WHERE noted.order_id = step.order_id AND noted.version = step.version)
    FROM cart_order_event AS step ORDER BY step.order_id, step.version";

fn step((order, version, status, actor, noted): StepRow) -> BookedStep {
    BookedStep { order, version, status, actor, is_mailed: noted > 0 }
}

type PaymentRow = (i64, String, String, i64, i64, i64, i64, String, i64, i64);
const PAYMENTS: &str = "
    SELECT payment.order_id, payment.token, payment.state, payment.amount_kurus, payment.captured_kurus,
        payment.refunding_kurus, payment.refunded_kurus, coalesce(charge.state, ''), coalesce(charge.captured_kurus, 0),
        CAST(coalesce((SELECT sum(amount_kurus) FROM cart_sandbox_refund AS refund
                       WHERE refund.payment_id = payment.id), 0) AS bigint)
    FROM cart_payment AS payment LEFT JOIN cart_sandbox_charge AS charge ON charge.payment_id = payment.id
    ORDER BY payment.order_id";

fn payment(
    (order, token, state, amount, captured, refunding, refunded, of_charge, charged, given_back): PaymentRow,
) -> BookedPayment {
    BookedPayment {
        order,
        token,
        state,
        amount_kurus: amount,
        captured_kurus: captured,
        refunding_kurus: refunding,
        refunded_kurus: refunded,
        charge: Charge { state: of_charge, captured_kurus: charged, refunded_kurus: given_back },
    }
}

const CHARGES_WITHOUT_ORDER: &str = "
    SELECT charge.token || ' ' || charge.state FROM cart_sandbox_charge AS charge
    WHERE NOT EXISTS (SELECT 1 FROM cart_payment AS payment JOIN cart_order ON cart_order.id = payment.order_id
                      WHERE payment.id = charge.payment_id)";

const MAILS: &str = "
    SELECT recipient, count(*) FROM notification_mail WHERE kind = 'order_update' GROUP BY recipient";
