//! The books as they stand in a database, whichever it is.

use std::collections::HashMap;
use std::path::Path;

use sqlx::postgres::{PgPool, PgRow};
use sqlx::sqlite::{SqliteConnectOptions, SqlitePool, SqlitePoolOptions, SqliteRow};
use sqlx::{ConnectOptions, FromRow};

use super::{BookedLine, BookedMail, BookedOrder, BookedPayment, BookedStep, Charge, OrderBooks, Sums};

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

    /// Leaves triggers there that note of each step whether it is known where its diner gets mail, as none is due where it is not, and
    /// of each mail which step has asked for it, by their transaction: what a mail says is sealed. [`OrderDatabase::read`] needs
    /// them to have been there before the first order.
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
        let noted: Vec<(String, i64, i64)> = self.rows(NOTED_MAILS).await?;
        let asked = noted.into_iter().map(|(event, order, version)| (event, (order, version))).collect();
        let made: Vec<MailRow> = match mails {
            Self::Sqlite(_) => mails.rows(MAILS_ON_SQLITE).await?,
            Self::Postgres(_) => mails.rows(MAILS_ON_POSTGRES).await?,
        };
        let (orders, mut lines): (Vec<OrderRow>, _) = (self.rows(ORDERS).await?, self.lines().await?);
        let with_lines = |row: OrderRow| {
            let lines = lines.remove(&row.0).unwrap_or_default();
            order(row, lines)
        };
        Ok(OrderBooks {
            orders: orders.into_iter().map(with_lines).collect(),
            steps: self.rows(STEPS).await?.into_iter().map(step).collect(),
            payments: self.rows(PAYMENTS).await?.into_iter().map(payment).collect(),
            charges_without_order: charges.into_iter().map(|(charge,)| charge).collect(),
            mails: made.into_iter().map(|row| mail(&asked, row)).collect(),
            arrived: None,
        })
    }

    async fn lines(&self) -> sqlx::Result<HashMap<i64, Vec<BookedLine>>> {
        let mut lines: HashMap<i64, Vec<BookedLine>> = HashMap::new();
        let rows: Vec<(i64, i64, i64, i64, i64)> = self.rows(LINES).await?;
        for (order, quantity, unit_price, total, discount) in rows {
            lines.entry(order).or_default().push(BookedLine { quantity, unit_price, total, discount });
        }
        Ok(lines)
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

/// One writes at a time, so the newest step is that of the transaction, where that has made one. What is noted of mails that are not
/// of orders is not read.
const NOTE_STEPS_ON_SQLITE: &str = "
    CREATE TABLE noted_step (n integer PRIMARY KEY, order_id bigint NOT NULL, version bigint NOT NULL, is_mailed boolean NOT NULL);
    CREATE UNIQUE INDEX noted_step_of_order ON noted_step (order_id, version);
    CREATE TRIGGER note_step AFTER INSERT ON cart_order_event BEGIN
        INSERT INTO noted_step (order_id, version, is_mailed) VALUES (NEW.order_id, NEW.version, EXISTS (
            SELECT 1 FROM cart_order JOIN cart_contact ON cart_contact.user_id = cart_order.user_id
            WHERE cart_order.id = NEW.order_id AND cart_contact.email IS NOT NULL));
    END;
    CREATE TABLE noted_mail (event_id text PRIMARY KEY, order_id bigint NOT NULL, version bigint NOT NULL);
    CREATE TRIGGER note_mail AFTER INSERT ON bus_outbox WHEN NEW.topic LIKE '%email_event' BEGIN
        INSERT INTO noted_mail
            SELECT lower(hex(NEW.event_id)), order_id, version FROM noted_step ORDER BY n DESC LIMIT 1;
    END;
";

const NOTE_STEPS_ON_POSTGRES: &str = "
    CREATE TABLE noted_step (order_id bigint NOT NULL, version bigint NOT NULL, is_mailed boolean NOT NULL,
        xid xid8 NOT NULL DEFAULT pg_current_xact_id(), PRIMARY KEY (order_id, version));
    CREATE INDEX noted_step_of_transaction ON noted_step (xid);
    CREATE FUNCTION note_step() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
        INSERT INTO noted_step (order_id, version, is_mailed) VALUES (NEW.order_id, NEW.version, EXISTS (
            SELECT 1 FROM cart_order JOIN cart_contact ON cart_contact.user_id = cart_order.user_id
            WHERE cart_order.id = NEW.order_id AND cart_contact.email IS NOT NULL));
        RETURN NULL;
    END $$;
    CREATE TRIGGER note_step AFTER INSERT ON cart_order_event FOR EACH ROW EXECUTE FUNCTION note_step();
    CREATE TABLE noted_mail (event_id text PRIMARY KEY, order_id bigint NOT NULL, version bigint NOT NULL);
    CREATE FUNCTION note_mail() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
        INSERT INTO noted_mail
            SELECT replace(NEW.event_id::text, '-', ''), order_id, version FROM noted_step
            WHERE xid = pg_current_xact_id() ORDER BY version DESC LIMIT 1;
        RETURN NULL;
    END $$;
    CREATE TRIGGER note_mail AFTER INSERT ON bus_outbox FOR EACH ROW WHEN (NEW.topic LIKE '%email_event')
        EXECUTE FUNCTION note_mail();
";

/// What follows has to be the same in both dialects, so it names no id that only one of them can show.
const UNANSWERED: &str = "SELECT count(*) FROM cart_order WHERE status = 'placed'";
const MONEY_UNDER_WAY: &str = "
    SELECT count(*) FROM cart_payment_movement WHERE next_at IS NOT NULL
    UNION ALL SELECT count(*) FROM cart_order WHERE status = 'awaiting_payment'";

type OrderRow = (i64, String, String, String, i64, String, i64, i64, i64, i64, String);
const ORDERS: &str = "
    SELECT booked.id, booked.code, booked.note, booked.status, booked.version, booked.payment_method, booked.subtotal_kurus,
        booked.discount_kurus, booked.delivery_fee_kurus, booked.total_kurus, coalesce(contact.email, '')
    FROM cart_order AS booked LEFT JOIN cart_contact AS contact ON contact.user_id = booked.user_id
    ORDER BY booked.id";

fn order(
    (number, code, key, status, version, payment_method, subtotal, discount, delivery_fee, total, reader): OrderRow,
    lines: Vec<BookedLine>,
) -> BookedOrder {
    let sums = Sums { subtotal, discount, delivery_fee, total };
    BookedOrder { number, code, key, status, version, payment_method, sums, lines, reader }
}

const LINES: &str = "
    SELECT order_id, CAST(quantity AS bigint), unit_price_kurus, total_kurus, discount_kurus FROM cart_order_line
    ORDER BY order_id, position";

type StepRow = (i64, i64, String, String, i64);
const STEPS: &str = "
    SELECT step.order_id, step.version, step.status, step.actor,
        (SELECT count(*) FROM noted_step AS noted
         WHERE noted.order_id = step.order_id AND noted.version = step.version AND noted.is_mailed)
    FROM cart_order_event AS step ORDER BY step.order_id, step.version";

fn step((order, version, status, actor, noted): StepRow) -> BookedStep {
    BookedStep { order, version, status, actor, is_mailed: noted > 0 }
}

type PaymentRow = (i64, String, String, i64, i64, i64, i64, String, i64, i64, i64);
const PAYMENTS: &str = "
    SELECT payment.order_id, payment.token, payment.state, payment.amount_kurus, payment.captured_kurus,
        payment.refunding_kurus, payment.refunded_kurus, coalesce(charge.state, ''), coalesce(charge.amount_kurus, 0),
        coalesce(charge.captured_kurus, 0),
        CAST(coalesce((SELECT sum(amount_kurus) FROM cart_sandbox_refund AS refund
                       WHERE refund.payment_id = payment.id), 0) AS bigint)
    FROM cart_payment AS payment LEFT JOIN cart_sandbox_charge AS charge ON charge.payment_id = payment.id
    ORDER BY payment.order_id";

fn payment(
    (order, token, state, amount, captured, refunding, refunded, of_charge, held, charged, given_back): PaymentRow,
) -> BookedPayment {
    BookedPayment {
        order,
        token,
        state,
        amount_kurus: amount,
        captured_kurus: captured,
        refunding_kurus: refunding,
        refunded_kurus: refunded,
        charge: Charge { state: of_charge, amount_kurus: held, captured_kurus: charged, refunded_kurus: given_back },
    }
}

const CHARGES_WITHOUT_ORDER: &str = "
    SELECT charge.token || ' ' || charge.state FROM cart_sandbox_charge AS charge
    WHERE NOT EXISTS (SELECT 1 FROM cart_payment AS payment JOIN cart_order ON cart_order.id = payment.order_id
                      WHERE payment.id = charge.payment_id)";

const NOTED_MAILS: &str = "SELECT event_id, order_id, version FROM noted_mail";

type MailRow = (String, String, String, String, String, i64);
const MAILS_ON_SQLITE: &str = "
    SELECT lower(hex(event_id)), recipient, subject, message_id, state, ambiguities FROM notification_mail
    WHERE kind = 'order_update' ORDER BY rowid";
const MAILS_ON_POSTGRES: &str = "
    SELECT replace(event_id::text, '-', ''), recipient, subject, message_id, state, CAST(ambiguities AS bigint)
    FROM notification_mail WHERE kind = 'order_update' ORDER BY recorded_at";

fn mail(
    asked: &HashMap<String, (i64, i64)>,
    (event, reader, subject, message_id, state, ambiguities): MailRow,
) -> BookedMail {
    BookedMail { step: asked.get(&event).copied(), reader, subject, message_id, state, ambiguities }
}
